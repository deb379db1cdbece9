"""Repair: :func:`repair_damage` undoes damage if the evidence is strong, and flags it otherwise."""

from hanpack.steps.repair.damage import repair_damage

__all__ = ["repair_damage"]
