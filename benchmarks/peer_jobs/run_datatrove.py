"""datatrove: converts, removes near copies by its four MinHash steps, splits, counts, writes Parquet.

The pipelines are those of its example minhash_deduplication.py. Two steps are ours, because it has none: one
that converts with OpenCC, one that splits with the loop of sentence_chunks.py. Chinese words are those of
spaCy and jieba, as datatrove chooses them for Chinese. With the tokenizer "tiktoken" the counts of that loop
are kept, else TokensCounter counts with the tokenizer of that file.

    python run_datatrove.py TEXTS OUT PROCESSES TOKENIZER
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import opencc
import tiktoken
from benchmarks.peer_jobs.sentence_chunks import split_text
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.dedup import minhash
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.tokens import TokensCounter
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter
from loguru import logger


class Converter(PipelineStep):  # type: ignore[misc]
    """Makes documents Simplified."""

    name = "convert"
    type = "format"

    def run(self, data: Any, *_: int, **__: int) -> Iterator[Document]:
        """Convert each document."""
        convert = opencc.OpenCC("t2s").convert
        for document in data:
            document.text = convert(document.text)
            yield document


class Splitter(PipelineStep):  # type: ignore[misc]
    """Makes a document of each chunk."""

    name = "split"
    type = "format"

    def run(self, data: Any, *_: int, **__: int) -> Iterator[Document]:
        """Split each document."""
        encode = tiktoken.get_encoding("o200k_base").encode_ordinary
        for document in data:
            for number, (text, tokens) in enumerate(split_text(document.text, encode)):
                yield Document(text=text, id=f"{document.id}:{number}", metadata={"token_count": tokens})


def main() -> None:
    """Run the pipelines, one after the other."""
    texts, out, processes, tokenizer = sys.argv[1:]
    logger.remove()
    work = Path(f"{out}.work")
    files, workers = len(list(Path(texts).iterdir())), int(processes)
    signatures, buckets, clusters, converted = (
        str(work / name) for name in ("signatures", "buckets", "clusters", "converted")
    )
    config = minhash.MinhashConfig()
    counter = [] if tokenizer == "tiktoken" else [TokensCounter(tokenizer)]
    stages: list[tuple[list[Any], int]] = [
        (
            [
                JsonlReader(texts),
                Converter(),
                JsonlWriter(converted, output_filename="${rank}.jsonl", compression=None),
                minhash.MinhashDedupSignature(signatures, config, language="zho_Hani"),
            ],
            files,
        ),
        ([minhash.MinhashDedupBuckets(signatures, buckets, config=config)], config.num_buckets),
        ([minhash.MinhashDedupCluster(buckets, clusters, config=config)], 1),
        (
            [
                JsonlReader(converted),
                minhash.MinhashDedupFilter(clusters),
                Splitter(),
                *counter,
                ParquetWriter(out, compression="zstd", expand_metadata=True),
            ],
            files,
        ),
    ]
    for number, (pipeline, tasks) in enumerate(stages):
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=workers, logging_dir=str(work / f"logs{number}")
        ).run()


if __name__ == "__main__":
    main()
