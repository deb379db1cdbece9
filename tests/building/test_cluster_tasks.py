"""Tasks that read their parts where they run make the bytes that one process makes."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from hanpack.building import cluster_tasks
from hanpack.building.build_options import BuildOptions
from hanpack.building.cluster_tasks import ClusterWriter, WorkPlace, decide_on_cluster
from hanpack.building.decisions import Decisions
from hanpack.building.run import build
from hanpack.recipe import Recipe
from hanpack.store.part_index import Parts
from hanpack.store.signature_table import OtherBuild
from tests.building.test_incremental import EVERY_OPTION, make_small_files
from tests.builds import hash_files
from tests.conftest import MakeRecipe

Result = TypeVar("Result")


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that a build has sent away; each is pickled before it is called."""
    names: list[str] = []

    def call(function: Callable[[], Result]) -> Result:
        names.append(type(function).__name__)
        result: Result = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(function))()))
        return result

    def decide(
        parts: Parts, recipe: Recipe, _progress: object, against: Sequence[OtherBuild] = ()
    ) -> Decisions:
        return decide_on_cluster(WorkPlace(parts.cache.folder.parent), parts, recipe, against)

    def find_writer(_options: BuildOptions, work_folder: Path) -> object:
        return ClusterWriter(WorkPlace(work_folder.resolve())).write

    monkeypatch.setattr(cluster_tasks, "call_on_cluster", call)
    monkeypatch.setattr("hanpack.building.passes.decide", decide)
    monkeypatch.setattr("hanpack.building.completion.find_writer", find_writer)
    return names


def test_tasks_make_the_bytes_of_one_process(
    make_recipe: MakeRecipe, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    recipe = make_recipe(make_small_files(), sources=[{"path": "*.txt"}], **EVERY_OPTION)
    alone = build(recipe, tmp_path / "alone")
    names = request.getfixturevalue("tasks")
    sent = build(recipe, tmp_path / "sent")
    assert {"DecisionTask", "ShardTask"} == set(names)
    assert alone.counts["states"].keys() >= {"kept", "duplicate"}
    assert hash_files(sent.path) == hash_files(alone.path)
    assert not [path for path in (tmp_path / ".sent.hanpack").rglob("*.parquet") if "shards" in path.parts]
