"""Tells the names of models that exist, with their variants and days, from names that only begin like one.

tiktoken takes any name that begins with that of a model (``gpt-5x``), and the card of a build would then
say that the counts are exact for a model that nobody has made. Here what follows the name of a model must
be words that its publisher uses in names: a kind (``mini``), a size (``7b``) or a day (``2024-08-06``).
"""

from __future__ import annotations

from datetime import date

from hanpack.lazy_patterns import compile_lazily

# The year of a day without one (0613 is the 13th of June): a leap year, so that every day is one.
_ANY_YEAR = 2024
# Models that tiktoken knows by their beginning only, each with the kinds that OpenAI has published.
_OPENAI_BASES = (
    r"gpt-3\.5-turbo|gpt-35-turbo|gpt-4|gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5(?:\.[12])?|chatgpt-4o|o1|o3|"
    r"o4-mini|davinci-002|babbage-002"
)
_OPENAI_KINDS = (
    "mini|nano|pro|turbo|preview|latest|instruct|chat|codex|max|audio|realtime|search|transcribe|diarize|"
    "tts|vision|deep-research|16k|32k"
)
_DAY = r"(?P<day>\d{4}-\d\d-\d\d|\d{4})"
_OPENAI = rf"(?:ft:)?(?:{_OPENAI_BASES})(?:-(?:{_OPENAI_KINDS}))*(?:-{_DAY})?(?:-preview)?"
_OPEN_WEIGHTS = r"gpt-oss(?:-safeguard)?-(?:20b|120b)"
# What a fine-tuned model has after the name of its model: organisation, name and id.
_FINE_TUNED = compile_lazily(r"(ft:[^:]+)(?::[\w.-]*){1,3}")
# Words in names of models with open weights: kinds, sizes (1.5b, 30b-a3b), lengths (1m), months (2507).
OPEN_KINDS = (
    r"(?:-(?:a?\d+(?:\.\d+)?b|32k|128k|1m|int[48]|fp8|bf16|awq|gptq|gguf|mlx|[48]bit|instruct|chat|base|"
    r"thinking|coder|math|prm|rm|vl|omni|audio|next|embedding|reranker|plus|turbo|max|long|flash|pro|lite|"
    r"latest|preview|exp|\d{4}|\d{4}-\d\d-\d\d))*"
)
_MODEL = compile_lazily(f"{_OPENAI}|{_OPEN_WEIGHTS}")


def is_openai_variant(name: str) -> bool:
    """Whether a name is that of a model of OpenAI, with kinds, a day or a fine-tuning after it.

    >>> [is_openai_variant(name) for name in ("gpt-4o-mini-2024-07-18", "gpt-4-0613", "ft:gpt-4o:me:law:a1")]
    [True, True, True]
    >>> [is_openai_variant(name) for name in ("gpt-5x", "gpt-4o-2024-13-01", "gpt-4-mine")]
    [False, False, False]
    """
    tuned = _FINE_TUNED.fullmatch(name)
    match = _MODEL.fullmatch(tuned[1] if tuned else name)
    return match is not None and _is_day(match["day"] or "")


def _is_day(digits: str) -> bool:
    """Whether digits are a day of a year, or nothing: ``2024-08-06`` or ``0806``."""
    if not digits:
        return True
    year, month, day = (
        (digits[:4], digits[5:7], digits[8:]) if "-" in digits else (_ANY_YEAR, digits[:2], digits[2:])
    )
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
