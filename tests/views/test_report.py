"""The report shows exactly what a build did, needs no other file, and runs nothing that a source contains."""

from __future__ import annotations

import gzip
import html.parser
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import Build, build
from hanpack.errors import UsageError, VerifyError
from hanpack.store.reader import BuildReader
from hanpack.store.work_folder import require_root
from hanpack.views.edited_chunks import ChunkPart
from hanpack.views.report.page import embed_json, write_report
from hanpack.views.report.pictures import Histogram, draw_flow, draw_lengths, draw_tokens
from hanpack.views.report.samples import ReportSamples, choose_samples
from hanpack.views.visible_text import make_visible
from tests.browser import CHROMIUM, DRIVER, Browser, open_browser
from tests.conftest import MakeRecipe

HOSTILE = (
    '</script><script>document.title="owned"</script><img src=x onerror=\'document.title="owned"\'>'
    '\u2028<!-- <script> "&amp; {{ 7 * 7 }} {% raw %} \u202e\u200b</textarea></style>'
)


class Page(html.parser.HTMLParser):
    """A page as a browser would read it: its elements, and the words outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.data = ""
        self._inside: dict[str, str | None] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self._inside = dict(attributes) if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is None:
            self.words += data
        elif self._inside.get("id") == "samples":
            self.data += data

    @property
    def samples(self) -> list[dict[str, Any]]:
        samples: list[dict[str, Any]] = json.loads(self.data)
        return samples


def report(made: Build, target: Path, **options: Any) -> Page:
    return Page(write_report(made.path, target, **options).read_text(encoding="utf-8"))


def test_the_page_says_how_many_of_the_chunks_it_shows(seeds_build: Build, tmp_path: Path) -> None:
    chunks = seeds_build.counts["chunks"]
    some = report(seeds_build, tmp_path / "some.html", samples=5).words
    every = report(seeds_build, tmp_path / "every.html", samples=chunks).words
    assert f"5 of {chunks} chunks, spread evenly" in some
    assert [f"All {chunks} chunks of the build." in every, "shows the others" in every] == [True, False]


def choose(made: Build, chunks: int, examples: int) -> ReportSamples:
    return choose_samples(BuildReader.open(made.path), require_root(made.path), chunks, examples)


@pytest.fixture
def varied(make_recipe: MakeRecipe, tmp_path: Path) -> Build:
    """A build of every format: escapes, entities, damage, other encodings, rejected and empty records."""
    lines = [
        {"text": "旅遊高質(zhì)量發(fā)展\n第二段\t“引号”\\ 与 emoji 😀。", "title": "一"},
        {"text": "plain \u00e9\u4e2d <b>bold</b> & more", "url": "https://a.example/x?a=1&b=2"},
        {"text": " \n "},
    ]
    jsonl = "".join(json.dumps(line) + "\n" for line in lines) + '{"text": 5}\n{"text": "cut'
    table = pa.table({"text": ["表格裡的第一行。", None, "第二行錕斤拷锟斤拷。"]})
    (tmp_path / "corpus").mkdir()
    pq.write_table(table, tmp_path / "corpus" / "table.parquet")
    page = "<!doctype html><html><body><p>甲&amp;乙 &lt;b&gt; 今天的天气很好，我们去公园散步。</p>" * 4
    files = {
        "a.txt": "\ufeff　　國家發展。\r\n\r\n\r\n　　第二段，有 空格。  \r\n".encode(),
        "b.txt": ("第二篇文章,用国标码写成。今天的天气很好,我们去公园散步。" * 5).encode("gbk"),
        "c.jsonl.gz": gzip.compress(jsonl.encode()),
        "d.html": page.encode(),
        "e.txt": "一行又一行，沒有句號" * 60 + "\n",
        "f.txt": b"\xff\xfe\xfd\x00broken\x81",
    }
    contents = {name: data.encode() if isinstance(data, str) else data for name, data in files.items()}
    sources = [{"path": name} for name in ("table.parquet", *contents)]
    recipe = make_recipe(
        contents, sources=sources, steps={"script": "hans"}, chunks={"max_tokens": 24, "overlap": 6}
    )
    return build(recipe, tmp_path / "out", num_proc=1)


@pytest.mark.parametrize("which", ["varied", "seeds_build"])
def test_parts_are_the_chunk_and_its_bytes_cut_exactly(which: str, request: pytest.FixtureRequest) -> None:
    made: Build = request.getfixturevalue(which)
    chosen = choose(made, 10_000, 8)
    ids = {sample.chunk["id"] for sample in chosen.chunks}
    assert len(chosen.chunks) == made.counts["chunks"] == len(ids) > 0
    edited = 0
    for sample in chosen.chunks:
        assert "".join(part.text for part in sample.parts) == make_visible(sample.chunk["text"])
        for part in sample.parts:
            if part.step:
                edited += 1
                assert part.kind in ("replaced", "removed", "inserted", "flagged")
                assert (part.text == "") == (part.kind == "removed")
                assert part.kind != "inserted" or part.raw == ""
            else:
                assert part.raw == part.text
    assert edited > 30
    assert sum(chosen.edits.values()) == sum(made.counts["edits"].values())
    assert sum(chosen.lengths.values()) == made.counts["documents"]
    assert sum(length * count for length, count in chosen.lengths.items()) == made.counts["characters"]


def test_every_step_and_kind_has_an_example(seeds_build: Build) -> None:
    chosen = choose(seeds_build, 1, 8)
    assert chosen.examples.keys() == chosen.edits.keys()
    (shift,) = chosen.examples["shift", "replaced"]
    assert shift.raw.startswith("?")
    assert shift.text.startswith("保”支出底")
    first = chosen.examples["pinyin", "removed"][0]
    assert (first.before[-1], first.raw, first.text, first.after[0]) == ("创", "(chuàng)", "", "建")
    assert {1, 8} <= {len(examples) for examples in chosen.examples.values()} <= set(range(1, 9))


def test_the_page_has_the_figures_of_the_build_and_is_the_same_every_time(
    seeds_build: Build, tmp_path: Path
) -> None:
    page = report(seeds_build, tmp_path / "one.html", samples=20)
    again = write_report(seeds_build.path, tmp_path / "two.html", samples=20)
    assert again.read_bytes() == (tmp_path / "one.html").read_bytes()
    counts = seeds_build.counts
    for number in (
        counts["tokens"],
        counts["characters"],
        counts["bytes"],
        *counts["bytes_removed"].values(),
    ):
        assert f"{number:,}" in page.words
    assert len(page.samples) == 20
    assert "3 records are copies of 3 documents" in page.words
    assert str(tmp_path) not in (tmp_path / "one.html").read_text(encoding="utf-8")


def test_what_was_not_kept_is_shown_with_its_reason(varied: Build, tmp_path: Path) -> None:
    page = report(varied, tmp_path / "report.html")
    for part in ("rejected", "empty", "is no string", "the JSON is cut off", "the text is null", "f.txt"):
        assert part in page.words


def test_the_page_loads_nothing_and_its_policy_allows_only_its_own_script(
    seeds_build: Build, tmp_path: Path
) -> None:
    page = report(seeds_build, tmp_path / "report.html")
    assert len(page.elements) > 100
    loading = {"src", "srcset", "action", "data", "poster", "style"}
    for tag, attributes in page.elements:
        assert tag not in ("iframe", "object", "embed", "base", "form", "img", "video", "audio")
        assert not loading & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith(("#", "data:,"))
    (policy,) = [
        attributes["content"]
        for tag, attributes in page.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.search(r"script-src 'sha256-[\w+/=]+';", policy)


def make_hostile(make_recipe: MakeRecipe, out: Path) -> Build:
    """A build whose texts, metadata, names and reasons all try to run a script."""
    good = {"text": HOSTILE * 2, "title": HOSTILE, "url": "javascript:alert(1)", "</script>": "<b>"}
    bad = '{"</script><script>": 1, "</script><script>": 2, "text": "x"}'
    linked = {"text": "旅遊發展", "url": "https://a.example/?q=<b>"}
    content = f"{json.dumps(good)}\n{bad}\n{json.dumps(linked)}\n".encode()
    card = {"title": HOSTILE, "summary": HOSTILE, "language": ['"><script>']}
    name = "<img src=x onerror=alert(1)>.jsonl"
    return build(make_recipe({name: content}, card=card, steps={"script": "hans"}), out, num_proc=1)


def test_hostile_text_stays_text(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    page = report(make_hostile(make_recipe, tmp_path / "out"), tmp_path / "report.html")
    assert [tag for tag, _ in page.elements if tag in ("script", "img", "style", "textarea")] == [
        "style",
        "script",
        "script",
    ]
    values = [value for _, attributes in page.elements for value in attributes.values() if value]
    assert len(values) > 100
    assert not [value for value in values if "javascript:" in value]
    assert 'document.title="owned"' in page.words
    assert "⟦U+202E⟧⟦U+200B⟧" in page.words
    first = page.samples[0]
    assert first["parts"][0][2].startswith("</script><script>")
    assert ["url", "javascript:alert(1)"] in first["metadata"]
    written = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not set("\u2028\u2029\u202e\u200b") & set(written)


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_in_a_script_element_is_the_same_json_and_cannot_end_the_element(value: Any) -> None:
    text = embed_json(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


@given(st.text())
def test_a_visible_text_can_be_encoded_and_has_no_direction_marks(text: str) -> None:
    shown = make_visible(text)
    assert make_visible(shown) == shown
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u2028\x00]", shown)


def test_a_report_goes_beside_a_build_and_never_into_it(seeds_build: Build, tmp_path: Path) -> None:
    for name in ("README.md", "hanpack.json", "report.html", "data/chunks/x.html"):
        with pytest.raises(UsageError, match="does not go into the build"):
            write_report(seeds_build.path, seeds_build.path / name)
    with pytest.raises(UsageError, match="cannot be written"):
        write_report(seeds_build.path, tmp_path)


def test_sources_that_are_gone_or_changed_are_named(varied: Build, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(tmp_path / "corpus", moved)
    write_report(varied.path, tmp_path / "report.html", sources=moved)
    (moved / "a.txt").write_bytes((moved / "a.txt").read_bytes() + b" ")
    with pytest.raises(VerifyError, match=r"a\.txt: the source was changed"):
        write_report(varied.path, tmp_path / "report.html", sources=moved)
    with pytest.raises(VerifyError, match="--sources"):
        write_report(varied.path, tmp_path / "report.html", sources=tmp_path / "nowhere")


def test_a_build_without_chunks_has_a_report(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    page = report(build(make_recipe({"a.txt": b""}), tmp_path / "out"), tmp_path / "report.html")
    assert page.samples == []
    assert "no text" in page.words


def test_the_flow_has_every_byte_once_and_its_heights_add_up() -> None:
    totals = {"bytes": 1000, "bytes_kept": 500, "bytes_removed": {"page": 300, "rejected": 199, "spaces": 1}}
    flow = draw_flow(totals)
    assert [(stream.name, stream.kind) for stream in flow.streams] == [
        ("kept", "kept"),
        ("page", "removed"),
        ("spaces", "removed"),
        ("rejected", "rejected"),
    ]
    assert sum(stream.bytes for stream in flow.streams) == flow.bytes
    assert sum(stream.height for stream in flow.streams) == pytest.approx(flow.height)
    assert draw_flow({"bytes": 0, "bytes_kept": 0, "bytes_removed": {}}).streams[0].share == 0


@given(st.dictionaries(st.integers(1, 10**7), st.integers(1, 1000)), st.integers(16, 10**6))
def test_a_histogram_counts_everything_once(counts: dict[int, int], budget: int) -> None:
    within = {min(value, budget): number for value, number in counts.items()}
    for picture, drawn in ((draw_lengths(counts), counts), (draw_tokens(within, budget), within)):
        assert sum(bar.count for bar in picture.bars) == sum(drawn.values())
        assert picture.largest == max(drawn, default=0)
        for bar in picture.bars:
            inside = sum(number for value, number in drawn.items() if bar.low <= value <= bar.high)
            assert bar.count == inside
        check_median(picture, drawn)


def check_median(picture: Histogram, counts: dict[int, int]) -> None:
    values = sorted(counts)
    below = sum(number for value, number in counts.items() if value < picture.median)
    above = sum(number for value, number in counts.items() if value > picture.median)
    assert max(below, above) <= sum(counts.values()) / 2
    if values:
        assert values[0] <= picture.median <= values[-1]
    else:
        assert picture.median == 0


def test_the_middle_of_a_very_long_part_is_left_out(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    text = "甲" * 30_000
    made = build(make_recipe({"a.txt": text.encode()}, chunks={"max_tokens": 100_000}), tmp_path / "out")
    (part,) = choose(made, 1, 1).chunks[0].parts
    assert part == ChunkPart("", "", part.text, part.text)
    assert "26,000 characters more" in part.text
    assert len(part.text) < 5000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("there is no Chromium with its driver here")
    with open_browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_a_click_on_a_chunk_shows_it_side_by_side(
    browser: Browser, seeds_build: Build, tmp_path: Path, width: int, height: int
) -> None:
    page = write_report(seeds_build.path, tmp_path / "report.html", samples=30)
    samples = Page(page.read_text(encoding="utf-8")).samples
    browser.resize(width, height)
    browser.open(page.as_uri())
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    buttons = browser.find("#list button")
    assert len(buttons) == 30
    browser.click(buttons[3])
    (title,) = browser.find("#detail h3")
    assert browser.text(title) == samples[3]["id"]
    assert browser.run("return location.hash") == f"#chunk={samples[3]['id']}"
    parts = samples[3]["parts"]
    raw, final = browser.run("return [...document.querySelectorAll('.text')].map(side => side.textContent)")
    assert final == "".join(part[2] for part in parts)
    assert raw == "".join(part[-1] if len(part) > 3 else part[2] for part in parts)
    edits = [part for part in parts if part[0]]
    marks = browser.find("#detail .text mark")
    assert len(marks) == 2 * len(edits)
    browser.click(marks[0])
    (explanation,) = browser.find(".explanation")
    assert browser.text(explanation).startswith(f"{edits[0][0]} ")
    assert browser.run("return document.querySelectorAll('mark.chosen').length") == 2
    assert browser.screenshot(tmp_path / "page.png").startswith(b"\x89PNG")
    assert browser.complaints() == []


def test_a_link_opens_its_chunk_and_the_filter_finds_by_text(
    browser: Browser, seeds_build: Build, tmp_path: Path
) -> None:
    page = write_report(seeds_build.path, tmp_path / "report.html", samples=30)
    samples = Page(page.read_text(encoding="utf-8")).samples
    browser.resize(1280, 900)
    browser.open(f"{page.as_uri()}#chunk={samples[20]['id']}")
    assert browser.text(browser.find("#detail h3")[0]) == samples[20]["id"]
    browser.type(browser.find("#filter")[0], "文旅")
    shown = browser.run("return [...document.querySelectorAll('#list li')].map(item => !item.hidden)")
    texts = ["".join(part[2] for part in sample["parts"]) + str(sample["section"]) for sample in samples]
    assert shown == ["文旅" in text for text in texts]
    assert True in shown
    assert False in shown
    browser.open("about:blank")
    browser.open(f"{page.as_uri()}#chunk=nowhere")
    assert "not among the samples" in browser.text(browser.find("#detail")[0])
    assert browser.complaints() == []


def test_a_browser_runs_nothing_that_a_source_holds(
    browser: Browser, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    made = make_hostile(make_recipe, tmp_path / "out")
    page = write_report(made.path, tmp_path / "report.html")
    browser.resize(390, 844)
    browser.open(page.as_uri())
    protocols: set[str] = set()
    buttons = browser.find("#list button")
    assert len(buttons) > 1
    for button in buttons:
        browser.click(button)
        links = browser.run("return [...document.querySelectorAll('#detail a')].map(link => link.protocol)")
        protocols.update(links)
        assert (
            browser.run("return document.querySelectorAll('#detail img, #detail script, #detail b b').length")
            == 0
        )
    assert protocols == {"https:"}
    assert browser.run("return document.title") == "small – hanpack report"
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.complaints() == []
