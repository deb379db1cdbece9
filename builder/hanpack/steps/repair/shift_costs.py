"""The constants of the search for byte shifts, in one value.

They were set by hand and are judged by what ``python benchmarks/normalize.py`` prints: damaged paragraphs
restored, and clean lines changed. Of its 300 damaged pairs 286 are restored, and 1 of the others has no
flag. With any single constant at half or twice its value 285 or 286 are restored, but for half of
``beam_window`` (280) and twice ``damage`` (277); half of ``least_margin`` leaves 3 wrong restorations
without a flag, twice leaves none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShiftCosts:
    """What the search adds to the score of a hypothesis, and what bounds it.

    Costs, windows and margins are natural logarithms, added to the log-probability of the restored text.

    Attributes:
        damage: for the begin of a shifted stretch: damage is rare.
        literal_annotation: for a broken annotation that is kept as text: it hardly ever is text.
        lost_alphanumeric: for a lost ASCII character before a digit, a dot or a percent sign.
        lost_other_ascii: for a lost ASCII character before anything else.
        lost_mark: for a lost "+", "-" or "/".
        inferred_digit: for a lost digit that the text around it determines; the only gain.
        unlisted: for a character that stands against the list of annotated characters: annotated and not
            on it, or on it and, in a shifted stretch, without an annotation.
        other_script: for a character of the script that the record is not in.
        other_variant: for a Simplified character in a Traditional record, or a rare Traditional variant.
        local_share: the most weight that n-grams of the record itself get against the n-gram model, 0 to 1.
        local_doubt: the number of occurrences of a context in the record that gives it half of that weight.
        least_margin: how much more likely than any other a restoration must be not to be flagged.
        pending_margin: how far below the best hypothesis one may be that is still out of step, before the
            search takes the stretch for ended.
        beam_window: how far below the best hypothesis one may be to stay in the beam.
        shifted_beam: hypotheses out of step that stay in the beam.
        aligned_beam: hypotheses in step that stay in the beam.
        lookahead: characters in step that are read past a stretch to judge its end.
        longest_stretch: characters after which a stretch is given up.
        base_work: candidates that may be weighed in one record, whatever its length.
        work_per_character: candidates that may be weighed besides for each character of the record. 60,000
            are about a millisecond; damage that is left when the work is used up is flagged.
        hypothesis_work: the work of one hypothesis, in candidates.
    """

    damage: float = -9.0
    literal_annotation: float = -30.0
    lost_alphanumeric: float = -4.0
    lost_other_ascii: float = -8.0
    lost_mark: float = -2.0
    inferred_digit: float = 3.0
    unlisted: float = -5.0
    other_script: float = -6.0
    other_variant: float = -3.0
    local_share: float = 0.25
    local_doubt: float = 2.0
    least_margin: float = 1.0
    pending_margin: float = 10.0
    beam_window: float = 15.0
    shifted_beam: int = 150
    aligned_beam: int = 30
    lookahead: int = 4
    longest_stretch: int = 2000
    base_work: int = 50_000_000
    work_per_character: int = 60_000
    hypothesis_work: int = 10


SHIFT_COSTS = ShiftCosts()
