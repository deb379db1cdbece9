"""A record's text comes out of its JSON line, and every character still knows its bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from hanpack.errors import RecordError
from hanpack.reasons import Cause, Reason
from hanpack.steps.decode.decoding import read_bytes
from hanpack.steps.decode.json_parsing import JsonParser, read_plain_object
from hanpack.steps.decode.json_strings import DEEPEST_NESTING, unwrap_json
from hanpack.steps.traced import Traced

TEXTS = st.text(
    st.one_of(
        st.sampled_from('ab中€😀𠀀é\\"/\n\t\b\0\x7f{}[]:,u d8'), st.characters(exclude_categories=["Cs"])
    ),
    max_size=25,
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.just("text"), TEXTS), inner, max_size=3),
    ),
    max_leaves=6,
)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : "), ("\r,", "\t:")])


def spans(traced: Traced) -> list[tuple[int, int]]:
    return [traced.alignment.source_span(at, at + 1) for at in range(len(traced.text))]


def refuse(line: bytes, column: str = "text", byte_start: int = 0) -> Reason:
    with pytest.raises(RecordError) as caught:
        unwrap_json(line, column, byte_start)
    return caught.value.reason


@given(
    st.dictionaries(TEXTS, VALUES, max_size=4),
    TEXTS,
    st.one_of(st.just("text"), TEXTS),
    st.booleans(),
    SEPARATORS,
    st.sampled_from(["", "\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8", "gb18030", "utf-16-le"]),
    st.integers(1, 9),
    st.data(),
)
def test_any_dumped_object_gives_back_its_text_and_each_character_its_bytes(
    others: dict[str, object],
    text: str,
    column: str,
    ascii_only: bool,
    separators: tuple[str, str],
    ending: str,
    encoding: str,
    byte_start: int,
    data: st.DataObject,
) -> None:
    others.pop(column, None)
    pairs = data.draw(st.permutations([*others.items(), (column, text)]))
    dumped = json.dumps(dict(pairs), ensure_ascii=ascii_only, separators=separators)
    line = f" {dumped}\t{ending}".encode(encoding)
    traced, metadata = unwrap_json(line, column, byte_start, encoding=encoding)
    assert traced.text == text == json.loads(line.decode(encoding))[column]
    assert metadata == others
    found = spans(traced)
    for character, (low, high) in zip(text, found, strict=True):
        raw = line[low - byte_start : high - byte_start].decode(encoding)
        assert json.loads(f'"{raw}"') == character
    covered = [at for low, high in found for at in range(low, high)]
    removed = [at for edit in traced.edits for at in range(edit.byte_start, edit.byte_end)]
    assert sorted(covered + removed) == list(range(byte_start, byte_start + len(line)))


@given(st.text(st.sampled_from('\\u"nd8c0中'), max_size=20))
@example("\\\\u4e00")
@example("\\ud83d")
def test_runs_of_backslashes_are_paired_from_the_left(text: str) -> None:
    traced, _ = unwrap_json(json.dumps({"text": text}).encode(), "text")
    assert traced.text == text
    assert all(high - low in {1, 2, 6} for low, high in spans(traced))


@pytest.mark.parametrize(
    ("raw", "widths"),
    [
        (b"a", [1]),
        ("中".encode(), [3]),
        (rb"\n\"\/", [2, 2, 2]),
        (rb"\u4e00a", [6, 1]),
        (rb"\ud83d\ude00", [12]),
        (rb"\uD83D\uDE00\u0041", [12, 6]),
        (rb"\\ud83d", [2, 1, 1, 1, 1, 1]),
    ],
)
def test_an_escape_takes_all_its_bytes(raw: bytes, widths: list[int]) -> None:
    traced, _ = unwrap_json(b'{"text": "' + raw + b'"}', "text", 100)
    assert [high - low for low, high in spans(traced)] == widths
    assert traced.alignment.source_span(0, 1)[0] == 110


def test_a_key_may_be_escaped_and_stand_inside_other_objects() -> None:
    line = rb'{"a": {"text": "inner"}, "b": "\"text\": \"no\"", "te\u0078t": "outer"}'
    traced, metadata = unwrap_json(line, "text")
    assert traced.text == "outer"
    assert metadata == {"a": {"text": "inner"}, "b": '"text": "no"'}


def test_a_blank_line_is_an_empty_record() -> None:
    traced, metadata = unwrap_json(b" \t\r\n", "text", 5)
    assert (traced.text, metadata) == ("", {})
    assert [(edit.step, edit.byte_start, edit.byte_end) for edit in traced.edits] == [
        ("unwrap", 5, 7),
        ("separator", 7, 9),
    ]


def test_a_byte_order_mark_goes_by_its_own_edit() -> None:
    traced, _ = unwrap_json(b'\xef\xbb\xbf{"text":"a"}\n', "text")
    assert [(edit.step, edit.byte_start, edit.byte_end) for edit in traced.edits] == [
        ("decode", 0, 3),
        ("unwrap", 3, 12),
        ("unwrap", 13, 15),
        ("separator", 15, 16),
    ]


@pytest.mark.parametrize(
    ("line", "cause", "fields"),
    [
        (b'{"text": "cut o', Cause.TRUNCATED_JSON, {}),
        (b'{"text": "a", "b": tru', Cause.TRUNCATED_JSON, {}),
        (b'{"text": "a"', Cause.TRUNCATED_JSON, {}),
        (b'{"text": "a", "b": {"c": 1}', Cause.TRUNCATED_JSON, {}),
        (b'["text"]', Cause.NOT_AN_OBJECT, {}),
        (b'"text"', Cause.NOT_AN_OBJECT, {}),
        (b"plain", Cause.NOT_AN_OBJECT, {}),
        (b'{"text": "a"} {"text": "b"}', Cause.TEXT_AFTER_OBJECT, {}),
        (b'{"text": "a",}', Cause.INVALID_JSON, {}),
        (b'{text: "a"}', Cause.INVALID_JSON, {}),
        (b'{"text" "a"}', Cause.INVALID_JSON, {}),
        (b'{"text": "a\tb"}', Cause.INVALID_JSON, {}),
        (b'{"text": "a", "text": "b"}', Cause.REPEATED_KEY, {"key": "text"}),
        (rb'{"text": "a", "te\u0078t": "b"}', Cause.REPEATED_KEY, {"key": "text"}),
        (b'{"text": "a", "b": {"c": 1, "c": 2}}', Cause.REPEATED_KEY, {"key": "c"}),
        (b'{"text": "a", "b": ' + b"9" * 5000 + b"}", Cause.NUMBER_TOO_LONG, {}),
        (b'{"b": "a"}', Cause.MISSING_COLUMN, {}),
        (b"{}", Cause.MISSING_COLUMN, {}),
        (b'{"text": null}', Cause.NULL_COLUMN, {}),
        (b'{"text": 1}', Cause.COLUMN_NOT_TEXT, {}),
        (b'{"text": ["a"]}', Cause.COLUMN_NOT_TEXT, {}),
        (rb'{"text": "\ud83d \ude00"}', Cause.LONE_SURROGATE, {}),
        (rb'{"text": "a", "\ud83d": 1}', Cause.LONE_SURROGATE, {}),
        (b'{"text": "a", "b": ' + b"[" * 100_000, Cause.NESTED_TOO_DEEP, {}),
        (b'{"text": "a", "b": ' + b'{"c":' * 64 + b"1" + b"}" * 65, Cause.NESTED_TOO_DEEP, {}),
    ],
)
def test_a_bad_line_is_refused_with_its_cause(line: bytes, cause: Cause, fields: dict[str, str]) -> None:
    reason = refuse(line + b"\n")
    assert reason.cause is cause
    assert fields.items() <= reason.fields.items()


def test_brackets_in_strings_are_no_nesting() -> None:
    traced, metadata = unwrap_json(json.dumps({"text": '{["\\' * 99, "b": [[[1]]]}).encode(), "text")
    assert (traced.text, metadata) == ('{["\\' * 99, {"b": [[[1]]]})


def test_sixty_four_levels_are_allowed() -> None:
    line = b'{"text": "a", "b": ' + b"[" * 63 + b"]" * 63 + b"}"
    assert unwrap_json(line, "text")[0].text == "a"


def test_a_refusal_names_the_byte() -> None:
    assert refuse('{"中": 1, "text": null}'.encode(), byte_start=1000).fields["offset"] == 1000 + 19
    assert refuse(b'{"text": "a", "b": 1, "b": 2}', byte_start=50).fields["offset"] == 50 + 22


def test_bytes_that_are_not_text_are_refused_before_the_json_is_read() -> None:
    reason = refuse(b'{"text": "\xff"}', "text", 7)
    assert (reason.cause, reason.fields["offset"]) == (Cause.INVALID_BYTES, 17)


LOST_VALUES = [
    "NaN",
    "-Infinity",
    "1e999",
    '["a", {"c": NaN}]',
    r'"\ude00\ud83d"',
    r'["\ud83d"]',
    r'{"\ud83d": 1}',
]


@pytest.mark.parametrize("value", LOST_VALUES)
def test_a_value_that_cannot_be_kept_costs_that_value_and_not_the_record(value: str) -> None:
    traced, columns = unwrap_json(f'{{"a": {value}, "text": "甲", "b": 1.5}}'.encode(), "text")
    assert (traced.text, columns) == ("甲", {"a": None, "b": 1.5})
    assert traced.lost_values == ("a",)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"好\ud83d", "好\ufffd"),
        (r"\ude00\ud83d好", "\ufffd\ufffd好"),
        (r"一\ud83d二\ud83d\ude00三\uDE00", "一\ufffd二😀三\ufffd"),
        (r"\\\ud83d", "\\\ufffd"),
    ],
)
def test_half_of_a_surrogate_pair_costs_that_character_and_not_the_record(raw: str, text: str) -> None:
    line = f'{{"text": "{raw}", "b": 1}}'.encode()
    traced, columns = unwrap_json(line, "text")
    assert (traced.text, columns) == (text, {"b": 1})
    replaced = [edit for edit in traced.edits if edit.step == "decode"]
    assert len(replaced) == text.count("\ufffd")
    assert {(edit.kind, edit.byte_end - edit.byte_start) for edit in replaced} == {("replaced", 6)}


def test_an_empty_text_beside_a_lost_value_is_empty() -> None:
    traced, columns = unwrap_json(rb'{"text": "", "b": "\ud83d"}', "text")
    assert (traced.text, columns) == ("", {"b": None})


KEYS = st.sampled_from(["text", "id", "a", '"text"', "text: ", "b.text", "第"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.text(max_size=20), st.sampled_from([None, 1]))
def test_a_plain_object_is_read_as_the_thorough_parser_reads_it(
    others: dict[str, object], text: str, indent: int | None
) -> None:
    line = json.dumps({**others, "text": text}, ensure_ascii=False, indent=indent)
    plain = read_plain_object(line, "text", DEEPEST_NESTING)
    assume(plain is not None)
    assert plain is not None
    # With a space before it, the object is read member by member.
    thorough = JsonParser(
        read_bytes(f" {line}".encode("utf-8", "surrogatepass"), "utf-8"), DEEPEST_NESTING
    ).parse("text")
    assert thorough is not None
    assert repr(thorough.columns) == repr(plain.columns)
    assert thorough.strings == [
        string._replace(start=string.start + 1, end=string.end + 1) for string in plain.strings
    ]
