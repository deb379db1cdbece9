"""Simplified and Traditional: which script a text is in, and its conversion.

The package itself imports nothing: who needs a function imports its module, so that texts whose script is
kept do not load the conversion.
"""
