"""Spaces, widths, quotes, invisible characters and redactions."""
