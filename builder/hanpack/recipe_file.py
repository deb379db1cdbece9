"""Reads the file of a recipe: an error names its key, or its line and the slip of typing in it."""

from __future__ import annotations

from pathlib import Path

import yaml

from hanpack.errors import RecipeError
from hanpack.recipe import Recipe, parse_recipe
from hanpack.yaml_models import list_all_keys
from hanpack.yaml_slips import describe_slip
from hanpack.yaml_texts import advise_on_yaml, describe_yaml_error, read_yaml

_CORRECT_LINE = "correct the line and run again"


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe file.

    Raises:
        RecipeError: the file is missing or is not YAML, or a key is unknown, repeated or wrong; the error
            names the file and the key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RecipeError(
            "there is no such recipe", str(path), "name a recipe, or write one with 'hanpack init FOLDER'"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"cannot be read: {error}", str(path)) from error
    try:
        return _parse_text(text, str(path))
    except RecipeError as error:
        slip = describe_slip(text, list_all_keys(Recipe), _find_fault)
        if slip:
            raise RecipeError(slip, str(path), _CORRECT_LINE) from error
        raise


def _parse_text(text: str, where: str) -> Recipe:
    try:
        content = read_yaml(text)
    except (yaml.YAMLError, ValueError) as error:
        # A day that does not exist, such as 2026-02-30, is a ValueError of its constructor.
        fault = describe_yaml_error(error)
        raise RecipeError(f"is not YAML: {fault}", where, advise_on_yaml(fault)) from error
    if not isinstance(content, dict):
        raise RecipeError("holds no keys", where, "write a recipe with 'hanpack init FOLDER'")
    return parse_recipe(content, where)


def _find_fault(text: str) -> str:
    """What is wrong with the text of a recipe; empty if nothing is."""
    try:
        _parse_text(text, "")
    except RecipeError as error:
        return str(error)
    return ""
