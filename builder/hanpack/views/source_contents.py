"""The raw contents of a build's sources, to show beside what was made of them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from hanpack.errors import VerifyError
from hanpack.model import Source
from hanpack.recipe import Recipe
from hanpack.source_table import SourceTable
from hanpack.sources.archives import Archives
from hanpack.sources.content import hash_stored
from hanpack.sources.raw import RawSource, locate_source, open_raw, place_record
from hanpack.sources.source_files import RawReader, SourceFile
from hanpack.store.manifest import Manifest
from hanpack.store.placed_rows import Row

# How many bytes are skipped at once.
_BLOCK = 1 << 20


class SourceContents:
    """Reads what sources have of the records of documents; each source is checked against its hash once.

    ``root`` is the folder of the sources. In memory is one record at a time, and the last source stays open
    until the end of the context: documents in the order of their source are read in one pass over it.
    """

    def __init__(self, manifest: Manifest, root: Path) -> None:
        self._recipe = Recipe.model_validate(manifest.recipe)
        self._sources = SourceTable.of(manifest.sources)
        self._root = root
        self._archives = Archives(self._recipe.limits)
        self._opened = ExitStack()
        self._checked: set[str] = set()
        # The source that is open, its file and content, and how far that was read.
        self._source: Source | None = None
        self._file: SourceFile | None = None
        self._content: RawReader | None = None
        self._position = 0

    def __enter__(self) -> SourceContents:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def read(self, document: Row) -> RawSource:
        """The bytes of a document's record in its source.

        Raises:
            VerifyError: the source cannot be read, or is not what it was when the build was made.
        """
        start, end = document["byte_start"], document["byte_end"]
        if self._source is None or self._source.path != document["source"] or start < self._position:
            self._open(document["source"])
        assert self._source is not None
        assert self._file is not None
        assert self._content is not None
        while self._position < start and (skipped := self._content.read(min(start - self._position, _BLOCK))):
            self._position += len(skipped)
        content = self._content.read(end - start)
        self._position += len(content)
        return place_record(content, start, self._file, self._source, document["encoding"])

    def _open(self, path: str) -> None:
        self._opened.close()
        self._source = self._find(path)
        self._file = locate_source(self._source, self._root, self._recipe, self._archives)
        if path not in self._checked:
            _require_unchanged(self._source, self._file)
            self._checked.add(path)
        self._content, self._position = self._opened.enter_context(open_raw(self._file, self._recipe)), 0

    def _find(self, path: str) -> Source:
        source = self._sources.find(path)
        if source is None:
            raise VerifyError(f"the manifest has no source {path!r}", "hanpack.json", "build again")
        return source


def _require_unchanged(source: Source, file: SourceFile) -> None:
    todo = "name the folder of the sources with --sources"
    if file.fault:
        raise VerifyError(f"the source cannot be read: {file.fault}", source.path, todo)
    try:
        digest = hash_stored(file)
    except OSError as error:
        reason = f"the source cannot be read: {error.strerror or error}"
        raise VerifyError(reason, source.path, todo) from error
    if digest != source.sha256:
        raise VerifyError("the source was changed after the build", source.path, "build again")


def decode_span(raw: RawSource, start: int, end: int) -> str:
    r"""The text of a span of a source's bytes; bytes that are not text become U+FFFD.

    >>> decode_span(RawSource("甲乙".encode(), "utf-8", escaped=False), 0, 4)
    '甲\ufffd'

    Raises:
        VerifyError: the encoding cannot replace them, as no encoding of a text file is.
    """
    try:
        return raw.text(start, end)
    except ValueError:
        pass
    try:
        return raw.content[start - raw.start : end - raw.start].decode(raw.encoding, "replace")
    except ValueError as error:
        raise VerifyError(f"{raw.encoding} does not decode bytes {start} to {end}: {error}") from error
