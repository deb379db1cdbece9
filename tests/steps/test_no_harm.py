"""Sound text of every kind comes out of every step but the conversion of script as it is."""

from __future__ import annotations

import pytest

from hanpack.resources.ngram_model import load_ngram_model
from hanpack.steps.decode.encodings import detect
from hanpack.steps.page.stripping import strip_page
from hanpack.steps.repair import repair_damage
from hanpack.steps.typography import (
    compose,
    count_redactions,
    mend_quotes,
    remove_controls,
    restore_evasions,
)
from tests.conftest import CASES
from tests.steps.traced_texts import trace

NAMES = sorted(path.name for path in (CASES / "no_harm").iterdir() if path.name != "README.md")


def test_every_kind_of_text_has_a_sample() -> None:
    assert len(NAMES) >= 14


@pytest.mark.parametrize("name", NAMES)
def test_sound_text_is_not_changed_or_flagged(name: str) -> None:
    traced = trace((CASES / "no_harm" / name).read_text("utf-8"))
    stripped = strip_page(traced)
    # A first heading is the title, too.
    assert stripped.text == traced.text
    assert not stripped.edits
    for step in (compose, mend_quotes, remove_controls, restore_evasions):
        assert step(traced) is traced
    repaired = repair_damage(traced, load_ngram_model())
    assert (repaired.text, list(repaired.edits)) == (traced.text, [])
    assert count_redactions(traced.text) == {}
    assert detect(traced.text.encode()).encoding == "utf-8"
