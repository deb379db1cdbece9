"""Scans files before there is a recipe: what they are, what is damaged, and a recipe that fits them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import yaml

from hanpack.errors import RecordError, UsageError
from hanpack.flow import prepare
from hanpack.recipe import Recipe, Shape, Steps
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.discovery import discover
from hanpack.sources.formats import PARQUET, SUFFIXES
from hanpack.sources.parquet import UNREADABLE, count_rows, find_text_columns, read_texts
from hanpack.sources.source_files import Survey
from hanpack.sources.survey import survey
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import detect
from hanpack.steps.dedup import SIMILARITY_THRESHOLD
from hanpack.steps.script import find_script
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.tools import prepare_step_tools

SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 100
SENTENCE_END = re.compile(r"[。！？；…」』”!?;]\s*$")


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """What a scan says of a file from its first 256 KiB; ``tokens`` is an estimate for the whole.

    ``damage`` counts the repairs in the sample by step, ``size`` is in bytes, and ``fault`` is why the file
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
        RecipeError: a path does not exist.

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
        root = path if path.is_dir() else path.parent
        recipe = Recipe.model_validate({"name": "scan", "sources": [{"path": str(path.resolve())}]})
        scanned += [
            _scan_file(survey(file, recipe.limits.max_expansion), counter)
            for file in discover(recipe, root, "PATH")
        ]
    return scanned


@dataclass(frozen=True, slots=True)
class TextSample:
    """The beginning of a file as text; of rows, their text column. The whole is ``scale`` times as long."""

    text: str
    encoding: str
    column: str
    scale: float


def _scan_file(surveyed: Survey, counter: TokenCounter) -> ScannedFile:
    file = surveyed.file
    unread = ScannedFile(file.name, surveyed.stamp.size, "", "", file.shape, "", {}, 0)
    if surveyed.fault and file.format is not PARQUET:
        return replace(unread, fault=str(surveyed.fault))
    try:
        sample = _sample_rows(surveyed) if file.format is PARQUET else _sample_text(surveyed)
    except (RecordError, *UNREADABLE) as error:
        return replace(unread, fault=str(error).splitlines()[0])
    tools = prepare_step_tools(Steps(spaces=False), load_ngram_model())
    repaired = prepare(decode(sample.text.encode(), "utf-8"), tools)
    damage = Counter(edit.step for edit in repaired.edits if edit.step not in ("decode", "separator"))
    return replace(
        unread,
        encoding=sample.encoding,
        script=find_script(sample.text).name,
        shape=file.shape if file.shape == "row" else _guess_shape(sample.text),
        column=sample.column,
        damage=dict(sorted(damage.items())),
        tokens=round(counter.count(sample.text) * sample.scale),
    )


def _sample_text(surveyed: Survey) -> TextSample:
    detected = detect(surveyed.sample)
    rows = surveyed.file.shape == "row"
    if detected.encoding is None and not rows:
        raise ValueError(detected.reason)
    sample = surveyed.sample[:SAMPLE_BYTES]
    if len(surveyed.sample) > SAMPLE_BYTES:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    encoding = detected.encoding or "utf-8"
    text = decode(sample, encoding).text
    scale = 1.0 if surveyed.file.compression else max(surveyed.stamp.size / max(len(sample), 1), 1.0)
    if not rows:
        return TextSample(text, encoding, "", scale)
    column = _find_json_column(text)
    return TextSample("\n".join(_json_texts(text, column)), encoding, column, scale)


def _sample_rows(surveyed: Survey) -> TextSample:
    """The first rows of a Parquet file: the column of strings that holds the most text."""
    path = surveyed.file.path
    columns = find_text_columns(path)
    if not columns:
        raise ValueError("it has no column of strings")
    texts = {name: list(islice(read_texts(path, name), SAMPLE_ROWS)) for name in columns}
    column = max(columns, key=lambda name: sum(map(len, texts[name])))
    scale = max(count_rows(path) / max(len(texts[column]), 1), 1.0)
    return TextSample("\n".join(texts[column]), "utf-8", column, scale)


def _json_rows(text: str) -> Iterator[dict[str, object]]:
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            yield row


def _json_texts(text: str, column: str) -> Iterator[str]:
    for row in _json_rows(text):
        value = row.get(column)
        if isinstance(value, str):
            yield value.encode("utf-8", "replace").decode()


def _find_json_column(text: str) -> str:
    """The column of JSON Lines that holds the most text."""
    lengths: Counter[str] = Counter()
    for row in islice(_json_rows(text), SAMPLE_ROWS):
        lengths.update({key: len(value) for key, value in row.items() if isinstance(value, str)})
    return lengths.most_common(1)[0][0] if lengths else "text"


def _guess_shape(text: str) -> Shape:
    """A record is a line where nearly every line is long and ends as a sentence does, else the file."""
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
        raise UsageError("there is no file hanpack can read", str(folder), f"it reads {' '.join(SUFFIXES)}")
    root = folder if folder.is_dir() else folder.parent
    content = {
        "name": re.sub(r"[^A-Za-z0-9_.-]+", "-", root.resolve().name).strip("-.") or "corpus",
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


def _relative(root: Path, base: Path) -> str:
    import os

    return Path(os.path.relpath(root.resolve(), base.resolve())).as_posix()


def _make_entries(scanned: Sequence[ScannedFile]) -> list[dict[str, str]]:
    """One entry for each kind of file: suffix, record shape and text column."""
    kinds: dict[tuple[str, Shape, str], list[str]] = {}
    for file in scanned:
        suffixes = Path(file.name).suffixes
        compressed = file.name.endswith((".gz", ".zst"))
        suffix = "".join(suffixes[-2:] if compressed else suffixes[-1:])
        kinds.setdefault((suffix, file.shape, file.column), []).append(file.name)
    kinds_by_suffix = Counter(suffix for suffix, _, _ in kinds)
    entries = []
    for (suffix, shape, column), names in kinds.items():
        paths = [f"**/*{suffix}"] if kinds_by_suffix[suffix] == 1 else names
        for path in paths:
            entry = {"path": path, "records": shape}
            entries.append(entry | ({"text_column": column} if column else {}))
    return entries
