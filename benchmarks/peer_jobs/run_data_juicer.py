"""Data-Juicer: its operators for all of the job, as its documentation recommends for Chinese.

With the tokenizer "tiktoken" texts are split after every 512 tokens, wherever that is, and not counted again:
the cheapest way that it has. Else text_chunk_mapper splits at sentence ends, and token_num_filter counts with
the tokenizer of that folder.

    python run_data_juicer.py TEXTS OUT PROCESSES TOKENIZER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import yaml

MODEL = "gpt-4o"


def main() -> None:
    """Write the recipe and run it."""
    texts, out, processes, tokenizer = sys.argv[1:]
    work = Path(f"{out}.work")
    work.mkdir()
    os.environ.update(OPENAI_API_KEY="none", HF_HUB_OFFLINE="1", TQDM_DISABLE="1")
    cheap = tokenizer == "tiktoken"
    pattern = None if cheap else "(?<=[。！？\\n])"
    process: list[dict[str, dict[str, Any]]] = [
        {"chinese_convert_mapper": {"mode": "t2s"}},
        {"document_minhash_deduplicator": {"tokenization": "character"}},
        {"text_chunk_mapper": {"max_len": 512, "split_pattern": pattern, "tokenizer": MODEL}},
    ]
    if not cheap:
        counter = {"hf_tokenizer": str(Path(tokenizer).parent), "min_num": 0}
        process.append({"token_num_filter": counter})
    recipe = {
        "project_name": "peers",
        "dataset_path": texts,
        "export_path": str(Path(out) / "texts.parquet"),
        "export_type": "parquet",
        "np": int(processes),
        "auto_op_parallelism": False,
        "text_keys": "text",
        "keep_stats_in_res_ds": True,
        "ds_cache_dir": str(work / "cache"),
        "work_dir": str(work),
        "process": process,
    }
    Path(out).mkdir()
    (work / "recipe.yaml").write_text(yaml.safe_dump(recipe, allow_unicode=True), encoding="utf-8")
    from data_juicer.config import init_configs
    from data_juicer.core import DefaultExecutor

    DefaultExecutor(init_configs(["--config", str(work / "recipe.yaml")])).run()


if __name__ == "__main__":
    main()
