"""Reads and writes withdrawals: a line of JSON for each request, with signatures of texts and no text.

They are in a file beside the recipe, and in the manifest of every build that honours them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, ValidationError

from hanpack.errors import RecipeError
from hanpack.names import check_name
from hanpack.recipe import WITHDRAWALS
from hanpack.steps.dedup.minhash import BANDS
from hanpack.steps.dedup.withdrawn import SKETCH_BYTES, Withdrawal, WithdrawnText
from hanpack.store.work_folder import write_synced
from hanpack.yaml_models import StrictModel


def _check_base64(size: int, *, exact: bool) -> Callable[[str], str]:
    """A check that a string is base64 of ``size`` bytes, or of a multiple of it."""

    def check(text: str) -> str:
        try:
            length = len(base64.b64decode(text, validate=True))
        except binascii.Error as error:
            raise ValueError("it is not base64") from error
        if length != size if exact else length % size:
            raise ValueError(f"it has {length} bytes")
        return text

    return check


class StatedText(StrictModel):
    """The signature of a withdrawn text; arrays of numbers are base64, little-endian."""

    exact: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    length: Annotated[int, Field(ge=1, lt=2**63)]
    bands: Annotated[str, AfterValidator(_check_base64(4 * BANDS, exact=True))]
    sketch: Annotated[str, AfterValidator(_check_base64(SKETCH_BYTES, exact=True))]
    passages: Annotated[str, AfterValidator(_check_base64(8, exact=False))]
    sentences: Annotated[int, Field(ge=0, le=1000)]


class StatedWithdrawal(StrictModel):
    """A request to withdraw texts."""

    request: Annotated[str, Field(min_length=1, max_length=200)]
    date: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]
    texts: list[StatedText] = Field(default_factory=list)
    sources: list[Annotated[str, Field(max_length=16 * 1024), AfterValidator(check_name)]] = Field(
        default_factory=list
    )
    urls: list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(default_factory=list)
    documents: list[Annotated[str, Field(max_length=100)]] = Field(default_factory=list)


def find_withdrawals(recipe: str) -> Path:
    """Where the withdrawals of a recipe are: beside its file, for all recipes in that folder.

    >>> find_withdrawals("configs/laws.yaml").as_posix()
    'configs/withdrawals.jsonl'
    """
    return Path(recipe).parent / WITHDRAWALS


def load_withdrawals(path: Path) -> tuple[Withdrawal, ...]:
    """Read a file of withdrawals; there are none if it does not exist.

    Raises:
        RecipeError: the file cannot be read, or a line is wrong: no build would honour it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"the withdrawals cannot be read: {error}", str(path)) from error
    withdrawals = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            withdrawals.append(make_withdrawal(StatedWithdrawal.model_validate_json(line)))
        except ValidationError as error:
            fault = error.errors()[0]
            key = ".".join(map(str, fault["loc"]))
            raise RecipeError(
                f"line {number} is no withdrawal: {key}: {fault['msg']}",
                str(path),
                "correct it, or delete the line to undo the withdrawal",
            ) from error
    return tuple(withdrawals)


def find_open_requests(path: Path, honoured: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of the requests in a file of withdrawals that are not among those that a build honours.

    Raises:
        RecipeError: the file cannot be read, or a line is wrong.
    """
    known = [dict(withdrawal) for withdrawal in honoured]
    return [
        withdrawal.request
        for withdrawal in load_withdrawals(path)
        if dump_withdrawal(withdrawal) not in known
    ]


def save_withdrawals(path: Path, withdrawals: Sequence[Withdrawal]) -> None:
    """Write a file of withdrawals so that it is either the old or the new one."""
    lines = (json.dumps(dump_withdrawal(withdrawal), ensure_ascii=False) for withdrawal in withdrawals)
    write_synced(path, "".join(f"{line}\n" for line in lines).encode())


def dump_withdrawal(withdrawal: Withdrawal) -> dict[str, Any]:
    """A withdrawal as a value of JSON."""
    return {
        "request": withdrawal.request,
        "date": withdrawal.date,
        "reason": withdrawal.reason,
        "texts": [
            {
                "exact": text.exact.hex(),
                "length": text.length,
                "bands": _encode(text.bands, "<u4"),
                "sketch": _encode(text.sketch, "u1"),
                "passages": _encode(text.passages, "<u8"),
                "sentences": text.sentences,
            }
            for text in withdrawal.texts
        ],
        "sources": list(withdrawal.sources),
        "urls": list(withdrawal.urls),
        # Left out if there are none, so that withdrawals of earlier versions keep their fingerprint.
        **({"documents": list(withdrawal.documents)} if withdrawal.documents else {}),
    }


def make_withdrawal(stated: StatedWithdrawal) -> Withdrawal:
    """The withdrawal that was stated."""
    texts = tuple(
        WithdrawnText(
            exact=bytes.fromhex(text.exact),
            length=text.length,
            bands=_decode(text.bands, "<u4").astype(np.uint32),
            sketch=_decode(text.sketch, "u1").astype(np.uint8),
            passages=_decode(text.passages, "<u8").astype(np.uint64),
            sentences=text.sentences,
        )
        for text in stated.texts
    )
    return Withdrawal(
        request=stated.request,
        date=stated.date,
        reason=stated.reason,
        texts=texts,
        sources=tuple(stated.sources),
        urls=tuple(stated.urls),
        documents=tuple(stated.documents),
    )


def read_stated(values: Sequence[Mapping[str, Any]]) -> tuple[Withdrawal, ...]:
    """The withdrawals in a manifest.

    Raises:
        ValueError: one of them is wrong.
    """
    return tuple(make_withdrawal(StatedWithdrawal.model_validate(dict(value))) for value in values)


def _encode(values: npt.NDArray[Any], kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode()


def _decode(text: str, kind: str) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), kind)
