"""Finds the versions that the bytes of a build depend on: of libraries, and a digest of hanpack's code."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable

# The name of the digest of hanpack's code among the versions.
CODE = "hanpack code"
LIBRARIES = ("numpy", "opencc", "phonenumberslite", "pyarrow", "pypinyin", "regex", "tiktoken")
# The libraries of the extras html and docs; without them HTML pages and PDF files are rejected.
OPTIONAL = ("lxml", "pypdfium2", "trafilatura")
# The code that shapes the bytes of a build. Commands, views, audits and messages do not: changing them leaves
# every build up to date. A test compares this with what the writers of a build import.
SHAPING = (
    "building/assembly.py",
    "building/copies.py",
    "building/decisions.py",
    "building/document_index.py",
    "building/document_signatures.py",
    "building/evaluation.py",
    "building/final_ids.py",
    "building/passages.py",
    "building/published_copies.py",
    "building/withdrawn_parts.py",
    "building/written_shards.py",
    "data/",
    "documents.py",
    "edits.py",
    "engines/heap.py",
    "engines/work.py",
    "errors.py",
    "flow.py",
    "hashing.py",
    "lazy_patterns.py",
    "model.py",
    "names.py",
    "outcomes.py",
    "parquet_rows.py",
    "quality.py",
    "reasons.py",
    "recipe.py",
    "recipe_card.py",
    "recipe_splits.py",
    "recipe_steps.py",
    "record_texts.py",
    "record_withdrawals.py",
    "resources/",
    "secrets.py",
    "source_table.py",
    "sources/",
    "step_table.py",
    "step_tools.py",
    "steps/",
    "store/",
    "tools.py",
    "wording.py",
    "yaml_models.py",
    "yaml_texts.py",
)
# The file with the hashes of the data files: hashing these takes longer than all else that a start hashes.
DATA_HASHES = "SHA256SUMS"
# The reader of finished builds and its checks are in the folder of the writers, and shape nothing.
NOT_SHAPING = (
    "store/bloom_filters.py",
    "store/data_pages.py",
    "store/manifest_changes.py",
    "store/partial_reads.py",
    "store/placed_rows.py",
    "store/reader.py",
    "store/received.py",
    "store/received_rows.py",
    "store/remote_build.py",
    "store/row_groups.py",
    "store/row_pages.py",
)


def find_versions() -> dict[str, str]:
    """All versions that can change the bytes of a build, by name; an optional library may be ``absent``."""
    return dict(_find_versions())


@cache
def _find_versions() -> Mapping[str, str]:
    """The versions of what this process has loaded, or will load: read once."""
    versions = {name: metadata.version(name) for name in ("hanpack", *LIBRARIES)}
    for name in OPTIONAL:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "absent"
    return {**versions, "unicode": unicodedata.unidata_version, CODE: digest_code()}


def digest_code(package: Traversable | None = None) -> str:
    """Hash the code in ``SHAPING``: 64 bits in hexadecimal. ``package`` is hanpack's folder by default."""
    files = dict(_read_files(package or resources.files("hanpack"), ""))
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name} {len(files[name])}\n".encode() + files[name])
    return digest.hexdigest()[:16]


def _read_files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if name.endswith((".py", ".md", DATA_HASHES)):
            if name.startswith(SHAPING) and name not in NOT_SHAPING:
                yield name, entry.read_bytes()
        elif entry.name != "__pycache__" and entry.is_dir():
            yield from _read_files(entry, f"{name}/")
