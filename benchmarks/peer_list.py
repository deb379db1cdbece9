"""The peers that benchmarks/peers.py measures: their packages, their jobs, and the environment of each."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tiktoken_ext.openai_public
from tokenizers import Regex, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

from hanpack.resources.named_vocabularies import NAMED_VOCABULARIES
from hanpack.steps.tokens.counting import O200K_PATTERN
from hanpack.steps.tokens.ranks import parse_ranks

JOBS = Path(__file__).parent / "peer_jobs"
ENCODING = "o200k_base"
# A job with this tokenizer counts with tiktoken, in the cheapest way that its tool has.
TIKTOKEN = "tiktoken"


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, or one way to use it.

    ``environment`` is the name of the environment with its ``packages``, ``main_package`` the one whose
    version is printed. ``steps`` are the steps of the job that it carries out, in a word each. If
    ``is_cheapest``, it is the quickest way that the tool has, which leaves out or weakens a step.
    """

    name: str
    job: str
    environment: str
    packages: Sequence[str]
    main_package: str
    is_cheapest: bool = False


_DATATROVE = ("datatrove[processing,io]", "opencc", "tiktoken", "tokenizers", "spacy", "jieba")
_DATA_JUICER = (
    "py-data-juicer",
    "opencc",
    "tiktoken",
    "transformers",
    "openai",
    "scipy",
    "aiohttp",
    "ray",
)
PEERS = (
    Peer("bare floor", "bare_floor.py", "floor", ("opencc", "tiktoken", "pyarrow"), "tiktoken"),
    Peer("datatrove", "run_datatrove.py", "datatrove", _DATATROVE, "datatrove"),
    Peer("datatrove, cheapest", "run_datatrove.py", "datatrove", _DATATROVE, "datatrove", is_cheapest=True),
    Peer("Data-Juicer", "run_data_juicer.py", "data_juicer", _DATA_JUICER, "py-data-juicer"),
    Peer(
        "Data-Juicer, cheapest",
        "run_data_juicer.py",
        "data_juicer",
        _DATA_JUICER,
        "py-data-juicer",
        is_cheapest=True,
    ),
    Peer(
        "text-dedup in a loop",
        "run_text_dedup.py",
        "text_dedup",
        ("text-dedup", "opencc", "tiktoken"),
        "text-dedup",
    ),
)


@dataclass(frozen=True, slots=True)
class Environments:
    """The environments of the peers, each a folder in ``folder``, and the tokenizer that all count with."""

    folder: Path

    def find_python(self, peer: Peer) -> Path:
        """The interpreter of a peer."""
        return self.folder / peer.environment / "bin" / "python"

    def install(self, peer: Peer) -> str:
        """Make the environment of a peer, if it is not there; returns the version of its main package."""
        uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
        if uv is None:
            sys.exit("peers.py: uv is not installed: pip install uv")
        python, note = self.find_python(peer), self.folder / peer.environment / "packages.json"
        if not note.is_file() or json.loads(note.read_text()) != list(peer.packages):
            print(f"installing {' '.join(peer.packages)}", file=sys.stderr, flush=True)
            target = str(self.folder / peer.environment)
            subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, target], check=True)
            command = [
                uv,
                "pip",
                "install",
                "--quiet",
                "--compile-bytecode",
                "--python",
                str(python),
                *peer.packages,
            ]
            subprocess.run(command, check=True)
            note.write_text(json.dumps(list(peer.packages)))
        code = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
        command = [str(python), "-c", code, peer.main_package]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    @property
    def tokenizer(self) -> Path:
        """The vocabulary as a file of the library tokenizers, for peers that count with that."""
        return self.folder / "tokenizer" / "tokenizer.json"

    @property
    def tiktoken_cache(self) -> Path:
        """The folder where tiktoken looks for the vocabulary, so that nothing is downloaded."""
        return self.folder / "tiktoken"

    def write_tokenizers(self) -> None:
        """Write the vocabulary for tiktoken and for the library tokenizers, if it is not there."""
        if self.tokenizer.is_file():
            return
        ranks_file = next(row for row in NAMED_VOCABULARIES if row.name == ENCODING).read()
        self.tiktoken_cache.mkdir(parents=True, exist_ok=True)
        key = hashlib.sha1(_find_address().encode()).hexdigest()
        (self.tiktoken_cache / key).write_bytes(ranks_file)
        self.tokenizer.parent.mkdir(exist_ok=True)
        tokenizer = make_tokenizer(parse_ranks(ranks_file, ENCODING).select_all())
        tokenizer.save(str(self.tokenizer))
        settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 10**9}
        (self.tokenizer.parent / "tokenizer_config.json").write_text(json.dumps(settings))


def make_tokenizer(ranks: Mapping[bytes, int]) -> Any:
    """A byte-level BPE of the library tokenizers with the tokens and ranks of tiktoken.

    A token is merged from every pair of tokens that gives it, in the order of the ranks of the tokens: the
    rule of ``TikTokenConverter`` in the library transformers.
    """
    alphabet = _name_bytes()
    names = {token: "".join(map(alphabet.__getitem__, token)) for token in ranks}
    merges = []
    for token in sorted(ranks, key=ranks.__getitem__):
        splits = [(token[:at], token[at:]) for at in range(1, len(token))]
        pairs = [pair for pair in splits if pair[0] in ranks and pair[1] in ranks]
        pairs.sort(key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
        merges += [(names[first], names[second]) for first, second in pairs]
    vocabulary = {names[token]: rank for token, rank in ranks.items()}
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=merges, ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(O200K_PATTERN), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def _name_bytes() -> dict[int, str]:
    """The character that stands for each byte in a byte-level vocabulary, as in GPT-2's encoder.py."""
    visible = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {
        byte: chr(256 + number) for number, byte in enumerate(others)
    }


def _find_address() -> str:
    """The address of the vocabulary in tiktoken, whose cache names the file by a hash of that."""
    addresses: list[str] = []

    def note(address: str, **_: object) -> dict[bytes, int]:
        addresses.append(address)
        return {}

    loader = tiktoken_ext.openai_public.load_tiktoken_bpe
    tiktoken_ext.openai_public.load_tiktoken_bpe = note
    try:
        tiktoken_ext.openai_public.o200k_base()
    finally:
        tiktoken_ext.openai_public.load_tiktoken_bpe = loader
    return addresses[0]
