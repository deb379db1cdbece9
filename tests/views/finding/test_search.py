"""Texts are found where they are, in any spelling, with what became of them there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.errors import UsageError, VerifyError
from hanpack.resources.folding_table import open_folder
from hanpack.store import text_index
from hanpack.store.reader import BuildReader
from hanpack.views.finding import kept
from hanpack.views.finding.kept import KeptSearch
from hanpack.views.finding.places import Query
from hanpack.views.finding.removed import RemovedSearch
from hanpack.views.finding.screen import describe_place, read_texts
from hanpack.views.finding.search import find_texts
from hanpack.withdrawal.operation import carry_out, prepare_withdrawal
from hanpack.withdrawal.selection import Request
from tests.builds import change_recipe, to_jsonl
from tests.conftest import ROOT, MakeRecipe, write_recipe
from tests.planted_shapes import SHAPES, build_shapes, plant_shapes
from tests.planted_texts import TextMaker, expect_page_texts, list_fates, plant_texts
from tests.sample_corpus import read_paragraphs
from tests.sources.test_warc import HTML, dump_response


def test_planted_texts_are_found_with_their_fates(tmp_path: Path) -> None:
    planted = plant_texts(tmp_path / "corpus", 36, read_paragraphs(100), seed=3)
    out = build(tmp_path / "corpus" / "recipe.yaml", tmp_path / "out", num_proc=1).path
    planted = expect_page_texts(planted, out, lambda text: open_folder().fold(text).text)
    answers = find_texts(out, [text.query for text in planted]).answers
    fates = {fate for text in planted for fate, _, _ in text.expected}
    assert fates == {"kept", "duplicate", "removed", "rejected"}
    for text, answer in zip(planted, answers, strict=True):
        assert list_fates(answer) == text.expected, text


def test_texts_in_unusual_shapes_are_found_with_their_fates(tmp_path: Path) -> None:
    planted = plant_shapes(tmp_path / "corpus", len(SHAPES), read_paragraphs(20), seed=4)
    build_shapes(tmp_path / "corpus", tmp_path / "out")
    answers = find_texts(tmp_path / "out", [text.query for text in planted]).answers
    assert {text.kind for text in planted} == SHAPES.keys()
    for text, answer in zip(planted, answers, strict=True):
        assert list_fates(answer) == text.expected, text


def test_a_text_in_metadata_is_named_with_its_field(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "INDEXED_BYTES", 0)
    maker = TextMaker(12)
    title, tag, text = maker.text(1), maker.text(1), maker.text(9)
    record = {"text": text, "title": title, "tags": ["甲", maker.to_traditional(tag)], "personal": 7}
    line = json.dumps(record).encode() + b"\n"
    out = build(make_recipe({"a.jsonl": line + to_jsonl(maker.text(9))}), tmp_path / "out", num_proc=1).path
    for _ in range(2):
        answers = find_texts(out, [title, tag, "personal", text[-9:] + title[:9]]).answers
        fields = [[(place.fate, place.field, place.record) for place in answer.places] for answer in answers]
        assert fields == [[("kept", "title", 0)], [("kept", "tags", 0)], [], []]
    assert "in its metadata: title" in describe_place(find_texts(out, [title]).answers[0].places[0])


def test_a_text_that_was_repaired_before_it_was_withdrawn_is_found_as_withdrawn(tmp_path: Path) -> None:
    damaged = (ROOT / "seeds" / "000_6e557153c922afc4.txt").read_bytes()
    out = build(write_recipe(tmp_path / "corpus", {"a.txt": damaged}), tmp_path / "out", num_proc=1).path
    repaired = "工程施工單位已進場,項目部基本建成"
    assert repaired not in damaged.decode()
    (place,) = find_texts(out, [repaired]).answers[0].places
    request = Request("R-1", "2026-11-28", "asked", document_ids=[str(place.document_id)])
    carry_out(prepare_withdrawal(out, request), num_proc=1)
    (withdrawn,) = find_texts(out, [repaired]).answers[0].places
    assert (withdrawn.fate, withdrawn.record, withdrawn.context) == ("withdrawn", place.record, None)
    assert (withdrawn.byte_start, withdrawn.byte_end) == (place.byte_start, place.byte_end)


@pytest.mark.parametrize("action", ["replace", "flag"])
def test_personal_data_that_was_replaced_is_found_as_removed(
    action: str, make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    text = TextMaker(5).text(9)
    lines = to_jsonl(f"{text}，电话138-1234-5678。", text[:9], f"{text[::-1]}，邮箱a@example.com。")
    out = build(
        make_recipe({"a.jsonl": lines}, steps={"personal": action}), tmp_path / "out", num_proc=1
    ).path
    mobile, mail = find_texts(out, ["电话13812345678", "A@example.com"]).answers
    expected = {"replace": ("removed", {"personal": 13}), "flag": ("kept", {})}[action]
    assert [(place.fate, place.steps) for place in mobile.places] == [expected]
    assert [(place.fate, place.record) for place in mail.places] == [(expected[0], 2)]


def test_a_record_that_was_not_kept_is_found_with_its_address(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    text = TextMaker(3).text(9)
    row = json.dumps({"text": text, "url": "https://a.example/1"})
    recipe = make_recipe({"a.jsonl": row.encode()}, quality={"han_share": {"max": 0.1}})
    change_recipe(recipe, sources=[{"path": "a.jsonl"}, {"path": "b.txt"}])
    (recipe.parent / "b.txt").write_text("Only Latin letters.", encoding="utf-8")
    out = build(recipe, tmp_path / "out", num_proc=1).path
    (place,) = find_texts(out, [text[:20]]).answers[0].places
    assert (place.fate, place.url) == ("rejected", "https://a.example/1")
    assert ", https://a.example/1, " in describe_place(place)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of three documents, a copy and a rejected record, with its recipe and sources."""
    maker = TextMaker(7)
    folder = tmp_path_factory.mktemp("found")
    texts = [maker.text(30) for _ in range(3)]
    lines = to_jsonl(*texts, maker.to_traditional(texts[0])) + b'{"text": "' + maker.text(3).encode()
    (folder / "a.jsonl").write_bytes(lines)
    recipe = {"name": "a", "sources": [{"path": "a.jsonl"}], "chunks": {"max_tokens": 100}}
    (folder / "recipe.yaml").write_text(json.dumps(recipe), encoding="utf-8")
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    build(folder / "recipe.yaml", folder / "out", num_proc=1)
    return folder


