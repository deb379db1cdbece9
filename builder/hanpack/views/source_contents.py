"""The raw contents of a build's sources, to show beside what was made of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hanpack.errors import VerifyError
from hanpack.model import Source
from hanpack.recipe import Recipe
from hanpack.sources.archives import Archives
from hanpack.sources.content import hash_stored
from hanpack.sources.raw import RawSource, locate_source, read_raw
from hanpack.sources.source_files import SourceFile
from hanpack.store.manifest import Manifest


class SourceContents:
    """Reads each source of a build into memory, checked against its hash; the last one read is kept.

    ``root`` is the folder of the sources.
    """

    def __init__(self, manifest: Manifest, root: Path) -> None:
        self._recipe = Recipe.model_validate(manifest.recipe)
        self._sources = {source.path: source for source in manifest.sources}
        self._root = root
        self._archives = Archives(self._recipe.limits)
        self._last: tuple[str, RawSource] | None = None

    def read(self, path: str, encoding: str) -> RawSource:
        """The content of the source with this path in the manifest; ``encoding`` is that of a document in it.

        Raises:
            VerifyError: it cannot be read, or is not what it was when the build was made.
        """
        if self._last is None or self._last[0] != path:
            source = self._find(path)
            file = locate_source(source, self._root, self._recipe, self._archives)
            _require_unchanged(source, file)
            self._last = path, read_raw(source, file, self._recipe)
        return replace(self._last[1], encoding=encoding)

    def _find(self, path: str) -> Source:
        if path not in self._sources:
            raise VerifyError(f"the manifest has no source {path!r}", "hanpack.json", "build again")
        return self._sources[path]


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
