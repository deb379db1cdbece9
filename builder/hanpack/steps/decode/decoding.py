"""Decode the bytes of a record strictly, so that every character knows the bytes it was made from."""

from __future__ import annotations

import codecs
from contextvars import ContextVar
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from hanpack.errors import RecordError
from hanpack.reasons import Cause, Reason
from hanpack.steps.alignment import Alignment
from hanpack.steps.decode.written_text import Widths, WrittenText, frame, trace_texts
from hanpack.steps.edit_list import Edit, EditList
from hanpack.steps.lookups import look_up
from hanpack.steps.traced import Traced, code_points

# Of an alignment: characters, bytes, and whether they map one by one.
Block = tuple[int, int, bool]

BYTE_ORDER_MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "gb18030": b"\x84\x31\x95\x33",
}
BAD_BYTES_SHOWN = 8
# Supersets of an encoding: a file may hold more than the sample from which its encoding was detected.
WIDER = {
    "euc-kr": ("cp949",),
    "big5": ("cp950", "big5hkscs"),
    "cp950": ("big5hkscs",),
    "shift_jis": ("cp932", "shift_jis_2004"),
    "euc-jp": ("euc_jis_2004",),
}


def decode(
    data: bytes, encoding: str, byte_start: int = 0, terminator: int = 0, max_invalid: int = 0
) -> Traced:
    r"""Decode a record that begins at byte ``byte_start`` and ends in ``terminator`` separator bytes.

    A byte order mark is removed at the beginning of a source; elsewhere U+FEFF is a character. Bytes that
    give no text are removed by an edit of the step ``decode`` or ``separator``. NUL and control characters
    are kept. A codec whose byte structure is not in ``STRUCTURES`` (UTF-7) makes the record one block.

    Up to ``max_invalid`` bytes that are not text in the encoding become U+FFFD, each run of them by an edit.
    A lone byte 0x80 in GBK and GB 18030 is the euro sign of Windows code page 936, also by an edit.

    >>> traced = decode("国\n".encode("gb18030"), "gb18030", byte_start=100, terminator=1)
    >>> traced.text, traced.alignment.source_span(0, 1), [edit.step for edit in traced.edits]
    ('国', (100, 102), ['separator'])

    Raises:
        RecordError: a byte is not text in this encoding, or UTF-16 or UTF-32 is named without its byte
            order and the record does not begin with a byte order mark.
        LookupError: there is no such encoding.
    """
    written = read_bytes(data, encoding, byte_start, terminator, max_invalid)
    (traced,) = trace_texts([written])
    return traced


def read_bytes(
    data: bytes, encoding: str, byte_start: int = 0, terminator: int = 0, max_invalid: int = 0
) -> WrittenText:
    """Decode a record as :func:`decode` does; its alignment can be made with those of other texts."""
    end = len(data) - terminator
    name, mark = _resolve(data, encoding, byte_start)
    body = data[mark:end]
    start = byte_start + mark
    aligned: Alignment | None = None
    removed: list[Edit] = []
    replaced: list[Edit] = []
    try:
        text = body.decode(name)
        if name != "utf-8":
            aligned = _align(text, body, name, start)
    except UnicodeDecodeError as error:
        text, aligned, replaced = _decode_invalid(body, name, start, max_invalid, error)
    if aligned is not None:
        removed = [Edit("decode", "removed", *span) for span in _spans(aligned)]
    edits = [Edit("decode", "removed", byte_start, start)] if mark else []
    edits += sorted([*removed, *replaced], key=lambda edit: edit.byte_start) if replaced else removed
    if terminator:
        edits.append(Edit("separator", "removed", byte_start + end, byte_start + len(data)))
    return WrittenText(
        text=text,
        written=text,
        byte_start=byte_start,
        start=start,
        end=byte_start + end,
        byte_end=byte_start + len(data),
        aligned=aligned,
        edits=tuple(edits),
    )


