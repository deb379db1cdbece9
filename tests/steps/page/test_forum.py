"""What strip_page does to forum pages, government pages and text that is no page."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.decoding import decode
from hanpack.steps.page.forum import strip_page
from hanpack.steps.page.forum_marks import fold
from hanpack.steps.traced import Traced

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data"
CASES = ROOT / "tests" / "cases" / "pages"
CHROME = (
    "您需要登",
    "Powered by",
    "快速回复",
    "快速回覆",
    "客服中心",
    "设为首页",
    "复制链接",
    "积分",
    "积分",
    "只看该作者",
)


def traced(text: str) -> Traced:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    widths = 1 + (codes > 0x7F).astype(np.int64) + (codes > 0x7FF) + (codes > 0xFFFF)
    return Traced(text, Alignment.of_widths(widths))


def seed() -> str:
    return next((ROOT / "seeds").glob("004_*.txt")).read_text(encoding="utf-8")


def assert_traced(source: str, result: Traced) -> None:
    """Each character comes from the very bytes it has, and what is gone is told by an edit."""
    raw = source.encode("utf-8", "surrogatepass")
    starts = np.arange(len(result.text))
    low, high = result.alignment.source_spans(starts, starts + 1)
    for character, start, end in zip(result.text, low.tolist(), high.tolist(), strict=True):
        assert raw[start:end].decode("utf-8", "surrogatepass") in (character, "")
    removed = sum(edit.byte_end - edit.byte_start for edit in result.edits if edit.kind == "removed")
    assert len(raw) - removed == sum(
        len(c.encode("utf-8", "surrogatepass"))
        for c, start, end in zip(result.text, low, high, strict=True)
        if end > start
    )


@pytest.mark.parametrize("name", ["discuz_two_posts", "discuz_hong_kong", "phpwind", "government"])
def test_a_saved_page_comes_down_to_its_text_and_metadata(name: str) -> None:
    page = (CASES / f"{name}.txt").read_text(encoding="utf-8")
    result = strip_page(traced(page))
    assert result.text.rstrip("\n") == (CASES / f"{name}.kept.txt").read_text(encoding="utf-8").rstrip("\n")
    assert dict(result.metadata) == json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    assert_traced(page, result)


def test_the_seeds_forum_page_is_its_report() -> None:
    page = seed()
    result = strip_page(traced(page))
    assert (
        result.text
        == page[
            page.index("2024年兴山县政府工作报告\n\n    2024年1月12日") : page.index("\n\n\n    您需要登录")
        ]
    )
    assert dict(result.metadata) == {
        "title": "2024年兴山县政府工作报告",
        "region": "湖北",
        "date": "2024-06-15",
    }
    assert_traced(page, result)


def test_a_page_saved_on_one_line_is_told_by_its_words() -> None:
    page = " ".join(seed().split())
    result = strip_page(traced(page))
    assert result.text.startswith("2024年兴山县政府工作报告 2024年1月12日")
    assert result.text.endswith("看是否符合“双集中”发展要求。")
    assert dict(result.metadata) == {
        "title": "2024年兴山县政府工作报告",
        "region": "湖北",
        "date": "2024-06-15",
    }


def test_a_page_with_windows_line_ends_is_the_same_page() -> None:
    page = seed().replace("\n", "\r\n")
    assert strip_page(traced(page)).text.replace("\r\n", "\n") == strip_page(traced(seed())).text


def test_the_report_that_is_left_is_no_page_any_more() -> None:
    report = strip_page(traced(seed()))
    assert strip_page(report) is report


@pytest.mark.parametrize(
    "text",
    [
        "",
        "文章发表于 2024-6-15 18:27:36，引起热议。\n",
        "论坛的页脚写着 Powered by Discuz! X3.4，您需要登录后才可以回帖。\n本版积分规则是什么？",
        "来源：《诗经》\n关关雎鸠，在河之洲。\n",
        "积分\n120\n主题\n3\n",
        "下载\n打印\n",
        "时间：2024年3月7日\n地点：县政府会议室\n",
        "责任编辑应当审核稿件。",
    ],
)
def test_a_text_with_a_mark_or_two_is_no_page(text: str) -> None:
    source = traced(text)
    assert strip_page(source) is source


def test_a_text_about_forum_pages_is_no_page() -> None:
    source = traced(
        "设为首页与收藏本站是旧网页的按钮。\n查看: 1|回复: 0 是帖子的计数。\n[复制链接] 在标题之后。\n"
        "发表于 2024-6-15 18:27:36 | 显示全部楼层 是楼层的开头。\n本版积分规则 在登录框里。\n"
        "Powered by Discuz! X3.4 在页脚。\n"
    )
    assert strip_page(source) is source


def test_a_reply_that_speaks_of_the_forum_keeps_its_words() -> None:
    page = (CASES / "discuz_two_posts.txt").read_text(encoding="utf-8")
    reply = "支持，页脚的 Powered by Discuz! X3.4 可以改掉吗"
    assert reply in strip_page(traced(page.replace("支持\n", f"{reply}\n", 1))).text


def test_long_prose_among_the_chrome_is_kept() -> None:
    announcement = "本站公告:" + "各位会员请注意遵守国家法律法规,文明发言,共同维护良好的讨论环境。" * 60
    page = (CASES / "discuz_two_posts.txt").read_text(encoding="utf-8")
    result = strip_page(traced(page.replace("返回列表\n查看", f"{announcement}\n查看", 1)))
    assert announcement in result.text
    assert "发消息" not in result.text


def test_what_was_known_of_the_document_stays() -> None:
    known = traced(seed()).with_metadata({"title": "报告"})
    assert strip_page(known).metadata["title"] == "报告"


@given(
    st.text(
        alphabet="您需要登录后才可以回帖发表于2024-6:1 |显示全部楼层\n积分Powered by Discuz!本版规则一是。",
        max_size=300,
    )
)
def test_whatever_stands_on_a_page_stays_traced(text: str) -> None:
    assert_traced(text, strip_page(traced(text)))


@pytest.mark.parametrize("unit", [" ", "\n", "7", "顶 ", "2024-6-15 来自 - x", "只看楼主 ", "积分\n12\n"])
def test_a_long_page_costs_in_proportion(unit: str) -> None:
    page = (CASES / "discuz_two_posts.txt").read_text(encoding="utf-8")
    costs = []
    for count in (10_000, 160_000):
        source = traced(page.replace("支持\n", "支持\n" + unit * (count // len(unit)) + "\n", 1))
        costs.append(min(_seconds(source) for _ in range(3)))
    # Sixteen times the page: sixteen times the cost, or 256 times were it quadratic.
    assert costs[1] < 64 * costs[0] + 0.05


def _seconds(source: Traced) -> float:
    start = process_time()
    strip_page(source)
    return process_time() - start


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize("name", ["000", "001", "002", "003"])
def test_the_other_seeds_are_no_pages(name: str) -> None:
    for line in next((ROOT / "seeds").glob(f"{name}_*.txt")).read_text(encoding="utf-8").split("\n"):
        source = traced(line)
        assert strip_page(source) is source


@pytest.mark.skipif(not SHARED.exists(), reason="needs the shared material")
class TestSharedMaterial:
    def test_clean_text_comes_back_unchanged(self) -> None:
        texts = [
            path.read_text(encoding="utf-8") for path in (SHARED / "no_harm").rglob("*") if path.is_file()
        ]
        for name in ("laws_dev", "traditional_official_dev"):
            with gzip.open(SHARED / "corpora" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
                texts += [json.loads(line)["text"] for line in lines]
        assert len(texts) > 2000
        for text in texts:
            source = traced(text)
            assert strip_page(source) is source

    def test_government_reports_lose_their_toolbar_only(self) -> None:
        with gzip.open(
            SHARED / "corpora" / "provincial_reports_dev.jsonl.gz", "rt", encoding="utf-8"
        ) as lines:
            reports = [json.loads(line)["text"] for line in lines]
        for report in reports:
            result = strip_page(traced(report))
            assert len(report) - len(result.text) < 80
            assert "政府工作报告" in result.text[:20]
            assert not result.text.endswith("：")
            if report.startswith("下载"):
                assert str(result.metadata["date"]).startswith("2026-")

    def test_no_chrome_is_left_on_saved_forum_pages(self) -> None:
        for path in (SHARED / "broken" / "discuz").glob("*.txt"):
            result = strip_page(traced(path.read_text(encoding="utf-8")))
            assert not [mark for mark in CHROME if mark in result.text]


def test_an_injected_foot_on_the_line_of_the_text_takes_only_itself() -> None:
    text = "  网站首页 关于我们 本公司生产仪器。感谢您访问我们的网站，您可能还对以下资源感兴趣：      |  |"
    traced = strip_page(decode(text.encode(), "utf-8"))
    assert traced.text == "  网站首页 关于我们 本公司生产仪器。"
