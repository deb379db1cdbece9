"""hanpack packages messy raw text into training datasets that can be audited back to the source byte.

The public names are imported when they are first used, so that ``import hanpack`` costs nothing. This module
is short because it only lists them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hanpack.api.normalizing import normalize
    from hanpack.api.splitting import decode_tokens, split
    from hanpack.audit.verification import verify
    from hanpack.building.run import Build, build
    from hanpack.dataset_builder import HanpackBuilder
    from hanpack.errors import HanpackError
    from hanpack.hub import push
    from hanpack.recipe import Recipe
    from hanpack.scanning.files import scan
    from hanpack.views.find import find_chunks
    from hanpack.views.finding.search import find_texts
    from hanpack.views.trace import trace
    from hanpack.withdrawal.operation import withdraw

    __version__: str

__all__ = [
    "Build",
    "HanpackBuilder",
    "HanpackError",
    "Recipe",
    "__version__",
    "build",
    "decode_tokens",
    "find_chunks",
    "find_texts",
    "normalize",
    "push",
    "scan",
    "split",
    "trace",
    "verify",
    "withdraw",
]

# The module that defines each public name; the imports above show the same to type checkers and the linter.
_MODULES = {
    "Build": "hanpack.building.run",
    "HanpackBuilder": "hanpack.dataset_builder",
    "HanpackError": "hanpack.errors",
    "Recipe": "hanpack.recipe",
    "build": "hanpack.building.run",
    "decode_tokens": "hanpack.api.splitting",
    "find_chunks": "hanpack.views.find",
    "find_texts": "hanpack.views.finding.search",
    "normalize": "hanpack.api.normalizing",
    "push": "hanpack.hub",
    "scan": "hanpack.scanning.files",
    "split": "hanpack.api.splitting",
    "trace": "hanpack.views.trace",
    "verify": "hanpack.audit.verification",
    "withdraw": "hanpack.withdrawal.operation",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("hanpack")
    if name not in _MODULES:
        message = f"module 'hanpack' has no attribute {name!r}"
        if name.startswith("_"):
            raise AttributeError(message)
        from hanpack.wording import list_choices

        raise AttributeError(f"{message}: {list_choices(name, _MODULES)}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """The public names, which are imported only when they are used."""
    return sorted(__all__)
