"""Texts that are made to be slow: each a pump of any length, by name; and every part of a flow to measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from hanpack import flow
from hanpack.recipe import Steps
from hanpack.resources.ngram_model import load_ngram_model
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.chunk import ChunkSettings, split_text
from hanpack.steps.decode import decode, detect
from hanpack.steps.dedup import TextFolder
from hanpack.steps.tokens import open_counter
from hanpack.tools import prepare_step_tools
from tests.pumps import Pump

_FORUM = "查看: 1|回复: 0\n设为首页收藏本站\n返回列表\nPowered by Discuz! X3.4\n\n\n"
_BODY = "<html><body>"

HOSTILE_TEXTS = {
    # Long runs of one character.
    "letters": Pump("", "a"),
    "letters after Han": Pump("甲", "a", "!"),
    "letters of two cases": Pump("", "aB"),
    "Han": Pump("", "甲"),
    "one line": Pump("", "报告工作情况"),
    "digits": Pump("", "1"),
    "full-width digits": Pump("", "１"),
    "blanks": Pump("甲", " ", "乙"),
    "ideographic spaces": Pump("", "\u3000"),
    "tabs": Pump("", "\t"),
    "line ends": Pump("", "\n"),
    "line ends of two bytes": Pump("甲", "\r\n", "乙"),
    "blank lines with blanks": Pump("甲", "\n \n", "乙"),
    "null characters": Pump("", "\x00"),
    "byte order marks": Pump("", "\ufeff"),
    "full stops": Pump("", "。"),
    "commas": Pump("", "，"),
    "dots": Pump("", "."),
    "question marks": Pump("", "？"),
    "question marks of one byte": Pump("", "?"),
    # Marks, joiners and clusters.
    "stacked marks": Pump("a", "\u0301"),
    "stacked marks out of order": Pump("a", "\u0301\u0323"),
    "decomposed letters": Pump("", "e\u0301"),
    "compatibility ideographs": Pump("", "\uf900"),
    "joiners": Pump("甲", "\u200d"),
    "non-joiners": Pump("", "甲\u200c"),
    "joined emoji": Pump("", "\U0001f469\u200d"),
    "regional indicators": Pump("", "\U0001f1e8"),
    "Hangul initials": Pump("", "\u1100"),
    # Pairs.
    "parentheses": Pump("", "()"),
    "opening parentheses": Pump("", "("),
    "nested parentheses": Pump("", "((((((((((甲))))))))))"),
    "deeply nested parentheses": Pump("", "(" * 50 + "甲" + ")" * 50),
    "turned quotes": Pump("", "”甲“"),
    "opening quotes": Pump("", "“"),
    "straight quotes": Pump("", '"甲'),
    "corner brackets": Pump("", "「"),
    "backticks": Pump("", "`"),
    "quotes and addresses": Pump('"甲http://a" 甲 ', '"b'),
    # Damage.
    "question and exclamation marks": Pump("", "？！"),
    "shift: triggers": Pump("", "?！"),
    "shift: triggers after Han": Pump("", "甲?！"),
    "shift: half-width triggers": Pump("", "甲?!乙"),
    "shift: lost bytes": Pump("", "敝?！?"),
    "shift: damaged words": Pump("", "三?！敝С龅拙€"),
    "shift: broken annotations": Pump("", "炬?zhèn)鬟f"),
    "annotations": Pump("", "創(chuàng)"),
    "replaced bytes": Pump("", "锟斤拷"),
    "mojibake that is none": Pump("", "璋典坏"),
    "Chinese in GBK with lost bytes": Pump("", "ÍÆ½ø¸ßÖÊ½"),
    "replacement characters": Pump("", "\ufffd"),
    "mojibake": Pump("", "鎻愰珮"),
    "mojibake of Latin letters": Pump("", "æ•°"),
    "letters of many scripts": Pump("", "ρԱ"),
    "narrowed figures": Pump("", "从3.5缩小到.4"),
    # Words.
    "ambiguous characters": Pump("", "后台里面乾著"),
    "redactions": Pump("", "XX镇"),
    "runs of X": Pump("", "X"),
    "X and dots": Pump("", "x."),
    "asterisks": Pump("", "*"),
    "emphasis": Pump("", "**甲"),
    "evasions": Pump("", "D委"),
    "addresses": Pump("", "http://a"),
    "mail addresses": Pump("", "a@b."),
    # Outlines.
    "headings": Pump("", "一、工作\n"),
    "headings in parentheses": Pump("", "（一）甲\n"),
    "headings in sentences": Pump("", "一是甲"),
    "ordinals": Pump("", "第一，"),
    "decimal headings": Pump("", "1.1 甲\n"),
    "articles": Pump("", "第一条 甲\n"),
    "Markdown headings": Pump("", "# a\n"),
    "fences": Pump("", "```\n"),
    "short lines": Pump("", "。\n甲\n"),
    # Pages.
    "HTML: attributes": Pump("<html><meta ", "a", ">"),
    "HTML: attributes with values": Pump("<html><body><p ", 'class="a" '),
    "HTML: classes": Pump("<html><body><p ", "class="),
    "HTML: titles": Pump("<html>", "<title>"),
    "HTML: subjects": Pump("<html>", '<a id="thread_subject">'),
    "HTML: nested blocks": Pump(_BODY, "<div>", "甲"),
    "HTML: nested fonts": Pump(_BODY, "<b><i>", "甲"),
    "HTML: nested tables": Pump(_BODY, "<table><tr><td>甲"),
    "HTML: nested lists": Pump(_BODY, "<ul><li>甲"),
    "HTML: rows": Pump(f"{_BODY}<table>", "<tr><td>甲<td>乙"),
    "HTML: items": Pump(f"{_BODY}<ul>", "<li>甲"),
    "HTML: paragraphs": Pump(_BODY, "<p>甲乙丙丁戊己庚辛壬癸"),
    "HTML: links": Pump(_BODY, "<a href=a>甲</a>"),
    "HTML: posts": Pump(_BODY, '<td id="postmessage_1">甲'),
    "HTML: hidden text": Pump(_BODY, '<font class="jammer">a</font>甲'),
    "HTML: ruby": Pump(_BODY, "<ruby>甲<rt>jia"),
    "HTML: entities": Pump(_BODY, "&amp;"),
    "HTML: broken tags": Pump(_BODY, "<a <"),
    "HTML: comments": Pump(_BODY, "<!--"),
    "HTML: scripts": Pump(_BODY, "<script></script "),
    "HTML: closing tags": Pump(f"{_BODY}甲", "</div>"),
    "forum: headers": Pump(_FORUM, "楼主 | 发表于 2024-1-1 | 只看该作者 \n"),
    "personal: digits": Pump("", "1381234"),
    "personal: dotted": Pump("", "1.2."),
    "personal: mail": Pump("", "a@b."),
    "personal: numbers": Pump("", "13812345678，"),
    "personal: homes": Pump("男，", "住1号"),
    "forum: blanks": Pump(_FORUM, " "),
    "forum: buttons": Pump(f"{_FORUM}青石 发表于 2024-6-15 | 只看该作者\n", "支持\n"),
    "records of a web archive": Pump("WARC/1.0\nWARC-Type: conversion\n", "a: b\n"),
}
ALL_STEPS = Steps(
    **dict.fromkeys(("page", "repair", "controls", "nfc", "spaces", "width", "quotes", "evasions"), True),
    script="hans",
    phrases=True,
    redactions="□",
    personal="replace",
)


class FlowParts:
    """The parts of the flow as functions of a text: each by itself, and all of them together."""

    def __init__(self) -> None:
        self.tools = prepare_step_tools(ALL_STEPS, load_ngram_model())
        self.counter = open_counter(load_vocabulary("o200k_base"))
        self.folder = TextFolder()
        self.functions = {step.run: step.name for step in flow.STEPS if step.run is not None}
        # A step that is off would not be measured.
        assert all(step.is_enabled(self.tools.options) for step in flow.STEPS if step.run is not None)

    def prepare(self, text: str) -> Iterator[tuple[str, Callable[[], object]]]:
        """Each part by its name, ready to run on a text; a shared function has the name of its last step."""
        data = text.encode()
        traced = decode(data, "utf-8")
        yield "decode", lambda: decode(data, "utf-8")
        yield "detect", lambda: detect(data)
        for function, name in self.functions.items():
            yield name, partial(function, traced, self.tools)
        yield "fold", lambda: self.folder.fold(text)
        fill = ChunkSettings(max_tokens=512)
        structure = ChunkSettings(max_tokens=512, policy="structure", overlap=50, headings=True)
        yield "split", lambda: split_text(text, self.counter, fill)
        yield "split by structure", lambda: split_text(text, self.counter, structure)
        yield "record", lambda: self.run_all(text)

    def run_all(self, text: str) -> None:
        """Carry a text through the flow."""
        traced = flow.prepare(decode(text.encode(), "utf-8"), self.tools)
        self.folder.fold(traced.text)
        split_text(traced.text, self.counter, ChunkSettings(max_tokens=512))
