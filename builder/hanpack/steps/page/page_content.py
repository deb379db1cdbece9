"""What is kept of a page that was saved as text: a module of its own, since several readers return it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hanpack.steps.page.patterns import TextSpan
from hanpack.steps.page.posts import Post


@dataclass(frozen=True, slots=True)
class PageContent:
    """What is kept of a page: the spans of its text, in order, its metadata, and its posts, if it has any."""

    spans: tuple[TextSpan, ...]
    metadata: Mapping[str, str]
    posts: Sequence[Post] = ()
