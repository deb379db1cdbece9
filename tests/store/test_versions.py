"""The digest of the code covers what shapes the bytes of a build, and nothing else."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import grimp
import pytest

from hanpack.hashing import hash_file
from hanpack.store.versions import DATA_HASHES, NOT_SHAPING, SHAPING, digest_code

# What processes records, decides on documents and writes the files of a build.
WRITERS = (
    "hanpack.building.assembly",
    "hanpack.building.decisions",
    "hanpack.building.evaluation",
    "hanpack.engines.work",
    "hanpack.store.card",
    "hanpack.store.croissant",
    "hanpack.store.manifest",
)


@pytest.fixture(scope="module")
def shaping_modules() -> set[str]:
    """Every module that a writer imports, directly or not."""
    graph = grimp.build_graph("hanpack")
    upstream = {module for writer in WRITERS for module in graph.find_upstream_modules(writer)}
    return {*upstream, *WRITERS}


def test_everything_that_the_writers_of_a_build_import_is_in_the_digest(shaping_modules: set[str]) -> None:
    package = Path(str(resources.files("hanpack")))
    stems = [module.removeprefix("hanpack").removeprefix(".").replace(".", "/") for module in shaping_modules]
    paths = [f"{stem}.py" if (package / f"{stem}.py").is_file() else f"{stem}/" for stem in stems]
    assert len(paths) > 50
    # The packages hanpack, building and engines themselves hold nothing but a docstring.
    assert set(NOT_SHAPING).isdisjoint(paths)
    assert {path for path in paths if not path.startswith(SHAPING)} <= {"/", "building/", "engines/"}


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("cli/views.py", False),
        ("views/trace.py", False),
        ("store/reader.py", False),
        ("hub/pushing.py", False),
        ("flow.py", True),
        ("steps/traced.py", True),
        ("data/SHA256SUMS", True),
    ],
)
def test_only_a_change_of_code_that_shapes_bytes_changes_the_digest(
    tmp_path: Path, file: str, changes: bool
) -> None:
    package = tmp_path / "hanpack"
    original = Path(str(resources.files("hanpack")))
    shutil.copytree(original, package, ignore=shutil.ignore_patterns("__pycache__", "*.bin"))
    before = digest_code(package)
    (package / file).write_text(
        (package / file).read_text(encoding="utf-8") + "# changed\n", encoding="utf-8"
    )
    assert (digest_code(package) != before) is changes


def test_the_hashes_of_the_data_files_are_theirs() -> None:
    """After a data file was written again: ``sha256sum *.bin > SHA256SUMS`` in its folder."""
    data = Path(str(resources.files("hanpack"))) / "data"
    lines = (data / DATA_HASHES).read_text(encoding="utf-8").splitlines()
    hashes = {name: digest for digest, name in (line.split() for line in lines)}
    assert hashes == {path.name: hash_file(path) for path in data.glob("*.bin")}
    assert len(hashes) >= 3
