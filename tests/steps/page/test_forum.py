"""How a forum page is recognised, and which of its lines are posts, titles and names."""

from __future__ import annotations

import pytest

from hanpack.steps.page.forum import is_forum_page, read_forum_page
from tests.steps.page.pages import read_forum_seed, read_sample

TWO_POSTS = "discuz_two_posts.txt"


def posts_of(page: str) -> list[str]:
    return [page[slice(*span)] for span in read_forum_page(page).spans]


@pytest.mark.parametrize(
    "name", [TWO_POSTS, "discuz_hong_kong.txt", "discuz_old.txt", "phpwind.txt", "phpwind_long.txt"]
)
def test_a_forum_page_is_recognised_with_and_without_lines(name: str) -> None:
    page = read_sample(name)
    assert is_forum_page(page)
    assert is_forum_page(" ".join(page.split()))


def test_two_signs_are_too_few() -> None:
    lines = ["设为首页收藏本站", "第一条", "第二条", "第三条", "第四条", "第五条", "返回列表"]
    assert not is_forum_page("\n".join(lines))
    assert is_forum_page("\n".join([*lines, "Powered by Discuz! X3.4"]))


def test_a_page_is_recognised_by_its_ends_however_long_it_is() -> None:
    page = read_sample(TWO_POSTS)
    assert is_forum_page(page.replace("支持\n", "支持" * 40_000 + "\n", 1))
    assert not is_forum_page("一" * 40_000 + "\n" + page + "一" * 40_000)


def test_the_posts_of_a_page_come_in_order() -> None:
    assert posts_of(read_sample("phpwind.txt")) == ["镇志编修，首在取材，次在体例。", "取材一节，写得很好。"]


def test_a_reply_that_mentions_the_forum_keeps_its_words() -> None:
    reply = "支持，页脚的 Powered by Discuz! X3.4 可以改掉吗"
    assert posts_of(read_sample(TWO_POSTS).replace("支持\n", f"{reply}\n", 1))[1] == reply


def test_a_reply_that_may_be_a_button_is_kept() -> None:
    assert posts_of(read_sample(TWO_POSTS))[1] == "支持"


def test_long_prose_around_the_posts_is_kept() -> None:
    announcement = "本站公告:" + "各位会员请注意遵守国家法律法规,文明发言,共同维护良好的讨论环境。" * 60
    spans = posts_of(read_sample(TWO_POSTS).replace("返回列表\n查看", f"{announcement}\n查看", 1))
    assert spans[0] == announcement
    assert len(spans) == 3


def test_a_quotation_is_no_post_where_headers_have_tools() -> None:
    quotation = "流水 发表于 2023-4-5 08:00\n备足什么物资？\n"
    posts = posts_of(read_sample(TWO_POSTS).replace("支持\n", f"{quotation}支持\n", 1))
    assert len(posts) == 2
    assert posts[1].startswith("流水 发表于")


def test_the_author_is_the_name_above_the_card() -> None:
    page = read_sample(TWO_POSTS)
    assert read_forum_page(page).metadata["author"] == "青石"
    assert "author" not in read_forum_page(page.replace("青石\n青石\n", "", 1)).metadata


def test_the_author_may_be_in_the_header() -> None:
    page = read_sample(TWO_POSTS).replace("发表于 2023", "石桥 | 发表于 2023", 1)
    assert read_forum_page(page).metadata["author"] == "石桥"


def test_a_category_that_is_no_region_belongs_to_the_title() -> None:
    page = read_forum_seed().replace("[湖北] ", "[转帖] ", 1)
    metadata = read_forum_page(page).metadata
    assert metadata["title"] == "[转帖] 2024年兴山县政府工作报告"
    assert "region" not in metadata


def test_without_a_line_before_the_copy_button_the_title_is_below_the_counters() -> None:
    page = "[复制链接]\n查看: 3|回复: 0\n水利规划\n青石 发表于 2024-6-15\n第一条\n返回列表\n本版积分规则\n"
    assert read_forum_page(page).metadata["title"] == "水利规划"


def test_a_day_that_does_not_exist_is_no_date() -> None:
    assert (
        "date" not in read_forum_page(read_sample(TWO_POSTS).replace("2023-4-5 08", "2023-13-5 08")).metadata
    )
