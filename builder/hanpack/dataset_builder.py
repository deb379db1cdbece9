"""``HanpackBuilder``: a recipe as a ``datasets`` builder, with the rows of ``hanpack build``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import datasets
import pyarrow as pa

from hanpack.building.build_options import BuildOptions
from hanpack.building.plan import Plan, make_plan
from hanpack.building.recipe_input import RecipeSource
from hanpack.building.run import build_plan
from hanpack.recipe import DEFAULT_RECIPE
from hanpack.store.reader import BuildReader
from hanpack.store.shards import ShardFile
from hanpack.store.table_kinds import BASIC_TABLES


@dataclass
class HanpackConfig(datasets.BuilderConfig):  # type: ignore[misc]
    """One table of a recipe. The fingerprint is part of its name in the cache: new inputs, new data."""

    recipe: str = ""
    fingerprint: str = ""


class HanpackBuilder(datasets.ArrowBasedBuilder):  # type: ignore[misc]
    """Builds the table ``config_name`` (chunks, documents or ledger) of a recipe.

    ``download_and_prepare``, ``as_dataset`` and ``as_streaming_dataset`` are those of ``datasets``. The
    build itself is made once, in the cache, by the flow of ``hanpack build``, and both read its shards.

    Raises:
        RecipeError: the recipe is wrong, or names files that are not there.
    """

    BUILDER_CONFIG_CLASS = HanpackConfig
    BUILDER_CONFIGS: ClassVar[list[HanpackConfig]] = [
        HanpackConfig(name=name, version=datasets.Version("1.0.0")) for name in BASIC_TABLES
    ]
    DEFAULT_CONFIG_NAME = "chunks"

    def __init__(
        self, recipe: RecipeSource = DEFAULT_RECIPE, config_name: str = "chunks", **options: Any
    ) -> None:
        self._plan: Plan = make_plan(recipe)
        super().__init__(
            config_name=config_name,
            dataset_name=options.pop("dataset_name", self._plan.recipe.name),
            recipe=self._plan.recipe.name,
            fingerprint=self._plan.fingerprint,
            **options,
        )

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(
            description=self._plan.recipe.card.summary, license=self._plan.recipe.card.license
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:  # noqa: ARG002 (datasets calls it)
        folder = Path(self._cache_dir_root) / "hanpack" / self._plan.fingerprint
        reader = BuildReader(folder, build_plan(self._plan, folder, BuildOptions()).manifest)
        table = self.config.name
        self.info.features = datasets.Features.from_arrow_schema(reader.schema(table))
        return [
            # The list of shards is what datasets divides among processes.
            datasets.SplitGenerator(
                name=partition, gen_kwargs={"reader": reader, "shards": reader.shards(table, partition)}
            )
            for partition in reader.partitions(table)
        ]

    def _generate_tables(
        self, reader: BuildReader, shards: Sequence[ShardFile]
    ) -> Iterator[tuple[Any, pa.Table]]:
        for number, shard in enumerate(shards):
            for batch in reader.read_shard(shard):
                yield datasets.builder.Key(number, batch.first), batch.table
