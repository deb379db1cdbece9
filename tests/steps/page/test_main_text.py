"""How the lines of an extractor are found in the visible text of a page."""

from __future__ import annotations

from hanpack.steps.page.main_text import align_lines


def test_lines_are_found_in_the_order_of_the_page() -> None:
    visible = "首页要闻第一段文字说的是春耕备耕进展顺利更多第二段文字说的是夏粮丰收在望。更多"
    lines = ["- 第一段文字说的是春耕备耕进展顺利", "更多", "| 第二段文字说的是夏粮丰收在望。 |"]
    main_text = align_lines(lines, visible)
    assert [visible[slice(*span)] for span in main_text.spans] == [
        "第一段文字说的是春耕备耕进展顺利",
        "更多",
        "第二段文字说的是夏粮丰收在望。",
    ]
    assert main_text.missing == 0


def test_a_line_is_found_around_what_the_extractor_left_out() -> None:
    visible = "张三发表的意见是村里应当修路广告图片并且应当通水通电。"
    line = "张三发表的意见是村里应当修路并且应当通水通电。"
    main_text = align_lines([line], visible)
    assert "".join(visible[slice(*span)] for span in main_text.spans) == line
    assert len(main_text.spans) == 2
    assert main_text.missing == 0


def test_a_line_that_is_not_in_the_page_is_counted_and_left_out() -> None:
    main_text = align_lines(["这一句话在网页的源文件里是没有的。", "无"], "网页里只有别的话")
    assert main_text.spans == ()
    assert main_text.missing == 2


def test_a_short_line_counts_only_between_its_neighbours() -> None:
    first, second = "第一段文字说的是春耕备耕进展顺利", "第二段文字说的是夏粮丰收在望。"
    assert align_lines([first, "更多", second], f"更多{first}{second}").missing == 1


def test_a_long_line_out_of_order_is_found_before_the_others() -> None:
    first, second = "第一段文字说的是春耕备耕进展顺利", "第二段文字说的是夏粮丰收在望。"
    main_text = align_lines([second, first], first + second)
    assert main_text.spans == ((0, len(first)), (len(first), len(first + second)))
    assert main_text.missing == 0
