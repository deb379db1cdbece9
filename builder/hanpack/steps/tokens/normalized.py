"""Counts as a tokenizer does that brings a text into a Unicode form first, as those of Qwen do."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import is_normalized, normalize

import numpy as np
import numpy.typing as npt

from hanpack.steps.alignment import Positions
from hanpack.steps.tokens.counting import TiktokenCounter
from hanpack.steps.tokens.tokenized_text import RecountedText, TokenizedText


class NormalizingCounter:
    r"""Counts what ``counter`` counts in the normalized text; ``form`` is ``NFC``.

    A part of a text in NFC is in NFC (UAX #15, section 1.3, "concatenation and substrings"): such a text, as
    most are, costs no more. The parts of another are normalized and encoded when they are counted.

    >>> ranks = b"YQ== 0\nYg== 1\nYWI= 2\n"  # the tokens a, b and ab in base64, each with its rank
    >>> from hanpack.steps.tokens.counting import Vocabulary
    >>> letters = TiktokenCounter(Vocabulary("letters", "[ab]+", ranks, sha256=""))
    >>> NormalizingCounter(letters, "NFC").count("abab")
    2
    """

    def __init__(self, counter: TiktokenCounter, form: str) -> None:
        self.name = counter.name
        self._counter = counter
        self._form = form

    def count(self, text: str) -> int:
        """The number of tokens of a text."""
        return self._counter.count(self._normalize(text))

    def encode(self, text: str) -> npt.NDArray[np.integer]:
        """The token ids of a text, special tokens read as ordinary text; shape (tokens,)."""
        return self._counter.encode(self._normalize(text))

    def prepare(self, text: str) -> TokenizedText:
        """Encode a text once, so that its parts can be counted at almost no cost."""
        (tokenized,) = self.prepare_all([text])
        return tokenized

    def prepare_all(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Encode several texts at once, as :meth:`prepare` does each."""
        if all(is_normalized(self._form, text) for text in texts):  # type: ignore[arg-type]
            return self._counter.prepare_all(texts)
        return [self._prepare_alone(text) for text in texts]

    def locate(self, text: str) -> Positions:
        """The span of each token in the text; shape (tokens, 2), in characters.

        Raises:
            ValueError: the text is not in the form of the tokenizer.
        """
        if self._normalize(text) != text:
            raise ValueError(f"the tokenizer brings this text into the form {self._form} first")
        return self._counter.locate(text)

    def expect(self, size: int) -> None:
        """Load now what pays for ``size`` bytes of text: worker processes that are forked later share it."""
        self._counter.expect(size)

    def _prepare_alone(self, text: str) -> TokenizedText:
        normalized = self._normalize(text)
        if normalized == text:
            return self._counter.prepare(text)
        # The places of tokens are estimates: those of the normalized text, stretched over the text.
        tokens = len(self._counter.encode(normalized))
        starts = np.linspace(0, len(text), tokens + 1).astype(np.int32)
        return RecountedText(text, self.count, starts)

    def _normalize(self, text: str) -> str:
        return normalize(self._form, text)  # type: ignore[arg-type]
