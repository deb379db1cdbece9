"""Measures repair and normalisation beside ftfy, plain OpenCC and charset-normalizer in one run.

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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path

from opencc import OpenCC

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.columns import Convert, Table, Tool, call
from benchmarks.encodings import detect_with_charset_normalizer, detect_with_hanpack, judge
from benchmarks.script import TARGETS, measure_error
from tests.steps.traced_texts import trace

from hanpack import normalize
from hanpack.recipe_steps import Target
from hanpack.steps.script.conversion import ScriptConverter

# A pattern of its own for pronunciations, so that a gap in that of the package cannot hide here.
PRONUNCIATION = r"[a-zāáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜüḿńňǹɡ]+"
ANNOTATED = re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff]\({PRONUNCIATION} ?\)")
UNANNOTATED = re.compile(rf"\?(?!{PRONUNCIATION} ?\))")
NOT_FOR_CONVERSION = ("japanese", "korean", "classical_kyoto")
SIZES = (1_000, 10_000, 100_000, 1_000_000, 5_000_000)
# One text in so many makes a sample of about 5 MB.
SAMPLED = 6
# Characters shown on either side of a difference.
CONTEXT = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """A damaged paragraph and its clean original."""

    identity: str
    family: str
    damaged: str
    clean: str

    @property
    def lost(self) -> bool:
        """Whether a byte of it became "?"."""
        return self.damaged.count("?") > self.clean.count("?")

    @property
    def unannotated(self) -> bool:
        """Whether such a "?" has no pronunciation beside it that identifies the character."""
        return len(UNANNOTATED.findall(self.damaged)) > self.clean.count("?")


def set_table() -> Table:
    """The columns of the table."""
    tools = (
        Tool(
            "hanpack",
            "hanpack",
            lambda text: normalize(text).text,
            lambda text: normalize(text, "hans").text,
            detect_with_hanpack,
        ),
        Tool("ftfy", "ftfy", call("ftfy", "fix_text")),
        Tool("ftfy encoding", "ftfy", call("ftfy", "fix_encoding")),
        Tool("OpenCC t2s", "opencc", None, OpenCC("t2s").convert),
        Tool("charset-norm.", "charset_normalizer", namer=detect_with_charset_normalizer),
    )
    return Table(tools, tuple(tool.package for tool in tools if find_spec(tool.package) is None))


def read_rows(path: Path) -> list[dict[str, str]]:
    """The records of a JSONL file, gzipped or not."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in data.decode("utf-8").split("\n") if line]


def measure_script(folder: Path, table: Table) -> None:
    """Print the character error of hans on the gold pairs, and OpenCC's own cases passed and lost."""
    gold = [(entry["trad"], entry["simp"]) for entry in read_rows(folder / "gsd_dev.jsonl")]
    errors = {
        tool.name: f"{measure_error(tool.simplify, gold):.0f}" for tool in table.installed() if tool.simplify
    }
    table.print_row("hans against GSD, character error, ppm", errors, "≤ 500")
    cases = read_rows(folder / "opencc_cases_dev.jsonl")
    ours, theirs = judge_cases(cases)
    lost = [case["id"] for case, still, was in zip(cases, ours, theirs, strict=True) if was and not still]
    passed = {"hanpack": str(sum(ours)), "OpenCC t2s": str(sum(theirs))}
    table.print_row(f"OpenCC's own cases passed (of {len(cases)}, each its cfg)", passed)
    table.print_row("  lost", {"hanpack": str(len(lost))}, "0")
    for identity in lost:
        print(f"    lost: {identity}")


def judge_cases(cases: Iterable[dict[str, str]]) -> tuple[list[bool], list[bool]]:
    """Which of OpenCC's own cases ours passes, and which OpenCC, each in its right direction."""
    ours, theirs = [], []
    converters: dict[str, tuple[Convert, Convert]] = {}
    for case in cases:
        name = case["cfg"]
        if name not in converters:
            target: Target = TARGETS.get(name.removesuffix("p"), "hans")
            converters[name] = converter_to(target, name.endswith("p")), OpenCC(name).convert
        source, gold = ("simp", "trad") if case["dir"] == "s2t" else ("trad", "simp")
        our_convert, their_convert = converters[name]
        ours.append(our_convert(case[source]) == case[gold])
        theirs.append(their_convert(case[source]) == case[gold])
    return ours, theirs


def converter_to(target: Target, phrases: bool) -> Convert:
    """Our normalisation to a script, or with ``phrases`` its converter, which no recipe reaches."""
    if not phrases:
        return lambda text: normalize(text, target).text
    converter = ScriptConverter(target, phrases=True)
    return lambda text: converter.convert(trace(text)).text


