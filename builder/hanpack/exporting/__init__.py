"""Writes the packed sequences of a build as the files that other training software reads.

:func:`export_build` is the door; a format is a function in a module of its own, and a row of ``FORMATS``.
"""

from hanpack.exporting.folder import FORMATS, Exports, export_build, list_exports

__all__ = ["FORMATS", "Exports", "export_build", "list_exports"]
