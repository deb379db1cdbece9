"""Writes the report: one self-contained HTML page that shows what a build did to its sources."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from hanpack.chinese import find_page_language, name_step, translate, translate_script
from hanpack.errors import UsageError
from hanpack.flow import STEPS
from hanpack.sources.formats import describe_content
from hanpack.store.manifest import CONTENTS_HINT, Manifest
from hanpack.store.metadata import read_metadata
from hanpack.store.reader import BuildReader
from hanpack.store.work_folder import require_root
from hanpack.views.copies import read_clusters
from hanpack.views.records_not_kept import group_records_not_kept
from hanpack.views.report.figures import count_tokens, group_edits
from hanpack.views.report.pictures import draw_flow, draw_lengths, draw_tokens
from hanpack.views.report.samples import ChunkSample, ReportSamples, choose_samples
from hanpack.views.visible_text import make_visible

MOST_EXAMPLES = 8
MOST_GROUPS = 200
MOST_CLUSTERS = 50
MOST_COPIES = 5
LONGEST_VALUE = 500
# Steps that remove the format around a text and repair nothing: their edits are counted, but not shown.
FORMAT_STEPS = ("separator", "unwrap", "decode")
# What each step did, and what became of the bytes that no step removed.
MEANINGS = {step.name: step.summary for step in STEPS} | {
    "duplicate": "records that are copies of another",
    "empty": "records without text",
    "rejected": "records that could not be used",
    "withdrawn": "records that were withdrawn by a request",
    "kept": "bytes that have text in a document",
}


def write_report(build: Path, target: Path, sources: Path | None = None, samples: int = 200) -> Path:
    """Write the report of a build to the file ``target`` and return its path.

    ``sources`` is the folder of the sources, if they were moved; ``samples`` is how many chunks the page can
    show, spread evenly over the build. The same build gives the same page, in the language of the locale.

    Raises:
        VerifyError: the build has no sound manifest, or a source is missing or was changed.
        UsageError: the target is not a file that can be written, or is inside the build.
    """
    reader = BuildReader.open(build)
    _require_outside(build, target)
    if not target.parent.is_dir():
        raise UsageError(
            "the folder for the report does not exist", str(target.parent), "make it, or name another with -o"
        )
    root = sources if sources is not None else require_root(build)
    page = _render(reader, choose_samples(reader, root, samples, MOST_EXAMPLES))
    try:
        target.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"the report cannot be written: {error.strerror}", str(target)) from error
    return target


def _require_outside(build: Path, target: Path) -> None:
    """A build has no files that its manifest does not list, so a report does not go into it."""
    if target.resolve().is_relative_to(build.resolve()):
        raise UsageError("a report does not go into the build itself", str(target), "name a file beside it")


def _render(reader: BuildReader, samples: ReportSamples) -> str:
    manifest = reader.manifest
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["percent"] = format_percent
    environment.filters["visible"] = make_visible
    environment.filters["step_name"] = name_step
    flow = draw_flow(manifest.totals)
    row_heights = [
        f".flow li:nth-child({row}){{height:{stream.height:.1f}px}}"
        for row, stream in enumerate(flow.streams, 1)
    ]
    style = _read_asset("page.css") + "\n" + "".join(row_heights)
    script = _read_asset("page.js")
    data = embed_json([_describe_sample(sample) for sample in samples.chunks])
    edits = group_edits(samples, MOST_EXAMPLES)
    not_kept = group_records_not_kept(reader)
    return environment.from_string(
        _read_asset("page.html")
    ).render(
        manifest=manifest,
        totals=manifest.totals,
        contents_hint=CONTENTS_HINT,
        style=Markup(style),  # noqa: S704 (our own file and numbers)
        script=Markup(script),  # noqa: S704 (our own file)
        style_hash=_hash_for_policy(style),
        script_hash=_hash_for_policy(script),
        flow=flow,
        meanings=MEANINGS,
        tokens=draw_tokens(count_tokens(reader), manifest.recipe["chunks"]["max_tokens"]),
        lengths=draw_lengths(dict(sorted(samples.lengths.items()))),
        edits=[step for step in edits if step.step not in FORMAT_STEPS],
        format_edits=[step for step in edits if step.step in FORMAT_STEPS],
        left_out=_list_left_out(manifest),
        not_kept=not_kept[:MOST_GROUPS],
        not_kept_count=sum(group.records for group in not_kept),
        clusters=read_clusters(reader, MOST_CLUSTERS, MOST_COPIES),
        sample_count=len(samples.chunks),
        language=_find_language(manifest),
        data=Markup(data),  # noqa: S704 (escaped by embed_json)
        words=embed_json(translate_script()),
        page_language=find_page_language(),
        t=translate,
    )


def _list_left_out(manifest: Manifest) -> str:
    """The suffixes of the files that are no sources because of their formats, with their numbers."""
    left_out: Mapping[str, int] = manifest.recipe["card"].get("left_out") or {}
    return ", ".join(f"{suffix or '–'} {count:,}" for suffix, count in left_out.items())


def _finalize(value: object) -> object:
    """What a template prints: a string of a build becomes visible; markup of our own stays as it is."""
    return make_visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _read_asset(name: str) -> str:
    return resources.files("hanpack.views.report").joinpath(name).read_text(encoding="utf-8")


def _hash_for_policy(content: str) -> str:
    """The hash by which a content security policy allows a script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def embed_json(value: object) -> str:
    r"""JSON that can be put in a ``script`` element, whatever its strings contain.

    >>> embed_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def format_percent(share: float) -> str:
    """A share from 0 to 1 in per cent.

    >>> format_percent(0.25), format_percent(0.0001)
    ('25.0 %', '< 0.1 %')
    """
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def _find_language(manifest: Manifest) -> str:
    """The language of the texts as HTML names it, from the card and the target script."""
    languages = manifest.recipe["card"]["language"]
    first = languages[0] if languages else ""
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", first):
        return "und"
    scripts = {"hans": "zh-Hans", "hant": "zh-Hant", "tw": "zh-TW", "hk": "zh-HK"}
    return scripts.get(manifest.recipe["steps"]["script"], first) if first == "zh" else first


def _describe_sample(sample: ChunkSample) -> Mapping[str, Any]:
    """A sample as the page's script reads it; raw text that equals the final text is left out."""
    chunk = sample.chunk
    metadata = read_metadata(chunk["metadata"])
    content = translate(describe_content(chunk["source"]))
    pages = dict.fromkeys(region["page"] for region in chunk.get("pages") or ())
    return {
        "id": make_visible(chunk["id"]),
        "facts": [
            [translate("tokens"), f"{chunk['token_count']:,}"],
            [translate("encoding"), make_visible(sample.encoding)],
            [translate("original script"), make_visible(sample.script)],
            [
                translate("bytes"),
                f"{chunk['byte_start']:,} – {chunk['byte_end']:,}{f' ({content})' if content else ''}",
            ],
            *([[translate("pages"), ", ".join(map(str, pages))]] if pages else []),
            [translate("characters"), f"{chunk['start']:,} – {chunk['end']:,}"],
            [translate("chunk of its document"), f"{chunk['chunk_index'] + 1:,}"],
            [translate("document"), make_visible(chunk["document_id"])],
            [translate("source"), make_visible(chunk["source"])],
            ["sha256", make_visible(chunk["source_sha256"])],
        ],
        "metadata": [[make_visible(name), _format_value(value)] for name, value in metadata.items()],
        "section": [make_visible(heading) for heading in chunk["section"]],
        "tokens": chunk["token_count"],
        "source": make_visible(chunk["source"]),
        "parts": [
            [
                make_visible(part.step),
                make_visible(part.kind),
                part.text,
                *([] if part.raw == part.text else [part.raw]),
            ]
            for part in sample.parts
        ],
    }


def _format_value(value: object) -> str:
    text = str(value)
    return make_visible(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} …")
