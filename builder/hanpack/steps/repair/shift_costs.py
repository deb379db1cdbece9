"""The constants of the search for byte shifts, in one value.

They were set by hand and are judged by what ``python benchmarks/normalize.py`` prints: damaged paragraphs
restored, and clean lines changed. Of its 300 damaged pairs 286 are restored, and 1 of the others has no
flag. With any single constant at half or twice its value 285 or 286 are restored, but for half of
``beam_window`` (280) and twice ``damage`` (277).

``least_margin`` and ``sure_margin`` were set with ``python benchmarks/flags.py``: of 481 damaged paragraphs
of laws and court documents 83 are wrong without a flag and 1,286 characters are flagged. With a
``sure_margin`` of 3 these are 93 and 1,112, of 10 they are 82 and 1,700. Before, when whole stretches were
flagged, the flagged characters of such paragraphs were 5,356.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShiftCosts:
    """What the search adds to the score of a hypothesis, and what bounds it.

    Costs, windows and margins are natural logarithms, added to the log-probability of the restored text.

    Attributes:
        damage: for the beginning of a shifted stretch: damage is rare.
        literal_annotation: for a broken annotation that is kept: it is hardly ever part of an undamaged text.
        lost_alphanumeric: for a lost ASCII character before a digit, a dot or a percent sign.
        lost_other_ascii: for a lost ASCII character before any other character.
        lost_mark: for a lost "+", "-" or "/".
        inferred_digit: for a lost digit that the text around it determines; the only one above 0.
        unlisted: for an annotated character that pages do not commonly annotate, and for a character that the
            record annotates elsewhere but that is without annotation in a shifted stretch.
        other_script: for a character of the script that the record is not in.
        other_variant: for a Simplified character in a Traditional record, or a rare Traditional variant.
        local_share: the most weight that n-grams of the record itself get against the n-gram model, 0 to 1.
        local_doubt: the number of occurrences of a context in the record that gives it half of that weight.
        least_margin: how much more likely than any other a restoration must be to have no flag.
        sure_margin: how much more likely than any other a part of another restoration must be to be restored.
        pending_margin: a stretch goes on while a hypothesis out of step is no further below the best.
        beam_window: how far below the best hypothesis another may be to stay in the beam.
        shifted_beam: hypotheses out of step that stay in the beam.
        aligned_beam: hypotheses in step that stay in the beam.
        lookahead: characters in step that are read past a stretch to judge its end.
        longest_stretch: characters after which a stretch is given up.
        most_triggers: triggers after which a stretch is given up.
        stretch_work: the work after which a stretch is given up. Work is counted in candidates; a million
            take about 30 milliseconds. The hardest pair of the benchmark takes 11 million, 6 of them for
            one stretch.
        base_work: the work for a record of up to half a million characters; damage that is left after that is
            flagged.
        work_per_character: the work for each character of a longer record, about as much as 20 passes of a
            tokenizer take. A record in which a stretch was given up has only this, whatever its length.
        symbol_work: the work that a symbol of the damaged text takes.
        probability_work: the work that a probability takes that was not computed before.
        hypothesis_work: the work that a hypothesis takes.
        expansion_work: the work that an expansion takes.
        doubt_work: the work that a doubt of a hypothesis takes.
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
    sure_margin: float = 5.0
    pending_margin: float = 10.0
    beam_window: float = 15.0
    shifted_beam: int = 150
    aligned_beam: int = 30
    lookahead: int = 4
    longest_stretch: int = 2000
    most_triggers: int = 8
    stretch_work: int = 10_000_000
    base_work: int = 20_000_000
    work_per_character: int = 40
    symbol_work: int = 500
    probability_work: int = 250
    hypothesis_work: int = 100
    expansion_work: int = 270
    doubt_work: int = 1


SHIFT_COSTS = ShiftCosts()
