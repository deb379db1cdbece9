"""The two READMEs have the same commands, examples, headings, figures and links, and name what exists."""

from __future__ import annotations

import re

import typer

from hanpack.cli import app
from tests.conftest import ROOT

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def list_code(page: str) -> list[str]:
    """The lines of all blocks of code, without comments; the tree of a build has comments without a sign."""
    blocks = re.findall(r"(?:^    [^\n]*\n)+|^```\w+\n.*?^```\n", page, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [re.split(r"\s+# |\s{2,}(?=\S)", line.strip())[0].rstrip() for line in lines if line.strip()]


def test_the_pages_have_the_same_commands_and_examples() -> None:
    assert len(list_code(ENGLISH)) > 40
    assert list_code(CHINESE) == list_code(ENGLISH)


def test_the_pages_have_the_same_links() -> None:
    links = [
        set(re.findall(r"\]\(([^)]+)\)", page)) - {"README.md", "README.zh.md"} for page in (ENGLISH, CHINESE)
    ]
    assert links[0] == links[1] != set()
    assert [link for link in links[0] if not (ROOT / link).exists()] == []


def test_the_pages_have_the_same_headings_and_figures() -> None:
    assert len(re.findall(r"^## ", ENGLISH, re.MULTILINE)) == len(re.findall(r"^## ", CHINESE, re.MULTILINE))
    figures = [set(re.findall(r"\b\d\.\d+\b", page)) for page in (ENGLISH, CHINESE)]
    assert figures[0] == figures[1]


def test_every_command_and_option_on_a_page_exists() -> None:
    named = set(re.findall(r"hanpack ([a-z]+) ", "\n".join(list_code(ENGLISH))))
    assert named <= COMMANDS.keys()
    options = {option for command in COMMANDS.values() for option in (*_options(command), "--help")}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ENGLISH)) - options == set()


def test_every_command_is_on_both_pages() -> None:
    for page in (ENGLISH, CHINESE):
        assert [name for name in COMMANDS if f"hanpack {name}" not in page] == []


def _options(command: object) -> list[str]:
    parameters = command.params  # type: ignore[attr-defined]
    return [name for parameter in parameters for name in parameter.opts]
