"""Byte shifts: undo a replacement on GBK bytes that matched across two characters.

A page written in GBK went through a replacement on bytes, which ignored the boundaries of characters. Where
it matched the trail byte of one character and the lead byte of the next, the text it put in came between the
two bytes of a character. The decoder read an invalid pair there, wrote "?", and read what followed one byte
off, up to the next ASCII byte. Two replacements are known:

* ！ and ？ got a "?" before them: 三保”支出 became 三?！敝С龅拙€, because the trail byte of 保 and the lead
  byte of ” are the bytes of ！;
* annotated characters got their pinyin after them: 炬傳遞 became 炬?zhèn)鬟f, because the trail byte of 炬
  and the lead byte of 傳 are the bytes of 鎮.

The search in ``shift_search`` runs an automaton over the damaged text. A ``Hypothesis`` is in one of its
states:

* *in step*: the damaged and the restored text are at the same character boundary (``lead`` is 0);
* *lead byte known*: the first byte of the next restored character has been read and waits for its trail
  byte;
* *lead byte lost*: that byte is not known (``UNKNOWN``). If the trail byte before it was lost with it, that
  trail byte is in ``lost_trail``; the two do not form a valid pair.

Invariant: the restored text in GBK, plus the waiting byte, equals the bytes of the damaged text up to the
position, minus the bytes that the damage inserted, plus one chosen value for each byte that it lost.

Transitions from *in step*:

* any character: kept as it is; in step;
* a trigger "?" before ！ or ？: the damage put a "?" after a lead byte, and both became this "?"; lead byte
  lost;
* ``?pron)`` after P: an annotated character began with the trail byte of P, and its second byte, lost with
  the "(", is the next lead byte; lead byte known;
* ``(pron)`` after a character just restored that has this pronunciation: removed with it; in step.

Transitions from *lead byte known* and, for every character that the waiting byte can make, *lead byte lost*:

* a character whose second byte may be a lead byte: its first byte completes a character; lead byte known;
* a character whose second byte is ASCII: its first byte completes a character, its second byte is an ASCII
  character; in step;
* ASCII or € (the byte 0x80): completes a character; in step. A half-width mark may also be a full-width
  mark that the page converted after the damage, and then has its two bytes; lead byte known;
* a trigger "?": was put in; the state stays;
* another "?": a trail byte, lost with the next lead byte; lead byte lost. Or lost with the ASCII character
  after it, which is a mark, a digit that the text determines, or flagged; or lost by itself at the end of a
  line; in step;
* ``?pron)``: the trail byte of an annotated character, lost with the "("; in step;
* ``(pron)``: must be the pronunciation of the damaged character before it; the state stays;
* a control character: was put in with a mark; the state stays.

A stretch ends when no likely hypothesis has been out of step for a few characters. The most likely
hypothesis in step wins (Viterbi search with a beam); if another restoration is nearly as likely, the
stretch is flagged.
"""

from __future__ import annotations

from collections.abc import Set

from hanpack.lazy_patterns import compile_lazily
from hanpack.steps.repair.evidence import CONTROLS, gather_evidence
from hanpack.steps.repair.ngram_model import NgramModel
from hanpack.steps.repair.pronunciation import BROKEN_ANNOTATION
from hanpack.steps.repair.restoration import make_replacements
from hanpack.steps.repair.shift_costs import SHIFT_COSTS, ShiftCosts
from hanpack.steps.repair.shift_search import StretchSearch
from hanpack.steps.replacements import Replacement

# Where a shift may begin: a "?" before a mark, or a broken annotation. On pages that made their marks
# half-width after the damage, the marks are ! and ?.
SHIFT_MARK = "?"
_FULL_WIDTH_TRIGGER = compile_lazily(rf"\?{CONTROLS}*[！？]|(?<=[^\x00-\x7f]){BROKEN_ANNOTATION.pattern}")
TRIGGER = compile_lazily(rf"{_FULL_WIDTH_TRIGGER.pattern}|(?<=[^\x00-\x7f])\?{CONTROLS}*[!?](?=[^\x00-\x7f])")
_FULL_WIDTH_MARK = compile_lazily("[！？，：；]")
_HALF_WIDTH_MARK = compile_lazily(r"(?<=[^\x00-\x7f])[,:;]")


def find_shifts(
    text: str,
    ngram_model: NgramModel,
    annotated: Set[str] = frozenset(),
    costs: ShiftCosts = SHIFT_COSTS,
) -> list[Replacement]:
    """Find the shifted stretches of a record and what their text was.

    Args:
        text: a record.
        ngram_model: the evidence in addition to the record.
        annotated: the characters whose pinyin was removed from the record before.
        costs: the constants of the search.

    Returns:
        One replacement for each stretch, in order; flagged if the evidence is weak, or if a record has
        more stretches than can be searched in bounded time.

    >>> from hanpack.steps.repair.ngram_model import count_ngrams
    >>> from hanpack.steps.repair.ngram_table import pack_model
    >>> model = NgramModel(pack_model([(1.0, count_ngrams(["火炬传递活动"] * 9))]))
    >>> find_shifts("火炬?zhèn)鬟f活動", model)
    [Replacement(start=2, end=10, text='傳遞', flagged=False)]
    """
    # TRIGGER matches all that _FULL_WIDTH_TRIGGER does, so most undamaged text returns here.
    if SHIFT_MARK not in text or not TRIGGER.search(text):
        return []
    trigger = _FULL_WIDTH_TRIGGER if _has_full_width_marks(text) else TRIGGER
    match = trigger.search(text)
    if not match:
        return []
    evidence = gather_evidence(text, ngram_model, annotated, costs)
    work = max(costs.base_work, costs.work_per_character * len(text))
    search = StretchSearch(text, evidence, trigger, work)
    replacements: list[Replacement] = []
    while match:
        if search.work < 0:
            replacements.append(Replacement(*match.span(), flagged=True))
            match = trigger.search(text, match.end())
            continue
        best, position = search.search(match.start())
        position = max(position, match.end())
        if search.has_given_up:
            replacements.append(Replacement(match.start(), position, flagged=True))
            match = trigger.search(text, position)
            continue
        if best and best.restored:
            is_doubtful = min(best.doubts.values(), default=costs.sure_margin) < costs.least_margin
            replacements += make_replacements(best.restored, best.doubts if is_doubtful else ())
        elif BROKEN_ANNOTATION.match(match[0]):
            replacements.append(Replacement(*match.span(), flagged=True))
        match = trigger.search(text, position)
    return replacements


def _has_full_width_marks(text: str) -> bool:
    """Whether most of a record's marks are full-width: then those that the damage put in are, too."""
    return len(_FULL_WIDTH_MARK.findall(text)) > len(_HALF_WIDTH_MARK.findall(text))
