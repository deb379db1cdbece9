"""What a hypothesis restored, piece by piece, the places where it is in doubt, and its replacements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hanpack.steps.replacements import Replacement

# A span of the damaged text.
Span = tuple[int, int]


class RestoredPiece(NamedTuple):
    """What was restored from one symbol of the damaged text, and the pieces before it: a linked list.

    Hypotheses share the pieces of their common past, which makes it cheap to compare them.

    Attributes:
        before: the piece before; between the two the damaged text is kept if they are not of one shift.
        shift: where the shift of which it is a part began in the damaged text.
        end: where the piece ends in the damaged text.
        text: the restored characters: one, or two if the symbol has the ASCII character after the shift.
        chosen: whether a byte of it was lost, so that it was chosen among several characters.
        flagged: whether the damaged text is lost: it is left and flagged.
    """

    before: RestoredPiece | None
    shift: int
    end: int
    text: str
    chosen: bool = False
    flagged: bool = False

    @property
    def start(self) -> int:
        """Where the piece begins in the damaged text: a shift is covered by its pieces."""
        return self.before.end if self.before and self.before.shift == self.shift else self.shift


def append_character(last: RestoredPiece | None, shift: int, end: int, character: str) -> RestoredPiece:
    """The pieces with one more character: part of the last piece if that is of the same symbol."""
    if last and (last.shift, last.end) == (shift, end):
        return last._replace(text=last.text + character)
    return RestoredPiece(last, shift, end, character)


def restored_in_shift(last: RestoredPiece | None, shift: int, most: int) -> str:
    """The last characters that were restored in a shift, about ``most`` of them at the most."""
    texts: list[str] = []
    while last and last.shift == shift and len(texts) < most:
        texts.append(last.text)
        last = last.before
    return "".join(texts[::-1])


def list_pieces(last: RestoredPiece | None) -> list[RestoredPiece]:
    """The pieces up to the last one, in order."""
    pieces: list[RestoredPiece] = []
    while last:
        pieces.append(last)
        last = last.before
    return pieces[::-1]


def find_difference(first: RestoredPiece | None, second: RestoredPiece | None) -> Span | None:
    """The span of the damaged text outside which two restorations are the same; None if they are the same.

    >>> shared = RestoredPiece(None, shift=3, end=5, text="保")
    >>> first, second = RestoredPiece(shared, 3, 6, "支"), RestoredPiece(shared, 3, 6, "之")
    >>> find_difference(RestoredPiece(first, 3, 7, "出"), RestoredPiece(second, 3, 7, "出"))
    (5, 6)
    """
    while first and second and first is not second and _is_alike(first, second):
        first, second = first.before, second.before
    if first is second:
        return None
    end = max(piece.end for piece in (first, second) if piece)
    start = end
    while first is not second:
        # The piece that ends later is not in the past of the other.
        if first and (not second or first.end >= second.end):
            start, first = min(start, first.start), first.before
        elif second:
            start, second = min(start, second.start), second.before
    # A character that was lost with the one after it has no place of its own.
    return start, max(end, start + 1)


def _is_alike(first: RestoredPiece, second: RestoredPiece) -> bool:
    return first[1:] == second[1:] and first.start == second.start


def make_replacements(last: RestoredPiece | None, doubts: Iterable[Span]) -> list[Replacement]:
    """The replacements that restore what is sure and flag what is in doubt.

    The sure pieces of a shift that follow each other are one replacement.

    Args:
        last: the last piece of what was restored.
        doubts: the spans in doubt; a piece that touches one of them is left and flagged.

    >>> pieces = RestoredPiece(RestoredPiece(None, shift=3, end=5, text="保"), shift=3, end=6, text="支")
    >>> make_replacements(pieces, [])
    [Replacement(start=3, end=6, text='保支', flagged=False)]
    >>> make_replacements(pieces, [(3, 4)])
    [Replacement(start=3, end=5, text='', flagged=True), Replacement(start=5, end=6, text='支', ...)]
    """
    pieces = list_pieces(last)
    doubtful = {position for span in doubts for position in range(*span)}
    # A character is chosen by those beside it: if one of them is in doubt, so is it.
    for piece in (*pieces, *reversed(pieces)) if doubtful else ():
        around = range(piece.start - 1, piece.end + 1) if piece.chosen else _range_of(piece)
        if not doubtful.isdisjoint(around):
            doubtful.update(_range_of(piece))
    replacements: list[Replacement] = []
    shift = -1
    for piece in pieces:
        if not doubtful.isdisjoint(_range_of(piece)):
            continue
        if piece.flagged:
            replacements.append(Replacement(piece.start, piece.end, flagged=True))
        elif replacements and shift == piece.shift and replacements[-1].end == piece.start:
            replacements[-1] = Replacement(
                replacements[-1].start, piece.end, replacements[-1].text + piece.text
            )
        else:
            replacements.append(Replacement(piece.start, piece.end, piece.text))
            shift = piece.shift
    return sorted([*replacements, *_flag_runs(doubtful)])


def _range_of(piece: RestoredPiece) -> range:
    """The positions of a piece; one that has no place of its own stands with the lost character after it."""
    return range(piece.start, max(piece.end, piece.start + 1))


def _flag_runs(positions: Iterable[int]) -> Iterator[Replacement]:
    """A flag for each run of positions that follow each other."""
    start = end = -1
    for position in sorted(positions):
        if position != end:
            if start < end:
                yield Replacement(start, end, flagged=True)
            start = position
        end = position + 1
    if start < end:
        yield Replacement(start, end, flagged=True)
