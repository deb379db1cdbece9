"""All errors of hanpack: each says what happened, where (file, record, byte) and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hanpack.reasons import Reason


class HanpackError(Exception):
    """An error that a user can act on.

    ``what`` is what happened, ``where`` the file, record, byte or key, and ``todo`` what the user can do; the
    last two may be empty. ``exit_code`` is the exit code of the command line: 1 if a check or a build failed,
    2 for wrong usage or a wrong recipe.

    >>> print(HanpackError("the file is empty", "a.txt", "leave it out"))
    a.txt: the file is empty — leave it out
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
    """A build or a push failed, or the output folder cannot be used."""


class VerifyError(HanpackError):
    """A build is not what its manifest says."""


class UsageError(HanpackError):
    """A command or a function was called with an argument that it cannot use."""

    exit_code = 2


def require_type(value: object, kind: type | tuple[type, ...], name: str) -> None:
    """Refuse the argument ``name`` of a function if it is of another type than ``kind``, or than all of them.

    >>> require_type("512", int, "max_tokens")
    Traceback (most recent call last):
    hanpack.errors.UsageError: max_tokens: it is of the type str, not int

    Raises:
        UsageError: it is.
    """
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        expected = " or ".join(each.__name__ for each in kinds)
        raise UsageError(f"it is of the type {type(value).__name__}, not {expected}", name)


def require_texts(value: object, name: str) -> None:
    """Refuse the argument ``name`` of a function if it is one text, or anything but a list of texts.

    >>> require_texts("石桥修复", "texts")
    Traceback (most recent call last):
    hanpack.errors.UsageError: texts: it is one text, not a list of texts — write ['石桥修复']

    Raises:
        UsageError: it is.
    """
    if isinstance(value, str):
        raise UsageError("it is one text, not a list of texts", name, f"write [{value!r}]")
    if not isinstance(value, Iterable) or not all(isinstance(part, str) for part in value):
        raise UsageError("it is no list of texts", name)


class RecipeError(UsageError):
    """A recipe is wrong: ``where`` names the file and the key.

    ``faults`` are the sentences of ``what``, if it has several.
    """

    def __init__(self, what: str, where: str = "", todo: str = "", faults: Sequence[str] = ()) -> None:
        super().__init__(what, where, todo)
        self.faults = tuple(faults) or (what,)


class RecordError(HanpackError):
    """A record gives no text; ``reason`` says why, such as invalid bytes with their offset in the source.

    The flow turns this error into a rejected record, so that a bad record never stops a build.
    """

    def __init__(self, reason: Reason, where: str = "", todo: str = "") -> None:
        super().__init__(str(reason), where, todo)
        self.reason = reason
