"""Counts with any local ``tokenizer.json`` through the optional package tokenizers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hanpack.errors import UsageError
from hanpack.steps.alignment import Positions
from hanpack.steps.tokens.counting import Vocabulary
from hanpack.steps.tokens.encodings import replace_surrogates
from hanpack.steps.tokens.tokenized_text import RecountedText, TokenizedText


class JsonCounter:
    """Counts as the Hugging Face tokenizer of a ``tokenizer.json`` does, without adding special tokens.

    Raises:
        UsageError: the file is damaged, or the package tokenizers is not installed.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.name = vocabulary.name
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise UsageError(
                "a tokenizer.json needs the package tokenizers", vocabulary.name, "install hanpack[hf]"
            ) from error
        try:
            self._tokenizer = Tokenizer.from_buffer(vocabulary.ranks_file)
        except Exception as error:
            raise UsageError(
                f"cannot read the tokenizer: {error}", vocabulary.name, "give a tokenizer.json"
            ) from error
        # What looks like a special token in a text is ordinary text, as for every other tokenizer.
        self._tokenizer.encode_special_tokens = True
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        return len(self._encode(text).ids)

    def encode(self, text: str) -> npt.NDArray[np.integer]:
        """The token ids of a text, special tokens read as ordinary text; shape (tokens,)."""
        return np.array(self._encode(text).ids, dtype=np.int32)

    def prepare(self, text: str) -> TokenizedText:
        """Encode a text once for estimates; its parts are encoded again when they are counted."""
        starts = [start for start, _ in self._encode(text).offsets]
        token_starts = np.array([*starts, len(text)], np.int32)
        return RecountedText(text, self.count, np.maximum.accumulate(token_starts))

    def prepare_all(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Encode several texts, as :meth:`prepare` does each."""
        return [self.prepare(text) for text in texts]

    def locate(self, text: str) -> Positions:
        """The span of each token in the text; shape (tokens, 2), in characters."""
        return np.array(self._encode(text).offsets, np.int64).reshape(-1, 2)

    def expect(self, size: int) -> None:
        """Nothing: the tokenizer is loaded already."""

    def _encode(self, text: str) -> Any:
        # The package refuses lone surrogates; tiktoken, too, reads each as the replacement character.
        return self._tokenizer.encode(replace_surrogates(text), add_special_tokens=False)
