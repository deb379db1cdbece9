"""The receipt of a withdrawal: what was removed from which file, as JSON and as a page, without any text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from hanpack.building.absence import Absence
from hanpack.chinese import find_page_language, translate
from hanpack.errors import UsageError
from hanpack.store.manifest import MANIFEST, Manifest
from hanpack.views.visible_text import make_visible
from hanpack.withdrawal.selection import CutDocument, Selection, TakenRecord

PAGE = """<!DOCTYPE html>
<html lang="{{ language }}"><head><meta charset="utf-8">
<title>{{ t("Withdrawal %s") | format(request) }}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { border: 1px solid #ccc; padding: 0.3rem 0.5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
code { font-size: 0.85em; }
</style></head><body>
<h1>{{ t("Withdrawal %s") | format(request) }}</h1>
<p>{{ t("On %s from the build %s: %s") | format(date, build, reason) }}</p>
<p>{{ absence }}</p>
{%- for kind, names in asked.items() if names %}
<p>{{ t(labels[kind]) }}: {% for name in names %}<code>{{ name }}</code> {% endfor %}</p>
{%- endfor %}
<h2>{{ t("Records withdrawn: %s") | format(withdrawn|length) }}</h2>
<table><tr><th>{{ t("source") }}</th><th>{{ t("record") }}</th><th>{{ t("bytes") }}</th>
<th>{{ t("was") }}</th><th>{{ t("removed from") }}</th></tr>
{%- for row in withdrawn %}
<tr><td>{{ row.source }}</td><td>{{ row.record }}</td><td>{{ row.byte_start }}–{{ row.byte_end }}</td>
<td>{{ t(row.state) }}{% if row.document_id %}: {{ row.document_id }}{% endif -%}
{% if row.duplicate_of %} → {{ row.duplicate_of }}{% endif %}</td>
<td>{% for path, rows in row.rows.items() -%}
<code>{{ path }}</code>: {{ t("%s rows") | format(rows|length) }}<br>
{% endfor %}</td></tr>
{%- endfor %}</table>
<h2>{{ t("Documents that lost passages: %s") | format(passages|length) }}</h2>
<table><tr><th>{{ t("source") }}</th><th>{{ t("record") }}</th><th>{{ t("document before") }}</th>
<th>{{ t("characters") }}</th></tr>
{%- for row in passages %}
<tr><td>{{ row.source }}</td><td>{{ row.record }}</td><td>{{ row.document_id or "" }}</td>
<td>{% for start, end in row.spans %}{{ start }}–{{ end }}<br>{% endfor %}</td></tr>
{%- endfor %}</table>
{%- if others %}
<h2>{{ t("Other requests that were carried out too: %s") | format(others|length) }}</h2>
<table><tr><th>{{ t("request") }}</th><th>{{ t("date") }}</th><th>{{ t("reason") }}</th>
<th>{{ t("records withdrawn") }}</th></tr>
{%- for row in others %}
<tr><td>{{ row.request }}</td><td>{{ row.date }}</td><td>{{ row.reason }}</td><td>{{ row.records }}</td></tr>
{%- endfor %}</table>
{%- endif %}
<h2>{{ t("Requests that the build honours now: %s") | format(honoured|length) }}</h2>
<table><tr><th>{{ t("request") }}</th><th>{{ t("date") }}</th><th>{{ t("reason") }}</th></tr>
{%- for row in honoured %}
<tr><td>{{ row.request }}</td><td>{{ row.date }}</td><td>{{ row.reason }}</td></tr>
{%- endfor %}</table>
<h2>{{ t("Files changed: %s; unchanged: %s") | format(files|length, unchanged) }}</h2>
<table><tr><th>{{ t("file") }}</th><th>{{ t("SHA-256 before") }}</th><th>{{ t("SHA-256 after") }}</th></tr>
{%- for row in files %}
<tr><td>{{ row.path }}</td><td><code>{{ row.before or "" }}</code></td>
<td><code>{{ row.after or "" }}</code></td></tr>
{%- endfor %}</table>
<p>hanpack {{ hanpack }}; {{ t("fingerprint before") }} <code>{{ fingerprint_before }}</code>,
{{ t("fingerprint after") }} <code>{{ fingerprint_after }}</code>.</p>
<p>{{ notes | join(" ") }}</p>
</body></html>
"""
# What the page calls the parts of a request.
REQUEST_LABELS = {
    "documents": "documents asked for",
    "sources": "sources asked for",
    "urls_sha256": "addresses asked for, as SHA-256",
}
NOTES = (
    "The withdrawals file beside the recipe has signatures of the texts: no later build has them.",
    "Copies of load_dataset are not touched: delete them in the cache of Hugging Face on each machine.",
)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the build with its SHA-256 before and after; None where it does not exist."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """A request of the same file that the build did not honour before, and the records it has withdrawn."""

    request: str
    date: str
    reason: str
    records: int


@dataclass(frozen=True, slots=True)
class HonouredRequest:
    """A request that the build honours: nothing that it names is in the build."""

    request: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a withdrawal did to a build, and how many rows were searched for what was withdrawn.

    ``asked`` is what the request names: ids of documents, paths of sources, and addresses as SHA-256.
    ``others`` are requests of other builds of the same folder that were carried out with it: some of the
    changed files are theirs. ``honoured`` are all requests that the build honours now, earlier ones too.
    """

    request: str
    date: str
    reason: str
    build: str
    hanpack: str
    fingerprint_before: str
    fingerprint_after: str
    asked: Mapping[str, Sequence[str]]
    withdrawn: Sequence[TakenRecord]
    passages: Sequence[CutDocument]
    files: Sequence[FileChange]
    unchanged: int
    searched: Mapping[str, int]
    others: Sequence[OtherRequest] = ()
    honoured: Sequence[HonouredRequest] = ()

    def as_json(self) -> dict[str, Any]:
        """The receipt for programs."""
        return asdict(self)

    def render(self) -> str:
        """The receipt as a page that needs nothing else, in the language of the locale."""
        rows = ", ".join(translate(f"{count:,} rows of {table}") for table, count in self.searched.items())
        absence = translate(f"Searched, and not found: {rows}.")
        values = _make_visible({**self.as_json(), "absence": absence})
        values |= {"labels": REQUEST_LABELS}
        values |= {"language": find_page_language(), "t": translate, "notes": map(translate, NOTES)}
        environment = Environment(autoescape=True, undefined=StrictUndefined)
        return environment.from_string(PAGE).render(values)


def make_receipt(
    selection: Selection,
    before: Manifest,
    after: Manifest,
    absence: Absence,
    others: Sequence[OtherRequest] = (),
) -> Receipt:
    """The receipt of a withdrawal, from the manifests of the build before and after it."""
    old, new = ({file.path: file.sha256 for file in manifest.files} for manifest in (before, after))
    changes = [FileChange(path, old.get(path), new.get(path)) for path in sorted(old.keys() | new.keys())]
    changed = [change for change in changes if change.before != change.after]
    withdrawal = selection.withdrawal
    return Receipt(
        request=withdrawal.request,
        date=withdrawal.date,
        reason=withdrawal.reason,
        build=after.name,
        hanpack=version("hanpack"),
        fingerprint_before=before.fingerprint,
        fingerprint_after=after.fingerprint,
        asked={
            "documents": withdrawal.documents,
            "sources": withdrawal.sources,
            "urls_sha256": withdrawal.urls,
        },
        withdrawn=selection.taken,
        passages=selection.cut,
        files=changed,
        unchanged=len(changes) - len(changed),
        searched=dict(absence.searched),
        others=others,
        honoured=[
            HonouredRequest(entry["request"], entry["date"], entry["reason"]) for entry in after.withdrawals
        ],
    )


def write_receipt(receipt: Receipt, path: Path, build: Path) -> tuple[Path, Path]:
    """Write a receipt as ``path`` with the suffixes ``.json`` and ``.html``; returns both paths.

    Raises:
        UsageError: it would be inside the build, which has nothing but its own files.
    """
    check_target(path, build)
    targets = path.with_name(f"{path.name}.json"), path.with_name(f"{path.name}.html")
    targets[0].write_text(
        json.dumps(receipt.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    targets[1].write_text(receipt.render(), encoding="utf-8")
    return targets


def check_target(path: Path, build: Path) -> None:
    """Refuse a receipt inside a build.

    Raises:
        UsageError: ``path`` is inside the build.
    """
    if (build / MANIFEST).resolve().parent in path.resolve().parents:
        raise UsageError(
            "the receipt would be inside the build", str(path), "name another place with --receipt"
        )


def _make_visible(value: Any) -> Any:
    if isinstance(value, str):
        return make_visible(value)
    if isinstance(value, Mapping):
        return {make_visible(str(key)): _make_visible(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_make_visible(inner) for inner in value]
    return value
