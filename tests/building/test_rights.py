"""The licence, domain and address of each record in the ledger, of copies and of rejected records too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.store.manifest import read_manifest
from tests.building.texts import FIRST, SECOND
from tests.builds import change_recipe, read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.forged_build import change_state, forge

RECORDS: tuple[dict[str, str | None], ...] = (
    {"text": FIRST, "url": "https://user@WWW.Example.com:80/a", "license": "cc-by-4.0"},
    {"text": FIRST, "url": "https://copy.example.org/b", "license": ""},
    {"text": "", "url": "https://empty.example.org"},
    {"text": "only Latin letters here", "url": "https://poor.example.org/?a", "license": "x" * 200},
    {"text": SECOND, "url": "no address"},
)


@pytest.fixture
def out(make_recipe: MakeRecipe, tmp_path: Path) -> Path:
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS)
    recipe = make_recipe({"a.jsonl": lines.encode() + b'{"text": "cut', "b.xyz": b"", "c.jsonl": b"{}"})
    sources = [{"path": "a.jsonl"}, {"path": "[bc].*", "metadata": {"license": "mit"}}]
    change_recipe(recipe, sources=sources, quality={"han_share": {"min": 0.5}})
    return build(recipe, tmp_path / "out").path


def test_every_record_has_the_licence_and_the_domain_that_it_states(out: Path) -> None:
    rows = [(row["state"], row["license"], row["domain"], row["url"]) for row in read_rows(out, "ledger")]
    assert rows == [
        ("kept", "cc-by-4.0", "www.example.com", None),
        ("duplicate", None, "copy.example.org", "https://copy.example.org/b"),
        ("empty", None, "empty.example.org", "https://empty.example.org"),
        ("rejected", "x" * 100, "poor.example.org", "https://poor.example.org/?a"),
        ("kept", None, None, None),
        ("rejected", None, None, None),
        ("rejected", "mit", None, None),
        ("rejected", "mit", None, None),
    ]
    assert read_manifest(out).totals["bytes_by_domain"].keys() == {"www.example.com", "not stated"}
    verify_build(out)


@pytest.mark.parametrize("state", ["kept", "duplicate", "rejected"])
def test_another_licence_or_domain_is_a_fault(out: Path, state: str) -> None:
    forge(out, change_state(state, license="mit", domain="example.net"))
    faults = " ".join(fault.what for fault in verify(out).faults)
    assert "example.net" in faults
    assert "mit" in faults


@pytest.mark.parametrize("state", ["kept", "duplicate", "rejected"])
def test_another_address_is_a_fault(out: Path, state: str) -> None:
    forge(out, change_state(state, url="https://example.net/c"))
    assert not verify(out).passed


def test_a_withdrawn_record_states_nothing(out: Path) -> None:
    forge(out, lambda tables: tables["ledger"][1].update(state="withdrawn", cause="withdrawn"))
    faults = [fault.what for fault in verify(out).faults]
    assert "it was withdrawn, but states a licence, a domain or an address" in faults