def _decode_valid(body: bytes, name: str, start: int) -> tuple[str, Alignment]:
    text = body.decode(name)
    return text, _align(text, body, name, start)


def _decode_invalid(
    body: bytes, name: str, start: int, max_invalid: int, error: UnicodeDecodeError
) -> tuple[str, Alignment, list[Edit]]:
    """Decode what is valid piece by piece, and replace what is not.

    Raises:
        RecordError: more than ``max_invalid`` bytes are invalid, or the codec has a state.
    """
    spans = _find_invalid(body, name) if name not in STATEFUL else []
    is_euro = [name in _EURO_ENCODINGS and _is_euro(body, low, high) for low, high in spans]
    count = sum(high - low for (low, high), euro in zip(spans, is_euro, strict=True) if not euro)
    if not spans or count > max_invalid:
        # The first invalid bytes as the codec reports them, unless they are a euro sign.
        reported = (error.start, error.end)
        if spans and is_euro[0]:
            reported = next(span for span, euro in zip(spans, is_euro, strict=True) if not euro)
        invalid = body[reported[0] : min(reported[1], reported[0] + BAD_BYTES_SHOWN)]
        detail = error.reason + _suggest_wider(body, name)
        raise _invalid_bytes(invalid, name, start + reported[0], detail) from error
    texts: list[str] = []
    blocks: list[Block] = []
    edits: list[Edit] = []
    position = 0

    # The same few bytes may be between invalid ones many thousand times.
    @lru_cache(maxsize=_MOST_PIECES)
    def decode_piece(piece: bytes) -> tuple[str, list[Block]]:
        text, aligned = _decode_valid(piece, name, 0)
        lengths = np.diff(aligned.text).tolist(), np.diff(aligned.source).tolist()
        return text, list(zip(*lengths, aligned.even.tolist(), strict=True))

    for (low, high), euro in zip(spans, is_euro, strict=True):
        if position < low:
            text, piece_blocks = decode_piece(body[position:low])
            texts.append(text)
            blocks += piece_blocks
        texts.append("€" if euro else "\ufffd")
        blocks.append((1, high - low, False))
        edits.append(Edit("decode", "replaced", start + low, start + high))
        position = high
    if position < len(body):
        text, piece_blocks = decode_piece(body[position:])
        texts.append(text)
        blocks += piece_blocks
    return "".join(texts), Alignment.of_lengths(blocks, start), edits


def _find_invalid(body: bytes, name: str) -> list[tuple[int, int]]:
    """The spans of bytes that are not text in an encoding, adjacent ones joined; linear in the bytes."""
    spans: list[tuple[int, int]] = []
    token = _invalid_spans.set(spans)
    try:
        body.decode(name, _NOTE_INVALID)
    finally:
        _invalid_spans.reset(token)
    joined: list[tuple[int, int]] = []
    for low, high in spans:
        is_euro = _is_euro(body, low, high) or (joined and _is_euro(body, *joined[-1]))
        if joined and joined[-1][1] == low and not is_euro:
            joined[-1] = joined[-1][0], high
        else:
            joined.append((low, high))
    return joined


def _is_euro(body: bytes, low: int, high: int) -> bool:
    """Whether some invalid bytes are the euro sign by itself."""
    return high - low == 1 and body[low] == _EURO_BYTE