def read_planted(corpus: Path) -> list[str]:
    texts: list[str] = json.loads((corpus / "texts.json").read_text(encoding="utf-8"))
    return texts


def test_a_kept_text_has_its_chunks_bytes_and_context(corpus: Path) -> None:
    text = read_planted(corpus)[1]
    (answer,) = find_texts(corpus / "out", [text[40:260]]).answers
    (place,) = answer.places
    source = (corpus / "a.jsonl").read_bytes()
    assert place.byte_start is not None
    assert source[place.byte_start : place.byte_end].decode() in (text[40:259], text[40:260], text[41:260])
    assert (place.fate, place.source, place.record) == ("kept", "a.jsonl", 1)
    assert place.context is not None
    assert len(place.context.before) == 30
    assert place.context.before in text[:41]
    assert len(place.chunks) > 1
    reader = BuildReader.open(corpus / "out")
    chunks = {row.values["id"]: row.values["text"] for row in reader.read_rows("chunks", ["id", "text"])}
    parts = [chunks[chunk.id][chunk.start : chunk.end] for chunk in place.chunks]
    fold = open_folder().fold
    assert fold("".join(parts)).text == fold(text[40:260]).text


def test_copies_are_named_by_the_ledger_if_the_sources_are_not_at_hand(corpus: Path, tmp_path: Path) -> None:
    text = read_planted(corpus)[0][20:60]
    out = corpus / "out"
    (answer,) = find_texts(out, [text]).answers
    assert [(place.fate, place.is_confirmed) for place in answer.places] == [
        ("kept", True),
        ("duplicate", True),
    ]
    unread = find_texts(out, [text], tmp_path / "nowhere")
    assert [(place.fate, place.is_confirmed) for place in unread.answers[0].places] == [
        ("kept", True),
        ("duplicate", False),
    ]
    assert "--sources" in unread.notes[0]
    assert find_texts(out, [text], searches_sources=False).notes != []


