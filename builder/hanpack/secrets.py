"""Keeps secrets out of what a build says of itself: home folders, tokens and signed addresses get names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from hanpack.errors import RecipeError

HOME = "<home>"
SECRET = "<secret>"  # noqa: S105 (the name that stands for one)
SIGNED = "<signed query>"
OUTSIDE = "<outside>"

# A user's folder: as an absolute path, in a file: address, or reached by going up from a root.
_NAME = r"[^/\\\s\"'<>|:;,?*，。；：]+"
_HOMES = re.compile(
    rf"(?<![A-Za-z0-9_-])(?<!{HOME})(?:/mnt/[a-z]|/var|/export|/private)?/(?:home|Users)/{_NAME}"
    rf"|(?<!{HOME})(?:(?<![A-Za-z0-9_./-])|(?<=\.\.)|(?<=://))/root(?![A-Za-z0-9_.-])"
    rf"|(?<![A-Za-z0-9])[A-Za-z]:[\\/]+(?:Users|Documents and Settings)[\\/]+{_NAME}"
)
# The marks by which services make their keys known; each is long enough not to be a word.
_TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:hf|api_org)_[A-Za-z0-9]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{28,}"
    r"|sk-[A-Za-z0-9_-]{20,}|xox[abeprs]-[A-Za-z0-9-]{10,}|pypi-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{30,}"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r")"
)
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization\b[\"']?\s*[:=]\s*[\"']?)(?![A-Za-z]*[ \t]*<)"
    r"(?:(?P<scheme>[A-Za-z]+)[ \t]+)?[^\s\"',;<>]+"
    r"|(?P<bearer>\bbearer[ \t]+)[A-Za-z0-9._~+/=-]{12,}",
    re.IGNORECASE,
)
_USER = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{1,15}://)[^\s/@\"'<>?#]+@")
_QUERY = re.compile(r"(?P<mark>\?|%3F)[^\s\"'<>`|\\)\]}，。；）】]+", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(?:^|[?&;]|%3F|%26)(?:x-(?:amz|goog|oss|cos|obs|ms)-(?:signature|credential|security-token)"
    r"|signature|ossaccesskeyid|awsaccesskeyid|googleaccessid|key-pair-id|q-signature|sig)(?:=|%3D)",
    re.IGNORECASE,
)
_PARAMETER = re.compile(
    r"(?P<name>(?:[?&;#]|%3F|%26)(?:[a-z0-9]{1,20}[_-])?(?:token|secret|password|passwd|pwd|api_?key"
    r"|access_?key|private_?key|auth|authorization|credentials?|jwt|(?:j|php)?sess(?:ion)?_?id)"
    r"(?:=|%3D))(?:(?!%26)[^?&;#\s\"'<>`|\\)\]}，。；）】])+",
    re.IGNORECASE,
)

# What each of the patterns above needs, so that most strings are read once and left.
_SUSPECT = re.compile(r"[/\\?&;#%]|[A-Za-z0-9_-]{15}|eyJ|authorization|bearer", re.IGNORECASE)


def redact(text: str) -> str:
    """Replace what nobody should publish by what it was: ``<home>``, ``<secret>`` or ``<signed query>``.

    For strings hanpack itself puts into a build: paths and values of a recipe, reasons, the card, and the
    metadata of documents, whoever gave it. Home folders are those of Unix, macOS and Windows and the one of
    whoever runs this; of an address that is signed the whole query goes, of another the values of its secret
    parameters. Texts are data, and not for this function. Doing it twice does nothing more.
    """
    if not _SUSPECT.search(text):
        return text
    text = _HEADER.sub(_redact_header, text)
    text = _QUERY.sub(_redact_query, text)
    text = _PARAMETER.sub(rf"\g<name>{SECRET}", text)
    text = _USER.sub(rf"\g<scheme>{SECRET}@", text)
    text = _TOKENS.sub(SECRET, text)
    if own := _own_home():
        text = own.sub(HOME, text)
    return _HOMES.sub(HOME, text)


def redact_values(value: object) -> object:
    """Redact every string in what JSON can hold: mappings (their keys stay), lists and plain values."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: redact_values(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [redact_values(inner) for inner in value]
    return value


def redact_metadata(metadata: Mapping[str, object]) -> dict[str, object]:
    """The metadata of a document as a build may tell it: every string redacted, nested ones too."""
    return {name: redact_values(value) for name, value in metadata.items()}


def redact_recipe(recipe: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """A dumped recipe as a build may tell it: no absolute path, every string redacted.

    The root, the paths of sources and of evaluation texts and a tokenizer's file that are absolute become
    relative to ``root``, the folder the recipe's root stands for; what lies outside it keeps its last name
    alone.
    """
    inside: dict[str, Any] = {name: _relative(recipe[name], root) for name in ("root", "tokenizer")}
    inside["sources"] = _relative_entries(recipe["sources"], root)
    if evaluation := recipe.get("decontamination"):
        texts = _relative_entries(evaluation["texts"], root)
        inside["decontamination"] = {**evaluation, "texts": texts}
    told = redact_values({**recipe, **inside})
    assert isinstance(told, dict)
    return told


def refuse_secret(name: str, where: str) -> None:
    """Refuse a source whose name a build must not tell: it could not be found again by another.

    Raises:
        RecipeError: the name holds a token, or leads through somebody's home folder.
    """
    told = redact(name)
    if told == name:
        return
    outside = name.startswith("../")
    raise RecipeError(
        f"the build would publish the name of a source that is not for others: {told}",
        where,
        "set 'root' to a folder above it" if outside and HOME in told else "rename the file",
    )


def _relative_entries(entries: Sequence[Mapping[str, Any]], root: Path) -> list[dict[str, Any]]:
    return [{**entry, "path": _relative(entry["path"], root)} for entry in entries]


def _relative(path: str, root: Path) -> str:
    if PurePosixPath(path).is_absolute():
        given = Path(path)
        return given.relative_to(root).as_posix() if given.is_relative_to(root) else f"{OUTSIDE}/{given.name}"
    return f"{OUTSIDE}/{PureWindowsPath(path).name}" if PureWindowsPath(path).drive else path


def _redact_query(found: re.Match[str]) -> str:
    return f"{found['mark']}{SIGNED}" if _SIGNATURE.search(found.group()) else found.group()


def _redact_header(found: re.Match[str]) -> str:
    if found["bearer"]:
        return f"{found['bearer']}{SECRET}"
    scheme = f"{found['scheme']} " if found["scheme"] else ""
    return f"{found['name']}{scheme}{SECRET}"


@cache
def _own_home() -> re.Pattern[str] | None:
    """The home folder of this process's user, wherever it lies, also as it is reached from below a root."""
    try:
        home = Path.home().as_posix()
    except RuntimeError:
        return None
    return (
        re.compile(rf"(?<![A-Za-z0-9_-])(?<!{HOME})(?<!(?<!\.)\.){re.escape(home)}(?![A-Za-z0-9_-])")
        if len(home) > 1
        else None
    )
