"""Names of models are told from names that only begin like one."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiktoken.model import MODEL_TO_ENCODING, encoding_name_for_model

from hanpack.resources.model_names import OPEN_KINDS, is_openai_variant
from hanpack.resources.named_vocabularies import find_named

PUBLISHED = [
    "gpt-4o-2024-08-06",
    "gpt-4o-mini-2024-07-18",
    "gpt-4o-realtime-preview-2024-12-17",
    "gpt-4-1106-preview",
    "gpt-4-32k-0613",
    "gpt-4-turbo-2024-04-09",
    "gpt-3.5-turbo-instruct",
    "gpt-4.1-nano",
    "gpt-5-chat-latest",
    "gpt-5.1-codex-max",
    "chatgpt-4o-latest",
    "gpt-oss-120b",
    "o1-preview",
    "o3-deep-research",
    "ft:gpt-4o-2024-08-06:my-org:laws:9aBc",
]
INVENTED = [
    "gpt-5x",
    "gpt-5-x",
    "gpt-4-mine",
    "gpt-4o-2024-13-01",
    "gpt-4-9999",
    "gpt-oss-7b",
    "o3x",
    "ft:gpt-4o-mine:me",
]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_variant_has_the_vocabulary_that_tiktoken_gives_it(name: str) -> None:
    named = find_named(name)
    assert named is not None
    assert named.name == encoding_name_for_model(name)


@pytest.mark.parametrize("name", INVENTED)
def test_a_name_that_only_begins_like_a_model_has_no_vocabulary(name: str) -> None:
    assert not is_openai_variant(name)
    assert find_named(name) is None


@given(day=st.dates(date(2022, 1, 1), date(2029, 12, 31)))
def test_every_day_makes_a_variant(day: date) -> None:
    assert is_openai_variant(f"gpt-4o-{day.isoformat()}")
    assert is_openai_variant(f"gpt-4-{day:%m%d}")


@given(name=st.sampled_from(sorted(MODEL_TO_ENCODING)), rest=st.text("qxyz", min_size=1, max_size=6))
def test_words_that_no_publisher_uses_make_none(name: str, rest: str) -> None:
    assert find_named(f"{name}-{rest}") is None
    assert find_named(f"{name}{rest}") is None


@pytest.mark.parametrize(
    ("name", "is_model"),
    [("Qwen3-30B-A3B-Instruct-2507", True), ("Qwen2.5-Coder-7B-Instruct-AWQ", True), ("qwen2.5-mine", False)],
)
def test_a_model_with_open_weights_is_named_by_its_kinds_and_sizes(name: str, is_model: bool) -> None:
    assert bool(re.fullmatch(r"qwen(?:2\.5|3)" + OPEN_KINDS, name.lower())) is is_model
