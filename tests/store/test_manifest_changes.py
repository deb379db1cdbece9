"""Lists of two recipes are compared by what is in them, not by the places of their entries."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hanpack.store.manifest_changes import compare_recipes

PATHS = st.lists(st.text("ab*.", min_size=1, max_size=4), unique=True, max_size=6)


def make_recipe(paths: list[str]) -> dict[str, Any]:
    entries = [{"path": path, "records": "row", "columns": []} for path in paths]
    return {"sources": entries, "decontamination": {"texts": entries}}


@given(paths=PATHS, place=st.integers(0, 6))
def test_an_entry_put_anywhere_is_the_only_difference(paths: list[str], place: int) -> None:
    added = [*paths[:place], "new.csv", *paths[place:]]
    changes = compare_recipes(make_recipe(paths), make_recipe(added))
    assert {change.old for change in changes} == {None}
    assert {change.name.partition("[")[2].partition("]")[0] for change in changes} == {"new.csv"}


@given(paths=PATHS)
def test_a_recipe_is_the_same_as_itself_and_not_as_one_in_another_order(paths: list[str]) -> None:
    recipe = make_recipe(paths)
    assert compare_recipes(recipe, recipe) == ()
    names = {change.name for change in compare_recipes(recipe, make_recipe(paths[::-1]))}
    assert names == ({"order of sources", "order of decontamination.texts"} if len(paths) > 1 else set())


def test_two_entries_of_one_path_are_told_apart() -> None:
    (change,) = compare_recipes(
        {"sources": [{"path": "a", "records": "row"}, {"path": "a", "records": "line"}]},
        {"sources": [{"path": "a", "records": "row"}, {"path": "a", "records": "file"}]},
    )
    assert (change.name, change.old, change.new) == ("sources[a, 2].records", "line", "file")
