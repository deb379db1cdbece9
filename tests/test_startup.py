"""What a start of hanpack loads: the least that a command needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hanpack.cli import LIBRARY_SETTINGS
from hanpack.lazy_patterns import compile_lazily, compile_lazily_by_regex

# Imports modules; prints all that are loaded then, and the files of hanpack that compiled a pattern.
PROBE = """
import json, re, regex, sys
from pathlib import Path
compiling = []
def watch(module):
    compile_pattern = module.compile
    def watched(*arguments, **options):
        compiling.append(sys._getframe(1).f_code.co_filename)
        return compile_pattern(*arguments, **options)
    module.compile = watched
watch(re), watch(regex)
for name in {modules!r}:
    __import__(name)
own = [file for file in compiling if "hanpack" in Path(file).parts and "site-packages" not in file]
print(json.dumps([sorted(sys.modules), own]))
"""


def load(*modules: str) -> tuple[Sequence[str], Sequence[str]]:
    """The modules that an import of these loads, and the files of hanpack that compile a pattern."""
    program = PROBE.format(modules=modules)
    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded, compiling = json.loads(answer.stdout)
    return loaded, compiling


def test_help_loads_no_library_of_data() -> None:
    loaded, _ = load("hanpack.cli")
    assert "typer" in loaded
    assert not {"numpy", "pyarrow", "pydantic", "tiktoken", "jinja2", "opencc", "datasets"} & set(loaded)


def test_help_is_shown_without_a_parser_of_markdown() -> None:
    program = (
        "import sys; sys.argv = ['hanpack', '--help']; from hanpack.cli import main\n"
        "try: main()\n"
        "except SystemExit: print('typer.rich_utils' in sys.modules, 'markdown_it' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert "hanpack build" in answer.stdout
    assert answer.stdout.splitlines()[-1] == "True False"


def test_a_build_loads_neither_what_only_damage_needs_nor_pandas() -> None:
    loaded, _ = load("hanpack.building.run", "hanpack.api.normalizing", "hanpack.api.splitting")
    assert {"hanpack.flow", "pyarrow.parquet"} <= set(loaded)
    needless = {"pandas", "datasets", "pypinyin", "quicktok", "huggingface_hub", "lxml", "duckdb", "jinja2"}
    assert not needless & set(loaded)
    # What reads one format, pages, other scripts and finished builds is loaded when it is first used.
    unused = {"sources.pdf", "steps.page.html", "steps.page.docx", "steps.script.conversion", "store.reader"}
    assert not {f"hanpack.{name}" for name in unused} & set(loaded)


def test_the_repair_of_a_text_loads_no_arrow() -> None:
    loaded, _ = load("hanpack.api.normalizing", "hanpack.cli.texts")
    assert "hanpack.sources.formats" in loaded
    assert "pyarrow" not in loaded


def test_normalize_of_a_damaged_line_loads_nothing_that_only_a_build_needs(tmp_path: Path) -> None:
    line = tmp_path / "line.txt"
    line.write_text("旅遊高質(zhì)量發(fā)展\n", encoding="utf-8")
    program = (
        "import json, sys; sys.argv[0] = 'hanpack'; from hanpack.cli import main\n"
        "try: main()\n"
        "finally: print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, "normalize", str(line)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    loaded = set(json.loads(answer.stderr))
    assert answer.stdout.decode() == "旅遊高質量發展\n"
    assert {"hanpack.steps.repair.damage", "pypinyin"} <= loaded
    needless = ("building", "documents", "flow", "model", "recipe", "tools")
    assert not {f"hanpack.{name}" for name in needless} & loaded
    unused = ("chunk", "dedup", "page", "personal", "quality", "script.conversion", "tokens")
    assert not {f"hanpack.steps.{name}" for name in unused} & loaded
    assert not {"jinja2", "pyarrow", "regex", "rich", "tiktoken", "yaml"} & loaded
    assert [name for name in loaded if name.startswith("hanpack.store.")] == ["hanpack.store.without_pandas"]


def test_no_pattern_is_compiled_before_it_is_used() -> None:
    loaded, compiling = load("hanpack.building.run", "hanpack.api.normalizing", "hanpack.api.splitting")
    assert "hanpack.steps.chunk.headings" in loaded
    assert compiling == []


def test_without_the_dictionary_of_phrases_every_character_is_pronounced_the_same() -> None:
    program = (
        "from hanpack.steps.repair.pronunciation import pronunciations as find\n"
        "print([find(chr(code)) for code in range(0x3400, 0xA000)])"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **settings},
        ).stdout
        for settings in ({}, LIBRARY_SETTINGS)
    ]
    assert "hǎo" in answers[0]
    assert answers[0] == answers[1]


def test_a_lazy_pattern_does_what_the_compiled_pattern_does() -> None:
    lazy, by_regex = compile_lazily(r"(\d)年"), compile_lazily_by_regex(r"\p{Han}+")
    assert (lazy.pattern, lazy.sub(r"\1", "3年"), lazy.groups) == (r"(\d)年", "3", 1)
    assert [match.group() for match in by_regex.finditer("a中文b")] == ["中文"]
    with pytest.raises(AttributeError):
        _ = lazy.nothing  # type: ignore[attr-defined]
