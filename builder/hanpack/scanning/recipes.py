"""Writes the recipe of a folder of raw files: for ``hanpack init`` and ``hanpack build FOLDER``."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from hanpack.errors import RecipeError, UsageError
from hanpack.recipe import Recipe, parse_recipe
from hanpack.recipe_file import load_recipe
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.scanning.entries import find_suffix, make_entries
from hanpack.scanning.files import ScannedFile, is_readable, list_files, scan_shapes
from hanpack.scanning.folder_recipe import DEFAULT_OPTIONS, FolderOptions, FolderRecipe
from hanpack.scanning.hints import list_hints
from hanpack.scanning.recipe_text import (
    find_unnamed,
    is_as_written,
    list_comments,
    read_comments,
    read_left_out,
    write_text,
)
from hanpack.scanning.revision import add_entries, describe_entries, list_present, revise_values
from hanpack.scanning.unreadable import explain_unreadable
from hanpack.sources.discovery import discover
from hanpack.sources.survey import Progress, ignore_progress
from hanpack.steps.dedup.clusters import SIMILARITY_THRESHOLD
from hanpack.store.manifest import MANIFEST
from hanpack.wording import format_count

# What the card counts names without a suffix as: YAML would write an empty key as "? ''".
_NO_SUFFIX = "without a suffix"
_MOST_HINTS = 3
# The most suffixes that the card counts.
MOST_SUFFIXES = 20


def write_recipe(
    path: Path,
    target: Path | None = None,
    options: FolderOptions = DEFAULT_OPTIONS,
    progress: Progress = ignore_progress,
) -> FolderRecipe:
    """Scan a folder or a file and write a recipe for it to ``target``, by default NAME.yaml here.

    Raises:
        UsageError: the recipe exists already, or nothing at the path can be read.
    """
    target = target or find_recipe_path(path, options)
    if target.exists():
        raise UsageError(
            "there is a recipe of that name already",
            str(target),
            f"build it with hanpack build {target}, or name another file with -o",
        )
    drafted = _draft(path, target, options, progress)
    drafted.write()
    return drafted


def draft_recipe(
    path: Path, options: FolderOptions = DEFAULT_OPTIONS, progress: Progress = ignore_progress
) -> FolderRecipe:
    """The recipe of a folder or a file for a build: that in NAME.yaml here, or one made by a scan.

    A recipe that is there is used as it is. It is revised if hanpack wrote it, nobody has changed it, and
    the options differ from it, there are files that it does not match, or an entry has no files any more.
    Nothing is written.

    Raises:
        UsageError: NAME.yaml is of other files, or was changed and the options differ from it; or nothing at
            the path can be read.
    """
    if (path / MANIFEST).is_file():
        raise UsageError("this is a build, not a folder of raw files", str(path), "name the raw files")
    target = find_recipe_path(path, options)
    if not target.exists():
        return _draft(path, target, options, progress)
    content, recipe = _read_existing(target, path)
    differing = _list_differing(recipe, options, _find_root(path))
    gone: tuple[str, ...] = ()
    try:
        unmatched = _list_unmatched(path, recipe, target, content)
    except RecipeError:
        if not is_as_written(content):
            raise
        # The files of an entry may be gone.
        content, recipe, gone = _leave_out_missing(content, recipe, _find_root(path), target)
        unmatched = _list_unmatched(path, recipe, target, content)
    if not differing and not unmatched:
        return FolderRecipe(target, content, read_left_out(content), entry_changes=gone)
    if is_as_written(content):
        drafted = _revise(path, target, options, progress, content, has_new_files=bool(unmatched))
        changes = tuple(f"{name} {change}" for name, change in differing.items())
        return replace(drafted, changes=changes, entry_changes=(*gone, *drafted.entry_changes))
    if differing:
        raise UsageError(
            f"the recipe was changed by hand, and {_name_options(differing)} would change it again",
            str(target),
            "change it in the file, or delete the file, or name another recipe with --name",
        )
    note = (
        f"{target} was changed by hand and does not match {format_count(len(unmatched), 'file')}, the first: "
        f"{unmatched[0]}; add them to its sources, or delete it to have it written again"
    )
    return FolderRecipe(target, content, read_left_out(content), notes=(note,))


def draft_recipe_of(folder: Path, name: str, options: FolderOptions, progress: Progress) -> Recipe:
    """The recipe that a scan of a folder gives, whose root is the folder; nothing is written.

    Raises:
        UsageError: nothing in the folder can be read.
    """
    named = replace(options, name=re.sub(r"[^\w.-]+", "-", name).strip("-.") or "records")
    return _draft(folder, folder / "recipe.yaml", named, progress).parse()


def find_recipe_path(path: Path, options: FolderOptions = DEFAULT_OPTIONS) -> Path:
    """Where the recipe of a folder or a file is: NAME.yaml in the current folder.

    >>> find_recipe_path(Path("texts/laws")).as_posix()
    'laws.yaml'
    """
    return Path(f"{options.name or _name_path(path) or 'corpus'}.yaml")


def _name_path(path: Path) -> str:
    """The name of a folder, or that of a file without its suffixes."""
    real = path.resolve()
    return real.name if real.is_dir() else real.name.partition(".")[0]


def _find_root(path: Path) -> Path:
    real = path.resolve()
    return real if real.is_dir() else real.parent


def _draft(path: Path, target: Path, options: FolderOptions, progress: Progress) -> FolderRecipe:
    """Scan a path and make its recipe."""
    root = _find_root(path)
    tokenizer = _find_tokenizer(options.tokenizer, root)
    scanned = _scan(path, target, tokenizer, progress)
    readable = [file for file in scanned if not file.fault]
    if not readable:
        raise explain_unreadable(path, scanned)
    title = _name_path(path) or "corpus"
    content: dict[str, Any] = {
        "name": options.name or re.sub(r"[^\w.-]+", "-", title).strip("-.") or "corpus",
        "root": Path(os.path.relpath(root, target.parent.resolve())).as_posix(),
        "sources": make_entries(readable, scanned, options.records, is_folder=path.is_dir()),
        "steps": {"page": True, "repair": True, "spaces": True, "script": options.script or "keep"},
        "tokenizer": tokenizer,
        "chunks": {"max_tokens": options.max_tokens or 512},
        "duplicates": {"drop": "near", "threshold": SIMILARITY_THRESHOLD},
        "card": {"title": title, "summary": "", "language": ["zh"], "license": "other"},
    }
    return _describe(target, content, scanned)


def _leave_out_missing(
    text: str, recipe: Recipe, root: Path, target: Path
) -> tuple[str, Recipe, tuple[str, ...]]:
    """A recipe that hanpack wrote without the entries whose files are all gone, and the notes of these.

    If no entry has files, all of them stay.
    """
    content = yaml.safe_load(text)
    entries = content["sources"]
    content["sources"] = list_present(entries, recipe, root, str(target))
    gone = describe_entries(entries, content["sources"])
    if not gone:
        return text, recipe, ()
    revised = write_text(read_comments(text), content)
    return revised, parse_recipe(content, str(target)), gone


def _revise(
    path: Path,
    target: Path,
    options: FolderOptions,
    progress: Progress,
    text: str,
    *,
    has_new_files: bool,
) -> FolderRecipe:
    """The recipe of a folder with other options, and with entries for files that it does not match.

    The files are scanned only if some are new.
    """
    root = _find_root(path)
    content = revise_values(yaml.safe_load(text), options, _find_tokenizer(options.tokenizer, root))
    if not has_new_files:
        return FolderRecipe(target, write_text(read_comments(text), content), read_left_out(text))
    scanned = _scan(path, target, content["tokenizer"], progress)
    earlier = content["sources"]
    revised = parse_recipe(content, str(target))
    content["sources"], scanned = add_entries(earlier, revised, root, str(target), scanned, options.records)
    return replace(
        _describe(target, content, scanned), entry_changes=describe_entries(earlier, content["sources"])
    )


def _scan(path: Path, target: Path, tokenizer: str, progress: Progress) -> list[ScannedFile]:
    """Scan the files at a path for a recipe; a file with the vocabulary of the tokenizer is no text."""
    vocabulary = tokenizer.removeprefix("./")
    return [file for file in scan_shapes(path, str(target), progress) if file.name != vocabulary]


def _describe(target: Path, content: dict[str, Any], scanned: Sequence[ScannedFile]) -> FolderRecipe:
    """A recipe with what a scan of its files says about them."""
    readable = [file for file in scanned if not file.fault]
    left_out = [file for file in scanned if not file.is_source]
    unread = Counter(find_suffix(file.name) or _NO_SUFFIX for file in left_out if not is_readable(file.name))
    content["card"].pop("left_out", None)
    if unread:
        content["card"]["left_out"] = dict(unread.most_common(MOST_SUFFIXES))
    rejected = [file for file in scanned if file.is_source and file.fault]
    bad_records = tuple(
        (file.name, f"{file.first_bad}{_count_others(file.bad_records)}")
        for file in readable
        if file.bad_records
    )
    return FolderRecipe(
        path=target,
        content=write_text(list_comments(readable, left_out, rejected), content),
        left_out=tuple((file.name, file.fault) for file in left_out),
        rejected=tuple((file.name, file.fault) for file in rejected),
        scanned=len(scanned),
        notes=list_hints(readable)[:_MOST_HINTS],
        bad_records=bad_records,
    )


def _count_others(bad_records: int) -> str:
    return f" (and {format_count(bad_records - 1, 'other record')})" if bad_records > 1 else ""


def _find_tokenizer(name: str | None, root: Path) -> str:
    """The tokenizer as the recipe has it: a name, or a path relative to the root."""
    if name is None:
        return "o200k_base"
    if not Path(name).is_file():
        # Relative to the root already, if it is from an earlier recipe.
        load_vocabulary(name, root)
        return name
    file = Path(name).resolve()
    if not file.is_relative_to(root):
        raise UsageError(
            "the vocabulary file is not inside the folder of the raw files, as a build requires",
            name,
            f"copy it into {root.name} and name the copy",
        )
    load_vocabulary(str(file))
    return file.relative_to(root).as_posix()


def _read_existing(target: Path, path: Path) -> tuple[str, Recipe]:
    """The recipe that has the path of a folder's recipe, if it is of that folder.

    Raises:
        UsageError: it is of another folder, or is no recipe.
    """
    advice = "name another recipe with --name, or build this one by its path"
    try:
        recipe = load_recipe(target)
    except RecipeError as error:
        raise RecipeError(error.what, error.where, f"correct the file, or {advice}", error.faults) from error
    root = (target.parent / recipe.root).resolve()
    if root != _find_root(path):
        raise UsageError(f"this is the recipe of another folder, {root}", str(target), advice)
    return target.read_text(encoding="utf-8"), recipe


def _name_options(names: Iterable[str]) -> str:
    """Options as they are written on the command line."""
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _list_differing(recipe: Recipe, options: FolderOptions, root: Path) -> dict[str, str]:
    """The options that differ from an existing recipe, by name, with the old and the new value."""
    tokenizer = _find_tokenizer(options.tokenizer, root)
    values: dict[str, object] = {
        "script": recipe.steps.script,
        "max_tokens": recipe.chunks.max_tokens,
        "tokenizer": options.tokenizer if tokenizer == recipe.tokenizer else recipe.tokenizer,
        "name": recipe.name,
    }
    shapes = {entry.records for entry in recipe.sources}
    if options.records not in shapes:
        values["records"] = ", ".join(sorted({shape or "by format" for shape in shapes}))
    return {
        name: f"{values[name]} → {value}"
        for name, value in options.chosen.items()
        if name in values and values[name] != value
    }


def _list_unmatched(path: Path, recipe: Recipe, target: Path, content: str) -> list[str]:
    """The files at a path that a recipe neither matches nor names as left out."""
    matched = set(discover(recipe, _find_root(path), str(target)).names)
    _, files = list_files(path, str(target))
    unmatched = (name for name in files.names if name not in matched and name != recipe.tokenizer)
    return find_unnamed(unmatched, content)
