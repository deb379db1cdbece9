"""hanpack: messy raw text, Chinese first, into training datasets that can be audited to the source byte.

The public names are loaded when they are asked for, so that ``import hanpack`` costs nothing.
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

_HOMES = {
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
    if name not in _HOMES:
        raise AttributeError(f"module 'hanpack' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
