"""The report: one self-contained HTML page that shows what a build did to its sources."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from hanpack.errors import UsageError
from hanpack.store.manifest import Manifest, read_manifest
from hanpack.store.work_folder import find_root
from hanpack.views.copies import read_clusters
from hanpack.views.report_pictures import draw_flow, draw_lengths, draw_tokens
from hanpack.views.report_samples import Picked, Sample, make_visible, pick

EXAMPLES = 8
REFUSED = 200
CLUSTERS = 50
COPIES = 5
BATCH_ROWS = 4096
LONGEST_VALUE = 500
# What belongs to the form of a source and is no repair: counted, but not shown as one.
FORM = ("separator", "unwrap", "decode")
MEANINGS = {
    "decode": "byte order marks and bytes that give no character",
    "separator": "line breaks and blank lines between records",
    "unwrap": "the JSON around a record's text",
    "html": "markup of an HTML page",
    "page": "what a forum or site printed around a text",
    "lossy": "damage that cannot be undone: marked, left as it is",
    "mojibake": "text that was read in the wrong encoding",
    "pinyin": "readings a scraper left after characters",
    "shift": "characters shifted by a byte",
    "controls": "control and zero-width characters",
    "nfc": "characters composed",
    "spaces": "indents, trailing spaces, blank lines",
    "script": "characters brought to the target script",
    "width": "full- and half-width forms",
    "quotes": "quotes that faced the wrong way",
    "evasion": "letters put for a filtered word",
    "redaction": "redactions replaced",
    "passages": "sentences that stand in another document",
    "decontamination": "evaluation texts of the recipe",
    "duplicate": "records that repeat another",
    "empty": "records without text",
    "rejected": "records that were refused",
    "kept": "bytes that have text in a document",
}


def write_report(build: Path, target: Path, sources: Path | None = None, samples: int = 200) -> Path:
    """Write the report of a build to the file ``target`` and return its path.

    ``sources`` is the folder the sources lie in now, if they were moved; ``samples`` is how many chunks the
    page can show, spread evenly over the build. The same build gives the same page.

    Raises:
        VerifyError: the build has no sound manifest, or a source is missing or was changed.
        UsageError: the target is not a file that can be written, or lies in the build.
    """
    manifest = read_manifest(build)
    _require_outside(build, target)
    root = sources if sources is not None else find_root(build)
    page = _render(build, manifest, pick(build, manifest, root, samples, EXAMPLES))
    try:
        target.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"the report cannot be written: {error.strerror}", str(target)) from error
    return target


def _require_outside(build: Path, target: Path) -> None:
    """A build holds nothing that its manifest does not list, so a report does not go into it."""
    if target.resolve().is_relative_to(build.resolve()):
        raise UsageError("a report does not go into the build itself", str(target), "name a file beside it")


def _render(build: Path, manifest: Manifest, picked: Picked) -> str:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    environment.filters["percent"] = _percent
    environment.filters["visible"] = make_visible
    flow = draw_flow(manifest.totals)
    rules = [
        f".flow li:nth-child({at}){{height:{one.height:.1f}px}}" for at, one in enumerate(flow.streams, 1)
    ]
    style = _asset("report.css") + "\n" + "".join(rules)
    script = _asset("report.js")
    lengths, numbers = np.unique(picked.lengths, return_counts=True)
    refused, refused_count = _refused(build, manifest)
    return environment.from_string(_asset("report.html")).render(
        manifest=manifest,
        totals=manifest.totals,
        style=Markup(style),  # noqa: S704 (our own file and numbers)
        script=Markup(script),  # noqa: S704 (our own file)
        style_hash=_hash(style),
        script_hash=_hash(script),
        flow=flow,
        meanings=MEANINGS,
        tokens=draw_tokens(_token_counts(build, manifest), manifest.recipe["chunks"]["max_tokens"]),
        lengths=draw_lengths(dict(zip(lengths.tolist(), numbers.tolist(), strict=True))),
        edits=_by_step(picked),
        form=FORM,
        refused=refused,
        refused_count=refused_count,
        clusters=read_clusters(build, manifest, CLUSTERS, COPIES),
        samples=picked.samples,
        language=_language(manifest),
        data=Markup(embed_json([_as_data(sample) for sample in picked.samples])),  # noqa: S704 (escaped there)
    )


def _asset(name: str) -> str:
    return resources.files("hanpack.views").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def embed_json(value: object) -> str:
    """JSON that can stand in a ``script`` element, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def _language(manifest: Manifest) -> str:
    """The language of the texts, as far as the card tells it."""
    given = manifest.recipe["card"]["language"]
    first = given[0] if given else ""
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", first):
        return "und"
    scripts = {"hans": "zh-Hans", "hant": "zh-Hant", "tw": "zh-TW", "hk": "zh-HK"}
    return scripts.get(manifest.recipe["steps"]["script"], first) if first == "zh" else first


