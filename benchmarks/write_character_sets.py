"""Writes the module of the characters that only one script has: hanpack.steps.script.character_sets.

    python benchmarks/write_character_sets.py

Run it to take up a new version of OpenCC. A test compares the module with what this computes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from opencc import OpenCC

sys.path.insert(0, str(Path(__file__).parents[1] / "builder"))

from hanpack.steps.script.recognition import HAN_RANGES
from hanpack.steps.traced import code_points, join_by_line_feeds

MODULE = Path(__file__).parents[1] / "builder/hanpack/steps/script/character_sets.py"
CHARACTERS_PER_LINE = 50
HEAD = '''"""The Chinese characters that only one of the two scripts has, by OpenCC 1.4 and the national sets.

A character is Traditional-only if OpenCC converts it to Simplified and GB 2312 does not hold it, and else
Simplified-only if OpenCC converts it to Traditional and Big5 does not hold it. They are written out because
OpenCC's dictionary takes 50 ms to load. benchmarks/write_character_sets.py writes this module.
"""

from __future__ import annotations
'''


def find_character_sets() -> tuple[str, str]:
    """The Traditional-only and the Simplified-only characters, by their code points."""
    # Each character is on a line of its own, so that it is converted by itself, and to one character.
    codes = join_by_line_feeds(np.concatenate([np.arange(low, high) for low, high in HAN_RANGES]))
    lines = codes.tobytes().decode("utf-32-le")
    is_simplified, is_traditional = (
        code_points(OpenCC(name).convert(lines)) == codes for name in ("t2s", "s2t")
    )
    traditional, simplified = [], []
    for place in np.flatnonzero(~is_simplified | ~is_traditional).tolist():
        character = chr(codes[place])
        if not is_simplified[place] and not is_encodable(character, "gb2312"):
            traditional.append(character)
        elif not is_traditional[place] and not is_encodable(character, "big5"):
            simplified.append(character)
    return "".join(traditional), "".join(simplified)


def is_encodable(character: str, encoding: str) -> bool:
    """Whether a national character set holds a character."""
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def main() -> None:
    """Write the module."""
    names = ("TRADITIONAL_ONLY", "SIMPLIFIED_ONLY")
    text = HEAD
    for name, characters in zip(names, find_character_sets(), strict=True):
        starts = range(0, len(characters), CHARACTERS_PER_LINE)
        rows = "".join(f'    "{characters[start : start + CHARACTERS_PER_LINE]}"\n' for start in starts)
        text += f"\n{name} = (\n{rows})\n"
    MODULE.write_text(text, encoding="utf-8")
    print(f"{MODULE.name}: {text.count(chr(10))} lines")


if __name__ == "__main__":
    main()