def measure_repair(pairs: Sequence[Pair], table: Table, show: int) -> None:
    """Print the share of damaged paragraphs restored exactly: of all, of the lossy ones, by family."""
    restored = {tool.name: judge_pairs(tool, pairs) for tool in table.installed()}
    groups = {"damaged paragraphs restored": [True for _ in pairs]}
    groups["  with lost bytes"] = [pair.lost for pair in pairs]
    groups["  with lost bytes, without pinyin"] = [pair.unannotated for pair in pairs]
    for family in sorted({pair.family for pair in pairs}):
        groups[f"  family {family}"] = [pair.family == family for pair in pairs]
    bars = ("≥ 0.97", "≥ 0.92", *[""] * len(groups))
    for (label, members), bar in zip(groups.items(), bars, strict=False):
        if not any(members):
            continue
        shares = {
            name: f"{sum(map(all, zip(goods, members, strict=True))) / sum(members):.3f}"
            for name, goods in restored.items()
            if goods
        }
        table.print_row(f"{label} (of {sum(members)})", shares, bar)
    missed = [
        (pair, normalize(pair.damaged).text)
        for pair, good in zip(pairs, restored["hanpack"], strict=True)
        if not good
    ]
    marked = sum(is_only_marked(result, pair.clean) for pair, result in missed)
    table.print_row("  not restored, yet only by a ? that is left", {"hanpack": f"{marked} of {len(missed)}"})
    for pair, result in missed[:show]:
        spans = " | ".join(f"{now} for {was}" for now, was in differences(result, pair.clean))
        print(f"    {pair.identity} {pair.family}: {spans}")


def is_only_marked(result: str, clean: str) -> bool:
    """Whether a text differs from its original by nothing but a "?" for each lost character."""
    return len(result) == len(clean) and all(
        now in ("?", was) for now, was in zip(result, clean, strict=True)
    )


def judge_pairs(tool: Tool, pairs: Sequence[Pair]) -> list[bool]:
    """Which paragraphs a tool restores; a tool that only converts is judged on the converted original."""
    repair, simplify = tool.repair, tool.simplify
    if repair:
        return [repair(pair.damaged) == pair.clean for pair in pairs]
    if simplify:
        return [simplify(pair.damaged) == simplify(pair.clean) for pair in pairs]
    return []


