"""What the search of documents leaves out of a build before it folds a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.resources.folding_table import open_folder
from hanpack.views.finding.kept import QueryLetters

TEXTS = st.lists(st.text("台臺灣湾Ａa1１，。 ", max_size=8), min_size=1, max_size=6)


@given(TEXTS, st.text("台臺灣湾Ａa1１，。 ", min_size=1, max_size=4))
def test_a_text_has_the_letters_of_a_query_if_its_folded_form_has_them_whatever_was_asked_before(
    texts: list[str], query: str
) -> None:
    folder = open_folder()
    folded = folder.fold(query).text
    letters = QueryLetters(folder, folded)
    assert [letters.are_in(text) for text in texts] == [
        set(folded) <= set(folder.fold(text).text) for text in texts
    ]
