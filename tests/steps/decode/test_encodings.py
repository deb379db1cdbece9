"""The encoding of a file is named correctly or not at all."""

from __future__ import annotations

import base64
import codecs
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hanpack.steps.decode.decoding import WIDER
from hanpack.steps.decode.encodings import Detection, detect, find_other_encoding
from tests.case_files import read_rows

SAMPLES = Path(__file__).parents[2] / "cases" / "encodings" / "samples.jsonl"
SHARED = Path(__file__).parents[4] / "shared" / "data" / "encodings"
TEXTS = {
    "Simplified": "去年以来，我们坚持稳中求进工作总基调，全市经济运行总体平稳，人民生活水平不断提高。",
    "Traditional": "本府今年度持續推動各項公共建設，並請有關機關依規定辦理，以提升市民的生活品質。",
    "Japanese": "この研究所では、新しい技術を使って人々の生活をより便利にすることを目指しています。",
    "Korean": "정부는 올해 경제 성장률을 높이기 위해 여러 가지 정책을 추진하고 있다고 밝혔다.",
    "Russian": "Правительство приняло решение о развитии промышленности в следующем году.",
    "Greek": "Η κυβέρνηση αποφάσισε να στηρίξει την ανάπτυξη της οικονομίας.",
    "Arabic": "قررت الحكومة دعم التنمية الاقتصادية في العام المقبل",
    "Hebrew": "הממשלה החליטה לתמוך בפיתוח הכלכלה בשנה הבאה",
}
CASES = [
    ("Simplified", "gb18030", "gb18030"),
    ("Traditional", "gb18030", "gb18030"),
    ("Traditional", "big5", "big5"),
    ("Japanese", "euc-jp", "euc-jp"),
    ("Japanese", "shift_jis", "shift_jis"),
    ("Korean", "euc-kr", "euc-kr"),
    ("Russian", "windows-1251", "windows-1251"),
    ("Russian", "koi8-r", "koi8-r"),
    ("Russian", "cp866", "cp866"),
    ("Greek", "windows-1253", "windows-1253"),
    ("Arabic", "windows-1256", "windows-1256"),
    ("Hebrew", "windows-1255", "windows-1255"),
    ("Simplified", "utf-16-le", "utf-16-le"),
    ("Simplified", "utf-16-be", "utf-16-be"),
    ("Japanese", "iso2022_jp", "iso2022_jp"),
    ("Simplified", "hz", "hz"),
]


@pytest.mark.parametrize(("language", "encoding", "name"), CASES)
def test_a_sentence_is_enough_to_name_an_encoding(language: str, encoding: str, name: str) -> None:
    detection = detect(TEXTS[language].encode(encoding))
    assert (detection.encoding, detection.candidates, detection.bom) == (name, (name,), 0)


@given(
    st.sampled_from([(language, encoding) for language, encoding, _ in CASES if encoding != "hz"]),
    st.integers(0, 40),
    st.integers(1, 120),
)
def test_a_named_encoding_decodes_the_text_however_the_sample_is_cut(
    case: tuple[str, str], start: int, size: int
) -> None:
    language, encoding = case
    data = TEXTS[language][start:].encode(encoding)[:size]
    detection = detect(data)
    if detection.encoding is None:
        assert detection.candidates
    # 稳中求 in UTF-16 is the six ASCII letters 3z-NBl: nothing distinguishes the two.
    elif size >= 6 and not data.isascii():
        expected = codecs.getincrementaldecoder(encoding)().decode(data)
        assert codecs.getincrementaldecoder(detection.encoding)().decode(data) == expected


@given(
    st.text(min_size=300, max_size=400, alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]))
)
def test_valid_utf8_is_utf8(text: str) -> None:
    assert detect(text.encode()).encoding == "utf-8"


@pytest.mark.parametrize(
    "text", ["café", "plain", "", "He said “no” ✓", "naïve", "你好世界", "Ünïcödé €5", "Дата"]
)
def test_short_utf8_is_utf8(text: str) -> None:
    assert detect(text.encode()).encoding == "utf-8"


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"\x84\x31\x95\x33", "gb18030"),
    ],
)
def test_a_byte_order_mark_names_the_encoding(mark: bytes, name: str) -> None:
    for text in ("", "中", "a plain text", TEXTS["Japanese"]):
        detection = detect(mark + text.encode(name))
        assert detection == Detection(name, (name,), "byte order mark", len(mark))


@pytest.mark.parametrize(("mark", "order"), [(codecs.BOM_UTF16_LE, "be"), (codecs.BOM_UTF16_BE, "le")])
def test_a_wrong_byte_order_mark_is_not_trusted(mark: bytes, order: str) -> None:
    detection = detect(mark + "a plain text of some words".encode(f"utf-16-{order}"))
    assert detection.encoding is None
    assert set(detection.candidates) == {"utf-16-le", "utf-16-be"}


@pytest.mark.parametrize(
    "data", ["中国".encode("gb18030"), "中文".encode("big5"), "한국".encode("euc-kr"), b"\xed\x97"]
)
def test_a_few_bytes_are_refused_and_the_candidates_named(data: bytes) -> None:
    detection = detect(data)
    assert detection.encoding is None
    assert detection.candidates
    assert detection.reason


