"""Figures of quality of a text: what it consists of, how its lines repeat, what damage is left."""

from hanpack.steps.quality.figures import FIGURES, Bounds, QualityFigures, find_violation, measure_quality

__all__ = ["FIGURES", "Bounds", "QualityFigures", "find_violation", "measure_quality"]