def clean_texts(data: Path, pairs: Sequence[Pair]) -> Iterator[tuple[str, str]]:
    """Every text that must come back as it is, with its place, as whole records."""
    for path in sorted((data / "no_harm").rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes().decode("utf-8")
    for pair in pairs:
        yield f"clean side of {pair.identity}", pair.clean
    for entry in read_rows(data / "script/gsd_dev.jsonl"):
        yield f"GSD {entry['id']} trad", entry["trad"]
        yield f"GSD {entry['id']} simp", entry["simp"]
    for path in sorted((data / "corpora").glob("*.gz")):
        for entry in read_rows(path):
            yield f"{path.name} {entry['id']}", entry["text"]


def measure_harm(texts: Sequence[tuple[str, str]], table: Table, show: int) -> None:
    """Print how many clean lines each tool changes, and list ours, read as whole texts and line by line."""
    total = sum(text.count("\n") + 1 for _, text in texts)
    repairs = {tool.name: tool.repair for tool in table.installed() if tool.repair}
    changed = {
        name: [
            (f"{place}:{number}", before, after)
            for place, text in texts
            for number, before, after in changed_lines(text, repair)
        ]
        for name, repair in repairs.items()
    }
    counts = {name: str(len(lines)) for name, lines in changed.items()}
    table.print_row(f"clean lines changed (of {total})", counts, "0 but true defects")
    single_lines = [
        (f"{place}:{number} as a record", line, after)
        for place, text in texts
        for number, line in enumerate(text.split("\n"), 1)
        if line and (after := repairs["hanpack"](line)) != line
    ]
    table.print_row(
        "  each line a record of its own", {"hanpack": str(len(single_lines))}, "0 but true defects"
    )
    for place, before, after in [*changed["hanpack"], *single_lines][:show]:
        spans = " | ".join(f"{was} -> {now}" for was, now in differences(before, after))
        print(f"    {place}: {spans}")
    foreign = [text for place, text in texts if place.startswith(NOT_FOR_CONVERSION)]
    harmed = {
        tool.name: str(sum(1 for text in foreign for _ in changed_lines(text, tool.simplify)))
        for tool in table.installed()
        if tool.simplify
    }
    size = sum(text.count("\n") + 1 for text in foreign)
    table.print_row(f"Japanese, Korean, classical by hans (of {size})", harmed, "unchanged")


def changed_lines(text: str, convert: Convert) -> Iterator[tuple[int, str, str]]:
    """The lines a tool changes in a text, read as one record: number, before, after."""
    result = convert(text)
    if result == text:
        return
    before, after = text.split("\n"), result.split("\n")
    if len(before) == len(after):
        for number, (was, now) in enumerate(zip(before, after, strict=True), 1):
            if was != now:
                yield number, was, now
        return
    for tag, start, end, to_start, to_end in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag != "equal":
            for number in range(start, max(end, start + 1)):
                was = before[number] if number < end else ""
                yield number + 1, was, "\n".join(after[to_start:to_end]) if number == start else ""


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """The stretches where two lines differ, each with a little of its context."""
    spans: list[list[int]] = []
    for tag, start, end, to_start, to_end in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag != "equal":
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


def measure_pinyin(folder: Path, table: Table) -> None:
    """Print how many pinyin annotations are left on real pages."""
    pages = [path.read_bytes().decode("utf-8") for path in sorted(folder.iterdir())]
    before = sum(len(ANNOTATED.findall(page)) for page in pages)
    left = {
        name: sum(len(ANNOTATED.findall(convert(page))) for page in pages)
        for name, convert in table.converters().items()
    }
    shares = {name: f"{number / before:.2%}" for name, number in left.items()}
    table.print_row(f"pinyin left on real pages (of {before})", shares, "≤ 0.5 %")


def measure_encodings(folder: Path, table: Table) -> None:
    """Print how many encodings are named right, wrong and refused."""
    files = [
        (entry["encoding"], (folder / "files" / entry["file"]).read_bytes())
        for entry in read_rows(folder / "index.jsonl")
    ]
    files += [("gb18030", path.read_bytes()) for path in sorted(folder.glob("gbk_reports/*"))]
    verdicts = {
        tool.name: [judge_name(tool.namer(data), truth, data) for truth, data in files]
        for tool in table.installed()
        if tool.namer
    }
    for verdict, bar in (("right", "ahead of charset-normalizer"), ("wrong", "0"), ("refused", "")):
        counts = {name: str(answers.count(verdict)) for name, answers in verdicts.items()}
        table.print_row(f"encodings named {verdict} (of {len(files)})", counts, bar)


def judge_name(answer: str | None, truth: str, data: bytes) -> str:
    """Right, wrong or refused; another name that reads the file as the same text is right too."""
    verdict = judge(answer, truth, data)
    if verdict != "wrong" or answer is None:
        return verdict
    try:
        return "right" if data.decode(answer) == data.decode(truth) else "wrong"
    except UnicodeDecodeError:
        return "wrong"


def join_records(paragraphs: Sequence[str], size: int) -> list[str]:
    """All paragraphs in records of ``size`` bytes and a rest; repeated only where they are too few."""
    made: list[str] = []
    current: list[str] = []
    length = 0
    for number, paragraph in enumerate(cycle(paragraphs)):
        if made and number >= len(paragraphs):
            break
        current.append(paragraph)
        length += len(paragraph.encode()) + 1
        if length >= size:
            made.append("\n".join(current))
            current, length = [], 0
    return [*made, "\n".join(current)] if current else made


def measure_cost(kind: str, paragraphs: Sequence[str], table: Table, patience: float) -> None:
    """Print the MB a tool reads in a second of process time, by record size.

    A run that would take longer than ``patience``, by the cost of the size before, is left out.
    """
    seconds_per_megabyte = dict.fromkeys(table.converters(), 0.0)
    for size in SIZES:
        batch = join_records(paragraphs, size)
        volume = sum(len(text.encode()) for text in batch) / 1e6
        cells: dict[str, str] = {}
        for name, convert in table.converters().items():
            if seconds_per_megabyte[name] * volume > patience:
                cells[name] = "left out"
                continue
            start = time.process_time()
            for text in batch:
                convert(text)
            seconds_per_megabyte[name] = (time.process_time() - start) / volume
            cells[name] = f"{1 / seconds_per_megabyte[name]:.3g}"
        table.print_row(f"{kind}, records of {size // 1000} KB, MB/s", cells, "flat")


def main() -> None:
    """Measure everything on the development data."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", type=Path, default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--show", type=int, default=40, help="how many lines to list of each kind")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds that one cost may take")
    arguments = parser.parse_args()
    data: Path = arguments.data
    pairs = [
        Pair(entry["id"], entry["family"], entry["damaged"], entry["clean"])
        for entry in read_rows(data / "repair/damaged_dev.jsonl")
    ]
    texts = list(clean_texts(data, pairs))
    sample = [text for place, text in texts if ".jsonl.gz" in place][::SAMPLED]
    lines = [line for text in sample for line in text.split("\n")]
    table = set_table()
    table.print_head()
    measure_script(data / "script", table)
    measure_repair(pairs, table, arguments.show)
    measure_harm(texts, table, arguments.show)
    measure_pinyin(data / "broken/pinyin", table)
    measure_encodings(data / "encodings", table)
    measure_cost("clean", lines, table, arguments.patience)
    measure_cost("damaged", [pair.damaged for pair in pairs], table, arguments.patience)


if __name__ == "__main__":
    main()
