"""Damage undone where the evidence is sure, and flagged where it is not."""
