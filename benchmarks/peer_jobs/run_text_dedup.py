"""A loop by hand around text-dedup: OpenCC, its MinHash, the loop of sentence_chunks.py, Parquet.

text-dedup has no setting for Chinese: it gets a space after every character, and n-grams of three of them.

    python run_text_dedup.py TEXTS OUT PROCESSES TOKENIZER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import opencc
import pyarrow as pa
import pyarrow.parquet as pq
import tiktoken
from benchmarks.peer_jobs.sentence_chunks import split_text
from datasets import disable_progress_bars, load_from_disk
from text_dedup import minhash, utils

BATCH_ROWS = 1_000


def main() -> None:
    """Convert, remove near copies, split."""
    texts, out, processes, _ = sys.argv[1:]
    disable_progress_bars()
    minhash.logger.disabled = True
    work = Path(f"{out}.work")
    work.mkdir()
    Path(out).mkdir()
    convert = opencc.OpenCC("t2s").convert
    with (work / "spaced.jsonl").open("w", encoding="utf-8") as spaced:
        for path in sorted(Path(texts).iterdir()):
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    record = json.loads(line)
                    row = {"id": record["id"], "text": " ".join(convert(record["text"]))}
                    spaced.write(json.dumps(row, ensure_ascii=False) + "\n")
    reading = utils.IOArgs(
        path="json",
        data_files=str(work / "spaced.jsonl"),
        split="train",
        output=str(work / "kept"),
        cache_dir=str(work / "cache"),
        num_proc=int(processes),
    )
    minhash.main.callback(
        io_args=reading,
        meta_args=utils.MetaArgs(column="text"),
        minhash_args=utils.MinHashArgs(ngram=3),
    )
    encode = tiktoken.get_encoding("o200k_base").encode_ordinary
    schema = pa.schema([("id", pa.string()), ("text", pa.string()), ("tokens", pa.int64())])
    with pq.ParquetWriter(str(Path(out) / "texts.parquet"), schema, compression="zstd") as writer:
        rows = []
        for record in load_from_disk(str(work / "kept")):
            for text, tokens in split_text(record["text"][::2], encode):
                rows.append({"id": record["id"], "text": text, "tokens": tokens})
            if len(rows) >= BATCH_ROWS:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))


if __name__ == "__main__":
    main()
