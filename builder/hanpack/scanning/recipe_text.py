"""The text of a recipe that hanpack writes: its head, its checksum, and the comments on files and splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import takewhile

import yaml

from hanpack.chinese import translate, translate_to
from hanpack.scanning.entries import find_suffix
from hanpack.scanning.files import ScannedFile
from hanpack.wording import format_count

HEAD = """\
# Written by hanpack after a scan of the files; change what does not fit.
# records: file, line, paragraph, row or chapter. script: keep, hans, hant, tw, hk. drop: none, exact, near.
# For retrieval: chunks: {max_tokens: 256, overlap: 64, policy: structure, headings: true}
"""
# What the head of a recipe said in earlier versions, and says now.
_EARLIER_OVERLAP, _OVERLAP = "overlap: 32", "overlap: 64"
# The shares that the comment on splits may propose: the first that gives each split some records.
_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2)
_RECORDS_OF_SPLIT = 10
# The languages of comments: a recipe is recognised whatever the locale is.
_LANGUAGES = ("", "hans", "hant")
# The line that tells whether a recipe is as hanpack wrote it: only such a recipe is ever written again.
_CHECKSUM = "# Checksum of what follows; hanpack writes the file again only as long as it fits: "
_EARLIER_CHECKSUM = "# checksum of what follows, as hanpack wrote it: "
_LEFT_OUT = "# Left out, because hanpack does not read them:"
_REJECTED = "# Cannot be read: a build has each in its ledger as rejected, with the reason:"
_INDENT = "#   "
# The most files of one suffix that are left out by name; of more, the suffix is named.
MOST_NAMES = 10


def write_text(comments: str, content: Mapping[str, object]) -> str:
    """The text of a recipe's file, with the checksum of what follows its head."""
    body = comments + yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False)
    return f"{translate(HEAD)}{translate(_CHECKSUM)}{_compute_checksum(body)}\n{body}"


def read_comments(text: str) -> str:
    """The comments before the first key of a recipe that hanpack wrote, below its head."""
    _, _, body = _split_at_checksum(text)
    return "".join(takewhile(lambda line: line.startswith("#"), body.splitlines(keepends=True)))


def _compute_checksum(body: str) -> str:
    return blake2b(body.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def is_as_written(content: str) -> bool:
    """Whether nobody has changed a recipe since hanpack wrote it."""
    before, checksum, body = _split_at_checksum(content)
    before = before.replace(_EARLIER_OVERLAP, _OVERLAP)
    return before in _list_translations(HEAD) and checksum == _compute_checksum(body)


def _split_at_checksum(content: str) -> tuple[str, str, str]:
    """The head of a recipe that hanpack wrote, its checksum, and what follows; empty ones if it has none."""
    marks = (_EARLIER_CHECKSUM, *_list_translations(_CHECKSUM))
    mark = next((mark for mark in marks if mark in content), None)
    if mark is None:
        return "", "", ""
    before, _, after = content.partition(mark)
    checksum, _, body = after.partition("\n")
    return before, checksum, body


def describe_splits(readable: Sequence[ScannedFile]) -> str:
    """The comment on splits: shares that give each split some of about so many records.

    >>> file = ScannedFile("a.txt", 90, "utf-8", "Hans", "line", "", {}, 0, total_records=40)
    >>> describe_splits([file])
    '# For validation and test: splits: {validation: 0.2, test: 0.2}, each about 8 of about 40 records'
    """
    records = sum(file.total_records for file in readable)
    share = next((share for share in _SHARES if share * records >= _RECORDS_OF_SPLIT), _SHARES[-1])
    expected = max(1, round(share * records))
    shares = f"{{validation: {share}, test: {share}}}"
    number = f"about {expected:,} of about {records:,} records"
    return translate(f"# For validation and test: splits: {shares}, each {number}")


def list_comments(
    readable: Sequence[ScannedFile], left_out: Sequence[ScannedFile], rejected: Sequence[ScannedFile]
) -> str:
    """The comments on splits, and on the files that are left out and that cannot be read."""
    comments = (
        describe_splits(readable),
        *_list_faults(_LEFT_OUT, left_out),
        *_list_faults(_REJECTED, rejected),
    )
    return "".join(f"{line}\n" for line in comments)


def _list_faults(heading: str, files: Sequence[ScannedFile]) -> Iterable[str]:
    """The comments that name files with the reason, below a heading; many of one suffix together."""
    if not files:
        return
    by_suffix: dict[str, list[ScannedFile]] = {}
    for file in files:
        by_suffix.setdefault(find_suffix(file.name), []).append(file)
    yield translate(heading)
    for suffix, of_suffix in by_suffix.items():
        if len(of_suffix) > MOST_NAMES:
            count = format_count(len(of_suffix), "file")
            yield _comment(f"*{suffix} ({count}): {translate(of_suffix[0].fault)}")
        else:
            yield from (_comment(f"{file.name}: {translate(file.fault)}") for file in of_suffix)


def read_left_out(content: str) -> tuple[tuple[str, str], ...]:
    """The files that a recipe names as left out, with the reason; many of one suffix together."""
    if f"\n{_INDENT}" not in content:
        return ()
    headings = (f"{heading}\n" for heading in _list_translations(_LEFT_OUT))
    _, _, after = content.partition(next((heading for heading in headings if heading in content), _LEFT_OUT))
    lines = takewhile(lambda line: line.startswith(_INDENT), after.splitlines())
    named = (line.removeprefix(_INDENT).partition(": ") for line in lines)
    return tuple((name, fault) for name, _, fault in named)


def _list_translations(text: str) -> Iterator[str]:
    """A text of a recipe in every language that it may be in; Traditional takes the longest to make."""
    return (translate_to(language, text) for language in _LANGUAGES)


def _comment(text: str) -> str:
    """A comment on one line, of characters that YAML accepts."""
    line = "".join(character if character.isprintable() else "�" for character in text)
    return _INDENT + line


def find_unnamed(names: Iterable[str], text: str) -> list[str]:
    """The files that no comment of a recipe names, by themselves or by their suffix."""
    comments = tuple(line for line in text.splitlines() if line.startswith(_INDENT))
    return [
        name
        for name in names
        if not any(
            line.startswith((_comment(f"{name}: "), _comment(f"*{find_suffix(name)} ("))) for line in comments
        )
    ]
