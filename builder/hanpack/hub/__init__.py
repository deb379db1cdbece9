"""Push a build to a dataset repository on the Hub, as one change that readers see entirely or not at all."""

from hanpack.hub.erasing import Erased, erase_history
from hanpack.hub.pushing import WAITS, Pushed, push

__all__ = ["WAITS", "Erased", "Pushed", "erase_history", "push"]
