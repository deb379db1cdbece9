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
from hanpack.errors import UsageError
from hanpack.store.manifest import MANIFEST, Manifest
from hanpack.views.visible_text import make_visible
from hanpack.withdrawal.selection import CutDocument, Selection, TakenRecord

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Withdrawal {{ request }}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { border: 1px solid #ccc; padding: 0.3rem 0.5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
code { font-size: 0.85em; }
</style></head><body>
<h1>Withdrawal {{ request }}</h1>
<p>On {{ date }} from the build <b>{{ build }}</b>: {{ reason }}</p>
<p>{{ absence }}</p>
<h2>Records withdrawn: {{ withdrawn|length }}</h2>
<table><tr><th>source</th><th>record</th><th>bytes</th><th>was</th><th>removed from</th></tr>
{%- for row in withdrawn %}
<tr><td>{{ row.source }}</td><td>{{ row.record }}</td><td>{{ row.byte_start }} to {{ row.byte_end }}</td>
<td>{{ row.state }}{% if row.document_id %} as {{ row.document_id }}{% endif -%}
{% if row.duplicate_of %} of {{ row.duplicate_of }}{% endif %}</td>
<td>{% for path, rows in row.rows.items() %}<code>{{ path }}</code>: {{ rows|length }} rows<br>
{% endfor %}</td></tr>
{%- endfor %}</table>
<h2>{{ passages|length }} documents lost passages</h2>
<table><tr><th>source</th><th>record</th><th>document before</th><th>characters</th></tr>
{%- for row in passages %}
<tr><td>{{ row.source }}</td><td>{{ row.record }}</td><td>{{ row.document_id or "" }}</td>
<td>{% for start, end in row.spans %}{{ start }} to {{ end }}<br>{% endfor %}</td></tr>
{%- endfor %}</table>
<h2>{{ files|length }} files changed, {{ unchanged }} did not</h2>
<table><tr><th>file</th><th>SHA-256 before</th><th>SHA-256 after</th></tr>
{%- for row in files %}
<tr><td>{{ row.path }}</td><td><code>{{ row.before or "" }}</code></td>
<td><code>{{ row.after or "" }}</code></td></tr>
{%- endfor %}</table>
<p>hanpack {{ hanpack }}; fingerprint before <code>{{ fingerprint_before }}</code>, after
<code>{{ fingerprint_after }}</code>. The signatures of the withdrawn texts are in the withdrawals file beside
the recipe: no later build has them.</p>
</body></html>
"""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the build with its SHA-256 before and after; None where it does not exist."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a withdrawal did to a build, and how many rows were searched for what was withdrawn."""

    request: str
    date: str
    reason: str
    build: str
    hanpack: str
    fingerprint_before: str
    fingerprint_after: str
    withdrawn: Sequence[TakenRecord]
    passages: Sequence[CutDocument]
    files: Sequence[FileChange]
    unchanged: int
    searched: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """The receipt for programs."""
        return asdict(self)

    def render(self) -> str:
        """The receipt as a page that needs nothing else."""
        searched = ", ".join(f"{count:,} rows of {table}" for table, count in self.searched.items())
        values = _make_visible({**self.as_json(), "absence": f"Searched, and not found: {searched}."})
        environment = Environment(autoescape=True, undefined=StrictUndefined)
        return environment.from_string(_PAGE).render(values)


def make_receipt(selection: Selection, before: Manifest, after: Manifest, absence: Absence) -> Receipt:
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
        withdrawn=selection.taken,
        passages=selection.cut,
        files=changed,
        unchanged=len(changes) - len(changed),
        searched=dict(absence.searched),
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
