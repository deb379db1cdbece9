"""The raw bytes of a build's sources, read again: what spans point into."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from hanpack.errors import VerifyError
from hanpack.files.contents import open_content
from hanpack.files.discovery import describe_file
from hanpack.files.names import unescape_name
from hanpack.files.rows import read_texts
from hanpack.recipe import Recipe
from hanpack.values import Source


@dataclass(frozen=True, slots=True)
class RawSource:
    """The content of a source that spans count in; with ``escaped`` text stands in it as a JSON string."""

    content: bytes
    encoding: str
    escaped: bool

    def text(self, start: int, end: int) -> str:
        """The text that stands in a span of bytes.

        Raises:
            ValueError: the bytes are not text in the source's encoding.
        """
        text = self.content[start:end].decode(self.encoding)
        if self.escaped and "\\" in text:
            return str(json.loads(f'"{text}"', strict=False))
        return text


def read_raw(source: Source, root: Path, recipe: Recipe) -> RawSource:
    """Read the content of a source: decompressed, and of Parquet the text column laid end to end.

    Raises:
        VerifyError: the file is not there or cannot be read.
    """
    file = describe_file(root / unescape_name(source.path), root, recipe, source.entry)
    encoding = source.encoding or "utf-8"
    try:
        file.path.stat()
        if file.suffix == ".parquet":
            texts = read_texts(file.path, file.files.text_column)
            return RawSource("".join(texts).encode(), "utf-8", escaped=False)
        with open_content(file, recipe.limits.max_expansion) as content:
            return RawSource(content.read(), encoding, escaped=file.shape == "row")
    except OSError as error:
        raise VerifyError(
            f"the source cannot be read: {error}", source.path, "name the folder it lies in with --sources"
        ) from error
