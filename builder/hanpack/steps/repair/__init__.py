"""Repair: :func:`repair_damage` undoes damage if the evidence is strong, and flags it otherwise."""

from hanpack.steps.repair.damage import find_damaged, repair_damage

__all__ = ["find_damaged", "repair_damage"]
