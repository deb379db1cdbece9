"""The marks that end a sentence: steps and sources that look for one add what else ends it in their texts.

Shorter than other modules: a table.
"""

from __future__ import annotations

WIDE_STOPS = "。！？；"
STOPS = f"{WIDE_STOPS}!?;"
# At the end of a line a colon and an ellipsis end a sentence too.
WIDE_LINE_STOPS = f"{WIDE_STOPS}：…"
# What may stand between the last mark of a sentence and the end of its line.
CLOSING_MARKS = "”’」』）)"
