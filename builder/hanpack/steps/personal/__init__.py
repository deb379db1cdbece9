"""Personal data of a text: found by pattern and checksum, flagged, or replaced by what it is."""

from hanpack.steps.personal.finding import (
    PersonalData,
    find_all_personal_data,
    find_personal_data,
    mark_all_personal_data,
    mark_personal_data,
)
from hanpack.steps.personal.kinds import KINDS, PersonalKind
from hanpack.steps.personal.tokens import ACCESS_TOKENS

__all__ = [
    "ACCESS_TOKENS",
    "KINDS",
    "PersonalData",
    "PersonalKind",
    "find_all_personal_data",
    "find_personal_data",
    "mark_all_personal_data",
    "mark_personal_data",
]
