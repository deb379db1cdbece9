"""Which parts of a cache are searched when withdrawals change."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from hanpack.building import withdrawn_parts
from hanpack.building.run import build
from hanpack.building.withdrawn_parts import SearchedParts, digest_withdrawals, write_digest
from hanpack.steps.dedup.withdrawn import Withdrawal
from hanpack.store.parts import PartCache
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