def test_a_changed_source_is_said_not_to_be_searched(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(to_jsonl("别的文本。"))
    found = find_texts(corpus / "out", [read_planted(corpus)[0][:30]], tmp_path)
    assert found.notes == ["a.jsonl was not searched: it was changed after the build"]
    assert [place.is_confirmed for place in found.answers[0].places] == [True, False]


def test_one_note_says_which_records_could_not_be_searched_and_pages_that_are_none_are_not_named(
    tmp_path: Path,
) -> None:
    text = TextMaker(11).text(3)
    warc = dump_response(text.encode(), HTML) + dump_response(b"x", HTML, status="404 Not Found")
    files = {"a.warc": warc, "b.jsonl": to_jsonl("长" * 500, "很" * 500, text)}
    recipe = write_recipe(tmp_path / "corpus", files, limits={"max_record_bytes": 1024})
    out = build(recipe, tmp_path / "out", num_proc=1).path
    found = find_texts(out, [text[:20]])
    (note,) = found.notes
    assert note.startswith(
        "2 records could not be searched, nor read when the build was made; the first: b.jsonl"
    )


def test_places_beyond_the_limit_are_counted_or_said_to_exist(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    maker = TextMaker(9)
    phrase = maker.text(1)
    texts = [maker.text(9) + phrase for _ in range(6)]
    out = build(make_recipe({"a.jsonl": to_jsonl(*texts)}), tmp_path / "out", num_proc=1).path
    (answer,) = find_texts(out, [phrase], limit=2).answers
    assert (len(answer.places), answer.is_complete) == (2, False)
    (answer,) = find_texts(out, [phrase], limit=6).answers
    assert (len(answer.places), answer.is_complete) == (6, True)


@pytest.fixture
def indexed(make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """A build whose only shard of documents gets an index, and a text in it."""
    monkeypatch.setattr(kept, "INDEXED_BYTES", 0)
    maker = TextMaker(8)
    texts = [maker.text(9) for _ in range(20)]
    out = build(make_recipe({"a.jsonl": to_jsonl(*texts)}), tmp_path / "out", num_proc=1).path
    return out, texts[13][30:60]


def find_index(out: Path) -> Path:
    (path,) = (out.parent / ".out.hanpack" / "indexes").iterdir()
    return path


def is_kept(out: Path, text: str) -> bool:
    return [place.fate for place in find_texts(out, [text]).answers[0].places] == ["kept"]


def test_an_index_is_made_once_and_is_outside_the_build(indexed: tuple[Path, str]) -> None:
    out, text = indexed
    before = sorted(path for path in out.rglob("*"))
    assert is_kept(out, text)
    state = find_index(out).stat()
    assert is_kept(out, text)
    assert find_index(out).stat() == state
    assert sorted(path for path in out.rglob("*")) == before


def test_an_index_that_was_changed_hides_nothing(indexed: tuple[Path, str]) -> None:
    out, text = indexed
    assert is_kept(out, text)
    data = find_index(out).read_bytes()
    head = data.index(b"\0\0\0") - 1
    for changed in (b"", data[: len(data) // 2], data[:60] + bytes(len(data) - 60), data[:head] + bytes(9)):
        find_index(out).write_bytes(changed)
        assert is_kept(out, text)
    # The bits of a slab are cleared after its digest; the head stays as it is.
    start = 16 + 16 + 16 + 8
    slab = 16 + text_index._SLAB_ROWS
    cleared = bytearray(data)
    for number in range(text_index._SLABS):
        low = start + number * slab + 16
        cleared[low : low + text_index._SLAB_ROWS] = bytes(text_index._SLAB_ROWS)
    assert len(cleared) == len(data)
    find_index(out).write_bytes(cleared)
    assert is_kept(out, text)


def test_an_index_of_another_copy_of_the_build_is_not_used(indexed: tuple[Path, str]) -> None:
    out, text = indexed
    assert is_kept(out, text)
    reader = BuildReader.open(out)
    (shard,) = reader.shards("documents")
    assert text_index.has_index(reader, shard, open_folder())
    path = reader.path(shard)
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    os.utime(copy, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    copy.replace(path)
    assert not text_index.has_index(reader, shard, open_folder())
    assert is_kept(out, text)


def test_the_search_without_an_index_finds_the_same(indexed: tuple[Path, str]) -> None:
    out, text = indexed
    reader = BuildReader.open(out)
    queries = [Query.of(text), Query.of("一二三四五六七八九十")]
    results = [
        KeptSearch(reader, queries, 20, uses_index=uses_index).run(lambda done, total: None)
        for uses_index in (True, False)
    ]
    spans = [
        [(kept.query, kept.start, kept.end, kept.bytes) for kept in result.occurrences] for result in results
    ]
    assert spans[0] == spans[1]
    assert len(spans[0]) == 1


def test_a_work_folder_that_is_a_link_is_refused(indexed: tuple[Path, str], tmp_path: Path) -> None:
    out, text = indexed
    work = out.parent / ".out.hanpack"
    work.rename(tmp_path / "elsewhere")
    work.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VerifyError, match="is a link"):
        find_texts(out, [text])


def test_what_cannot_be_looked_for_says_so(corpus: Path, tmp_path: Path) -> None:
    out = corpus / "out"
    for texts, message in (
        ([], "no text"),
        (["，。！？；"], "no letters or digits"),
        (["\ud800一二三"], "no valid Unicode"),
    ):
        with pytest.raises(UsageError, match=message):
            find_texts(out, texts)
    lines = tmp_path / "texts.jsonl"
    lines.write_text('{"text": "一二三四五"}\n"六七八九十"\n', encoding="utf-8")
    assert read_texts(lines) == ["一二三四五", "六七八九十"]
    lines.write_text('{"title": "一"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match="line 1 has no text"):
        read_texts(lines)


def test_a_source_is_only_read_for_records_that_lost_text(
    make_recipe: MakeRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = build(make_recipe({"a.txt": "今天天气很好。".encode()}), tmp_path / "out", num_proc=1).path
    monkeypatch.setattr(RemovedSearch, "_search_source", None)
    assert find_texts(out, ["今天天气"]).records == 0


@pytest.mark.parametrize("unit", ["报告工作情况", "https://example.com/"])
def test_a_text_that_is_longer_than_any_document_is_looked_for_too(
    make_recipe: MakeRecipe, tmp_path: Path, unit: str
) -> None:
    out = build(make_recipe({"a.txt": unit.encode() * 9}), tmp_path / "out").path
    assert [answer.is_found for answer in find_texts(out, [unit * 9, unit * 40_000])] == [True, False]


def test_a_name_is_found_in_capital_or_small_letters(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"Notice.txt": "今天天气很好。".encode()}), tmp_path / "out").path
    assert find_texts(out, ["NOTICE"]).notes == ["NOTICE is in no text, but in the path of Notice.txt"]


def test_a_text_that_is_only_a_name_is_said_to_be_one(tmp_path: Path) -> None:
    table = "事项编号,办理情况,日期\n7,已责成水务局尽快修复城东供水管网。,2024-01-01\n"
    files = {"信访/台账.csv": table.encode(), "信访/说明.txt": "城东水务局的说明。".encode()}
    sources = [{"path": "信访/*.txt"}, {"path": "信访/*.csv", "text_column": "办理情况"}]
    out = build(write_recipe(tmp_path, files, sources=sources), tmp_path / "out").path
    answers = find_texts(out, ["事项编号", "办理情况", "信访", "说明", "供水管网"])
    assert [answer.is_found for answer in answers] == [False, False, False, True, True]
    assert answers.notes == [
        "事项编号 is in no text, but it is the name of a column, whose values are in metadata.extra",
        "办理情况 is in no text, but it is the name of the column of the texts",
        "信访 is in no text, but in the path of 信访/说明.txt and 1 other source",
    ]
    assert find_texts(out, ["无此事项"]).notes == []