@given(st.binary(min_size=40, max_size=200).filter(lambda data: not data.isascii() and len(set(data)) > 30))
def test_noise_is_refused(data: bytes) -> None:
    assert detect(data).encoding is None


def test_few_broken_bytes_do_not_hide_the_encoding() -> None:
    for language, encoding, name in CASES[:7]:
        data = TEXTS[language].encode(encoding)
        detected = detect(data + b"\xff\n" + data + b"\n" + data).encoding
        assert detected in {name, *WIDER.get(name, ())}
    assert detect(TEXTS["Simplified"].encode() * 3 + b"\xff\xff").encoding == "utf-8"


def test_a_declared_charset_is_a_hint_that_must_hold() -> None:
    page = '<meta charset="{}">欢迎你'.format
    assert detect(page("gb2312").encode("gb18030")).encoding == "gb18030"
    assert detect(page("x-unknown").encode("gb18030")).encoding is None
    wrong = f'<?xml version="1.0" encoding="big5"?>{TEXTS["Simplified"]}'.encode("gb18030")
    assert detect(wrong).encoding == "gb18030"


def test_utf8_that_holds_misread_gbk_is_refused() -> None:
    misread = TEXTS["Simplified"].encode("gb18030").decode("latin-1").encode()
    detection = detect(misread)
    assert (detection.encoding, detection.candidates) == (None, ("utf-8", "gb18030"))


def test_the_smallest_encoding_that_decodes_is_named() -> None:
    assert detect((TEXTS["Korean"] + "똠방각하 펲시콜라").encode("cp949")).encoding == "cp949"
    assert detect((TEXTS["Traditional"] + "着嚿嘅").encode("big5hkscs")).encoding == "big5hkscs"
    assert detect((TEXTS["Japanese"] + "①②髙").encode("cp932")).encoding == "cp932"


@given(st.sampled_from(sorted(WIDER)), st.integers(0, 0xFFFF))
def test_a_superset_decodes_what_the_smaller_encoding_does(smaller: str, pair: int) -> None:
    data = pair.to_bytes(2, "big")
    assume(is_valid(data, smaller))
    assert WIDER[smaller]
    assert all(is_valid(data, superset) for superset in WIDER[smaller])


def is_valid(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def test_evidence_is_found_late_in_a_long_line() -> None:
    data = b"x" * 100_000 + TEXTS["Korean"].encode("euc-kr")
    assert detect(data).encoding == "euc-kr"


def test_controls_do_not_hide_ascii() -> None:
    assert detect(b"some words\0and more\x01 words").encoding == "utf-8"


def test_repeated_characters_prove_nothing() -> None:
    assert detect("　".encode("big5") * 500).encoding is None
    assert detect(("经手人：" + "　" * 60).encode("gb18030")).encoding in {None, "gb18030"}


def is_correct(detected: str, encoding: str) -> bool:
    """Whether a detected name is the true encoding or one of its family; UTF-16 may be without an order."""
    families = {
        **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
        **dict.fromkeys(("cp950", "big5hkscs"), "big5"),
        "cp932": "shift_jis",
        "cp949": "euc-kr",
        "utf-8-sig": "utf-8",
    }
    detected, encoding = families.get(detected, detected), families.get(encoding, encoding)
    return encoding in {detected, detected.removesuffix("-le"), detected.removesuffix("-be")}


def test_samples_of_many_encodings_are_named_correctly() -> None:
    rows = read_rows(SAMPLES)
    assert len({row["encoding"] for row in rows}) >= 30
    wrong = []
    for row in rows:
        data = base64.b64decode(row["base64"])
        assert data.decode(row["encoding"]) == row["text"]
        detected = detect(data).encoding
        is_as_expected = is_correct(detected, row["encoding"]) if detected else row["is_refused"]
        if not is_as_expected:
            wrong.append((row["encoding"], row["text"], detected))
    assert wrong == []


def test_an_encoding_is_contradicted_only_if_it_gives_another_text() -> None:
    rows = read_rows(SAMPLES)
    contradicted, wrong = [], []
    for row in rows:
        data = base64.b64decode(row["base64"])
        if find_other_encoding(data, row["encoding"]):
            wrong.append((row["encoding"], row["text"]))
        # Every byte is a character of this encoding.
        if find_other_encoding(data, "cp437"):
            contradicted.append(row["encoding"])
    assert wrong == []
    assert len(set(contradicted)) > 20


@pytest.mark.xfail(strict=True, reason="its shift characters count as controls")
def test_iso_2022_kr_is_named() -> None:
    assert detect(TEXTS["Korean"].encode("iso2022_kr")).encoding == "iso2022_kr"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not beside the project")
def test_real_files_are_named_correctly_or_refused() -> None:
    rows = read_rows(SHARED / "index.jsonl")
    assert rows
    detected = {row["file"]: detect((SHARED / "files" / row["file"]).read_bytes()).encoding for row in rows}
    named = [(row["file"], name, row["encoding"]) for row in rows if (name := detected[row["file"]])]
    assert len(rows) - len(named) <= 2
    assert [case for case in named if not is_correct(*case[1:])] == []
