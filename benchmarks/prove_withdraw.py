"""Withdraws documents with many copies, and looks for them in every byte of every file.

    python benchmarks/prove_withdraw.py [--documents 20] [--copies 30] [--megabytes 6] [--data ../shared/data]

The documents are named by id, source or text; the copies are equal, in Traditional characters, changed and
reset. Files are searched for the sentences in three encodings and both scripts, and their values for folded
n-grams of 10 characters: the build, its work folder, the withdrawals file and the receipt. Then the build is
compared with one that never had the documents, another copy is added, and the build is verified.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from random import Random

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


def main() -> None:
    """Print what remains and what differs; exit with 1 if anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--copies", type=int, default=30)
    parser.add_argument("--megabytes", type=float, default=6)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    options = parser.parse_args()
    filler = read_filler(options.data / "corpora", int(options.megabytes * 1e6))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = make_corpus(folder / "corpus", options.documents, options.copies, filler)
        out = folder / "made" / "out"
        build(corpus.recipe, out)
        shards = hash_files(out)
        request = make_request(corpus, out)
        prepared = prepare_withdrawal(out, request)
        receipt = carry_out(prepared)
        write_receipt(receipt, folder / "made" / "receipt", out)
        (folder / "made" / "withdrawals.jsonl").write_bytes(
            (folder / "corpus" / "withdrawals.jsonl").read_bytes()
        )
        failures = [f"{path} has a withdrawn text" for path in find_remains([folder / "made"], texts(corpus))]
        print(
            f"{len(receipt.withdrawn)} records withdrawn, {len(receipt.files)} of {len(shards)} files changed"
        )
        never = build(corpus.remove_from(folder / "never"), folder / "never-out").path
        before, after = hash_tables(hash_files(never)), hash_tables(hash_files(out))
        different = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
        failures += [f"{path} is not that of a build without the documents" for path in different]
        print(f"{len(before) - len(different)} of {len(before)} shards are those of a build without them")
        extra = folder / "corpus" / "texts" / "99999-next.txt"
        extra.write_text(copy_text(texts(corpus)[0], 1, Random(1)), encoding="utf-8")
        build(corpus.recipe, out)
        (state,) = {row["state"] for row in read_rows(out, "ledger") if row["source"].endswith("next.txt")}
        failures += [] if state == "withdrawn" else [f"the next copy is {state}"]
        audit = verify(out)
        failures += [str(fault) for fault in audit.faults]
        print(f"the next copy is {state}; verify: {audit.checked}")
    print("\n".join(failures) or "nothing is left")
    sys.exit(1 if failures else 0)


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


def texts(corpus: Corpus) -> list[str]:
    """The withdrawn texts."""
    return list(corpus.texts.values())


if __name__ == "__main__":
    main()
