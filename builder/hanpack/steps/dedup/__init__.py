"""Copies, shared passages, evaluation texts and partitions: what texts say of one another."""