def _token_counts(build: Path, manifest: Manifest) -> dict[int, int]:
    counts: dict[int, int] = {}
    for file in manifest.tables["chunks"]:
        column = pq.read_table(build / file.path, columns=["token_count"]).column(0)
        for row in pc.value_counts(column).to_pylist():
            counts[row["values"]] = counts.get(row["values"], 0) + row["counts"]
    return counts


@dataclass(slots=True)
class Refused:
    """Records that were not kept for one reason; reason, source and place are those of the first."""

    state: str
    source: str
    reason: str | None
    record: int
    byte_start: int
    duplicate_of: str | None
    records: int = 0
    bytes: int = 0


def _refused(build: Path, manifest: Manifest) -> tuple[list[Refused], int]:
    """The commonest reasons why records were not kept, and the number of all those records."""
    names = [one.name for one in fields(Refused)[:6]]
    found: dict[tuple[str, str], Refused] = {}
    total = 0
    for file in manifest.tables["ledger"]:
        columns = [*names, "byte_end"]
        table = pq.read_table(build / file.path, columns=columns, filters=pc.field("state") != "kept")
        for row in chain.from_iterable(batch.to_pylist() for batch in table.to_batches(BATCH_ROWS)):
            key = row["state"], re.sub("[0-9]+", "0", row["reason"] or "")
            one = found.setdefault(key, Refused(**{name: row[name] for name in names}))
            one.records += 1
            one.bytes += row["byte_end"] - row["byte_start"]
            total += 1
    return sorted(found.values(), key=lambda one: -one.records)[:REFUSED], total


def _by_step(picked: Picked) -> list[Mapping[str, Any]]:
    """Steps from the busiest to the quietest, with their kinds and the examples of all kinds."""
    steps: dict[str, dict[str, int]] = {}
    for (step, kind), count in picked.edits.items():
        steps.setdefault(step, {})[kind] = count
    return [
        {
            "step": step,
            "count": sum(kinds.values()),
            "kinds": kinds,
            "examples": [
                (kind, example)
                for kind in kinds
                for example in picked.examples.get((step, kind), [])[: max(2, EXAMPLES // len(kinds))]
            ],
        }
        for step, kinds in sorted(steps.items(), key=lambda one: (one[0] in FORM, -sum(one[1].values())))
    ]


def _as_data(sample: Sample) -> Mapping[str, Any]:
    """A sample as the page's script reads it; raw text that is the final text is not written twice."""
    chunk, document = sample.chunk, sample.document
    return {
        "id": chunk["id"],
        "facts": [
            ["tokens", f"{chunk['token_count']:,}"],
            ["encoding", document["encoding"]],
            ["script as found", document["script"]],
            ["bytes", f"{chunk['byte_start']:,} – {chunk['byte_end']:,}"],
            ["characters", f"{chunk['start']:,} – {chunk['end']:,}"],
            ["chunk of its document", f"{chunk['chunk_index'] + 1:,}"],
            ["document", chunk["document_id"]],
            ["source", make_visible(chunk["source"])],
            ["sha256", chunk["source_sha256"]],
        ],
        "metadata": [[make_visible(name), _value(value)] for name, value in _known(chunk["metadata"])],
        "section": [make_visible(heading) for heading in chunk["section"]],
        "tokens": chunk["token_count"],
        "source": make_visible(chunk["source"]),
        "pieces": [
            [piece.step, piece.kind, piece.text, *([] if piece.raw == piece.text else [piece.raw])]
            for piece in sample.pieces
        ],
    }


def _known(metadata: Mapping[str, Any] | None) -> Sequence[tuple[str, Any]]:
    return [(name, value) for name, value in (metadata or {}).items() if value is not None]


def _value(value: object) -> str:
    text = str(value)
    return make_visible(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]} …")
