"""What a hypothesis restored becomes replacements: the sure parts restored, the others flagged."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hanpack.steps.repair.restoration import (
    RestoredPiece,
    Span,
    append_character,
    find_difference,
    list_pieces,
    make_replacements,
    restored_in_shift,
)

# A piece: how many characters are kept before it (none: it is of the same shift), its width and its text.
Part = tuple[int, int, str, bool]
PARTS = st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from("甲乙丙"), st.booleans())
CHAINS = st.lists(PARTS, max_size=8)
SPAN = st.tuples(st.integers(0, 30), st.integers(1, 4)).map(lambda span: (span[0], sum(span)))
SPANS = st.lists(SPAN, max_size=3)


def chain(parts: list[Part], last: RestoredPiece | None = None) -> RestoredPiece | None:
    for kept, width, text, chosen in parts:
        end = last.end if last else 0
        shift = last.shift if last and not kept else end + kept
        last = RestoredPiece(last, shift, max(end, shift) + width, text, chosen)
    return last


def positions(spans: list[Span]) -> set[int]:
    return {position for span in spans for position in range(*span)}


@given(CHAINS, SPANS)
def test_sure_and_flagged_parts_cover_what_was_restored(parts: list[Part], doubts: list[Span]) -> None:
    last = chain(parts)
    made = make_replacements(last, doubts)
    sure = [edit for edit in made if not edit.flagged]
    flagged = [edit for edit in made if edit.flagged]
    covered = [position for edit in made for position in range(edit.start, edit.end)]
    pieces = [(piece.start, piece.end) for piece in list_pieces(last)]
    assert sorted(set(covered)) == covered
    assert set(covered) == positions(pieces) | positions(doubts)
    assert positions(doubts) <= positions([(edit.start, edit.end) for edit in flagged])
    texts = {(piece.start, piece.end): piece.text for piece in list_pieces(last)}
    for edit in sure:
        inside = [text for (low, high), text in texts.items() if edit.start <= low and high <= edit.end]
        assert edit.text == "".join(inside)


@given(CHAINS)
def test_without_doubts_each_shift_is_one_replacement(parts: list[Part]) -> None:
    last = chain(parts)
    made = make_replacements(last, [])
    assert [edit for edit in made if edit.flagged] == []
    assert [edit.start for edit in made] == sorted({piece.shift for piece in list_pieces(last)})


@given(CHAINS, CHAINS, CHAINS)
def test_restorations_are_the_same_outside_their_difference(
    shared: list[Part],
    first: list[Part],
    second: list[Part],
) -> None:
    past = chain(shared)
    one, other = chain(first, past), chain(second, past)
    difference = find_difference(one, other)
    inside = positions([difference] if difference else [])

    def outside(last: RestoredPiece | None) -> list[tuple[int, int, str]]:
        found = [(piece.start, piece.end, piece.text) for piece in list_pieces(last)]
        return [piece for piece in found if inside.isdisjoint(range(piece[0], piece[1]))]

    assert outside(one) == outside(other)
    assert find_difference(one, one) is None


def test_a_character_chosen_beside_one_in_doubt_is_flagged_with_it() -> None:
    first = RestoredPiece(None, shift=3, end=5, text="为", chosen=True)
    second = RestoredPiece(first, shift=3, end=6, text="超", chosen=True)
    third = RestoredPiece(second, shift=3, end=7, text="过")
    [flagged, sure] = make_replacements(third, [(3, 5)])
    assert (flagged.start, flagged.end, flagged.flagged) == (3, 6, True)
    assert (sure.start, sure.end, sure.text) == (6, 7, "过")


def test_a_character_without_a_place_of_its_own_is_in_doubt_with_the_lost_one_after_it() -> None:
    character = RestoredPiece(None, shift=3, end=3, text="约", chosen=True)
    lost = RestoredPiece(character, shift=3, end=4, text="", flagged=True)
    [edit] = make_replacements(lost, [(3, 4)])
    assert (edit.start, edit.end, edit.flagged) == (3, 4, True)


def test_two_characters_of_one_symbol_are_one_piece() -> None:
    first = append_character(None, 3, 5, "办")
    both = append_character(first, 3, 5, "+")
    assert (both.text, both.start, both.end) == ("办+", 3, 5)
    assert restored_in_shift(append_character(both, 3, 6, "公"), 3, 24) == "办+公"
