"""What a damaged record tells of itself: its script, the characters it annotates, and its own phrases."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from hanpack.steps.forms import is_traditional, simplified_forms, traditional_forms, variants
from hanpack.steps.language import Language
from hanpack.steps.pinyin import LISTED
from hanpack.steps.reading import ANNOTATION, READING

_VALUES = re.compile(r"[A-Za-z0-9.%]+")
# What stands between the lost byte and the mark on some pages.
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_DAMAGE = re.compile(rf"\?(?:{READING} ?\)|{CONTROLS}*[！？!?])[^\x00-\x3e\x40-\x7f€]*")
_OTHER_SCRIPT = -6.0
_OTHER_VARIANT = -3.0
_LOCAL_SHARE = 0.4
_LOCAL_DOUBT = 2.0
_MOST_KNOWN = 200_000


def plain(text: str) -> str:
    """Text as the language model counts it: Simplified characters, a run of letters or digits as one 0."""
    forms = simplified_forms()
    return "".join([forms.get(character, character) for character in _VALUES.sub("0", text)])


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A record's own evidence, joined with a language model.

    ``annotated`` are the characters the record annotates, ``listed`` those and the ones known to be
    annotated on such pages; ``local`` counts the record's own n-grams.
    """

    language: Language
    traditional: bool
    present: Set[str]
    annotated: Set[str]
    listed: Set[str]
    local: Mapping[str, int]
    known: dict[str, float] = field(default_factory=dict)

    def log_probability(self, before: str, character: str) -> float:
        """How likely a character is after others: what stood in the record once is likelier again."""
        asked = before + character
        known = self.known.get(asked)
        if known is None:
            if len(self.known) > _MOST_KNOWN:
                self.known.clear()
            known = self.known[asked] = self._log_probability(before, character)
        return known

    def _log_probability(self, before: str, character: str) -> float:
        result = self.language.probability(before, character)
        seen = self.local.get(before[-1:], 0)
        if seen:
            share = self.local.get(before[-1:] + character, 0) / seen
            longer = self.local.get(before[-2:], 0)
            if longer:
                share = (share + self.local.get(before[-2:] + character, 0) / longer) / 2
            trust = _LOCAL_SHARE * seen / (seen + _LOCAL_DOUBT)
            result = (1 - trust) * result + trust * share
        return math.log(result)

    def form_cost(self, character: str) -> float:
        """What it costs to restore a character in a form that is foreign to the record."""
        if character in self.present:
            return 0.0
        simplified = simplified_forms().get(character)
        if not self.traditional:
            return _OTHER_SCRIPT if simplified else 0.0
        usual = traditional_forms().get(simplified or character, simplified or character)
        if usual == character:
            return 0.0
        return _OTHER_VARIANT if simplified else _OTHER_SCRIPT

    def variants(self, form: str) -> Sequence[str]:
        """The characters that a Simplified form may have been."""
        return variants().get(form, "")


def read_record(text: str, language: Language, annotated: Set[str]) -> Record:
    """Gather a record's evidence, leaving out what looks damaged."""
    sound = [plain(part) for part in _DAMAGE.split(ANNOTATION.sub("", text))]
    local: Counter[str] = Counter()
    for part in sound:
        for size in (1, 2, 3):
            local.update(part[start : start + size] for start in range(len(part) - size + 1))
    return Record(
        language=language,
        traditional=is_traditional(text),
        present=frozenset(_DAMAGE.sub("", text)),
        annotated=annotated,
        listed=annotated | LISTED,
        local=local,
    )
