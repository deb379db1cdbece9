"""Keeps pyarrow from importing pandas, which takes 0.4 s in every process and which no build needs.

This module is short because it is one workaround: pyarrow tries the import the first time it converts Python
objects, remembers the result, and has no setting for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec


class _PandasRefuser:
    """A finder of modules that refuses pandas."""

    @staticmethod
    def find_spec(name: str, _path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        """Refuse pandas; leave every other module to the other finders.

        Raises:
            ImportError: the module is pandas.
        """
        if name == "pandas":
            raise ImportError("hanpack keeps pandas out of its own processes")
        return None


@contextmanager
def refuse_pandas() -> Iterator[None]:
    """Import no pandas meanwhile: for the command line, which loads pyarrow late or not at all."""
    sys.meta_path.insert(0, _PandasRefuser)
    try:
        yield
    finally:
        sys.meta_path.remove(_PandasRefuser)


def keep_pandas_out() -> None:
    """Let pyarrow find no pandas, unless it is loaded already; a program may still import pandas itself.

    Only for processes that are hanpack's own: afterwards tables of this process have no ``to_pandas``.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow as pa

    with refuse_pandas():
        pa.array([None])
