"""How a build is carried out: engine, processes, and what it may replace.

This module is short because what is built is in the recipe (:mod:`hanpack.recipe`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from hanpack.building.object_output import ObjectOutput
from hanpack.building.passes import Engine
from hanpack.errors import UsageError, require_type


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a build is carried out; none of it changes a byte of the result.

    ``num_proc`` is the number of worker processes, chosen by the size of the sources if it is None. With
    ``strict`` a rejected record fails the build. ``overwrite`` replaces a build of another recipe or of other
    sources. ``fresh`` uses no part of an earlier build. ``target`` is the output on object storage, if it is
    there.
    """

    engine: Engine = "local"
    num_proc: int | None = None
    strict: bool = False
    overwrite: bool = False
    fresh: bool = False
    target: ObjectOutput | None = None

    def __post_init__(self) -> None:
        """Refuse an engine that does not exist, and no worker at all."""
        if self.engine not in get_args(Engine):
            raise UsageError(f"unknown engine: {self.engine}", "engine", "name local or ray")
        if self.num_proc is not None:
            require_type(self.num_proc, int, "num_proc")
            if self.num_proc < 1:
                raise UsageError("a build needs at least 1 process", "num_proc")
