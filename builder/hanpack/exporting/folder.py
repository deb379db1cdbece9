"""Writes an export as a folder that appears complete, with a note of the build it was made from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hanpack.errors import BuildError, UsageError
from hanpack.exporting.megatron import write_megatron
from hanpack.exporting.packed_rows import PACKED
from hanpack.exporting.torchtitan import write_torchtitan
from hanpack.hashing import hash_file
from hanpack.store.reader import BuildReader
from hanpack.store.work_folder import WorkFolder

Writer = Callable[[BuildReader, str, Path], Iterator[Path]]
FORMATS: Mapping[str, Writer] = {"megatron": write_megatron, "torchtitan": write_torchtitan}
NOTE = "hanpack_export.json"


@dataclass(frozen=True, slots=True)
class Exports:
    """The exports of a build: those that are there, and where others were written that are not there now."""

    present: Sequence[Path]
    missing: Sequence[Path]


def list_exports(build: Path) -> Exports:
    """The exports of a build, where they were written from this machine or are by default.

    Raises:
        VerifyError: the note of exports in the work folder is damaged.
    """
    written = {path.resolve(): path for path in (_name_default(build, to) for to in FORMATS)}
    default = list(written.values())
    for path in WorkFolder(build).find_exports():
        written.setdefault(path.resolve(), path)
    is_present = {path: (path / NOTE).is_file() for path in written.values()}
    return Exports(
        present=[path for path, present in is_present.items() if present],
        missing=[path for path, present in is_present.items() if not present and path not in default],
    )


def _name_default(build: Path, to: str) -> Path:
    return build.with_name(f"{build.resolve().name}-{to}")


def export_build(build: Path, to: str, folder: Path | None = None) -> Path:
    """Write the packed sequences of a build in a format of :data:`FORMATS`; returns the folder of the export.

    ``folder`` is ``BUILD-FORMAT`` beside the build by default. A split without documents is left out.

    Raises:
        UsageError: there is no such format, or the build has no packed sequences.
        BuildError: the folder exists and is not empty, or is inside the build.
        VerifyError: the build cannot be read.
    """
    if to not in FORMATS:
        raise UsageError(f"{to!r} is not one of {', '.join(FORMATS)}", "--to")
    reader = BuildReader.open(build)
    if PACKED not in reader.tables:
        todo = "set 'packed: {tokens: 4096}' in the recipe, the length of a sequence, and build again"
        raise UsageError("the build has no packed sequences", str(build), todo)
    target = folder if folder is not None else _name_default(build, to)
    if target.resolve().is_relative_to(build.resolve()):
        raise BuildError("the export would be inside the build", str(target), "name another folder with -o")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BuildError("there is something already", str(target), "name a new folder with -o, or delete it")
    temporary = target.with_name(f".{target.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        files = [
            path
            for partition in reader.partitions(PACKED)
            if any(shard.rows for shard in reader.shards(PACKED, partition))
            for path in FORMATS[to](reader, partition, temporary)
        ]
        note = {
            "format": to,
            "name": reader.manifest.name,
            "fingerprint": reader.manifest.fingerprint,
            "tokenizer": dict(reader.manifest.tokenizer),
            "files": {path.relative_to(temporary).as_posix(): hash_file(path) for path in files},
        }
        (temporary / NOTE).write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if target.exists():
            target.rmdir()
        temporary.replace(target)
        WorkFolder(build).note_export(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target
