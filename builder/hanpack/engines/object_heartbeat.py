"""A heartbeat on object storage, for workers that share no folder with their supervisor.

A worker beats twice for each batch, and for each record only if it processes them one by one, so that the
requests cost little. This module is short because it is the only heartbeat that is no file.
"""

from __future__ import annotations

from hanpack.engines.work import NO_BEAT, Beat, Heartbeat, pack_beat, unpack_beat
from hanpack.store.object_folder import ObjectFolder


class ObjectHeartbeat(Heartbeat):
    """The object ``name`` in a folder, in which a worker notes the record it is processing."""

    def __init__(self, objects: ObjectFolder, name: str) -> None:
        self._objects = objects
        self._name = name
        self._number = 0

    def beat(self, row: int) -> None:
        """Note that the record ``row`` of the batch is processed now, or ALL_RECORDS, or NO_RECORD."""
        self._number += 1
        self._objects.put(self._name, pack_beat(Beat(row, self._number)))

    def read(self) -> Beat:
        """The last beat; if there is no object yet, there was none."""
        data = self._objects.read(self._name)
        return NO_BEAT if data is None else unpack_beat(data)

    def close(self) -> None:
        """Delete the object."""
        self._objects.delete(self._name)
