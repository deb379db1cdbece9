"""The surveys of all sources of a build, in 36 bytes for each beside the table of the sources.

This module is short because it only makes values of two tables.
"""

from __future__ import annotations

from pathlib import Path

from hanpack.model import Source
from hanpack.names import unescape_name
from hanpack.recipe import Recipe
from hanpack.source_table import RowSequence, SourceTable
from hanpack.sources.archives import Archives
from hanpack.sources.discovery import describe_file
from hanpack.sources.formats import TEXT, SourceFormat, choose_format
from hanpack.sources.known_files import FileStates
from hanpack.sources.source_files import SourceFile, Survey


class SurveyedFiles(RowSequence[Survey]):
    """The surveys of ``sources``, in their order; each is made when it is asked for, and has no sample.

    ``states`` are those of their files. ``root`` is the folder of the sources. With ``asks_disk`` the faults
    of a file are not those of its source, but those that it has now. ``notes`` are warnings for the author of
    the recipe. ``are_all_recalled`` says whether they are those that an earlier build has surveyed,
    ``formats`` are those of the files.
    """

    def __init__(
        self, sources: SourceTable, states: FileStates, recipe: Recipe, root: Path, *, asks_disk: bool = False
    ) -> None:
        self.sources = sources
        self.states = states
        self.notes: tuple[str, ...] = ()
        self.are_all_recalled = False
        self.formats: set[SourceFormat] = set()
        self._recipe = recipe
        self._root = root
        self._asks_disk = asks_disk
        self._archives = Archives(recipe.limits)

    def __len__(self) -> int:
        return len(self.states)

    def read(self, row: int) -> Survey:
        """The survey of a row."""
        source = self.sources[row]
        file, stamp = self._locate(source), self.states.stamp(row)
        return Survey(file, source.sha256, stamp, b"", source.fault or file.fault, source.archive_sha256)

    def _locate(self, source: Source) -> SourceFile:
        """The file of a source; that of a build that is made now was described before."""
        path = self._root / unescape_name(source.path)
        if self._asks_disk or source.archive_sha256 is not None:
            return describe_file(path, self._root, self._recipe, source.entry, archives=self._archives)
        options = self._recipe.sources[source.entry]
        format_, _, compression = choose_format(path, options.format)
        format_ = format_ or TEXT
        return SourceFile(
            path=path,
            name=source.path,
            entry=source.entry,
            options=options,
            format=format_,
            compression=compression,
            shape=options.records or format_.shapes[0],
            fault=source.fault,
        )
