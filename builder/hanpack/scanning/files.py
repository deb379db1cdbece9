"""Scans files before there is a recipe: what they are, what is damaged, and whether they can be read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hanpack.errors import RecipeError, RecordError, UsageError
from hanpack.flow import prepare
from hanpack.lazy_patterns import compile_lazily
from hanpack.reasons import Cause
from hanpack.recipe import Recipe, Shape, Steps
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.discovery import discover
from hanpack.sources.source_files import Excerpt, SourceFile, Survey
from hanpack.sources.survey import Progress, ignore_progress, survey
from hanpack.steps.decode import decode
from hanpack.steps.script import find_script
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.tools import StepTools, prepare_step_tools

SENTENCE_END = compile_lazily(r"[。！？；…」』”!?;]\s*$")


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The result of a scan of a file, from an excerpt of it; ``tokens`` is an estimate for the entire file.

    ``damage`` counts the repairs in the excerpt by step, ``size`` is in bytes, and ``fault`` is why the file
    cannot be read. ``columns`` are names for the columns of a table that names none.
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
    columns: tuple[str, ...] = ()


def scan(
    paths: str | Path | Sequence[str | Path],
    tokenizer: str = "o200k_base",
    progress: Progress = ignore_progress,
) -> list[ScannedFile]:
    """Scan files and folders; nothing is changed.

    Raises:
        UsageError: a path does not exist, or is a folder without files.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.txt").write_text("旅遊高質量發展。", encoding="utf-8")
    ...     (file,) = scan(folder)
    >>> file.name, file.encoding, file.script, file.tokens
    ('a.txt', 'utf-8', 'Hant', 8)
    """
    paths = [paths] if isinstance(paths, str | Path) else paths
    examiner = _Examiner.load(tokenizer)
    listed = [(recipe, file) for recipe, files in map(list_files, map(Path, paths)) for file in files]
    scanned = []
    for index, (recipe, file) in enumerate(listed):
        scanned.append(_scan_file(survey(file, recipe.limits.max_expansion), examiner))
        progress("scan", index + 1, len(listed))
    return scanned


def scan_shapes(path: Path, where: str, progress: Progress = ignore_progress) -> list[ScannedFile]:
    """Scan the files at a path only for what a recipe needs: damage and tokens are not counted.

    A file at the path ``where``, the recipe itself, is not among them.

    Raises:
        UsageError: the path does not exist, or is a folder without files.
    """
    recipe, files = list_files(path, where)
    scanned = []
    for index, file in enumerate(files):
        scanned.append(_scan_file(survey(file, recipe.limits.max_expansion), None))
        progress("scan", index + 1, len(files))
    return scanned


def list_files(path: Path, where: str = "PATH") -> tuple[Recipe, list[SourceFile]]:
    """The files at a path, and the recipe, all defaults but for its source, that they are listed for.

    Raises:
        UsageError: the path does not exist, or is a folder without files.
    """
    if not os.path.lexists(path):
        raise UsageError("there is no such file or folder", str(path))
    real = path.resolve()
    recipe = Recipe.model_validate({"name": "scan", "sources": [{"path": str(real)}]})
    try:
        return recipe, discover(recipe, real if real.is_dir() else real.parent, where)
    except RecipeError as error:
        # The user has no recipe, so that its keys would mean nothing.
        raise UsageError(error.what, str(path)) from error


@dataclass(frozen=True, slots=True)
class _Examiner:
    """What counts the damage and the tokens of an excerpt."""

    tools: StepTools
    counter: TokenCounter

    @classmethod
    def load(cls, tokenizer: str) -> _Examiner:
        tools = prepare_step_tools(Steps(spaces=False), load_ngram_model())
        return cls(tools, open_counter(load_vocabulary(tokenizer)))

    def count_damage(self, excerpt: Excerpt) -> dict[str, int]:
        repaired = prepare(decode(excerpt.text.encode(), "utf-8"), self.tools)
        damage = Counter(edit.step for edit in repaired.edits if edit.step not in ("decode", "separator"))
        return dict(sorted(damage.items()))

    def count_tokens(self, excerpt: Excerpt) -> int:
        return round(self.counter.count(excerpt.text) * excerpt.scale)


def _scan_file(surveyed: Survey, examiner: _Examiner | None) -> ScannedFile:
    file = surveyed.file
    unread = ScannedFile(file.name, surveyed.stamp.size, "", "", file.shape, "", {}, 0)
    # No text column is named yet: the excerpt has the one with the most text.
    if surveyed.fault and surveyed.fault.cause is not Cause.NO_TEXT_COLUMN:
        return replace(unread, fault=str(surveyed.fault))
    try:
        excerpt = file.format.read_excerpt(surveyed)
    except RecordError as error:
        return replace(unread, fault=str(error))
    shape = _guess_shape(excerpt.text)
    return replace(
        unread,
        encoding=excerpt.encoding,
        script=find_script(excerpt.text).name,
        shape=shape if shape in file.format.shapes else file.shape,
        column=excerpt.column,
        columns=excerpt.columns,
        damage=examiner.count_damage(excerpt) if examiner else {},
        tokens=examiner.count_tokens(excerpt) if examiner else 0,
    )


def _guess_shape(text: str) -> Shape:
    """A record is a line if nearly every line is long and ends as a sentence does, else the file."""
    lines = [line for line in text.split("\n") if line.strip()]
    passages = [line for line in lines if len(line) >= 80 and SENTENCE_END.search(line)]
    has_indents = any(line.startswith((" ", "\u3000", "\t", "#")) for line in lines)
    return "line" if len(lines) >= 5 and len(passages) >= 0.8 * len(lines) and not has_indents else "file"