def _note_invalid(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs, which notes where the invalid bytes are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    _invalid_spans.get().append((error.start, error.end))
    return "\ufffd", error.end


_invalid_spans: ContextVar[list[tuple[int, int]]] = ContextVar("invalid_spans")
_NOTE_INVALID = "hanpack.note_invalid"
codecs.register_error(_NOTE_INVALID, _note_invalid)
_EURO_ENCODINGS = frozenset(("gb2312", "gbk", "gb18030"))
_EURO_BYTE = 0x80
_MOST_PIECES = 4096
# How many characters are compared with their bytes at a time.
_WINDOW = 1 << 16


def _invalid_bytes(invalid: bytes, encoding: str, offset: int, detail: str) -> RecordError:
    fields: dict[str, str | int] = {"offset": offset, "bytes": invalid.hex(" ")}
    fields |= {"encoding": encoding, "detail": detail}
    return RecordError(Reason(Cause.INVALID_BYTES, fields))


def _suggest_wider(data: bytes, name: str) -> str:
    """Name a superset of the encoding that decodes the bytes; the author of the recipe decides on it."""
    for wide in WIDER.get(name.replace("euc_", "euc-"), ()):
        try:
            data.decode(wide)
        except UnicodeDecodeError:
            continue
        return f"; {wide} reads it: give it as 'encoding' in the recipe, and look at the text"
    return ""


def restore_preamble(traced: Traced, byte_start: int, preamble: int) -> Traced:
    """Put ``preamble`` bytes, which the step ``unwrap`` removed, before a text that they precede."""
    if not preamble:
        return traced
    edit = Edit("unwrap", "removed", byte_start, byte_start + preamble)
    return replace(
        traced, alignment=frame(traced.alignment, preamble, 0), edits=EditList.of([edit, *traced.edits])
    )


def _resolve(data: bytes, encoding: str, byte_start: int) -> tuple[str, int]:
    """The codec that decodes the bytes after the byte order mark, and the mark's length."""
    name = codecs.lookup(encoding).name
    if name == "utf-8-sig":
        name = "utf-8"
    if name in {"utf-16", "utf-32"}:
        for ordered in (f"{name}-le", f"{name}-be"):
            if data.startswith(BYTE_ORDER_MARKS[ordered]):
                return ordered, len(BYTE_ORDER_MARKS[ordered])
        detail = "no byte order mark: name the order, as in utf-16-le"
        raise _invalid_bytes(data[:4], name, byte_start, detail)
    mark = BYTE_ORDER_MARKS.get(name, b"")
    return name, len(mark) if mark and byte_start == 0 and data.startswith(mark) else 0


def _align(text: str, data: bytes, name: str, start: int) -> Alignment:
    if not text:
        return Alignment.of_lengths([(0, len(data), True)], start)
    if data.isascii() and (name == "utf-8" or name in STRUCTURES):
        return Alignment.identity(len(text), start)
    if name == "utf-8":
        by_character = data.translate(_UTF8_WIDTHS, _UTF8_CONTINUATIONS)
        return Alignment.of_widths(np.frombuffer(by_character, np.uint8), start)
    if name in STRUCTURES:
        widths = _widths_by_structure(text, data, name)
        if widths is not None:
            return Alignment.of_widths(widths, start)
    elif name.startswith(("utf-16", "utf-32")):
        points = code_points(text)
        narrow = 2 if name.startswith("utf-16") else 4
        return Alignment.of_widths(np.where(points > 0xFFFF, 4, narrow).astype(np.uint8), start)
    elif len(text) == len(data):
        return Alignment.identity(len(text), start)
    elif name not in STATEFUL:
        return Alignment.of_lengths([(len(text), len(data), False)], start)
    return _align_one_by_one(data, name, start)


def _spans(aligned: Alignment) -> list[tuple[int, int]]:
    low, high = aligned.removed()
    return list(zip(low.tolist(), high.tolist(), strict=True))


_UTF8_CONTINUATIONS = bytes(range(0x80, 0xC0))
_UTF8_WIDTHS = bytes(
    1 if byte < 0xC0 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4 for byte in range(256)
)

# Lead bytes of each multi-byte codec that take more than one byte: (first, last, width).
_EUC = ((0xA1, 0xFE, 2),)
_DOUBLE = ((0x81, 0xFE, 2),)
_SHIFT = ((0x81, 0x9F, 2), (0xE0, 0xFC, 2))
_EUC_JP = ((0xA1, 0xFE, 2), (0x8E, 0x8E, 2), (0x8F, 0x8F, 3))
STRUCTURES = {
    "gb2312": _EUC,
    "gbk": _DOUBLE,
    "gb18030": _DOUBLE,
    "big5": _DOUBLE,
    "cp950": _DOUBLE,
    "big5hkscs": _DOUBLE,
    "euc_kr": _EUC,
    "cp949": _DOUBLE,
    "johab": _DOUBLE,
    "shift_jis": _SHIFT,
    "cp932": _SHIFT,
    "shift_jis_2004": _SHIFT,
    "shift_jisx0213": _SHIFT,
    "euc_jp": _EUC_JP,
    "euc_jis_2004": _EUC_JP,
    "euc_jisx0213": _EUC_JP,
}

STATEFUL = frozenset(
    {"hz", *(f"iso2022_{kind}" for kind in ("jp", "jp_1", "jp_2", "jp_2004", "jp_3", "jp_ext", "kr"))}
)


@cache
def _lead_widths(name: str) -> bytes:
    """The bytes a character takes by its first byte, as a table for ``bytes.translate``."""
    widths = bytearray([1] * 256)
    for first, last, width in STRUCTURES[name]:
        widths[first : last + 1] = bytes([width]) * (last + 1 - first)
    return bytes(widths)


def _widths_by_structure(text: str, data: bytes, name: str) -> Widths | None:
    """Guess the widths from the characters and check them against the bytes; None if no guess is right."""
    points = code_points(text)
    single = points < 0x80
    if STRUCTURES[name] is _SHIFT:
        single |= (points >= 0xFF61) & (points <= 0xFF9F)
    widths = np.where(single, np.uint8(1), np.uint8(2))
    if _agree(widths, data, name):
        return widths
    encoded = _widths_by_encoding(text, points, name)
    return encoded if encoded is not None and _agree(encoded, data, name) else None


def _agree(widths: Widths, data: bytes, name: str) -> bool:
    """Whether each width is the one its first byte demands.

    The first character begins at 0; by induction every character then begins where the decoder began it.
    """
    if widths.sum(dtype=np.int64) != len(data):
        return False
    # A byte more, which follows the last.
    octets = np.frombuffer(data + b"\xff", np.uint8)
    lead_widths = np.frombuffer(_lead_widths(name), np.uint8)
    position = 0
    # In windows: each character of a long record takes several times its bytes here.
    for first in range(0, len(widths), _WINDOW):
        window = widths[first : first + _WINDOW]
        starts = position + np.cumsum(window, dtype=np.int64) - window
        position = int(starts[-1]) + int(window[-1])
        demanded = lead_widths[octets[starts]]
        if name == "gb18030":
            demanded[(octets[starts + 1] < 0x40) & (demanded == 2)] = 4
        if not np.array_equal(demanded, window):
            return False
    return True


def _widths_by_encoding(text: str, points: npt.NDArray[np.uint32], name: str) -> Widths | None:
    """The bytes each character takes when encoded again; None where one cannot be encoded."""
    table = np.zeros(int(points.max()) + 1, np.uint8)
    try:
        for character in set(text):
            table[ord(character)] = len(character.encode(name))
    except UnicodeEncodeError:
        return None
    return look_up(table, points)


def _align_one_by_one(data: bytes, name: str, start: int) -> Alignment:
    """Feed the decoder byte by byte: slow, but right for a stateful codec and for irregular sequences.

    An escape sequence belongs to the character after it; one at the end has no text.
    """
    decoder = codecs.getincrementaldecoder(name)()
    lengths: list[tuple[int, int, bool]] = []
    pending = 0
    for at in range(len(data)):
        characters = len(decoder.decode(data[at : at + 1], final=at == len(data) - 1))
        pending += 1
        if characters:
            lengths.append((characters, pending, characters == 1))
            pending = 0
    if pending:
        lengths.append((0, pending, True))
    return Alignment.of_lengths(lengths, start)
