"""Which parts of a cache are searched when withdrawals change."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from hanpack.building import withdrawn_parts
from hanpack.building.absence import AbsenceSearch, ChunkedDocuments
from hanpack.building.run import build
from hanpack.building.withdrawn_parts import SearchedParts, digest_withdrawals, hash_document, write_digest
from hanpack.resources.folding_table import open_folder
from hanpack.steps.dedup.withdrawn import Withdrawal, describe_withdrawn
from hanpack.store.metadata import read_metadata
from hanpack.store.parts import PartCache
from hanpack.store.reader import BuildReader
from hanpack.withdrawal.operation import carry_out, prepare_withdrawal
from hanpack.withdrawal.selection import Request
from tests.builds import hash_files, read_rows
from tests.conftest import write_recipe
from tests.planted_texts import TextMaker
from tests.withdrawn_texts import hash_tables

OLD, NEW = Withdrawal("R-1", "2026-11-27", "asked"), Withdrawal("R-2", "2026-11-28", "asked")


@pytest.mark.parametrize(
    ("honoured", "asked", "expected"),
    [
        ([OLD], [OLD, NEW], {"clean"}),
        ([], [OLD, NEW], set()),
        ([OLD], [NEW], set()),
        ([OLD], [OLD], set()),
    ],
)
def test_a_search_holds_for_the_change_that_it_was_made_for(
    tmp_path: Path, honoured: list[Withdrawal], asked: list[Withdrawal], expected: set[str]
) -> None:
    cache = PartCache(tmp_path)
    write_digest(cache, honoured)
    searched = SearchedParts(digest_withdrawals([OLD]), digest_withdrawals([OLD, NEW]), frozenset({"clean"}))
    assert searched.find_clean(cache, asked) == expected
    known = SearchedParts(searched.before, searched.after, searched.clean, frozenset({b"hash"}))
    assert known.find_documents(asked) == ({b"hash"} if asked == [OLD, NEW] else frozenset())


def test_parts_that_have_nothing_of_a_withdrawal_are_not_searched_again(tmp_path: Path) -> None:
    maker = TextMaker(5)
    files = {f"{number}.txt": maker.text(8).encode() for number in range(6)}
    recipe = write_recipe(tmp_path, files)
    out = build(recipe, tmp_path / "out", num_proc=1).path
    (identity,) = (row["id"] for row in read_rows(out, "documents") if row["source"] == "3.txt")
    prepared = prepare_withdrawal(out, Request("R-1", "2026-11-28", "asked", document_ids=[identity]))
    assert len(prepared.clean) == 5
    with patch.object(withdrawn_parts, "read_texts", wraps=withdrawn_parts.read_texts) as read:
        receipt = carry_out(prepared)
    assert read.call_count == 1, "only the part with the document is read again"
    assert [record.source for record in receipt.withdrawn] == ["3.txt"]
    del files["3.txt"]
    never = build(write_recipe(tmp_path / "never", files), tmp_path / "never-out", num_proc=1).path
    assert hash_tables(hash_files(out)) == hash_tables(hash_files(never))


def test_what_is_known_to_be_clean_changes_nothing_of_what_a_search_for_withdrawn_texts_finds(
    tmp_path: Path,
) -> None:
    maker = TextMaker(6)
    texts = [maker.text(40) for _ in range(6)]
    files = {f"{number}.txt": text.encode() for number, text in enumerate(texts)}
    keys = {"chunks": {"max_tokens": 200, "overlap": 32}, "splits": {"test": {"source": "4*"}}}
    out = build(write_recipe(tmp_path, files, **keys), tmp_path / "out", num_proc=1).path
    signatures = [describe_withdrawn(texts[number], open_folder().fold(texts[number])) for number in (3, 4)]
    withdrawals = [Withdrawal("R-1", "2026-11-28", "asked", tuple(signatures))]
    rows = read_rows(out, "documents")
    hashes = {row["source"]: hash_document(row["text"], read_metadata(row["metadata"])) for row in rows}
    reader = BuildReader.open(out)
    searched = AbsenceSearch(withdrawals, None).run(reader)
    assert len(searched.places) == 2
    for known in ([], ["0.txt", "5.txt"], ["0.txt", "1.txt", "2.txt", "5.txt"]):
        again = AbsenceSearch(withdrawals, None, {hashes[name] for name in known}).run(reader)
        assert (again.places, again.searched) == (searched.places, searched.searched)
    with patch.object(AbsenceSearch, "_find_fragments", return_value=[]) as find:
        AbsenceSearch(withdrawals, None, set(hashes.values())).run(reader)
    assert [call.args[0] for call in find.call_args_list if call.args[0]] == []
    moved = {"text": rows[0]["text"][1:9], "document_id": rows[0]["id"], "start": 0, "end": 8}
    documents = ChunkedDocuments(reader, "test")
    asked = [moved, {**moved, "start": 1, "end": 9}, {**moved, "document_id": "unknown"}]
    assert [documents.have_chunk(chunk) for chunk in (*asked, asked[1])] == [False, True, False, False]
