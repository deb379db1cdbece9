"""hanpack packages messy raw text into training datasets that can be audited back to the source byte.

The public names are imported when they are first used, so that ``import hanpack`` costs nothing. This module
is short because it only lists them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hanpack.api import normalize, split
    from hanpack.audit.verification import verify
    from hanpack.building.run import Build, build
    from hanpack.dataset_builder import HanpackBuilder
    from hanpack.errors import HanpackError
    from hanpack.hub import push
    from hanpack.recipe import Recipe

__all__ = [
    "Build",
    "HanpackBuilder",
    "HanpackError",
    "Recipe",
    "build",
    "normalize",
    "push",
    "split",
    "verify",
]

# The module that defines each public name; the imports above show the same to type checkers and the linter.
_MODULES = {
    "Build": "hanpack.building.run",
    "HanpackBuilder": "hanpack.dataset_builder",
    "HanpackError": "hanpack.errors",
    "Recipe": "hanpack.recipe",
    "build": "hanpack.building.run",
    "normalize": "hanpack.api",
    "push": "hanpack.hub",
    "split": "hanpack.api",
    "verify": "hanpack.audit.verification",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module 'hanpack' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
