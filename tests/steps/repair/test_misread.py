"""Chinese whose bytes were decoded as Windows-1252 is restored, and European letters are left unchanged."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.repair import double_bytes
from hanpack.steps.repair.misread import find_misread

from .samples import trace

NGRAM_MODEL = load_ngram_model()
SENTENCES = (
    "坚定不移推进高质量发展，保障和改善民生。",
    "這家酒店的服務很好，下次還會再來！",
    "各位代表：现在，我代表省人民政府向大会报告工作。",
    "“三保”支出增长7%，R&D投入达到3.5亿元；",
    "习近平总书记在广东考察时强调（2024年）",
)
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4).map("\n".join)
EUROPEAN = "áéíóúñäöüßçàèêëîïôûùâãõåæøœýþðÄÖÜÀÉÈÊÇÑÁÍÓÚ«»¿¡©®°±·"


def decode_wrongly(text: str, encoding: str) -> str:
    """Decode bytes as Windows-1252 as browsers do, with controls for the five bytes it does not define."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode(encoding))


def restore(text: str) -> str:
    return trace(text).apply("mojibake", find_misread(text, NGRAM_MODEL)).text


@given(TEXTS, st.sampled_from(["utf-8", "gbk"]))
def test_what_was_decoded_wrongly_is_restored(text: str, encoding: str) -> None:
    assert restore(decode_wrongly(text, encoding)) == text
    assert restore(text.encode(encoding).decode("latin-1")) == text


@given(TEXTS, st.sampled_from(["utf-8", "gbk"]))
def test_restored_text_has_nothing_left_to_restore(text: str, encoding: str) -> None:
    assert find_misread(text, NGRAM_MODEL) == []
    assert find_misread(restore(decode_wrongly(text, encoding)), NGRAM_MODEL) == []


def test_a_european_letter_does_not_keep_a_record_from_being_restored() -> None:
    damaged = decode_wrongly(SENTENCES[0] * 3, "gbk") + " é "
    assert restore(damaged) == SENTENCES[0] * 3 + " é "


@example("él èré, où l'été à Évian çà")
@example("Á©© Á©© ¡¡¡¡¡¡ Á©©")
@example("Á©© Á©© Á©© ©Á©©Á©©")
@given(st.lists(st.text(EUROPEAN, min_size=1, max_size=8), min_size=1, max_size=6).map(" ".join))
def test_european_letters_are_unchanged(text: str) -> None:
    assert find_misread(text, NGRAM_MODEL) == []


@given(st.lists(st.tuples(st.sampled_from(EUROPEAN), st.sampled_from("aeilnrstAE")), min_size=5, max_size=20))
def test_european_letters_at_every_other_place_are_unchanged(pairs: list[tuple[str, str]]) -> None:
    assert find_misread("".join(map("".join, pairs)), NGRAM_MODEL) == []


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Привет, как дела? Сегодня хорошая погода и мы идём гулять", "cp1251"),
        ("Привет, как дела? Сегодня хорошая погода и мы идём гулять", "koi8-r"),
        ("Καλημέρα, τι κάνετε σήμερα; Η εργασία είναι πολύ δύσκολη", "cp1253"),
        ("오늘은 날씨가 좋아서 친구와 함께 공원에 산책을 갔습니다", "euc-kr"),
        ("今日は天気がいいので、友達と一緒に公園へ散歩に行きました", "euc-jp"),
        ("มากสวัสดีครับวันนี้อากาศดี", "cp874"),
    ],
)
def test_other_languages_that_were_decoded_wrongly_are_not_taken_for_chinese(
    text: str, encoding: str
) -> None:
    assert find_misread(decode_wrongly(text, encoding), NGRAM_MODEL) == []


def test_what_is_not_searched_for_lost_bytes_is_flagged(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [decode_wrongly(SENTENCES[0], "gbk")] * 3
    damaged = "\n".join(line[:9] + line[10:] for line in lines)
    assert restore(damaged) != damaged
    monkeypatch.setattr(double_bytes, "_SEARCHED_BYTES", len(lines[0]))
    replacements = find_misread(damaged, NGRAM_MODEL)
    assert any(not change.flagged for change in replacements)
    # The last line is beyond what is searched.
    assert all(change.flagged for change in replacements if change.start > len(damaged) - len(lines[-1]) + 2)
    assert replacements[-1].flagged
