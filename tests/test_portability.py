"""The package can be imported where a module of Unix does not exist."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
sys.modules[{blocked!r}] = None
import hanpack.cli, hanpack.building.run, hanpack.audit.verification, hanpack.scanning.recipes
import hanpack.api.normalizing, hanpack.api.splitting
print("imported")
"""


@pytest.mark.parametrize("blocked", ["fcntl", "grp", "pwd"])
def test_the_package_is_imported_without_a_module_of_unix(blocked: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(blocked=blocked)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "imported\n", done.stderr
