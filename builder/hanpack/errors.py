"""The one family of errors: each says what happened, where (file, record, byte) and what to do."""

from __future__ import annotations

from hanpack.reasons import Reason


class HanpackError(Exception):
    """An error a user can act on.

    ``exit_code`` is what the command line ends with: 1 when a check or a build failed, 2 for wrong usage
    or a wrong recipe.
    """

    exit_code = 1

    def __init__(self, what: str, where: str = "", todo: str = "") -> None:
        self.what, self.where, self.todo = what, where, todo
        super().__init__(what, where, todo)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" — {self.todo}" if self.todo else ""
        return f"{place}{self.what}{advice}"


class BuildError(HanpackError):
    """A build, a push or the output folder failed."""


class VerifyError(HanpackError):
    """A build is not what its manifest says."""


class UsageError(HanpackError):
    """A command or a function was called with something it cannot work on."""

    exit_code = 2


class RecipeError(UsageError):
    """A recipe is wrong: ``where`` names the file and the key."""


class RecordError(HanpackError):
    """The bytes of a record give no text; ``reason`` is the cause, with the byte offset in the source.

    The flow turns it into a rejected record, so that a bad record never stops a build.
    """

    def __init__(self, reason: Reason, where: str = "", todo: str = "") -> None:
        super().__init__(str(reason), where, todo)
        self.reason = reason
