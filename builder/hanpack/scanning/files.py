"""Scans files before there is a recipe: what they are, what is damaged, and whether they can be read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from hanpack.errors import RecipeError, RecordError, UsageError, require_type
from hanpack.flow import prepare
from hanpack.lazy_patterns import compile_lazily
from hanpack.model import Record
from hanpack.reasons import Cause, Reason
from hanpack.recipe import Limits, Recipe, Shape
from hanpack.recipe_steps import Steps
from hanpack.record_texts import read_text
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.scanning.hints import SENTENCE_END, describe_lines
from hanpack.sources.archives import find_archive_suffix
from hanpack.sources.content import measure_content
from hanpack.sources.delimited import COLUMNS_ADVICE
from hanpack.sources.discovery import DiscoveredFiles, discover
from hanpack.sources.formats import CSV, TEXT, TSV, find_format
from hanpack.sources.records import read_records
from hanpack.sources.source_files import EXCERPT_BYTES, Excerpt, SourceFile, Survey
from hanpack.sources.survey import Progress, describe_source, ignore_progress, survey
from hanpack.step_tools import StepTools, prepare_step_tools
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.heading_titles import read_heading_title
from hanpack.steps.script.recognition import find_script
from hanpack.steps.tokens import open_counter
from hanpack.steps.tokens.counting import TokenCounter
from hanpack.wording import format_count

# The descriptions that ``Dataset.save_to_disk`` of the library datasets writes beside its Arrow files.
_DATASET_DESCRIPTIONS = frozenset(("dataset_info.json", "dataset_dict.json", "state.json"))
_NUMERALS = "一二三四五六七八九十"
# The number that a paragraph begins with.
_NUMBER = compile_lazily(rf"[ \u3000]*(?:[（(]?([{_NUMERALS}])[)）、]|([0-9])[.．、])")
# So many paragraphs with numbers that go on from one another are parts of one document.
_FEWEST_PARTS = 5


# Why a table is left out, and how many of its columns are named then.
NO_TEXT = "no column looks like text: set text_column to one of "
_NAMED_COLUMNS = 10
# What is said of titles that the first heading of the text goes on from, if so many have them.
_CUT_TITLES = "is only the beginning of the first heading: name the column of the title in metadata_columns"
_FEWEST_CUT_TITLES, _SHARE_OF_CUT_TITLES = 3, 0.1
# How many files are examined for damage and tokens, spread evenly over all.
MOST_EXAMINED = 200
# How many records of a file are read to see whether they can be read.
MOST_RECORDS = 1000


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The result of a scan of a file, from an excerpt of it.

    ``size`` is in bytes, ``fault`` is why the file cannot be read. ``records`` is the number of records that
    were read, ``bad_records`` how many of them cannot be used, ``first_bad`` names the first of those, and
    ``other_bad`` the first for each other cause.
    ``total_records`` is about how many records the entire file has.
    ``damage`` counts the repairs in the excerpt by step, and ``tokens`` is an estimate for the entire file;
    if the file was not ``examined``, damage is empty and tokens are estimated from other files.
    ``columns`` are names for the columns of a table that names none. ``is_source`` is false if a build of the
    folder does not read the file at all: its format is unknown, it describes other files, or it has no texts.
    ``is_empty`` is true if nothing in it shows how to read it, such as a table without rows.
    ``hint`` says how it may be read better.
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
    records: int = 0
    bad_records: int = 0
    first_bad: str = ""
    other_bad: tuple[str, ...] = ()
    total_records: int = 0
    examined: bool = False
    is_source: bool = True
    is_empty: bool = False
    hint: str = ""


def scan(
    paths: str | Path | Sequence[str | Path],
    tokenizer: str = "o200k_base",
    progress: Progress = ignore_progress,
) -> list[ScannedFile]:
    """Scan files and folders; nothing is changed. Of many files some are examined for damage and tokens.

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
    require_type(paths, Sequence, "paths")
    examiner = _Examiner.load(tokenizer)
    listed = list(map(list_files, map(Path, paths)))
    total = sum(len(files) for _, files in listed)
    step = max(1, -(-total // MOST_EXAMINED))
    scanned: list[ScannedFile] = []
    for recipe, files in listed:
        for file in files:
            scanned.append(_scan_file(file, recipe.limits, None if len(scanned) % step else examiner))
            progress("scan", len(scanned), total)
    return _estimate_tokens(scanned)


def scan_shapes(path: Path, where: str, progress: Progress = ignore_progress) -> list[ScannedFile]:
    """Scan the files at a path only for what a recipe needs: damage and tokens are not counted.

    A file at the path ``where``, the recipe itself, is not among them.

    Raises:
        UsageError: the path does not exist, or is a folder without files.
    """
    recipe, files = list_files(path, where)
    scanned = []
    for index, file in enumerate(files):
        scanned.append(_scan_file(file, recipe.limits, None))
        progress("scan", index + 1, len(files))
    return scanned


def list_files(path: Path, where: str = "PATH") -> tuple[Recipe, DiscoveredFiles]:
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

    def examine(self, excerpt: Excerpt) -> tuple[dict[str, int], int]:
        """The damage by step, and the tokens of the whole file, without the markup of its pages."""
        damage: Counter[str] = Counter()
        tokens = 0
        for text in excerpt.pages or (excerpt.text,):
            repaired = prepare(decode(text.encode(), "utf-8"), self.tools)
            damage.update(edit.step for edit in repaired.edits if edit.step not in ("decode", "separator"))
            tokens += self.counter.count(repaired.text)
        return dict(sorted(damage.items())), round(tokens * excerpt.scale)


def is_readable(name: str) -> bool:
    """Whether a file has a format that hanpack reads, or is an archive, by its name.

    >>> is_readable("a.pdf"), is_readable("data.tar.gz"), is_readable("a.jpg")
    (True, True, False)
    """
    return find_format(Path(name))[0] is not None or bool(find_archive_suffix(name))


def _describes_dataset(path: Path) -> bool:
    """Whether a file belongs to a dataset that ``save_to_disk`` of the library datasets has written."""
    if path.name not in _DATASET_DESCRIPTIONS:
        return False
    return any(next(path.parent.glob(pattern), None) for pattern in ("*.arrow", "*/*.arrow"))


def _scan_file(file: SourceFile, limits: Limits, examiner: _Examiner | None) -> ScannedFile:
    surveyed = survey(file, limits.max_expansion)
    unread = ScannedFile(
        file.name, surveyed.size, "", "", file.shape, "", {}, 0, is_source=is_readable(file.name)
    )
    if file.member is None and _describes_dataset(file.path):
        what = "it describes the Arrow files beside it, and has no texts"
        return replace(unread, fault=what, is_source=False)
    # No text column is named yet: the excerpt has the one that looks like text.
    if surveyed.fault and surveyed.fault.cause is not Cause.NO_TEXT_COLUMN:
        return replace(unread, fault=str(surveyed.fault))
    if file.compression:
        surveyed = replace(surveyed, expanded_size=measure_content(file, limits.max_expansion))
    try:
        excerpt = file.format.make_reader().read_excerpt(surveyed)
    except RecordError as error:
        return replace(unread, fault=str(error))
    if excerpt.textless:
        fault = NO_TEXT + _list_names(excerpt.textless)
        if find_format(Path(file.name))[0] in (CSV, TSV):
            fault += COLUMNS_ADVICE
        return replace(unread, fault=fault, columns=excerpt.columns, is_source=False)
    shape = _guess_shape(excerpt.text)
    shape = shape if shape in file.format.shapes else file.shape
    if shape == "file" and excerpt.file_fault:
        return replace(unread, fault=str(excerpt.file_fault))
    damage, tokens = examiner.examine(excerpt) if examiner else ({}, 0)
    scanned = replace(
        unread,
        encoding=excerpt.encoding,
        script=find_script(excerpt.text).name,
        shape=shape,
        column=excerpt.column,
        columns=excerpt.columns,
        damage=damage,
        tokens=tokens,
        examined=examiner is not None,
        is_empty=not excerpt.text.strip(),
        hint=describe_lines(excerpt.text) if file.format is TEXT else excerpt.hint,
    )
    return read_first_records(surveyed, scanned, limits)


def _list_names(columns: Sequence[str]) -> str:
    """The names of columns; of many the first.

    >>> _list_names(("日期", "编号"))
    '日期, 编号'
    """
    return ", ".join(columns[:_NAMED_COLUMNS]) + (", …" if len(columns) > _NAMED_COLUMNS else "")


def read_first_records(surveyed: Survey, scanned: ScannedFile, limits: Limits) -> ScannedFile:
    """Read the first records of a file as a build would, and count those that cannot be used."""
    if scanned.shape == "file":
        # The excerpt was read from this one record already.
        return replace(scanned, records=1, total_records=1)
    entry: dict[str, object] = {"records": scanned.shape}
    entry |= {"text_column": scanned.column} if scanned.column else {}
    entry |= {"columns": list(scanned.columns)} if scanned.columns else {}
    options = surveyed.file.options.model_copy(update=entry)
    file = replace(surveyed.file, options=options, shape=scanned.shape)
    as_built = replace(surveyed, file=file, fault=None)
    source = describe_source(as_built)
    number = bad = size = cut_titles = 0
    first_by_cause: dict[Cause, str] = {}
    encodings: Counter[str] = Counter()
    with closing(read_records(as_built, source, limits)) as records:
        for record in islice(records, MOST_RECORDS):
            reason, title_is_cut = _examine_record(record)
            cut_titles += title_is_cut
            if reason is not None:
                place = f"record {record.index} at byte {record.byte_start}"
                first_by_cause.setdefault(reason.cause, f"{place}: {reason}")
            elif record.encoding:
                encodings[record.encoding] += 1
            number, bad, size = number + 1, bad + (reason is not None), size + len(record.data)
            if size > EXCERPT_BYTES:
                break
    first, *others = first_by_cause.values() or [""]
    # The records of some formats have encodings of their own.
    encoding = ", ".join(name for name, _ in encodings.most_common()) or scanned.encoding
    has_more = number == MOST_RECORDS or size > EXCERPT_BYTES
    content_size = surveyed.content_size or surveyed.size
    total = max(number, round(number * content_size / max(size, 1))) if has_more else number
    hint = scanned.hint
    if not hint and cut_titles >= max(_FEWEST_CUT_TITLES, _SHARE_OF_CUT_TITLES * number):
        hint = f"the title of {cut_titles:,} of {format_count(number, 'record')} {_CUT_TITLES}"
    return replace(
        scanned,
        hint=hint,
        encoding=encoding,
        records=number,
        bad_records=bad,
        first_bad=first,
        other_bad=tuple(others),
        total_records=total,
    )


def _examine_record(record: Record) -> tuple[Reason | None, bool]:
    """Why a record gives no text, if so, and whether its title is cut off: its first heading goes on."""
    if record.fault is not None:
        return record.fault, False
    try:
        traced = read_text(record)
    except RecordError as error:
        return error.reason, False
    title = traced.metadata.get("title")
    if not isinstance(title, str) or len(title.split()) == 0:
        return None, False
    given, heading = "".join(title.split()), "".join(read_heading_title(traced.text).get("title", "").split())
    return None, given != heading and heading.startswith(given.rstrip("0123456789"))


def _estimate_tokens(scanned: Sequence[ScannedFile]) -> list[ScannedFile]:
    """Give the files that were not examined the tokens for a byte of those that were, by encoding."""
    tokens: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for file in scanned:
        if file.examined:
            for kind in ("", _find_kind(file)):
                tokens[kind] += file.tokens
                sizes[kind] += file.size
    rates = {kind: tokens[kind] / max(sizes[kind], 1) for kind in sizes}
    return [
        file
        if file.examined or file.fault
        else replace(file, tokens=round(file.size * rates.get(_find_kind(file), rates.get("", 0))))
        for file in scanned
    ]


def _find_kind(file: ScannedFile) -> str:
    return f"{Path(file.name).suffix} {file.encoding}"


def _guess_shape(text: str) -> Shape:
    """A record is a line if nearly every line is long and ends as a sentence does, else the file.

    It is the file too if the numbers at the starts of lines go on from one another: 一、 二、 三、 …
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if _count_parts(lines) >= _FEWEST_PARTS:
        return "file"
    passages = [line for line in lines if len(line) >= 80 and SENTENCE_END.search(line)]
    has_indents = any(line.startswith((" ", "\u3000", "\t", "#")) for line in lines)
    return "line" if len(lines) >= 5 and len(passages) >= 0.8 * len(lines) and not has_indents else "file"


def _count_parts(lines: Sequence[str]) -> int:
    """The most lines whose numbers go on from one another by one.

    >>> _count_parts(["一、工作回顾", "全年完成投资。", "二、打算", "三、保障措施", "一、抓项目"])
    3
    """
    most = parts = before = 0
    for line in lines:
        if match := _NUMBER.match(line):
            value = _NUMERALS.index(match[1]) + 1 if match[1] else int(match[2])
            parts = parts + 1 if value == before + 1 else 1
            most, before = max(most, parts), value
    return most
