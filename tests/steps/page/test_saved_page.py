"""What strip_saved_page removes from pages that were saved as text, and that it leaves other text alone."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.saved_page import strip_saved_page
from hanpack.steps.traced import Traced
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.steps.page.pages import (
    ROOT,
    SAMPLES,
    SHARED,
    assert_traced,
    expected_metadata,
    expected_text,
    read_forum_seed,
    read_sample,
)
from tests.steps.traced_texts import trace

SAVED_PAGES = sorted(path.name for path in SAMPLES.glob("*.txt") if not path.name.endswith(".kept.txt"))
# Words of forum software that are in no text of the samples.
FORUM_WORDS = (
    "您需要登",
    "Powered by",
    "快速回复",
    "快速回覆",
    "客服中心",
    "设为首页",
    "复制链接",
    "积分",
    "只看该作者",
)


def test_there_are_samples_of_each_kind_of_page() -> None:
    kinds = {name.split("_")[0].removesuffix(".txt") for name in SAVED_PAGES}
    assert kinds == {"discuz", "phpwind", "government", "hacked"}


@pytest.mark.parametrize("name", SAVED_PAGES)
def test_a_saved_page_is_reduced_to_its_text_and_metadata(name: str) -> None:
    page = read_sample(name)
    result = strip_saved_page(trace(page))
    assert result.text.strip("\n") == expected_text(name)
    assert {**result.metadata, "posts": None} == {**expected_metadata(name), "posts": None}
    assert_traced(page, result)


@pytest.mark.parametrize("name", [name for name in SAVED_PAGES if name != "hacked_site.txt"])
def test_no_words_of_the_software_are_left(name: str) -> None:
    page = read_sample(name)
    text = strip_saved_page(trace(page)).text
    assert not [word for word in FORUM_WORDS if word in text]


# The header of a WARC record is read with plain line ends only.
@pytest.mark.parametrize("name", [name for name in SAVED_PAGES if name != "discuz_blog_list.txt"])
def test_windows_line_ends_change_nothing(name: str) -> None:
    page = read_sample(name)
    result = strip_saved_page(trace(page.replace("\n", "\r\n")))
    assert result.text.replace("\r", "").strip("\n") == expected_text(name)
    assert {**result.metadata, "posts": None} == {**expected_metadata(name), "posts": None}


@pytest.mark.parametrize("name", SAVED_PAGES)
def test_the_text_that_is_left_is_no_page(name: str) -> None:
    report = trace(expected_text(name))
    again = strip_saved_page(report)
    assert (again.text, list(again.edits)) == (report.text, [])


SEED_METADATA = {"title": "2024年兴山县政府工作报告", "region": "湖北", "date": "2024-06-15"}


def test_the_forum_page_among_the_seeds_is_reduced_to_its_report() -> None:
    page = read_forum_seed()
    result = strip_saved_page(trace(page))
    start = page.index("2024年兴山县政府工作报告\n\n    2024年1月12日")
    assert result.text == page[start : page.index("\n\n\n    您需要登录")]
    assert dict(result.metadata) == SEED_METADATA
    assert_traced(page, result)


def test_a_page_on_one_line_is_read_by_its_words() -> None:
    page = " ".join(read_forum_seed().split())
    result = strip_saved_page(trace(page))
    assert result.text.startswith("2024年兴山县政府工作报告 2024年1月12日")
    assert result.text.endswith("看是否符合“双集中”发展要求。")
    assert dict(result.metadata) == SEED_METADATA


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
        "春耕备耕\n2024年3月7日　来源：清江日报　作者：石桥\n全县备足化肥、种子。\n审核：李青\n",
    ],
)
def test_a_text_with_a_sign_or_two_is_no_page(text: str) -> None:
    source = trace(text)
    assert strip_saved_page(source) is source


def test_a_text_about_forum_pages_is_no_page() -> None:
    source = trace(
        "设为首页与收藏本站是旧网页的按钮。\n查看: 1|回复: 0 是帖子的计数。\n[复制链接] 在标题之后。\n"
        "发表于 2024-6-15 18:27:36 | 显示全部楼层 是楼层的开头。\n本版积分规则 在登录框里。\n"
        "Powered by Discuz! X3.4 在页脚。\n"
    )
    assert strip_saved_page(source) is source


def negative_texts() -> list[str]:
    path = ROOT / "tests" / "cases" / "negative.jsonl"
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("text", negative_texts())
def test_clean_text_comes_back_unchanged(text: str) -> None:
    source = trace(text)
    assert strip_saved_page(source) is source


@pytest.mark.parametrize("name", ["000", "001", "002", "003"])
def test_the_other_seeds_are_no_pages(name: str) -> None:
    lines = next((ROOT / "seeds").glob(f"{name}_*.txt")).read_text(encoding="utf-8").split("\n")
    assert len(lines) >= 19
    for line in lines:
        source = trace(line)
        assert strip_saved_page(source) is source


def test_metadata_that_the_document_already_has_stays() -> None:
    traced = trace(read_forum_seed()).with_metadata({"title": "报告"})
    assert strip_saved_page(traced).metadata["title"] == "报告"


def test_advertisements_on_the_line_of_the_text_are_removed_and_the_text_stays() -> None:
    text = "  网站首页 关于我们 本公司生产仪器。感谢您访问我们的网站，您可能还对以下资源感兴趣：      |  |"
    assert strip_saved_page(trace(text)).text == "  网站首页 关于我们 本公司生产仪器。"


@given(
    st.text(
        alphabet="您需要登录后才可以回帖发表于2024-6:1 |显示全部楼层\n积分Powered by Discuz!本版规则一是。",
        max_size=300,
    )
)
def test_any_text_stays_traced(text: str) -> None:
    assert_traced(text, strip_saved_page(trace(text)))


@given(
    st.lists(st.sampled_from("\n".join(map(read_sample, SAVED_PAGES)).split("\n")), min_size=6, max_size=40)
)
def test_any_lines_of_pages_stay_traced(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert_traced(text, strip_saved_page(trace(text)))


@pytest.mark.parametrize("unit", [" ", "\n", "7", "顶 ", "2024-6-15 来自 - x", "只看楼主 ", "积分\n12\n"])
def test_a_long_page_costs_in_proportion(unit: str) -> None:
    before, after = read_sample("discuz_two_posts.txt").split("支持\n", 1)
    growth = measure_growth(
        lambda text: strip_saved_page(trace(f"{before}支持\n{text}\n{after}")), unit, 160_000
    )
    assert growth < NEARLY_LINEAR


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
            source = trace(re.sub("<!--[^>]*-->", "", text))
            # A heading of Markdown at the beginning is its title, too.
            stripped = strip_saved_page(source)
            assert stripped.text == source.text
            assert not stripped.edits
            assert set(stripped.metadata) <= {"title"}

    def test_laws_lose_their_comments_only(self) -> None:
        with gzip.open(SHARED / "corpora" / "laws_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
            laws = [text for text in (json.loads(line)["text"] for line in lines) if "<!--" in text]
        assert laws
        for law in laws:
            stripped = strip_saved_page(trace(law)).text
            assert stripped.split() == re.sub("<!--[^>]*-->", " ", law).split()

    def test_government_reports_lose_their_toolbar_only(self) -> None:
        path = SHARED / "corpora" / "provincial_reports_dev.jsonl.gz"
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            reports = [json.loads(line)["text"] for line in lines]
        dates = []
        for report in reports:
            result = strip_saved_page(trace(report))
            assert len(report) - len(result.text) < 80
            assert "政府工作报告" in result.text[:20]
            assert not result.text.endswith("：")
            if report.startswith("下载"):
                dates.append(str(result.metadata["date"]))
        assert dates
        assert all(date.startswith("2026-") for date in dates)

    def test_no_words_of_the_software_are_left(self) -> None:
        pages = [path.read_text(encoding="utf-8") for path in (SHARED / "broken" / "discuz").glob("*.txt")]
        assert pages
        for page in pages:
            text = strip_saved_page(trace(page)).text
            assert not [word for word in FORUM_WORDS if word in text]


def read_posts_of(page: Traced) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", page.metadata["posts"])


def test_the_posts_of_a_saved_page_have_authors_times_and_bytes() -> None:
    page = (
        "查看: 9|回复: 1\n规划\n[复制链接]\n"
        "青石 发表于 2024-6-15 18:27:36 | 只看该作者\n备足物资。\n"
        "流水 发表于 2024-6-16 下午 8:05 | 只看该作者\n同意此案。\n返回列表\n本版积分规则\n"
    )
    result = strip_saved_page(trace(page))
    first, second = read_posts_of(result)
    assert (first["author"], first["date"], first["time"]) == ("青石", "2024-06-15", "18:27:36")
    assert (second["author"], second["date"], second["time"]) == ("流水", "2024-06-16", "20:05")
    texts = [page.encode()[post["byte_start"] : post["byte_end"]].decode() for post in (first, second)]
    assert ["备足物资。" in texts[0], "同意此案。" in texts[0]] == [True, False]
    assert texts[1].endswith("同意此案。")


def test_lines_that_name_author_and_time_are_posts_and_stay() -> None:
    page = "防汛\n青石 发表于 2024-1-1 12:00\n备足物资。\n2楼 流水 发表于 2024-1-2 8:05:01\n同意。\n"
    result = strip_saved_page(trace(page))
    assert (result.text, result.metadata["author"], result.metadata["date"]) == (page, "青石", "2024-01-01")
    assert [post["author"] for post in read_posts_of(result)] == ["青石", "流水"]
    assert [post["time"] for post in read_posts_of(result)] == ["12:00", "08:05:01"]


@pytest.mark.parametrize(
    "text",
    [
        "本文发表于 2024-1-1 12:00 的日报。\n该书发表于 2024-1-2 12:00 的晚报。\n",
        "青石 发表于 2024-1-1 12:00\n只有一条。\n",
        "论文\n青石 发表于 2024-1-1\n流水 发表于 2024-1-2\n",
    ],
)
def test_other_text_with_such_words_has_no_posts(text: str) -> None:
    result = strip_saved_page(trace(text))
    assert (result.text, dict(result.metadata)) == (text, {})


def test_author_and_day_of_an_article_in_a_post_are_kept_beside_those_of_the_post() -> None:
    post = trace(
        "政府工作报告\n来源：新华日报\n时间：2026-02-09\n今年以来，全县经济平稳增长。\n责任编辑：李青\n扫一扫在手机打开当前页\n"
    )
    result = strip_saved_page(post.with_metadata({"author": "青石", "date": "2024-06-15"}))
    assert (result.metadata["author"], result.metadata["date"]) == ("青石", "2024-06-15")
    assert result.metadata["article_date"] == "2026-02-09"
