"""What repair and normalisation must show, against ftfy, OpenCC alone and charset-normalizer in one run.

Prints the table, the damaged paragraphs by family, every clean line that was changed, and the cost by
record size. ftfy is no dependency of ours: its columns say "not installed" without it.

    python benchmarks/normalize.py [DATA] [--show N] [--patience SECONDS]
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any

from opencc import OpenCC

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.script import TARGETS, error, traced
from hanpack import normalize
from hanpack.recipe import Target
from hanpack.steps.script import ScriptConverter

Convert = Callable[[str], str]
Namer = Callable[[bytes], str | None]

# A definition of our own, so that a gap in the package's does not hide from its measure.
READING = r"[a-zāáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜüḿńňǹɡ]+"
ANNOTATED = re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff]\({READING} ?\)")
UNTOLD = re.compile(rf"\?(?!{READING} ?\))")
NOT_OURS_TO_CONVERT = ("japanese", "korean", "classical_kyoto")
SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
CLEAN_SAMPLE = 5_000_000
CONTEXT = 12


@dataclass(frozen=True, slots=True)
class Tool:
    """A column: what repairs in the script of the text, what converts to Simplified, what names encodings."""

    name: str
    package: str
    repair: Convert | None = None
    simplify: Convert | None = None
    namer: Namer | None = None

    @property
    def installed(self) -> bool:
        """Whether the column can be measured here."""
        return find_spec(self.package) is not None


@dataclass(frozen=True, slots=True)
class Pair:
    """A damaged paragraph, its clean original, and what it lost.

    ``lost``: a byte became "?". ``untold``: no reading beside the "?" says which character it was.
    """

    identity: str
    family: str
    damaged: str
    clean: str

    @property
    def lost(self) -> bool:
        return self.damaged.count("?") > self.clean.count("?")

    @property
    def untold(self) -> bool:
        return len(UNTOLD.findall(self.damaged)) > self.clean.count("?")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that must come back unchanged, and where it is from."""

    place: str
    content: str


def convert_with(script: Target) -> Convert:
    """Our own repair and conversion to one script."""
    return lambda text: normalize(text, script).text


def attribute_of(package: str, name: str) -> Any:
    """A function of a package that may be absent; calling it without the package is an error."""
    return lambda argument: getattr(import_module(package), name)(argument)


def tools() -> list[Tool]:
    """The columns of the table."""
    ours, theirs = "benchmarks.encodings", "charset_normalizer"
    named_by_us = attribute_of(ours, "named_by_us") if find_spec(theirs) else None
    to_simplified = OpenCC("t2s").convert
    return [
        Tool("hanpack", "hanpack", convert_with("keep"), convert_with("hans"), named_by_us),
        Tool("ftfy", "ftfy", attribute_of("ftfy", "fix_text"), attribute_of("ftfy", "fix_text")),
        Tool("ftfy encoding", "ftfy", attribute_of("ftfy", "fix_encoding")),
        Tool("OpenCC t2s", "opencc", None, to_simplified),
        Tool("charset-norm.", theirs, namer=attribute_of(ours, "named_by_charset_normalizer")),
    ]


def row(label: str, columns: Sequence[Tool], measure: Callable[[Tool], str | None], bar: str = "") -> None:
    """Print one measure of every tool; a dash where the tool does not do that work."""
    cells = [(measure(tool) or "–") if tool.installed else "not installed" for tool in columns]
    print(f"{label:44}" + "".join(f"{cell:>15}" for cell in cells) + f"   {bar}", flush=True)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The records of a JSONL file, gzipped or not."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in data.decode("utf-8").split("\n") if line]


