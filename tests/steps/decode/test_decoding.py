"""Decoding is strict, and every character knows its bytes."""

from __future__ import annotations

import codecs
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hanpack.errors import RecordError
from hanpack.steps.decode.decoding import decode
from hanpack.steps.edit_list import Edit
from hanpack.steps.traced import Traced
from tests.growth import NEARLY_LINEAR, measure_growth

MULTIBYTE = [
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "cp950",
    "big5hkscs",
    "euc_kr",
    "cp949",
    "johab",
    "shift_jis",
    "cp932",
    "shift_jis_2004",
    "euc_jp",
    "euc_jis_2004",
    "iso2022_jp",
    "hz",
    "cp1252",
    "koi8_r",
]
REPERTOIRE = "a1 \n\t\0~{}中国國語の的龘㐀€①アｱｶﾞ゚か한글힣éЯß・“”　𠀀😀\ue000ḿ丟碁\u00a5‾~"
TEXTS = st.text(st.one_of(st.sampled_from(REPERTOIRE), st.characters(exclude_categories=["Cs"])), max_size=30)


def spans(traced: Traced) -> list[tuple[int, int]]:
    return [traced.alignment.source_span(at, at + 1) for at in range(len(traced.text))]


def encodable(text: str, encoding: str) -> bytes:
    # An escape character of the text would begin a sequence that switches the characters.
    text = text.replace("\x1b", "") if encoding == "iso2022_jp" else text
    return text.encode(encoding, "ignore")


@given(TEXTS, st.sampled_from(MULTIBYTE), st.integers(1, 9))
@example("中\x1ba", "iso2022_jp", 1)
def test_each_character_decodes_from_its_own_bytes(text: str, encoding: str, byte_start: int) -> None:
    data = encodable(text, encoding)
    traced = decode(data, encoding, byte_start)
    assert traced.text == data.decode(encoding)
    found = spans(traced)
    if encoding not in {"iso2022_jp", "hz"}:
        pieces = [data[low - byte_start : high - byte_start] for low, high in found]
        for character, piece in zip(traced.text, pieces, strict=True):
            assert character in piece.decode(encoding)
        if len(set(found)) == len(found):
            assert b"".join(pieces) == data
    covered = {at for low, high in found for at in range(low, high)}
    removed = {at for edit in traced.edits for at in range(edit.byte_start, edit.byte_end)}
    assert covered | removed == set(range(byte_start, byte_start + len(data)))
    assert not covered & removed


@given(st.binary(max_size=24), st.sampled_from(MULTIBYTE))
@example(b"\xa4\xd4\xa4\xa1\xa4\xbf\xa4\xd4", "euc_kr")
@example(b"\x88\x62a\x88\x64", "big5hkscs")
@example(b"\x81\x39\xee\x39\x30\x81\x30", "gb18030")
def test_any_bytes_are_decoded_exactly_or_refused_where_they_go_wrong(data: bytes, encoding: str) -> None:
    # There the byte 0x80 by itself is the euro sign, as on Windows.
    assume(encoding not in {"gb2312", "gbk", "gb18030"} or b"\x80" not in data)
    wrong = error_of(data, encoding)
    if wrong is not None:
        with pytest.raises(RecordError) as caught:
            decode(data, encoding, byte_start=100)
        fields = caught.value.reason.fields
        assert fields["offset"] == 100 + wrong.start
        assert data[wrong.start :].startswith(bytes.fromhex(str(fields["bytes"])))
        return
    traced = decode(data, encoding, byte_start=100)
    assert traced.text == data.decode(encoding)
    assert (traced.alignment.text[-1], traced.alignment.source[-1]) == (len(traced.text), 100 + len(data))
    for low, high in pairwise(spans(traced)):
        assert low[1] == high[0] or low == high


