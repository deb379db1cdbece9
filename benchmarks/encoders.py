"""What the faster encoder of tokens costs to load and saves for each MB, and from how many MB on it pays.

    python benchmarks/encoders.py [--data DATA]

The texts are the laws of DATA (by default ../shared/data), each encoded once; processor time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.resources.vocabulary import load_vocabulary
from hanpack.steps.tokens.counters import load_fast_encoder, open_counter

VOCABULARY = "o200k_base"


def time_encoding(encode: Callable[[str], object], texts: list[str]) -> float:
    """The processor seconds that encoding all texts takes."""
    begin = time.process_time()
    for text in texts:
        encode(text)
    return time.process_time() - begin


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data")
    laws = parser.parse_args().data / "corpora/laws_dev.jsonl.gz"
    with gzip.open(laws, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    reference = open_counter(load_vocabulary(VOCABULARY), fast=False)
    begin = time.process_time()
    fast = load_fast_encoder(VOCABULARY)
    loading = time.process_time() - begin
    if fast is None:
        sys.exit("the faster encoder is not installed: pip install 'hanpack[fast]'")
    encoders = (reference.encode, lambda text: fast.encode_all([text]))
    slow_cost, fast_cost = (time_encoding(encode, texts) / megabytes for encode in encoders)
    print(
        f"loading {1000 * loading:.0f} ms; tiktoken {1000 * slow_cost:.0f}, "
        f"faster {1000 * fast_cost:.0f} ms/MB"
    )
    print(f"it pays from {loading / (slow_cost - fast_cost):.0f} MB on")


if __name__ == "__main__":
    main()
