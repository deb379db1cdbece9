"""Completes a build whose parts are made: assembles, searches for withdrawn texts, describes, publishes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from hanpack.building.assembly import Assembly, assemble
from hanpack.building.build_options import BuildOptions
from hanpack.building.engine_stages import find_writer
from hanpack.building.passes import choose_processes
from hanpack.building.plan import Plan
from hanpack.building.publication import Output
from hanpack.building.rejections import refuse_rejected
from hanpack.building.written_shards import WrittenShards, load_written_shards
from hanpack.recipe_card import Card
from hanpack.resources.folding_table import open_folder
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.secrets import redact_recipe
from hanpack.sources.survey import Progress
from hanpack.store.manifest import MANIFEST, Manifest, dump_manifest
from hanpack.store.merkle import find_build_root
from hanpack.store.part_index import Parts
from hanpack.store.source_list import write_sources
from hanpack.store.withdrawals import dump_withdrawal

if TYPE_CHECKING:
    from hanpack.building.absence import Absence


def complete(
    plan: Plan,
    parts: Parts,
    output: Output,
    options: BuildOptions,
    progress: Progress,
    *,
    proves_absence: bool,
    known: Collection[bytes] = frozenset(),
) -> tuple[Manifest, Absence | None]:
    """Assemble the next build of an output folder from its parts, describe it, and publish it.

    With ``proves_absence``, the build is searched for withdrawn texts before it is published, and what was
    searched is returned beside the manifest. ``known`` are the hashes of documents that were searched before.

    Raises:
        BuildError: every record was rejected, or with the option ``strict`` one was; or a withdrawn text is
            still in the build.
    """
    folder = output.start_next()
    note = output.work.written_shards
    written_shards = (
        WrittenShards(output.folder) if options.fresh else load_written_shards(note, output.folder)
    )
    assembly = Assembly.of(parts, plan.recipe)
    processes = options.num_proc or choose_processes(plan.size)
    writer = find_writer(options, output.work.path)
    shards, totals = assemble(
        assembly,
        folder,
        written=written_shards,
        progress=progress,
        processes=processes,
        writer=writer,
    )
    refuse_rejected(output.folder, totals, strict=options.strict, parts=parts)
    recipe = redact_recipe(plan.recipe.model_dump(mode="json"), plan.root)
    manifest = Manifest(
        name=plan.recipe.name,
        fingerprint=plan.fingerprint,
        recipe=recipe,
        versions=plan.versions,
        tokenizer={"name": recipe["tokenizer"], "sha256": plan.versions["tokenizer"]},
        sources=plan.sources,
        evaluation=plan.evaluation_sources,
        withdrawals=[dump_withdrawal(withdrawal) for withdrawal in plan.withdrawals],
        against=[asdict(other.stated) for other in plan.against],
        files=shards,
        totals=totals,
        merkle_root=find_build_root((shard.path, shard.root) for shard in shards),
    )
    absence = None
    # What reads a finished build is only loaded if the recipe or a withdrawal asks for what needs it.
    if proves_absence:
        from hanpack.building.absence import require_absence
        from hanpack.store.reader import BuildReader

        vocabulary = load_vocabulary(plan.recipe.tokenizer, plan.root)
        reader = BuildReader(folder, manifest)
        absence = require_absence(reader, plan.withdrawals, vocabulary, output.folder, known)
    if plan.recipe.duplicates.signatures:
        from hanpack.building.document_signatures import write_signatures
        from hanpack.store.reader import BuildReader

        signatures = write_signatures(BuildReader(folder, manifest))
        manifest = replace(manifest, files=[signatures, *manifest.files])
    if plan.recipe.search_index:
        from hanpack.store.reader import BuildReader
        from hanpack.store.search_index import write_search_index

        search_index = write_search_index(BuildReader(folder, manifest), open_folder())
        manifest = replace(manifest, files=[search_index, *manifest.files])
    if source_list := write_sources(folder, plan.sources):
        manifest = replace(manifest, files=[source_list, *manifest.files])
    # A build that is up to date writes none of these: what writes them takes 50 ms to load.
    from hanpack.store.card import write_card
    from hanpack.store.croissant import write_croissant
    from hanpack.store.histogram import write_picture
    from hanpack.store.spdx import write_spdx

    card = write_card(folder, manifest, Card.model_validate(recipe["card"]))
    picture = write_picture(folder, manifest)
    croissant = write_croissant(folder, replace(manifest, files=[card, picture, *manifest.files]))
    described = [card, croissant, picture]
    spdx = write_spdx(folder, replace(manifest, files=[*described, *manifest.files]))
    manifest = replace(manifest, files=[*described, spdx, *manifest.files])
    (folder / MANIFEST).write_text(dump_manifest(manifest), encoding="utf-8")
    output.publish(plan.root)
    written_shards.save(note)
    return manifest, absence
