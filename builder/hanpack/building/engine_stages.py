"""Which engine the stages that need all parts run on: the connection to a cluster, and who writes the shards.

This module is short because the stages are elsewhere; what is for Ray is only imported if it is asked for.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from hanpack.building.assembly import ShardWriter
from hanpack.building.build_options import BuildOptions


def connect_engine(options: BuildOptions) -> AbstractContextManager[object]:
    """The connection to the cluster for all stages of a build, if the engine has one."""
    if options.engine == "local":
        return nullcontext()
    from hanpack.engines.cluster import connect_cluster

    return connect_cluster()


def find_writer(options: BuildOptions, work_folder: Path) -> ShardWriter | None:
    """What writes the shards of a build with this work folder on a cluster; None if that is this process."""
    if options.engine == "local":
        return None
    from hanpack.building.cluster_tasks import ClusterWriter, WorkPlace

    work_url = options.target.work.url if options.target else ""
    return ClusterWriter(WorkPlace(work_folder.resolve(), work_url)).write
