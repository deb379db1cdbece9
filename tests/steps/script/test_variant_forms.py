"""Forms that OpenCC leaves are written as the mainland writes them."""

from __future__ import annotations

import pytest
from opencc import OpenCC

from hanpack.steps.script.rules import correct_traditional
from hanpack.steps.script.variant_forms import REGIONAL_FORMS, VARIANT_FORMS

simplify = OpenCC("t2s").convert


@pytest.mark.parametrize(("form", "usual"), REGIONAL_FORMS.items())
def test_a_regional_form_keeps_the_length_of_the_text(form: str, usual: str) -> None:
    assert len(form) == len(usual)
    assert correct_traditional(f"甲{form}乙", keep_zhu=True) == f"甲{usual}乙"


@pytest.mark.parametrize(("form", "usual"), VARIANT_FORMS.items())
def test_a_variant_is_simplified_as_its_usual_form_which_opencc_does_not_do(form: str, usual: str) -> None:
    assert simplify(correct_traditional(form, keep_zhu=False)) == simplify(usual) != simplify(form)
