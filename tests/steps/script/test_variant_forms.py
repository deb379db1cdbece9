"""Forms that OpenCC leaves are written as the mainland writes them."""

from __future__ import annotations

import pytest
from opencc import OpenCC

from hanpack.steps.script.rules import replace_forms
from hanpack.steps.script.variant_forms import REGIONAL_FORMS, VARIANT_FORMS

simplify = OpenCC("t2s").convert


@pytest.mark.parametrize(("form", "usual"), REGIONAL_FORMS.items())
def test_a_regional_form_keeps_the_length_of_the_text(form: str, usual: str) -> None:
    assert len(form) == len(usual)
    assert replace_forms(f"甲{form}乙") == f"甲{usual}乙"


@pytest.mark.parametrize(("form", "usual"), VARIANT_FORMS.items())
def test_a_variant_is_simplified_as_its_usual_form_which_opencc_does_not_do(form: str, usual: str) -> None:
    assert simplify(replace_forms(form)) == simplify(usual) != simplify(form)