def measure_script(data: Path, columns: Sequence[Tool]) -> None:
    """Print the character error of hans on the gold pairs, and OpenCC's own cases."""
    gold = [(entry["trad"], entry["simp"]) for entry in read_rows(data / "script/gsd_dev.jsonl")]
    row(
        "hans against GSD, character error, ppm",
        columns,
        lambda tool: f"{error(tool.simplify, gold):.0f}" if tool.simplify else None,
        "≤ 500",
    )
    cases = read_rows(data / "script/opencc_cases_dev.jsonl")
    ours, theirs = judge_cases(cases)
    lost = [
        case["id"] for case, still, was in zip(cases, ours, theirs, strict=True) if was and not still
    ]
    passed = {"hanpack": f"{sum(ours)} of {len(cases)}", "OpenCC t2s": f"{sum(theirs)} of {len(cases)}"}
    row("OpenCC's own cases passed (each its own cfg)", columns, lambda tool: passed.get(tool.name))
    row("  lost", columns, lambda tool: str(len(lost)) if tool.name == "hanpack" else None, "0")
    for identity in lost:
        print(f"    lost: {identity}")


def judge_cases(cases: Iterable[dict[str, str]]) -> tuple[list[bool], list[bool]]:
    """Which of OpenCC's own cases ours passes, and which OpenCC does, each in its right direction."""
    ours, theirs = [], []
    converters: dict[str, tuple[ScriptConverter, OpenCC]] = {}
    for case in cases:
        name = case["cfg"]
        if name not in converters:
            target = TARGETS.get(name.removesuffix("p"), "hans")
            converters[name] = ScriptConverter(target, phrases=name.endswith("p")), OpenCC(name)
        source, gold = ("simp", "trad") if case["dir"] == "s2t" else ("trad", "simp")
        converter, alone = converters[name]
        ours.append(converter.convert(traced(case[source])).text == case[gold])
        theirs.append(alone.convert(case[source]) == case[gold])
    return ours, theirs


def measure_repair(pairs: Sequence[Pair], columns: Sequence[Tool], show: int) -> None:
    """Print the share of damaged paragraphs restored exactly: all, by family, by what was lost."""
    restored = {tool.name: judge_pairs(tool, pairs) for tool in columns if tool.installed}
    groups: list[tuple[str, str, Callable[[Pair], bool]]] = [
        ("damaged paragraphs restored, all", "≥ 0.97", lambda _: True),
        ("  of those with lost bytes", "≥ 0.92", lambda pair: pair.lost),
        ("  of those with lost bytes no reading tells", "", lambda pair: pair.untold),
    ]
    groups += [
        (f"  family {family}", "", lambda pair, family=family: pair.family == family)  # type: ignore[misc]
        for family in sorted({pair.family for pair in pairs})
    ]
    for label, bar, belongs in groups:
        members = [number for number, pair in enumerate(pairs) if belongs(pair)]
        row(
            f"{label} ({len(members)})",
            columns,
            lambda tool, members=members: (  # type: ignore[misc]
                f"{sum(restored[tool.name][number] for number in members) / len(members):.3f}"
                if restored[tool.name]
                else None
            ),
            bar,
        )
    missed = [pair for pair, good in zip(pairs, restored["hanpack"], strict=True) if not good]
    for pair in missed[:show]:
        left = [f"{was} (is {now})" for now, was in differences(normalize(pair.damaged).text, pair.clean)]
        print(f"    {pair.identity} {pair.family}: " + " | ".join(left))


def judge_pairs(tool: Tool, pairs: Sequence[Pair]) -> list[bool]:
    """Which paragraphs a tool restores; one that only converts is judged on the converted original."""
    repair, simplify = tool.repair, tool.simplify
    if repair:
        return [repair(pair.damaged) == pair.clean for pair in pairs]
    if simplify:
        return [simplify(pair.damaged) == simplify(pair.clean) for pair in pairs]
    return []


