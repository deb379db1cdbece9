"""Push a build to a dataset repository on the Hub, as one change that readers see entirely or not at all."""

from hanpack.hub.erasing import Erased, erase_history
from hanpack.hub.previewing import PushPreview, preview_push
from hanpack.hub.pushing import WAITS, Pushed, push

__all__ = ["WAITS", "Erased", "PushPreview", "Pushed", "erase_history", "preview_push", "push"]
