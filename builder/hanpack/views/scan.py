"""Scans files before there is a recipe: what they are, what is damaged, and a recipe that fits them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from hanpack.errors import RecipeError, RecordError, UsageError
from hanpack.flow import prepare
from hanpack.reasons import Cause
from hanpack.recipe import Recipe, Shape, Steps
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.discovery import discover
from hanpack.sources.formats import SUFFIXES, find_format
from hanpack.sources.source_files import SourceFile, Survey
from hanpack.sources.survey import survey
from hanpack.steps.decode import decode
from hanpack.steps.dedup import SIMILARITY_THRESHOLD
from hanpack.steps.script import find_script
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.tools import prepare_step_tools

SENTENCE_END = re.compile(r"[。！？；…」』”!?;]\s*$")


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The result of a scan of a file, from an excerpt of it; ``tokens`` is an estimate for the entire file.

    ``damage`` counts the repairs in the excerpt by step, ``size`` is in bytes, and ``fault`` is why the file
    cannot be read.
    """

    name: str
    size: int
    encoding: str
    script: str
    shape: Shape
    column: str
    damage: dict[str, int]
    tokens: int
    fault: str = ""


def scan(paths: Sequence[Path], tokenizer: str = "o200k_base") -> list[ScannedFile]:
    """Scan files and folders; nothing is changed.

    Raises:
        UsageError: a path does not exist, or is a folder without files.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("旅遊高質量發展。", encoding="utf-8")
    ...     (file,) = scan([Path(folder)])
    >>> file.name, file.encoding, file.script, file.tokens
    ('a.txt', 'utf-8', 'Hant', 8)
    """
    counter = open_counter(load_vocabulary(tokenizer))
    scanned = []
    for path in paths:
        recipe, files = _discover(path)
        scanned += [_scan_file(survey(file, recipe.limits.max_expansion), counter) for file in files]
    return scanned


def _discover(path: Path) -> tuple[Recipe, list[SourceFile]]:
    """The files at a path, and the recipe, all defaults but for its source, that they are listed for."""
    if not os.path.lexists(path):
        raise UsageError("there is no such file or folder", str(path))
    real = path.resolve()
    recipe = Recipe.model_validate({"name": "scan", "sources": [{"path": str(real)}]})
    try:
        return recipe, discover(recipe, real if real.is_dir() else real.parent, "PATH")
    except RecipeError as error:
        # The user has no recipe, so that its keys would mean nothing.
        raise UsageError(error.what, str(path)) from error


def _scan_file(surveyed: Survey, counter: TokenCounter) -> ScannedFile:
    file = surveyed.file
    unread = ScannedFile(file.name, surveyed.stamp.size, "", "", file.shape, "", {}, 0)
    # No text column is named yet: the excerpt has the one with the most text.
    if surveyed.fault and surveyed.fault.cause is not Cause.NO_TEXT_COLUMN:
        return replace(unread, fault=str(surveyed.fault))
    try:
        excerpt = file.format.read_excerpt(surveyed)
    except RecordError as error:
        return replace(unread, fault=str(error))
    tools = prepare_step_tools(Steps(spaces=False), load_ngram_model())
    repaired = prepare(decode(excerpt.text.encode(), "utf-8"), tools)
    damage = Counter(edit.step for edit in repaired.edits if edit.step not in ("decode", "separator"))
    shape = _guess_shape(excerpt.text)
    return replace(
        unread,
        encoding=excerpt.encoding,
        script=find_script(excerpt.text).name,
        shape=shape if shape in file.format.shapes else file.shape,
        column=excerpt.column,
        damage=dict(sorted(damage.items())),
        tokens=round(counter.count(excerpt.text) * excerpt.scale),
    )


def _guess_shape(text: str) -> Shape:
    """A record is a line if nearly every line is long and ends as a sentence does, else the file."""
    lines = [line for line in text.split("\n") if line.strip()]
    passages = [line for line in lines if len(line) >= 80 and SENTENCE_END.search(line)]
    has_indents = any(line.startswith((" ", "\u3000", "\t", "#")) for line in lines)
    return "line" if len(lines) >= 5 and len(passages) >= 0.8 * len(lines) and not has_indents else "file"


def write_recipe(folder: Path, target: Path) -> list[ScannedFile]:
    """Scan a folder and write a recipe for it; returns the scan.

    Raises:
        UsageError: the recipe exists already, or nothing in the folder can be read.
    """
    if target.exists():
        raise UsageError("there is a recipe of that name already", str(target), "name another with -o")
    scanned = scan([folder])
    if all(file.fault for file in scanned):
        raise _explain_unreadable(folder, scanned)
    root = folder if folder.is_dir() else folder.parent
    content = {
        "name": re.sub(r"[^\w.-]+", "-", root.resolve().name).strip("-.") or "corpus",
        "root": _relative(root, target.parent),
        "sources": _make_entries(scanned),
        "steps": {"page": True, "repair": True, "spaces": True, "script": "keep"},
        "tokenizer": "o200k_base",
        "chunks": {"max_tokens": 512},
        "duplicates": {"drop": "near", "threshold": SIMILARITY_THRESHOLD},
        "card": {"title": root.resolve().name, "language": ["zh"], "license": "other"},
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    body = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    target.write_text(HEAD + body, encoding="utf-8")
    return scanned


HEAD = """\
# Written by hanpack init after a scan of the files; change what does not fit.
# records: file, line, paragraph or row. script: keep, hans, hant, tw or hk. drop: none, exact or near.
"""


def _explain_unreadable(folder: Path, scanned: Sequence[ScannedFile]) -> UsageError:
    """The error for a folder without a readable file: the formats, or why the first file is not read."""
    formatted = [file for file in scanned if find_format(Path(file.name))[0] is not None]
    if not formatted:
        what, todo = "there is no file hanpack can read", f"it reads {' '.join(SUFFIXES)}"
    else:
        first = formatted[0]
        what = f"none of the {len(scanned)} files can be read; the first, {first.name}: {first.fault}"
        todo = "convert the files to UTF-8, or write a recipe that names their encoding"
    return UsageError(what, str(folder), todo)


def _relative(root: Path, base: Path) -> str:
    return Path(os.path.relpath(root.resolve(), base.resolve())).as_posix()


def _make_entries(scanned: Sequence[ScannedFile]) -> list[dict[str, str]]:
    """One entry for each kind of file: suffix, record shape and text column."""
    kinds: dict[tuple[str, Shape, str], list[str]] = {}
    for file in scanned:
        suffixes = Path(file.name).suffixes
        _, _, compression = find_format(Path(file.name))
        suffix = "".join(suffixes[-2:] if compression else suffixes[-1:])
        kinds.setdefault((suffix, file.shape, file.column), []).append(file.name)
    kinds_by_suffix = Counter(suffix for suffix, _, _ in kinds)
    entries = []
    for (suffix, shape, column), names in kinds.items():
        paths = [f"**/*{suffix}"] if kinds_by_suffix[suffix] == 1 else names
        for path in paths:
            entry = {"path": path, "records": shape}
            entries.append(entry | ({"text_column": column} if column else {}))
    return entries
