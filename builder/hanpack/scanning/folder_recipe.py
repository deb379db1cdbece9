"""The recipe of a folder of raw files as a value, and what a user may choose for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import get_args

import yaml

from hanpack.errors import UsageError, require_type
from hanpack.recipe import Recipe, Shape, parse_recipe
from hanpack.recipe_steps import Target
from hanpack.wording import list_choices

# The values of options that have few, and the smallest budget of a chunk, as in a recipe.
_CHOICES: Mapping[str, Sequence[str]] = {"script": get_args(Target), "records": get_args(Shape)}
_FEWEST_TOKENS = 16


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """What a user may choose for the recipe of a folder; None leaves the choice to hanpack.

    ``tokenizer`` is a name, or the path of a vocabulary file relative to the current folder. ``records`` is
    for those files whose format has records of that shape.
    """

    script: Target | None = None
    max_tokens: int | None = None
    tokenizer: str | None = None
    records: Shape | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        for name, value in self.chosen.items():
            require_type(value, int if name == "max_tokens" else str, name)
            choices = _CHOICES.get(name)
            if choices and value not in choices:
                raise UsageError(f"unknown value {value!r}", name, list_choices(str(value), choices))
            if isinstance(value, int) and value < _FEWEST_TOKENS:
                raise UsageError(f"it must be at least {_FEWEST_TOKENS}", name)

    @property
    def chosen(self) -> dict[str, object]:
        """The options that the user has chosen, by name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


DEFAULT_OPTIONS = FolderOptions()


@dataclass(frozen=True, slots=True)
class FolderRecipe:
    """The recipe of a folder, and the path of its file.

    ``content`` is the text of the file. ``left_out`` are the files that the recipe does not match, because
    hanpack does not read their format, and ``rejected`` those that it matches and that cannot be read: both
    with the reason. ``scanned`` is the number of all that were scanned, None if the recipe was there already;
    files of one suffix may then be left out together, and which are rejected is not known. ``notes`` are for
    the user. ``bad_records`` has for each file with records that cannot be used the first of them.
    ``changes`` are the options that change what an earlier recipe says, with the old and the new value, and
    ``entry_changes`` the entries that come and go with the files.
    """

    path: Path
    content: str
    left_out: tuple[tuple[str, str], ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    scanned: int | None = None
    notes: tuple[str, ...] = ()
    bad_records: tuple[tuple[str, str], ...] = ()
    changes: tuple[str, ...] = ()
    entry_changes: tuple[str, ...] = ()

    @property
    def change_notes(self) -> tuple[str, ...]:
        """What changes in an earlier recipe, as a note for the user; none if nothing."""
        changes = self.all_changes
        return (f"the recipe changes: {self.path}: {', '.join(changes)}",) if changes else ()

    @property
    def all_changes(self) -> tuple[str, ...]:
        """What the options and the files change in an earlier recipe, in this order."""
        return (*self.changes, *self.entry_changes)

    def write(self) -> None:
        """Write the file, if it does not have this content."""
        if self.scanned is not None or self.all_changes:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.content, encoding="utf-8")

    def parse(self) -> Recipe:
        """The recipe, whether or not its file is written.

        Raises:
            RecipeError: an option is no value of its key.
        """
        return parse_recipe(yaml.safe_load(self.content), str(self.path))
