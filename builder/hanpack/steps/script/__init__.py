"""Simplified and Traditional: which script a text is in, and its conversion."""
