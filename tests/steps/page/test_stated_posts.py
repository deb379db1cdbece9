"""The posts of a page are those that it states in JSON-LD, in the elements with their texts."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.stated_posts import read_stated_posts
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.page.threads import find_thread
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.steps.traced_texts import trace

TEXTS = (
    "汛期将至，请各村备足物资，安排人员值守。",
    "同意，我村已经安排。",
    "同意，我村已经安排。",
    "请问物资向谁领取？",
)
NAMES = ("青石", "流水", "远山", "白云")


def state(texts: Sequence[str], names: Sequence[str], kind: str = "Comment") -> str:
    posts = [
        {
            "@type": kind,
            "text": f"<p>{text}</p>",
            "author": {"@type": "Person", "name": name},
            "datePublished": f"2024-03-0{number}T02:20:09Z",
        }
        for number, (text, name) in enumerate(zip(texts, names, strict=True), 1)
    ]
    first = {**posts[0], "@type": "DiscussionForumPosting", "comment": posts[1:]}
    return f'<script type="application/ld+json">{json.dumps(first)}</script>'


def write_page(texts: Sequence[str], names: Sequence[str]) -> str:
    """A page without any names of classes or signs of authors in its markup."""
    shown = "".join(f"<div><div><p>{text}</p></div><span>赞</span></div>" for text in texts)
    return f"<html><head>{state(texts, names)}</head><body><main>{shown}</main></body></html>"


def test_posts_have_the_authors_and_times_that_are_stated() -> None:
    page = write_page(TEXTS, NAMES)
    thread = find_thread(page)
    assert [(post.facts["author"], post.facts["date"]) for post in thread.posts] == [
        (name, f"2024-03-0{number}") for number, name in enumerate(NAMES, 1)
    ]
    assert [page[start:end].count(text) for (start, end), text in zip(thread.texts, TEXTS, strict=True)] == [
        1
    ] * 4
    assert thread.is_marked


@given(st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(NAMES)), min_size=2, max_size=8))
def test_the_posts_are_in_the_order_of_the_page(posts: list[tuple[str, str]]) -> None:
    texts, names = zip(*posts, strict=True)
    facts = [post.facts["author"] for post in find_thread(write_page(texts, names)).posts]
    assert facts == list(names)


def test_posts_whose_texts_the_page_does_not_show_are_no_thread() -> None:
    assert find_thread(state(TEXTS, NAMES) + "<p>请登录后查看。</p>").posts == ()


def test_the_text_of_such_a_page_is_that_of_its_posts() -> None:
    texts = [text * 3 for text in TEXTS]
    stripped = strip_page(trace("<!doctype html>" + write_page(texts, NAMES)))
    assert stripped.text.split() == texts
    assert [post["author"] for post in stripped.metadata["posts"]] == list(NAMES)  # type: ignore[attr-defined]


def test_the_comments_on_an_article_are_no_thread() -> None:
    texts = [text * 3 for text in TEXTS]
    page = write_page(texts, NAMES).replace("DiscussionForumPosting", "NewsArticle")
    assert read_stated_posts(page.replace("<head>", '<head><!-- "Question" -->')) == []


def test_what_is_no_post_or_no_json_states_none() -> None:
    article = state(TEXTS, NAMES, "Article").replace("DiscussionForumPosting", "NewsArticle")
    assert read_stated_posts(article) == []
    assert read_stated_posts('<script type="application/ld+json">{"@type": "Comment",</script>') == []
    anonymous = state(TEXTS, NAMES).replace('"author"', '"editor"')
    assert read_stated_posts(anonymous) == []


def test_many_equal_posts_take_linear_time() -> None:
    def read(text: str) -> None:
        count = len(text)
        find_thread(write_page(["同意。"] * count, ["青石"] * count).replace("2024-03-0", "2024-03-1"))

    assert measure_growth(read, "x", 400) < NEARLY_LINEAR


@pytest.mark.parametrize(
    "unit", ["<script ", "<script ld+json>", "<script ld+json {", "</script <script ld+json>["]
)
def test_scripts_that_never_end_take_linear_time(unit: str) -> None:
    def read(text: str) -> None:
        assert read_stated_posts(f'ld+json "Question" {text}') == []

    assert measure_growth(read, unit, 2_000) < NEARLY_LINEAR