def clean_texts(data: Path, pairs: Sequence[Pair]) -> Iterator[Text]:
    """Every text that must come back as it is, as whole records."""
    for path in sorted((data / "no_harm").rglob("*")):
        if path.is_file():
            yield Text(path.name, path.read_bytes().decode("utf-8"))
    for pair in pairs:
        yield Text(f"clean side of {pair.identity}", pair.clean)
    for entry in read_rows(data / "script/gsd_dev.jsonl"):
        yield Text(f"GSD {entry['id']} trad", entry["trad"])
        yield Text(f"GSD {entry['id']} simp", entry["simp"])
    for path in sorted((data / "corpora").glob("*.gz")):
        for entry in read_rows(path):
            yield Text(f"{path.name} {entry['id']}", entry["text"])


def changes(text: Text, convert: Convert) -> dict[str, list[tuple[str, str]]]:
    """What a tool changes in a text, by place: read as one record, and with each line a record."""
    found: dict[str, list[tuple[str, str]]] = {}
    lines = text.content.split("\n")
    whole = convert(text.content)
    if whole != text.content:
        after = whole.split("\n")
        for number, line in enumerate(lines):
            other = after[number] if len(after) == len(lines) else "" if line not in after else line
            if other != line:
                found[f"{text.place}:{number + 1}"] = differences(line, other)
    for number, line in enumerate(lines):
        place = f"{text.place}:{number + 1}"
        if place not in found and line and (alone := convert(line)) != line:
            found[f"{place} read alone"] = differences(line, alone)
    return found


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """The stretches where two lines differ, each with a little of what stands around it."""
    spans: list[list[int]] = []
    for tag, start, end, to_start, to_end in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "equal":
            continue
        if spans and start - spans[-1][1] < CONTEXT:
            spans[-1][1], spans[-1][3] = end, to_end
        else:
            spans.append([start, end, to_start, to_end])
    return [
        (
            before[max(0, start - CONTEXT) : end + CONTEXT],
            after[max(0, to_start - CONTEXT) : to_end + CONTEXT],
        )
        for start, end, to_start, to_end in spans
    ]


def measure_harm(data: Path, texts: Sequence[Text], columns: Sequence[Tool], show: int) -> None:
    """Print how many clean lines each tool changes, with ours listed, and what conversion leaves alone."""
    total = sum(text.content.count("\n") + 1 for text in texts)
    listed: dict[str, list[tuple[str, str]]] = {}

    def count(tool: Tool) -> str | None:
        if tool.repair is None:
            return None
        if tool.name != "hanpack":
            return str(sum(count_lines(text.content, tool.repair) for text in texts))
        for text in texts:
            listed.update(changes(text, tool.repair))
        return str(len(listed))

    row(f"clean lines changed (of {total})", columns, count, "0 but true defects")
    for place, spans in list(listed.items())[:show]:
        print(f"    {place}: " + " | ".join(f"{before} -> {after}" for before, after in spans))
    foreign = [
        path.read_text("utf-8")
        for path in sorted((data / "no_harm").iterdir())
        if path.name.startswith(NOT_OURS_TO_CONVERT)
    ]
    row(
        "Japanese, Korean, classical: changed by hans",
        columns,
        lambda tool: str(sum(count_lines(text, tool.simplify) for text in foreign)) if tool.simplify else None,
    )


def count_lines(text: str, convert: Convert) -> int:
    """How many lines of a text come back changed."""
    after = convert(text)
    if after == text:
        return 0
    before, lines = text.split("\n"), after.split("\n")
    if len(before) == len(lines):
        return sum(was != now for was, now in zip(before, lines, strict=True))
    return len(before) - sum(match.size for match in SequenceMatcher(None, before, lines).get_matching_blocks())


def measure_pinyin(data: Path, columns: Sequence[Tool]) -> None:
    """Print the share of the readings on real pages that are left."""
    pages = [path.read_bytes().decode("utf-8") for path in sorted((data / "broken/pinyin").iterdir())]
    before = sum(len(ANNOTATED.findall(page)) for page in pages)

    def left(tool: Tool) -> str | None:
        convert = tool.repair or tool.simplify
        if convert is None:
            return None
        return f"{sum(len(ANNOTATED.findall(convert(page))) for page in pages) / before:.2%}"

    row(f"pinyin left on real pages (of {before})", columns, left, "≤ 0.5 %")


