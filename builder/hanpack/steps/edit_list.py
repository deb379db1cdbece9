"""The edits of a text as columns: a hostile record has hundreds of thousands of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Literal, NamedTuple, overload

import numpy as np

from hanpack.steps.alignment import Flags, Positions, choose_type
from hanpack.steps.coded_names import CodedNames

Kind = Literal["replaced", "removed", "inserted", "flagged"]
KINDS: tuple[Kind, ...] = ("replaced", "removed", "inserted", "flagged")
Kinds = CodedNames[Kind]
_NO_POSITIONS: Positions = np.zeros(0, np.int64)
# The columns of a long record are large and few: they are not joined as a wider type first.
_MANY_COLUMNS = 64


class Edit(NamedTuple):
    """What a step did to which source bytes: the half-open span ``[byte_start, byte_end)`` of the source."""

    step: str
    kind: Kind
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True, eq=False)
class StepEdits:
    """Edits that a step made at one time, in the order of their bytes; all columns have the same length."""

    step: str
    kinds: Kinds
    byte_starts: Positions
    byte_ends: Positions

    def take(self, chosen: Flags) -> StepEdits:
        """The edits that are chosen; ``chosen`` has the shape (edits,)."""
        return StepEdits(
            self.step, self.kinds.select(chosen), self.byte_starts[chosen], self.byte_ends[chosen]
        )

    def find_removed(self) -> tuple[Positions, Positions]:
        """The starts and ends of the bytes that it removed, in order; both have the shape (spans,)."""
        if "removed" not in self.kinds:
            return _NO_POSITIONS, _NO_POSITIONS
        is_removed = self.kinds.find("removed")
        starts, ends = self.byte_starts, self.byte_ends
        if not is_removed.all():
            starts, ends = starts[is_removed], ends[is_removed]
        if (starts[1:] > starts[:-1]).all():
            return starts, ends
        order = np.lexsort((ends, starts))
        return starts[order], ends[order]

    def __iter__(self) -> Iterator[Edit]:
        rows = zip(self.kinds, self.byte_starts.tolist(), self.byte_ends.tolist(), strict=True)
        return (Edit(self.step, kind, start, end) for kind, start, end in rows)


@dataclass(frozen=True, slots=True, eq=False)
class EditList(Sequence[Edit]):
    """Edits in the order in which they were made: a sequence of :class:`Edit`, stored in blocks of columns.

    >>> edits = EditList.of([Edit("spaces", "removed", 0, 1), Edit("script", "replaced", 4, 7)])
    >>> len(edits), edits[1].step, edits.byte_ends.tolist()
    (2, 'script', [1, 7])
    """

    blocks: tuple[StepEdits, ...] = ()

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> EditList:
        """The edits as columns; those of one step in a row are one block."""
        (edit_list,) = cls.of_all([list(edits)])
        return edit_list

    @classmethod
    def of_all(cls, of_texts: Sequence[Sequence[Edit]]) -> list[EditList]:
        """The edits of each of several texts as columns; the columns of all texts are made at once."""
        edits = list(chain.from_iterable(of_texts))
        starts = np.array([edit.byte_start for edit in edits], np.int64)
        ends = np.array([edit.byte_end for edit in edits], np.int64)
        lists: list[EditList] = []
        last = 0
        for of_text in of_texts:
            blocks: list[StepEdits] = []
            for step, group in groupby(of_text, _get_step):
                kinds = CodedNames(KINDS, bytes([KINDS.index(edit.kind) for edit in group]))
                first, last = last, last + len(kinds)
                blocks.append(StepEdits(step, kinds, starts[first:last], ends[first:last]))
            lists.append(cls(tuple(blocks)))
        return lists

    def add(self, block: StepEdits) -> EditList:
        """These edits and those of a block.

        Earlier edits inside bytes that the block removes are left out: the removal accounts for them.
        """
        starts, ends = block.find_removed()
        if not len(starts):
            return EditList((*self.blocks, block))
        kept = [earlier.take(~_are_within(earlier, starts, ends)) for earlier in self.blocks]
        return EditList((*(earlier for earlier in kept if len(earlier.kinds)), block))

    @property
    def steps(self) -> CodedNames[str]:
        """The step of each edit; the names are in their order."""
        names = tuple(sorted({block.step for block in self.blocks}))
        code = {name: bytes((number,)) for number, name in enumerate(names)}
        return CodedNames(names, b"".join([code[block.step] * len(block.kinds) for block in self.blocks]))

    @property
    def kinds(self) -> Kinds:
        """The kind of each edit."""
        return _join_kinds(self.blocks)

    @property
    def byte_starts(self) -> Positions:
        """Where the bytes of each edit start; shape (edits,)."""
        return _join([block.byte_starts for block in self.blocks])

    @property
    def byte_ends(self) -> Positions:
        """Where the bytes of each edit end; shape (edits,)."""
        return _join([block.byte_ends for block in self.blocks])

    def __len__(self) -> int:
        return sum([len(block.kinds) for block in self.blocks])

    def __iter__(self) -> Iterator[Edit]:
        return chain.from_iterable(self.blocks)

    @overload
    def __getitem__(self, index: int) -> Edit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Edit, ...]: ...
    def __getitem__(self, index: int | slice) -> Edit | tuple[Edit, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class JoinedEdits:
    """The edits of several texts one after another; every column has one value for each edit.

    ``owners`` are the numbers of the texts, ``counts`` says how many edits each text has.
    """

    counts: Sequence[int]
    owners: Positions
    steps: CodedNames[str]
    kinds: Kinds
    byte_starts: Positions
    byte_ends: Positions

    @classmethod
    def of(cls, of_texts: Sequence[EditList]) -> JoinedEdits:
        """Join the edits of some texts.

        >>> JoinedEdits.of([EditList(), EditList.of([Edit("spaces", "removed", 0, 1)])]).owners.tolist()
        [1]
        """
        edits = EditList(tuple([block for of_text in of_texts for block in of_text.blocks]))
        counts = [len(of_text) for of_text in of_texts]
        # All edits of a single text have the same owner, which takes no memory for each.
        is_single = len(counts) == 1
        owners = (
            np.broadcast_to(np.int64(0), counts) if is_single else np.repeat(np.arange(len(counts)), counts)
        )
        return cls(counts, owners, edits.steps, edits.kinds, edits.byte_starts, edits.byte_ends)


def join_blocks(blocks: Sequence[StepEdits]) -> StepEdits:
    """The edits of several blocks of one step, which are in the order of their bytes, as one block."""
    if len(blocks) == 1:
        return blocks[0]
    return StepEdits(
        step=blocks[0].step,
        kinds=_join_kinds(blocks),
        byte_starts=np.concatenate([block.byte_starts for block in blocks]),
        byte_ends=np.concatenate([block.byte_ends for block in blocks]),
    )


def code_kinds(kinds: Iterable[Kind]) -> Kinds:
    """Some kinds of edits, a byte each."""
    return CodedNames.of(kinds, KINDS)


def repeat_kind(kind: Kind, count: int) -> Kinds:
    """The kinds of so many edits of one kind."""
    return CodedNames(KINDS, code_kinds([kind]).codes * count)


def _join_kinds(blocks: Iterable[StepEdits]) -> Kinds:
    return CodedNames(KINDS, b"".join([block.kinds.codes for block in blocks]))


def _join(columns: Sequence[Positions]) -> Positions:
    """Columns one after another; a single one is not copied, for that of a long record is large."""
    if len(columns) == 1:
        return columns[0]
    if len(columns) > _MANY_COLUMNS:
        joined = np.concatenate(columns)
        return joined.astype(choose_type(len(joined), joined.max(initial=0)), copy=False)
    last = max((int(column.max()) for column in columns if len(column)), default=0)
    kind = choose_type(sum(map(len, columns)), last)
    return np.concatenate([_NO_POSITIONS, *columns], dtype=kind, casting="same_kind")


_get_step = attrgetter("step")


def _are_within(edits: StepEdits, starts: Positions, ends: Positions) -> Flags:
    """Whether each edit is inside the last of the spans that starts at or before it; shape (edits,)."""
    index = np.searchsorted(starts, edits.byte_starts, side="right") - 1
    start, end = starts[index], ends[index]
    has_bytes = edits.byte_ends > edits.byte_starts
    is_inside = (edits.byte_ends <= end) & (
        has_bytes | ((start < edits.byte_starts) & (edits.byte_starts < end))
    )
    return np.asarray((index >= 0) & is_inside, np.bool_)
