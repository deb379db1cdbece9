"""Refuses the files of a received build that are not in it, or are not what a build has: links and devices.

This module is short because modules of their own check the manifest and the rows of a received build.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from pathlib import Path

from hanpack.errors import VerifyError

_COPY = "get a copy of the build without links"


def require_no_links(folder: Path, paths: Iterable[str]) -> None:
    """Refuse files of a build to which a link leads on the way, and such as are no regular files.

    ``paths`` are relative to ``folder``, which itself may be a link: its user named it. Files that do not
    exist are passed over.

    Raises:
        VerifyError: there is such a file; the error names it.
    """
    checked: set[str] = set()
    for path in paths:
        parts = path.split("/")
        for length in range(1, len(parts) + 1):
            place = "/".join(parts[:length])
            if place not in checked:
                checked.add(place)
                _require_plain(folder / place, place, is_file=length == len(parts))


def _require_plain(path: Path, name: str, *, is_file: bool) -> None:
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise VerifyError(f"the file cannot be read: {error.strerror}", str(path)) from error
    # A junction of Windows is not among the symbolic links.
    attributes = getattr(status, "st_file_attributes", 0) & getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0)
    if stat.S_ISLNK(status.st_mode) or attributes:
        raise VerifyError(f"{name} is a link, which no build has", str(path), _COPY)
    if is_file and not stat.S_ISREG(status.st_mode):
        raise VerifyError(f"{name} is no regular file", str(path), _COPY)
