"""Pushes to the loopback Hub, and what it holds after them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hanpack.hub import Pushed, push
from tests.hub.server import WRITER, LoopbackHub

REPO = "somebody/reports"
COMMIT = r"/commit/"


def send(hub: LoopbackHub, build: Path, waited: list[float] | None = None, **options: Any) -> Pushed:
    """Push a build without waiting between attempts; ``waited`` takes the seconds it would have waited."""
    pause: Callable[[float], None] = (lambda seconds: None) if waited is None else waited.append
    return push(build, REPO, **{"token": WRITER, "endpoint": hub.url, "pause": pause, **options})


def pushed_files(hub: LoopbackHub) -> dict[str, bytes]:
    """The files of main but the one that the Hub itself made, by path."""
    return {path: content for path, content in hub.files(REPO).items() if path != ".gitattributes"}
