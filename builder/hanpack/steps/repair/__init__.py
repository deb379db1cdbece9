"""Repair: :func:`repair_damage` undoes damage where the evidence is sure, and flags it where it is not."""

from hanpack.steps.repair.damage import repair_damage

__all__ = ["repair_damage"]
