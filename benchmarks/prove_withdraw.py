"""Withdraws documents with many copies, and looks for them in every byte of every file.

    python benchmarks/prove_withdraw.py [--documents 20] [--copies 30] [--megabytes 6] [--data ../shared/data]

The documents are named by id, source or text; the copies are equal, in Traditional characters, changed and
reset; for some recipes other documents quote one. Files are searched for the sentences in three encodings and
both scripts, and their values for folded n-grams of 10 characters: the build, its work folder, the
withdrawals file and the receipt. Then the build is compared with one that never had the documents, another
copy is added, and the build is verified.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from tests.builds import hash_files, read_rows
from tests.planted_texts import read_filler
from tests.sample_corpus import copy_text
from tests.withdrawn_texts import Corpus, find_remains, hash_tables, make_corpus

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.withdrawal.operation import carry_out, prepare_withdrawal
from hanpack.withdrawal.receipt import write_receipt
from hanpack.withdrawal.selection import Request

ROOT = Path(__file__).parents[1]


# The keys of the recipes that are tried, and the number of documents that quote a withdrawn text.
RECIPES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "splits": {"splits": {"validation": 0.2, "test": 0.1}},
    "passages": {"duplicates": {"passages": "remove"}},
    "copies": {"duplicates": {"drop": "none", "signatures": True}},
    "traditional": {"steps": {"script": "hant"}, "splits": {"test": 0.2}},
    "quotes": {"quotes": 20},
    "quotes and passages": {"quotes": 20, "duplicates": {"passages": "remove"}},
}


def main() -> None:
    """Print what remains and what differs; exit with 1 if anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--copies", type=int, default=30)
    parser.add_argument("--megabytes", type=float, default=6)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=list(RECIPES))
    options = parser.parse_args()
    filler = read_filler(options.data / "corpora", int(options.megabytes * 1e6))
    failures: list[str] = []
    for recipe in options.recipes:
        start = time.process_time()
        with tempfile.TemporaryDirectory() as name:
            keys = RECIPES[recipe]
            corpus = make_corpus(Path(name, "corpus"), options.documents, options.copies, filler, **keys)
            print(f"{recipe}: ", end="", flush=True)
            failures += [f"{recipe}: {failure}" for failure in prove(corpus, Path(name))]
        print(f"  {time.process_time() - start:.0f} s of processor time")
    print("\n".join(failures) or "nothing is left")
    sys.exit(1 if failures else 0)


def prove(corpus: Corpus, folder: Path) -> Iterator[str]:
    """Withdraw the documents of a corpus from a build; every failure of a promise is one line."""
    out = folder / "made" / "out"
    build(corpus.recipe, out)
    shards = hash_files(out)
    texts = list(corpus.texts.values())
    receipt = carry_out(prepare_withdrawal(out, make_request(corpus, out)))
    write_receipt(receipt, folder / "made" / "receipt", out)
    (folder / "made" / "withdrawals.jsonl").write_bytes(
        (folder / "corpus" / "withdrawals.jsonl").read_bytes()
    )
    for path in find_remains([folder / "made"], texts):
        yield f"{path} has a withdrawn text"
    print(f"{len(receipt.withdrawn)} records withdrawn, {len(receipt.files)} changes of {len(shards)} files")
    never = build(corpus.remove_from(folder / "never"), folder / "never-out").path
    before, after = describe_build(never, corpus), describe_build(out, corpus)
    different = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    for path in different:
        yield f"{path} is not that of a build without the documents"
    what = "texts of tables" if corpus.quotes else "files"
    print(f"  {len(before) - len(different)} of {len(before)} {what} are those of a build without them")
    extra = folder / "corpus" / "texts" / "99999-next.txt"
    extra.write_text(copy_text(texts[0], 1, Random(1)), encoding="utf-8")
    build(corpus.recipe, out)
    (state,) = {row["state"] for row in read_rows(out, "ledger") if row["source"].endswith("next.txt")}
    if state != "withdrawn":
        yield f"the next copy is {state}"
    audit = verify(out)
    yield from map(str, audit.faults)
    print(f"  the next copy is {state}; verify: {audit.checked}")


def describe_build(out: Path, corpus: Corpus) -> Mapping[str, object]:
    """What must be that of a build without the withdrawn documents.

    These are the hashes of all shards but those of the ledger; if documents quote a withdrawn text, which
    they then name as an edit, the texts of all tables.
    """
    if not corpus.quotes:
        return hash_tables(hash_files(out))
    return {
        **{
            table: [row["text"] for row in read_rows(out, table)]
            for table in ("documents", "chunks", "chunks_small")
        },
        "packed": [row["input_ids"] for row in read_rows(out, "packed")],
    }


def make_request(corpus: Corpus, out: Path) -> Request:
    """A request that names a third of the documents by id, a third by source, and the others by text."""
    ids = {row["source"]: row["document_id"] or row["duplicate_of"] for row in read_rows(out, "ledger")}
    names = list(corpus.texts)
    return Request(
        request="R-1",
        date="2026-11-27",
        reason="the author asked",
        document_ids=[ids[name] for name in names[::3]],
        sources=names[1::3],
        texts=[corpus.texts[name] for name in names[2::3]],
    )


if __name__ == "__main__":
    main()
