"""The hash of a file: what names its bytes in the manifest, and what they are checked against later.

The module is this small because two layers that may not import each other share it: ``sources`` hashes what
is read, ``store`` what is written. The audit, the views and the Hub compare the same hash again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal; the file is read in blocks.

    Raises:
        OSError: the file cannot be read.

    >>> import os
    >>> hash_file(Path(os.devnull))[:16]
    'e3b0c44298fc1c14'
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
