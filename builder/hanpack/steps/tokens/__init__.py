"""Exact token counts of any part of a text, and packed training sequences."""
