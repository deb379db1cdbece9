"""What the comparison of documents reads like an array. This module is short because it has only types."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

# Numbers of documents, or of what there is one for each: as many bytes as they need.
Numbers = npt.NDArray[np.integer[Any]]


class Column(Protocol):
    """Numbers of all documents, or of all their sentences: an array, or what is read from a file like one."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, places: slice | Numbers, /) -> npt.NDArray[Any]:
        """Those of a span, or at places in any order."""
        ...
