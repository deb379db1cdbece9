"""The bare floor: reads, converts with OpenCC, counts by one tiktoken pass, writes Parquet. Nothing is split.

python bare_floor.py TEXTS OUT PROCESSES TOKENIZER
"""

from __future__ import annotations

import json
import sys
from multiprocessing import Pool
from pathlib import Path

import opencc
import pyarrow as pa
import pyarrow.parquet as pq
import tiktoken

BATCH_ROWS = 1_000


def convert_file(source: str, target: str) -> None:
    """Carry out the job on one file."""
    convert = opencc.OpenCC("t2s").convert
    encode = tiktoken.get_encoding("o200k_base").encode_ordinary
    schema = pa.schema([("id", pa.string()), ("text", pa.string()), ("tokens", pa.int64())])
    with open(source, encoding="utf-8") as lines, pq.ParquetWriter(target, schema, compression="zstd") as out:
        rows: list[dict[str, object]] = []
        for line in lines:
            record = json.loads(line)
            text = convert(record["text"])
            rows.append({"id": record["id"], "text": text, "tokens": len(encode(text))})
            if len(rows) == BATCH_ROWS:
                out.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        out.write_table(pa.Table.from_pylist(rows, schema))


def main() -> None:
    """Convert the files of a folder, each in its turn to one of the processes."""
    texts, out, processes, _ = sys.argv[1:]
    Path(out).mkdir()
    pairs = [(str(path), str(Path(out) / f"{path.stem}.parquet")) for path in sorted(Path(texts).iterdir())]
    if processes == "1":
        for pair in pairs:
            convert_file(*pair)
        return
    with Pool(int(processes)) as pool:
        pool.starmap(convert_file, pairs, chunksize=1)


if __name__ == "__main__":
    main()