def error_of(data: bytes, encoding: str) -> UnicodeDecodeError | None:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as wrong:
        return wrong
    return None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "gb18030", "big5", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_separator_is_removed_and_recorded(encoding: str, ending: str) -> None:
    body, separator = "ab".encode(encoding), ending.encode(encoding)
    traced = decode(body + separator, encoding, 10, terminator=len(separator))
    end = 10 + len(body)
    assert traced.text == "ab"
    assert traced.edits == (Edit("separator", "removed", end, end + len(separator)),)
    assert traced.alignment.source_span(0, 2) == (10, end)
    assert [low.tolist() for low in traced.alignment.removed()] == [[end], [end + len(separator)]]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_a_byte_order_mark_is_removed_where_the_source_begins(mark: bytes, encoding: str) -> None:
    ordered = "utf-32-le" if encoding == "utf-32" else encoding.removesuffix("-sig")
    traced = decode(mark + "中".encode(ordered), encoding)
    assert traced.text == "中"
    assert traced.edits == (Edit("decode", "removed", 0, len(mark)),)
    assert traced.alignment.source_span(0, 1)[0] == len(mark)


def test_a_byte_order_mark_inside_a_source_is_a_character() -> None:
    assert decode(codecs.BOM_UTF8 + b"a", "utf-8", byte_start=9).text == "\ufeffa"


def test_utf16_without_an_order_is_refused() -> None:
    with pytest.raises(RecordError, match="no byte order mark"):
        decode(b"a\0b\0", "utf-16")


def test_an_error_tells_where_what_and_in_which_encoding() -> None:
    with pytest.raises(RecordError, match=r"byte 1004: ff is not utf-8") as caught:
        decode("中a".encode() + b"\xff\xfe", "utf-8", byte_start=1000)
    fields = caught.value.reason.fields
    assert (fields["offset"], fields["bytes"], fields["encoding"]) == (1004, "ff", "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
@pytest.mark.parametrize("terminator", [0, 2])
def test_an_empty_record_has_an_empty_text(encoding: str, terminator: int) -> None:
    traced = decode(b"\r\n"[:terminator], encoding, 5, terminator=terminator)
    assert traced.text == ""
    assert traced.alignment.source_span(0, 0) == (5, 5 + terminator)


def test_controls_are_kept() -> None:
    assert decode(b"a\0b\x1b\x7f", "utf-8").text == "a\0b\x1b\x7f"


def test_a_byte_that_a_wider_encoding_reads_is_refused_with_that_name() -> None:
    with pytest.raises(RecordError, match=r"cp949 reads it: give it as 'encoding' in the recipe"):
        decode("한국어 똠".encode("cp949"), "euc-kr", 0)
    with pytest.raises(RecordError, match=r"illegal multibyte sequence$"):
        decode(b"\xff\xff", "euc-kr", 0)


@given(st.binary(max_size=24), st.sampled_from(["utf-8", "big5", "euc_kr", "cp932"]))
@example(b"a\xff\xffb\xe4\xb8\xadc\xff", "utf-8")
def test_invalid_bytes_are_replaced_and_all_others_decoded(data: bytes, encoding: str) -> None:
    assume("\ufffd" not in data.decode(encoding, "ignore"))
    traced = decode(data, encoding, byte_start=100, max_invalid=len(data))
    assert traced.text.replace("\ufffd", "") == data.decode(encoding, "ignore")
    replaced = {(edit.byte_start, edit.byte_end) for edit in traced.edits if edit.kind == "replaced"}
    assert len(replaced) == traced.text.count("\ufffd")
    assert (traced.alignment.text[-1], traced.alignment.source[-1]) == (len(traced.text), 100 + len(data))
    for character, span in zip(traced.text, spans(traced), strict=True):
        assert (character == "\ufffd") == (span in replaced)


@pytest.mark.parametrize(
    ("unit", "encoding"), [("\xff", "utf-8"), ("a\x80", "utf-8"), ("\xd6\xd0\x80", "gb18030")]
)
def test_the_cost_of_invalid_bytes_is_proportional_to_the_record(unit: str, encoding: str) -> None:
    def work(text: str) -> None:
        decode(text.encode("latin-1"), encoding, max_invalid=len(text))

    assert measure_growth(work, unit, 120_000) < NEARLY_LINEAR
