"""Spaces, widths, composed forms, invisible characters, quotes and redactions of a text."""

from hanpack.steps.typography.invisible import compose, remove_controls
from hanpack.steps.typography.quotes import mend_quotes
from hanpack.steps.typography.radicals import replace_radicals
from hanpack.steps.typography.redactions import (
    count_redactions,
    find_marked,
    replace_redactions,
    restore_evasions,
)
from hanpack.steps.typography.spaced_characters import find_spaced, join_all_characters
from hanpack.steps.typography.spaces import find_untidy, tidy_all, tidy_spaces
from hanpack.steps.typography.width import set_widths

__all__ = [
    "compose",
    "count_redactions",
    "find_marked",
    "find_spaced",
    "find_untidy",
    "join_all_characters",
    "mend_quotes",
    "remove_controls",
    "replace_radicals",
    "replace_redactions",
    "restore_evasions",
    "set_widths",
    "tidy_all",
    "tidy_spaces",
]
