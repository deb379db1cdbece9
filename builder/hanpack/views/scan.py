"""A first look at a folder: what its files are, what is damaged, and the recipe that would fit them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq
import yaml

from hanpack.errors import RecordError, UsageError
from hanpack.flow import prepare
from hanpack.recipe import Recipe, Shape, Steps
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources.discovery import discover
from hanpack.sources.formats import PARQUET, SUFFIXES
from hanpack.sources.parquet import UNREADABLE, is_text, read_texts
from hanpack.sources.source_files import Survey
from hanpack.sources.survey import survey
from hanpack.steps.decode.decoding import decode
from hanpack.steps.decode.encodings import detect
from hanpack.steps.dedup.clusters import THRESHOLD
from hanpack.steps.script.conversion import find_script
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.tools import prepare_step_tools

LOOK = 256 * 1024
ROWS = 100
SENTENCE_END = re.compile(r"[。！？；…」』”!?;]\s*$")


@dataclass(frozen=True, slots=True)
class Look:
    """What a scan saw of a file: its first 256 KiB, with tokens estimated for the whole."""

    name: str
    size: int
    encoding: str
    script: str
    shape: Shape
    column: str
    damage: dict[str, int]
    tokens: int
    fault: str = ""


def scan(paths: Sequence[Path], tokenizer: str = "o200k_base") -> list[Look]:
    """Look at files and folders; nothing is changed.

    Raises:
        RecipeError: a path is not there.
    """
    counter = open_counter(load_vocabulary(tokenizer))
    looks = []
    for path in paths:
        root = path if path.is_dir() else path.parent
        recipe = Recipe.model_validate({"name": "scan", "sources": [{"path": str(path.resolve())}]})
        looks += [
            _look(survey(file, recipe.limits.max_expansion), counter)
            for file in discover(recipe, root, "PATH")
        ]
    return looks


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The beginning of a file as text: of rows their text column alone, and how much more there is."""

    text: str
    encoding: str
    column: str
    share: float


def _look(one: Survey, counter: TokenCounter) -> Look:
    file = one.file
    unread = Look(file.name, one.stamp.size, "", "", file.shape, "", {}, 0)
    if one.fault and file.format is not PARQUET:
        return replace(unread, fault=str(one.fault))
    try:
        seen = _glimpse_rows(one) if file.format is PARQUET else _glimpse_text(one)
    except (RecordError, *UNREADABLE) as error:
        return replace(unread, fault=str(error).splitlines()[0])
    tools = prepare_step_tools(Steps(spaces=False), load_ngram_model())
    repaired = prepare(decode(seen.text.encode(), "utf-8"), tools)
    damage = Counter(edit.step for edit in repaired.edits if edit.step not in ("decode", "separator"))
    return Look(
        file.name,
        one.stamp.size,
        seen.encoding,
        find_script(seen.text).name,
        file.shape if file.shape == "row" else _likely_shape(seen.text),
        seen.column,
        dict(sorted(damage.items())),
        round(counter.count(seen.text) * seen.share),
    )


def _glimpse_text(one: Survey) -> Glimpse:
    found = detect(one.sample)
    rows = one.file.shape == "row"
    if found.encoding is None and not rows:
        raise ValueError(found.reason)
    sample = one.sample[:LOOK]
    if len(one.sample) > LOOK:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    encoding = found.encoding or "utf-8"
    text = decode(sample, encoding).text
    share = 1.0 if one.file.compression else max(one.stamp.size / max(len(sample), 1), 1.0)
    if not rows:
        return Glimpse(text, encoding, "", share)
    column = _json_column(text)
    return Glimpse("\n".join(_json_texts(text, column)), encoding, column, share)


def _glimpse_rows(one: Survey) -> Glimpse:
    """Look at the first rows of a Parquet file: the column of strings that holds the most text."""
    schema = pq.read_schema(one.file.path)
    columns = [name for name in schema.names if is_text(schema.field(name).type)]
    if not columns:
        raise ValueError("it has no column of strings")
    texts = {name: list(islice(read_texts(one.file.path, name), ROWS)) for name in columns}
    column = max(columns, key=lambda name: sum(map(len, texts[name])))
    total = pq.read_metadata(one.file.path).num_rows
    return Glimpse("\n".join(texts[column]), "utf-8", column, max(total / max(len(texts[column]), 1), 1.0))


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


def _json_column(text: str) -> str:
    """The column of JSON Lines that holds the most text."""
    lengths: Counter[str] = Counter()
    for row in islice(_json_rows(text), ROWS):
        lengths.update({key: len(value) for key, value in row.items() if isinstance(value, str)})
    return lengths.most_common(1)[0][0] if lengths else "text"


def _likely_shape(text: str) -> Shape:
    """A record a line where nearly every line is a passage of its own: long, and ended like one."""
    lines = [line for line in text.split("\n") if line.strip()]
    passages = [line for line in lines if len(line) >= 80 and SENTENCE_END.search(line)]
    has_indents = any(line.startswith((" ", "\u3000", "\t", "#")) for line in lines)
    return "line" if len(lines) >= 5 and len(passages) >= 0.8 * len(lines) and not has_indents else "file"


def write_recipe(folder: Path, target: Path) -> list[Look]:
    """Write a recipe for a folder from what a scan of it saw; returns what it saw.

    Raises:
        UsageError: the recipe is there already, or nothing in the folder can be read.
    """
    if target.exists():
        raise UsageError("there is a recipe of that name already", str(target), "name another with -o")
    looks = scan([folder])
    if not any(not look.fault for look in looks):
        raise UsageError("there is no file hanpack can read", str(folder), f"it reads {' '.join(SUFFIXES)}")
    root = folder if folder.is_dir() else folder.parent
    content = {
        "name": re.sub(r"[^A-Za-z0-9_.-]+", "-", root.resolve().name).strip("-.") or "corpus",
        "root": _relative(root, target.parent),
        "sources": _entries(looks),
        "steps": {"page": True, "repair": True, "spaces": True, "script": "keep"},
        "tokenizer": "o200k_base",
        "chunks": {"max_tokens": 512},
        "duplicates": {"drop": "near", "threshold": THRESHOLD},
        "card": {"title": root.resolve().name, "language": ["zh"], "license": "other"},
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    body = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    target.write_text(HEAD + body, encoding="utf-8")
    return looks


HEAD = """\
# Written by hanpack init from what it saw; change what you know better.
# records: file, line, paragraph or row. script: keep, hans, hant, tw or hk. drop: none, exact or near.
"""


def _relative(root: Path, base: Path) -> str:
    import os

    return Path(os.path.relpath(root.resolve(), base.resolve())).as_posix()


def _entries(looks: Sequence[Look]) -> list[dict[str, str]]:
    """One entry for each kind of file: suffix, record shape and text column."""
    kinds: dict[tuple[str, Shape, str], list[str]] = {}
    for look in looks:
        suffix = "".join(
            Path(look.name).suffixes[-2:] if look.name.endswith((".gz", ".zst")) else [Path(look.name).suffix]
        )
        kinds.setdefault((suffix, look.shape, look.column), []).append(look.name)
    shapes = Counter(suffix for suffix, _, _ in kinds)
    entries = []
    for (suffix, shape, column), names in kinds.items():
        alone = shapes[suffix] == 1
        for path in [f"**/*{suffix}"] if alone else names:
            entry = {"path": path, "records": shape}
            entries.append(entry | ({"text_column": column} if column else {}))
    return entries