def measure_encodings(folder: Path, columns: Sequence[Tool]) -> None:
    """Print the encodings named right, wrong and refused."""
    if find_spec("charset_normalizer") is None:
        print("encodings: not measured, pip install charset-normalizer")
        return
    judge = attribute_of("benchmarks.encodings", "judge")
    files = [
        (entry["encoding"], (folder / "files" / entry["file"]).read_bytes())
        for entry in read_rows(folder / "index.jsonl")
    ]
    files += [("gb18030", path.read_bytes()) for path in sorted(folder.glob("gbk_reports/*"))]
    verdicts = {
        tool.name: [judge(tool.namer(data), truth, data) for truth, data in files]
        for tool in columns
        if tool.installed and tool.namer
    }
    for verdict, bar in (("right", "ahead of charset-normalizer"), ("wrong", "0"), ("refused", "")):
        row(
            f"encodings {verdict} (of {len(files)})",
            columns,
            lambda tool, verdict=verdict: (  # type: ignore[misc]
                str(verdicts[tool.name].count(verdict)) if tool.name in verdicts else None
            ),
            bar,
        )


def records(paragraphs: Sequence[str], size: int) -> list[str]:
    """The paragraphs joined into records of about ``size`` bytes; repeated only where they are too few."""
    made: list[str] = []
    current: list[str] = []
    length = covered = 0
    for number, paragraph in enumerate(cycle(paragraphs)):
        if number >= len(paragraphs) and made:
            break
        current.append(paragraph)
        length += len(paragraph.encode()) + 1
        if length >= size:
            made.append("\n".join(current))
            covered, length, current = covered + length, 0, []
    return made


def measure_cost(name: str, paragraphs: Sequence[str], columns: Sequence[Tool], patience: float) -> None:
    """Print MB a second of process time by record size; a run that would outlast ``patience`` is left out."""
    known: dict[str, float] = {}

    def speed(tool: Tool, batch: Sequence[str], size: float) -> str | None:
        convert = tool.repair or tool.simplify
        if convert is None:
            return None
        if known.get(tool.name, 0.0) * size > patience:
            return "too slow"
        start = time.process_time()
        for text in batch:
            convert(text)
        known[tool.name] = (time.process_time() - start) / size
        return f"{1 / known[tool.name]:.2f}"

    for size in (0, *SIZES):
        batch = records(paragraphs, size) if size else list(paragraphs)
        volume = sum(len(text.encode()) for text in batch) / 1e6
        label = f"records of {size // 1000} KB" if size else "each a record"
        row(
            f"{name}, {label}, MB/s",
            columns,
            lambda tool, batch=batch, volume=volume: speed(tool, batch, volume),  # type: ignore[misc]
            "flat" if size else "",
        )


def main() -> None:
    """Measure everything on the development data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--show", type=int, default=40, help="how many lines to list of each kind")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds a cost may take")
    arguments = parser.parse_args()
    data, show = arguments.data, arguments.show
    columns = tools()
    for tool in columns:
        if not tool.installed:
            print(f"{tool.name} is not installed: pip install {tool.package.replace('_', '-')}")
    pairs = [
        Pair(entry["id"], entry["family"], entry["damaged"], entry["clean"])
        for entry in read_rows(data / "repair/damaged_dev.jsonl")
    ]
    texts = list(clean_texts(data, pairs))
    print(f"{'':44}" + "".join(f"{tool.name:>15}" for tool in columns) + "   bar")
    measure_script(data, columns)
    measure_repair(pairs, columns, show)
    measure_harm(data, texts, columns, show)
    measure_pinyin(data, columns)
    measure_encodings(data / "encodings", columns)
