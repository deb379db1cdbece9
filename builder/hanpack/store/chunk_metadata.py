"""The metadata of chunks: their document's, with the author and day of the posts that they are cut from."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanpack.steps.alignment import Positions
from hanpack.store.metadata import EXTRA, METADATA_TYPE, write_extra

_POSTS = "posts"
_OF_POSTS = ("author", "date")
# What is between the authors of a chunk that is cut from posts of several.
_SEPARATOR = "、"
MetadataRow = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ThreadMetadata:
    """The metadata of a document with ``posts``, which are in the order of their bytes.

    ``of_posts`` are the fields of the document that are those of its first post. Where something else says
    who wrote the document, such as a column of its record, this goes for all its chunks.
    """

    metadata: MetadataRow
    extra: Mapping[str, object]
    posts: tuple[Mapping[str, object], ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    of_posts: tuple[str, ...]

    @classmethod
    def read(cls, metadata: MetadataRow) -> ThreadMetadata | None:
        """The thread of a row of the metadata of documents; None if it has no posts with their bytes."""
        text = metadata[EXTRA]
        if text is None or f'"{_POSTS}": [' not in text:
            return None
        try:
            extra = json.loads(text)
        except (ValueError, RecursionError):
            return None
        posts = extra.get(_POSTS) if isinstance(extra, dict) else None
        if not isinstance(posts, list) or not posts or not all(map(_has_bytes, posts)):
            return None
        starts, ends = (tuple(post[name] for post in posts) for name in ("byte_start", "byte_end"))
        if list(starts) != sorted(starts) or list(ends) != sorted(ends):
            return None
        of_posts = tuple(name for name in _OF_POSTS if metadata[name] == posts[0].get(name))
        return cls(metadata, extra, tuple(posts), starts, ends, of_posts)

    def describe_chunk(self, byte_start: int, byte_end: int) -> dict[str, str | None]:
        """The metadata of a chunk with these bytes; that of the document if it shares none with a post.

        >>> posts = [{"author": "青石", "byte_start": 0, "byte_end": 9}]
        >>> posts += [{"author": "流水", "byte_start": 9, "byte_end": 20}]
        >>> row = {**dict.fromkeys(METADATA_TYPE.names), "author": "青石"}
        >>> row["extra"] = write_extra({"posts": posts})
        >>> [ThreadMetadata.read(row).describe_chunk(*span)["author"] for span in ((0, 9), (9, 20), (5, 12))]
        ['青石', '流水', '青石、流水']
        """
        posts = self.posts[bisect_right(self.ends, byte_start) : bisect_left(self.starts, byte_end)]
        described = dict(self.metadata)
        if posts:
            authors = dict.fromkeys(str(post["author"]) for post in posts if post.get("author"))
            day = posts[0].get("date")
            values = {"author": _SEPARATOR.join(authors) or None, "date": str(day) if day else None}
            described |= {name: values[name] for name in self.of_posts}
        described[EXTRA] = write_extra({**self.extra, _POSTS: posts})
        return described


def describe_chunks(
    metadata: pa.StructArray, owners: Positions, byte_starts: Positions, byte_ends: Positions
) -> pa.StructArray:
    """The metadata of chunks, which have the numbers of their documents in ``metadata`` and their bytes."""
    is_suspected = pc.match_substring(pc.struct_field(metadata, EXTRA), f'"{_POSTS}": [')
    suspected = np.flatnonzero(np.asarray(pc.fill_null(is_suspected, False), np.bool_)).tolist()
    read = {document: ThreadMetadata.read(metadata[document].as_py()) for document in suspected}
    threads = {document: thread for document, thread in read.items() if thread}
    if not threads:
        return metadata.take(pa.array(owners))
    of_threads = np.flatnonzero(np.isin(owners, list(threads)))
    spans = zip(*(column[of_threads].tolist() for column in (owners, byte_starts, byte_ends)), strict=True)
    described = [threads[owner].describe_chunk(start, end) for owner, start, end in spans]
    places = owners.copy()
    places[of_threads] = len(metadata) + np.arange(len(of_threads))
    return pa.concat_arrays([metadata, pa.array(described, METADATA_TYPE)]).take(pa.array(places))


def _has_bytes(post: object) -> bool:
    return isinstance(post, dict) and all(type(post.get(name)) is int for name in ("byte_start", "byte_end"))
