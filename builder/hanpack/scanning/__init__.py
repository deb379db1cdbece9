"""Looks at raw files before there is a recipe, and writes a recipe that fits them.

This module is short because it is the door of the folder.
"""
