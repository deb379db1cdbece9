"""The posts that a page has, whatever software made it, and the pages that have none."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.page.html import extract_html
from hanpack.steps.page.thread_pages import read_thread
from hanpack.steps.page.threads import find_thread
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.steps.page.markup import MARKUP
from tests.steps.page.pages import assert_traced_to_markup
from tests.steps.page.thread_samples import AUTHORS, DAYS, SAMPLES, TEXTS, TITLE
from tests.steps.traced_texts import trace

needs_trafilatura = pytest.mark.skipif(find_spec("trafilatura") is None, reason="needs trafilatura")


@needs_trafilatura
@pytest.mark.parametrize("name", SAMPLES)
def test_a_thread_of_any_software_gives_the_texts_of_its_posts_with_author_and_time(name: str) -> None:
    sample = SAMPLES[name]
    page = sample.write()
    result = extract_html(trace(page))
    assert result.text.split("\n") == list(TEXTS)
    posts = result.metadata["posts"]
    assert isinstance(posts, list)
    found = [(post["author"], post.get("date", ""), post.get("time", "")) for post in posts]
    assert found == [
        (author, day if sample.time else "", sample.time) for author, day in zip(AUTHORS, DAYS, strict=True)
    ]
    for post, text in zip(posts, TEXTS, strict=True):
        assert text in page.encode()[post["byte_start"] : post["byte_end"]].decode()
    assert (result.metadata["author"], result.metadata["title"]) == (AUTHORS[0], TITLE)
    assert_traced_to_markup(page, result)


_ENTRY = (
    '<div class="item"><h2><a href="/{0}">{1}</a></h2><span class="author">{2}</span>'
    '<time datetime="2024-03-07T10:20">3月7日</time><div class="content">{3}</div></div>'
)
_ANSWER = (
    '<div itemscope itemtype="https://schema.org/Question"><h3 itemprop="name">{0}</h3>'
    '<div itemprop="acceptedAnswer" itemscope itemtype="https://schema.org/Answer">'
    '<p itemprop="text">{1}</p></div></div>'
)
_COMMENT = (
    '<li><a href="/user/{0}">{0}</a> <time datetime="2024-03-08T10:20">昨天</time>'
    '<p class="comment-content">{1}</p></li>'
)
_ARTICLE = "".join(
    f"<p>各地第{n}批旧志的整理要先选好底本，再作校记，最后编成索引，方便读者查考。</p>" for n in range(9)
)


@needs_trafilatura
@pytest.mark.parametrize(
    "body",
    [
        "".join(_ENTRY.format(n, f"第{n}篇文章", "青石", TEXTS[n]) for n in range(3)),
        "".join(_ANSWER.format(question, text) for question, text in zip("甲乙丙", TEXTS, strict=True)),
        f"<article>{_ARTICLE}</article><ul>" + "".join(map(_COMMENT.format, AUTHORS, TEXTS)) + "</ul>",
        "".join(f'<div class="content"><p>{text}</p></div>' for text in TEXTS),
    ],
    ids=["a list of articles", "questions and answers without authors", "an article with comments", "parts"],
)
def test_a_page_that_is_no_thread_has_no_posts(body: str) -> None:
    page, thread, _ = read_thread(f"<html><body>{body}</body></html>")
    assert (page.posts, thread.posts) == ((), ())
    assert "posts" not in extract_html(trace(f"<html><body>{body}</body></html>")).metadata


@needs_trafilatura
def test_a_short_notice_for_browsers_without_scripts_is_not_read() -> None:
    page = "<html><body><div>{}</div><noscript>请启用脚本以便使用本站。</noscript></body></html>"
    assert "脚本" not in read_thread(page.format(""))[0].text
    assert "脚本" not in read_thread(page.format(_ARTICLE))[0].text


def test_two_texts_under_one_head_are_two_posts_of_which_the_first_has_the_author() -> None:
    head = '<div><a href="/u/q">青石</a><time datetime="2024-03-07"></time></div>'
    texts = "".join(f'<div class="cooked">{text}</div>' for text in TEXTS[:2])
    other = f'<article><a href="/u/l">流水</a><div class="cooked">{TEXTS[2]}</div></article>'
    thread = find_thread(f"<article>{head}{texts}</article>{other}")
    assert [dict(post.facts) for post in thread.posts] == [
        {"author": "青石", "date": "2024-03-07"},
        {},
        {"author": "流水"},
    ]


def test_answers_within_a_comment_do_not_take_its_author() -> None:
    comment = (
        '<li itemscope itemtype="https://schema.org/Comment"><b itemprop="author">{}</b>'
        '<p itemprop="text">{}</p>{}</li>'
    )
    inner = comment.format("流水", TEXTS[1], "")
    thread = find_thread(f"<ul>{comment.format('青石', TEXTS[0], f'<ul>{inner}</ul>')}</ul>")
    assert [post.facts["author"] for post in thread.posts] == ["青石", "流水"]


@given(
    st.lists(
        st.sampled_from((*MARKUP, '<p class="text" itemprop="text">', '<a href="/u/q">', "</a>", "青石"))
    )
)
def test_the_posts_of_any_markup_are_in_it_and_in_order(pieces: list[str]) -> None:
    markup = "".join(pieces)
    thread = find_thread(markup)
    places = [place for post in thread.posts for place in (post.start, post.end)]
    assert places == sorted(places)
    assert not places or (places[0] >= 0 and places[-1] == len(markup))


def test_text_for_browsers_without_scripts_is_read_once_however_often_it_opens_again() -> None:
    growth = measure_growth(lambda text: read_thread(f"<body>{text}</noscript>"), "<noscript>甲", 44_000)
    assert growth < NEARLY_LINEAR
