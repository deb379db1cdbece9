"""Describes for the message of a commit what differs between a build and the version before it on the Hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hanpack.errors import VerifyError
from hanpack.hub.changes import Tree
from hanpack.hub.remote import RemoteBranch
from hanpack.store.manifest import MANIFEST, Manifest, make_manifest, read_content, read_manifest
from hanpack.store.manifest_changes import Difference, compare_manifests
from hanpack.store.received import check_manifest
from hanpack.store.source_list import SOURCES_FILE

# The figures that a message has, if they differ, and the most differences of each other kind.
_FIGURES = ("records", "documents", "chunks", "tokens")
_MOST_LISTED = 10
_LONGEST_VALUE = 60
# A larger manifest is not fetched only for a message.
_MOST_BYTES = 64 * 2**20


def describe_changes(branch: RemoteBranch, head: str, tree: Tree, build: Path) -> str:
    """What differs between a build and the one in the commit ``head``, in lines; empty if that has none.

    Raises:
        VerifyError: the manifest of the build itself cannot be read.
        httpx2.HTTPError: the Hub cannot be reached.
    """
    names = [name for name in (MANIFEST, SOURCES_FILE) if name in tree]
    if MANIFEST not in tree or any(tree[name].size > _MOST_BYTES for name in names):
        return ""
    new = read_manifest(build)
    with TemporaryDirectory() as folder:
        for name in names:
            branch.download(name, head, Path(folder))
        try:
            old = _read_received(Path(folder))
        except VerifyError:
            # What is wrong with it may be words of somebody else, which no message of ours repeats.
            return "The version before is not compared: its manifest is not one that this hanpack reads."
    return compare_versions(old, new)


def compare_versions(old: Manifest, new: Manifest) -> str:
    """What differs between two versions of a build, in lines."""
    changes = compare_manifests(old, new)
    figures = {difference.name: difference for difference in changes.figures}
    lines = [_show_number(figures[name]) for name in _FIGURES if name in figures]
    lines += _list(
        "sources",
        [f"{_name_change(difference)} {_show(difference.name)}" for difference in changes.sources],
    )
    values = {"recipe": changes.recipe, "versions": changes.versions}
    for title, differences in values.items():
        shown = [f"{_show(item.name)}: {_show(item.old)} → {_show(item.new)}" for item in differences]
        lines += _list(title, shown)
    return "\n".join(["Compared with the version before:", "", *lines]) if lines else ""


def _read_received(folder: Path) -> Manifest:
    """Read a manifest that somebody else may have written: every value is checked."""
    content = read_content(folder)
    check_manifest(content, MANIFEST)
    return make_manifest(content, MANIFEST)


def _show_number(difference: Difference) -> str:
    old, new = difference.old or 0, difference.new or 0
    return f"- {difference.name}: {old:,} → {new:,} ({new - old:+,})"


def _name_change(difference: Difference) -> str:
    if difference.old is None:
        return "added"
    return "removed" if difference.new is None else "changed"


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    """The first items in a line each, below their number."""
    if items:
        yield f"- {title}: {len(items):,}"
        yield from (f"  - {item}" for item in items[:_MOST_LISTED])
        if len(items) > _MOST_LISTED:
            yield f"  - and {len(items) - _MOST_LISTED:,} more"


def _show(value: object) -> str:
    """A value as code on one line of Markdown."""
    line = "".join(char if char.isprintable() and char != "`" else " " for char in str(value))
    line = " ".join(line.split())
    return f"`{line if len(line) <= _LONGEST_VALUE else f'{line[:_LONGEST_VALUE]}…'}`"
