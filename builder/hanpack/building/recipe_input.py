"""What may be built: a folder, a recipe file, or a recipe as a value; each becomes a recipe and its root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanpack.errors import RecipeError, UsageError
from hanpack.recipe import DEFAULT_RECIPE, Recipe, parse_recipe
from hanpack.recipe_file import load_recipe
from hanpack.scanning.folder_recipe import DEFAULT_OPTIONS, FolderOptions, FolderRecipe
from hanpack.sources.survey import Progress, ignore_progress

# What a recipe that is a value is called in errors.
VALUE = "<recipe>"
_RECIPE_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class RecipeInput:
    """A recipe, the folder of its sources, and its name in errors: the path of its file, if it has one.

    ``folder_recipe`` is set if a folder or a file of texts was named instead of a recipe. ``remarks`` are for
    the user.
    """

    recipe: Recipe
    root: Path
    where: str
    folder_recipe: FolderRecipe | None = None
    remarks: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the recipe of a folder, or about records."""
        return (*(self.folder_recipe.notes if self.folder_recipe else ()), *self.remarks)


RecipeSource = str | Path | Recipe | Mapping[str, Any] | RecipeInput


def resolve_recipe(
    source: RecipeSource | None = None,
    options: FolderOptions = DEFAULT_OPTIONS,
    progress: Progress = ignore_progress,
) -> RecipeInput:
    """The recipe that is to be built; nothing is written.

    ``source`` is the path of a recipe (.yaml), a folder of raw files or one such file, a
    :class:`~hanpack.recipe.Recipe`, or a dict of its keys; by default ``configs/gov_reports.yaml``. The root
    of a recipe that is a value is relative to the current folder. ``options`` are for a folder or a file.

    Raises:
        RecipeError: the recipe is wrong, or there is no such file.
        UsageError: nothing is named, or options of a folder are named for a recipe.
    """
    if source is None:
        if not DEFAULT_RECIPE.is_file():
            raise UsageError(
                "name what to build",
                todo="hanpack build FOLDER, with the folder of your texts, or hanpack build RECIPE.yaml",
            )
        source = DEFAULT_RECIPE
    if isinstance(source, RecipeInput):
        return source
    if not isinstance(source, str | Path | Recipe | Mapping):
        raise UsageError(
            f"a {type(source).__name__} cannot be built",
            "recipe",
            "give the path of a folder or a recipe, a Recipe, a dict of its keys, or dicts with texts",
        )
    if isinstance(source, str | Path) and _is_raw(Path(source)):
        # A build of a recipe need not load what scans files.
        from hanpack.scanning.recipes import draft_recipe

        folder_recipe = draft_recipe(Path(source), options, progress)
        recipe = folder_recipe.parse()
        root = (folder_recipe.path.parent / recipe.root).resolve()
        return RecipeInput(recipe, root, str(folder_recipe.path), folder_recipe)
    if options.chosen:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in options.chosen)
        raise UsageError(f"{names} is for a folder of texts", str(source), "change the recipe instead")
    if isinstance(source, Recipe | Mapping):
        recipe = source if isinstance(source, Recipe) else parse_recipe(dict(source), VALUE)
        return RecipeInput(recipe, Path(recipe.root).resolve(), VALUE)
    path = Path(source)
    recipe = load_recipe(path)
    return RecipeInput(recipe, (path.parent / recipe.root).resolve(), str(path))


def _is_raw(path: Path) -> bool:
    """Whether a path is a folder or a file of texts, and not a recipe.

    Raises:
        RecipeError: there is nothing at the path.
    """
    if path.is_dir():
        return True
    if path.suffix in _RECIPE_SUFFIXES:
        return False
    if not path.exists():
        raise RecipeError(
            "there is no such recipe or folder",
            str(path),
            "name a folder of texts, or a recipe that hanpack init FOLDER has written",
        )
    return True
