"""The characters that are possible at one position of a damaged stretch, by the byte they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hanpack.steps.repair.forms import model_forms, simplified_forms
from hanpack.steps.repair.gbk import (
    FIRST_LEAD,
    characters_by_lead,
    characters_by_pair,
    characters_by_trail,
    pairs_by_character,
)
from hanpack.steps.repair.ngram_model import CharacterSet, NgramModel

Bytes = npt.NDArray[np.int64]
# What the characters of a set have in common: "lead", "trail" or "modelled", and the byte.
CandidateKey = tuple[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Characters with their bytes and their forms in the n-gram model.

    Attributes:
        key: what they have in common; it identifies the set.
        characters: the characters.
        leads: shape (characters,); their lead bytes.
        trails: shape (characters,); their trail bytes.
        forms: their forms, without repetition, prepared for the n-gram model.
        index_by_form: the index of each form in ``forms``.
        form_indices: shape (characters,); the index of each character's form in ``forms``.
    """

    key: CandidateKey
    characters: tuple[str, ...]
    leads: Bytes
    trails: Bytes
    forms: CharacterSet
    index_by_form: Mapping[str, int]
    form_indices: Bytes


@dataclass(frozen=True, slots=True, eq=False)
class CandidateSets:
    """The sets of candidates for one n-gram model, each made at its first use."""

    ngram_model: NgramModel
    cache: dict[CandidateKey, Candidates] = field(default_factory=dict)

    def with_trail(self, trail: int) -> Candidates:
        """The characters with a trail byte."""
        return self._get(("trail", trail))

    def with_lead(self, lead: int) -> Candidates:
        """The characters with a lead byte."""
        return self._get(("lead", lead))

    def modelled(self) -> Candidates:
        """The characters whose form the n-gram model contains and whose trail byte may be a lead byte."""
        return self._get(("modelled", 0))

    def _get(self, key: CandidateKey) -> Candidates:
        if key not in self.cache:
            self.cache[key] = self._make(key)
        return self.cache[key]

    def _members(self, key: CandidateKey) -> Iterable[str]:
        kind, byte = key
        if kind == "trail":
            return (character for _, character in characters_by_trail().get(byte, ()))
        if kind == "lead":
            return (character for _, character in characters_by_lead().get(byte, ()))
        codes, forms = self.ngram_model.table.codes, simplified_forms()
        return (
            character
            for (_, trail), character in characters_by_pair().items()
            if trail >= FIRST_LEAD and forms.get(character, character) in codes
        )

    def _make(self, key: CandidateKey) -> Candidates:
        characters = tuple(self._members(key))
        forms = [model_forms().get(character, character) for character in characters]
        index_by_form = {form: index for index, form in enumerate(dict.fromkeys(forms))}
        pairs = [pairs_by_character()[character] for character in characters]
        return Candidates(
            key=key,
            characters=characters,
            leads=np.array([lead for lead, _ in pairs], dtype=np.int64),
            trails=np.array([trail for _, trail in pairs], dtype=np.int64),
            forms=self.ngram_model.character_set(list(index_by_form)),
            index_by_form=index_by_form,
            form_indices=np.array([index_by_form[form] for form in forms], dtype=np.int64),
        )


@lru_cache(maxsize=4)
def candidate_sets(ngram_model: NgramModel) -> CandidateSets:
    """The sets of candidates for an n-gram model, shared by all records that are repaired with it."""
    return CandidateSets(ngram_model)


@lru_cache(maxsize=256)
def invalid_after(byte: int) -> npt.NDArray[np.bool_]:
    """For each byte, whether it is no valid trail byte after the lead byte ``byte``; shape (256,)."""
    invalid = np.ones(256, dtype=np.bool_)
    invalid[[trail for trail, _ in characters_by_lead().get(byte, ())]] = False
    return invalid
