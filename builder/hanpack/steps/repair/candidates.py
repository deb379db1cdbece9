"""The characters that may stand at one place of a damaged stretch, sorted by the byte they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hanpack.steps.repair.forms import simplified_forms
from hanpack.steps.repair.gbk import FIRST_LEAD, by_lead, by_trail, characters, pairs
from hanpack.steps.repair.ngram_model import VALUE, Choice, NgramModel

Bytes = npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def plain_forms() -> Mapping[str, str]:
    """Each single character as the language model counts it, where that differs from itself."""
    values = {chr(code): VALUE for code in range(128) if chr(code).isalnum() or chr(code) in ".%"}
    return {**simplified_forms(), **values}


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Characters with their bytes.

    ``choice`` prepares their plain forms, without repetition, for the language model; ``forms`` tells
    where each form stands there, ``form`` which form each character has. ``name`` tells the sets apart.
    """

    name: tuple[str, int]
    characters: tuple[str, ...]
    leads: Bytes
    trails: Bytes
    choice: Choice
    forms: Mapping[str, int]
    form: Bytes


@dataclass(frozen=True, slots=True, eq=False)
class CandidateSets:
    """The sets of candidates for one language model, each made when it is first asked for."""

    language: NgramModel
    made: dict[tuple[str, int], Candidates] = field(default_factory=dict)

    def with_trail(self, trail: int) -> Candidates:
        """The characters whose second byte is ``trail``."""
        return self._get("trail", trail)

    def with_lead(self, lead: int) -> Candidates:
        """The characters whose first byte is ``lead``."""
        return self._get("lead", lead)

    def known(self) -> Candidates:
        """The characters known to the model in one of their forms whose second byte may be a first one."""
        return self._get("known", 0)

    def _get(self, kind: str, byte: int) -> Candidates:
        name = kind, byte
        if name not in self.made:
            self.made[name] = self._make(name, self._members(kind, byte))
        return self.made[name]

    def _members(self, kind: str, byte: int) -> Iterable[str]:
        if kind == "trail":
            return (character for _, character in by_trail().get(byte, ()))
        if kind == "lead":
            return (character for _, character in by_lead().get(byte, ()))
        codes, forms = self.language.table.codes, simplified_forms()
        return (
            character
            for (_, trail), character in characters().items()
            if trail >= FIRST_LEAD and forms.get(character, character) in codes
        )

    def _make(self, name: tuple[str, int], members: Iterable[str]) -> Candidates:
        chosen = tuple(members)
        plain = [plain_forms().get(character, character) for character in chosen]
        forms = {form: place for place, form in enumerate(dict.fromkeys(plain))}
        codes = [pairs()[character] for character in chosen]
        return Candidates(
            name,
            chosen,
            np.array([lead for lead, _ in codes], dtype=np.int64),
            np.array([trail for _, trail in codes], dtype=np.int64),
            self.language.choose(list(forms)),
            forms,
            np.array([forms[form] for form in plain], dtype=np.int64),
        )


@lru_cache(maxsize=4)
def candidate_sets(language: NgramModel) -> CandidateSets:
    """The sets for a language model, kept for as long as models are in use."""
    return CandidateSets(language)


@lru_cache(maxsize=256)
def invalid_after(partner: int) -> npt.NDArray[np.bool_]:
    """For each byte, whether it makes no character with the byte ``partner`` before it."""
    table = np.ones(256, dtype=np.bool_)
    table[[trail for trail, _ in by_lead().get(partner, ())]] = False
    return table
