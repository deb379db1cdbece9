"""Keeps secrets out of what a build publishes: home folders, access tokens and signed URLs are replaced."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from hanpack.errors import RecipeError
from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.personal import ACCESS_TOKENS

HOME = "<home>"
SECRET = "<secret>"  # noqa: S105 (a placeholder)
SIGNED = "<signed query>"
OUTSIDE = "<outside>"

# A user's home folder: as an absolute path, in a file: URL, or in a relative path that begins with ``..``.
_NAME = r"[^/\\\s\"'<>|:;,?*，。；：]+"
_HOMES = compile_lazily(
    rf"(?<![A-Za-z0-9_-])(?<!{HOME})(?:/mnt/[a-z]|/var|/export|/private)?/(?:home|Users)/{_NAME}"
    rf"|(?<!{HOME})(?:(?<![A-Za-z0-9_./-])|(?<=\.\.)|(?<=://))/root(?![A-Za-z0-9_.-])"
    rf"|(?<![A-Za-z0-9])[A-Za-z]:[\\/]+(?:Users|Documents and Settings)[\\/]+{_NAME}"
)
_TOKENS = compile_lazily(ACCESS_TOKENS)
_HEADER = compile_lazily(
    r"(?P<name>\b(?:proxy-)?authorization\b[\"']?\s*+[:=]\s*+[\"']?+)(?![A-Za-z]*[ \t]*<)"
    r"(?:(?P<scheme>[A-Za-z]+)[ \t]+)?[^\s\"',;<>]+"
    r"|(?P<bearer>\bbearer[ \t]+)[A-Za-z0-9._~+/=-]{12,}",
    re.IGNORECASE,
)
_USER = compile_lazily(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]{1,15}://)[^\s/@\"'<>?#]+@")
_QUERY = compile_lazily(r"(?P<mark>\?|%3F)[^\s\"'<>`|\\)\]}，。；）】]+", re.IGNORECASE)
_SIGNATURE = compile_lazily(
    r"(?:^|[?&;]|%3F|%26)(?:x-(?:amz|goog|oss|cos|obs|ms)-(?:signature|credential|security-token)"
    r"|signature|ossaccesskeyid|awsaccesskeyid|googleaccessid|key-pair-id|q-signature|sig)(?:=|%3D)",
    re.IGNORECASE,
)
_PARAMETER = compile_lazily(
    r"(?P<name>(?:[?&;#]|%3F|%26)(?:[a-z0-9]{1,20}[_-])?(?:token|secret|password|passwd|pwd|api_?key"
    r"|access_?key|private_?key|auth|authorization|credentials?|jwt|(?:j|php)?sess(?:ion)?_?id)"
    r"(?:=|%3D))(?:(?!%26)[^?&;#\s\"'<>`|\\)\]}，。；）】])+",
    re.IGNORECASE,
)

# Any string that one of the patterns above matches also matches this one, which is cheap to test first.
_SUSPECT = compile_lazily(r"[/\\?&;#%]|[A-Za-z0-9_-]{15}|eyJ|authorization|bearer", re.IGNORECASE)


def redact(text: str) -> str:
    """Replace secrets in a string by what they are: ``<home>``, ``<secret>`` or ``<signed query>``.

    It is for every string of a build but the texts themselves: paths and values of the recipe, reasons, the
    card and the metadata of documents. Replaced are home folders (of Unix, macOS and Windows, and the one of
    the user who runs this), access tokens, the user name and password of a URL, the whole query of a signed
    URL, and the values of secret parameters of other URLs. Redacting a redacted string changes nothing.

    >>> redact("/home/alice/corpus/a.txt")
    '<home>/corpus/a.txt'
    >>> redact("https://a.example/x?id=5&token=abc")
    'https://a.example/x?id=5&token=<secret>'
    >>> redact("https://a.example/x?Signature=abc&Expires=1")
    'https://a.example/x?<signed query>'
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
    """Redact every string of a JSON value, in nested mappings and lists too; keys of mappings stay.

    >>> redact_values({"root": "/home/alice/x", "tags": ["a", "/home/bob"], "rows": 3})
    {'root': '<home>/x', 'tags': ['a', '<home>'], 'rows': 3}
    """
    if isinstance(value, str):
        return redact(value)
    # The common case of a number must not pay for two checks of abstract classes.
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {key: redact_values(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [redact_values(inner) for inner in value]
    return value


def redact_metadata(metadata: Mapping[str, object]) -> dict[str, object]:
    """The metadata of a document as a build publishes it: every string is redacted, nested ones too."""
    return {name: redact_values(value) for name, value in metadata.items()}


def redact_recipe(recipe: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """A dumped recipe as a build publishes it: without absolute paths, and every string redacted.

    ``root`` is the absolute path of the recipe's root. Absolute paths (the root itself, those of sources, of
    evaluation texts and of the tokenizer's file) become relative to it; of a path outside it only the last
    component is kept.
    """
    inside: dict[str, Any] = {"root": _relative(recipe["root"], root)}
    inside["tokenizer"] = _relative_file(recipe["tokenizer"], root)
    inside["sources"] = _relative_entries(recipe["sources"], root)
    if evaluation := recipe.get("decontamination"):
        texts = _relative_entries(evaluation["texts"], root)
        inside["decontamination"] = {**evaluation, "texts": texts}
    if against := recipe["duplicates"]["against"]:
        builds = [{**entry, "build": _relative(entry["build"], root)} for entry in against]
        inside["duplicates"] = {**recipe["duplicates"], "against": builds}
    redacted = redact_values({**recipe, **inside})
    assert isinstance(redacted, dict)
    return redacted


def refuse_secret(name: str, where: str) -> None:
    """Refuse a source whose path contains a secret: redacted, it would no longer lead to the file.

    ``name`` is the path relative to the recipe's root; ``where`` is the recipe file and key, for the error.

    Raises:
        RecipeError: the path contains an access token, or a home folder.
    """
    redacted = redact(name)
    if redacted == name:
        return
    is_outside = name.startswith("../")
    raise RecipeError(
        f"the build would publish the path of this source, which contains a secret: {redacted}",
        where,
        "set 'root' to a folder above it" if is_outside and HOME in redacted else "rename the file",
    )


def _relative_entries(entries: Sequence[Mapping[str, Any]], root: Path) -> list[dict[str, Any]]:
    return [{**entry, "path": _relative(entry["path"], root)} for entry in entries]


def _relative_file(path: str, root: Path) -> str:
    """The path of a file as :func:`_relative` gives it, without ``..``."""
    inside = posixpath.normpath(_relative(path, root))
    return f"{OUTSIDE}/{posixpath.basename(inside)}" if inside.startswith("../") else inside


def _relative(path: str, root: Path) -> str:
    if PurePosixPath(path).is_absolute():
        absolute = Path(path)
        if absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
        return f"{OUTSIDE}/{absolute.name}"
    return f"{OUTSIDE}/{PureWindowsPath(path).name}" if PureWindowsPath(path).drive else path


def _redact_query(match: re.Match[str]) -> str:
    return f"{match['mark']}{SIGNED}" if _SIGNATURE.search(match.group()) else match.group()


def _redact_header(match: re.Match[str]) -> str:
    if match["bearer"]:
        return f"{match['bearer']}{SECRET}"
    scheme = f"{match['scheme']} " if match["scheme"] else ""
    return f"{match['name']}{scheme}{SECRET}"


@cache
def _own_home() -> re.Pattern[str] | None:
    """A pattern for the home folder of the user who runs this, absolute or after ``..``; None without one."""
    try:
        home = Path.home().as_posix()
    except RuntimeError:
        return None
    return (
        compile_lazily(rf"(?<![A-Za-z0-9_-])(?<!{HOME})(?<!(?<!\.)\.){re.escape(home)}(?![A-Za-z0-9_-])")
        if len(home) > 1
        else None
    )
