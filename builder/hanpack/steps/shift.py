"""Byte shifts: the inverse of a replacement on GBK bytes that matched across two characters.

The search is a Viterbi beam over the bytes of the damaged stretch: the text is turned back into bytes,
what the damage inserted is left out, what it lost is tried out, and a language model chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from hanpack.steps.gbk import EURO, EURO_BYTE, FIRST_LEAD, by_lead, by_trail, characters, pairs
from hanpack.steps.language import Language
from hanpack.steps.reading import ANNOTATION, READING, default_reading
from hanpack.steps.record import CONTROLS, Record, plain, read_record
from hanpack.steps.traced import Replacement

# A lead byte and the parenthesis after it became "?"; or a lead byte and what was put before ！ or ？.
# In a record whose marks were made half-width afterwards the latter are ! and ?.
TRIGGER = re.compile(rf"(?<=[^\x00-\x7f])\?(?:{READING} ?\)|{CONTROLS}*(?:[！？]|[!?](?=[^\x00-\x7f])))")
_EATEN = re.compile(rf"\?({READING}) ?\)")
_CONTROL = re.compile(CONTROLS)
_FULL_WIDTH_LEAD = 0xA3
_HALF_WIDTH = frozenset("!,:;?()")
_UNKNOWN = -1
_BEAM = 150
_WINDOW = 15.0
_ALIGNED_BEAM = 30
# Characters read past a stretch to judge its end, and the length from which a stretch is given up.
_AFTERWARDS = 4
_LONGEST = 2000
# How far below the best reading one may lie that is still out of step, before it is thought lost.
_PENDING = 10.0
_MOST_LIKELY = 5_000
_DAMAGE = -6.0
_UNLISTED = -5.0
_LITERAL_READING = -30.0
_LOST_VALUE = -4.0
_LOST_OTHER = -8.0
_SURE = 2.0
# The readings weighed in one record, a minute's work; what is left after that is flagged.
_MOST_WORK = 3_000_000


class Path(NamedTuple):
    """One reading of a stretch so far.

    ``lead`` is the byte that waits for its trail byte: 0 for none, -1 for a lost one; then ``partner`` is
    the trail byte that was lost with it (the two are no valid pair), or -1. ``gap`` is the least
    logarithmic distance to a rival that was dropped on the way.
    """

    score: float
    before: str
    last: str
    lead: int = 0
    partner: int = _UNKNOWN
    start: int = 0
    text: str = ""
    found: tuple[Replacement, ...] = ()
    gap: float = 99.0


def find_shifts(
    text: str, language: Language, annotated: Set[str] = frozenset(), sure: float = _SURE
) -> list[Replacement]:
    """Find the shifted stretches of a record and what stood there.

    Args:
        text: a record.
        language: the evidence beside the record itself.
        annotated: the characters whose pinyin was removed from the record before.
        sure: how much likelier (natural logarithm) than any other reading a restored one must be.

    Returns:
        One replacement a stretch, in order; flagged where the evidence is thin, or where a record has more
        stretches than can be searched in bounded time.
    """
    trigger = TRIGGER.search(text)
    if not trigger:
        return []
    record = read_record(text, language, annotated)
    found: list[Replacement] = []
    stretch = _Stretch(text, record)
    while trigger:
        if stretch.work > _MOST_WORK:
            found.append(Replacement(*trigger.span(), flagged=True))
            trigger = TRIGGER.search(text, trigger.end())
            continue
        best, position = stretch.solve(trigger.start())
        position = max(position, trigger.end())
        if _EATEN.match(trigger[0]) and (best is None or not best.found):
            found.append(Replacement(*trigger.span(), flagged=True))
        elif best and best.found and best.gap < sure:
            found.append(Replacement(best.found[0].start, best.found[-1].end, flagged=True))
        elif best:
            found.extend(best.found)
        trigger = TRIGGER.search(text, position)
    return found


class _Stretch:
    """The search over one stretch of a record's text."""

    def __init__(self, text: str, record: Record) -> None:
        self.text = text
        self.record = record
        self.likely: dict[tuple[str, int], list[tuple[int, str]]] = {}
        self.work = 0

    def _counted(self, paths: Iterable[Path]) -> Iterator[Path]:
        for path in paths:
            self.work += 1
            yield path

    def solve(self, position: int) -> tuple[Path | None, int]:
        """The best reading from a trigger on and where it ends; none where the bytes fit no reading."""
        text = self.text
        before = plain(ANNOTATION.sub("", text[max(0, position - 60) : position]))[-3:]
        clean = ANNOTATION.sub("", text[max(0, position - 20) : position])
        paths = [Path(0.0, before, clean[-1:])]
        quiet = 0
        limit = position + _LONGEST
        while position < len(text) and quiet < _AFTERWARDS:
            if position > limit:
                return None, position
            annotation = ANNOTATION.match(text, position)
            if annotation:
                paths = [self._annotate(path, annotation) for path in paths if self._stands(path, annotation)]
                position = annotation.end()
            else:
                eaten = _EATEN.match(text, position)
                end = eaten.end() if eaten else position + 1
                paths = _prune(
                    self._counted(new for path in paths for new in self._go_on(path, position, end, eaten))
                )
                position = end
            if not paths:
                return None, position
            pending = any(path.lead and path.score > paths[0].score - _PENDING for path in paths)
            if TRIGGER.match(text, position) and not pending and not paths[0].found:
                break
            quiet = 0 if pending or TRIGGER.match(text, position) else quiet + 1
        ended = [path for path in paths if not path.lead]
        if not ended:
            return None, position
        rivals = [ended[0].score - path.score for path in ended[1:] if path.found != ended[0].found]
        return ended[0]._replace(gap=min([ended[0].gap, *rivals])), position

    def _stands(self, path: Path, annotation: re.Match[str]) -> bool:
        """Whether an annotation can follow: in a shifted stretch it belongs to the shifted character."""
        previous = self.text[annotation.start() - 1]
        return not path.lead or default_reading(previous) == annotation[1]

    def _annotate(self, path: Path, annotation: re.Match[str]) -> Path:
        """Leave out a reading whose character was restored just before it."""
        restored = path.found[-1] if path.found else None
        if path.lead or not restored or restored.end != annotation.start() or restored.flagged:
            return path
        if default_reading(path.last) != annotation[1]:
            return path
        longer = Replacement(restored.start, annotation.end(), restored.text)
        return path._replace(found=(*path.found[:-1], longer))

    def _go_on(self, path: Path, position: int, end: int, eaten: re.Match[str] | None) -> Iterator[Path]:
        character = self.text[position]
        if not path.lead:
            yield from self._begin(path, position, end, eaten)
        elif eaten:
            yield from self._end_with_reading(path, end, eaten[1])
        elif character == EURO or character < "\x80":
            yield from self._go_on_in_ascii(path, position, end)
        else:
            first, second = pairs().get(character, (0, 0))
            for found in self._fitting(path, first):
                if second >= FIRST_LEAD:
                    yield self._emit(path, found)._replace(lead=second, partner=_UNKNOWN)
                elif second < EURO_BYTE:
                    yield self._close(self._emit(path, found), chr(second), end)

    def _go_on_in_ascii(self, path: Path, position: int, end: int) -> Iterator[Path]:
        character = self.text[position]
        if _CONTROL.match(character):
            yield path
        elif character == "?":
            if TRIGGER.match(self.text, position):
                # In a shifted stretch the question mark that was put in stands alone.
                yield path
            yield from self._lose_pair(path, position)
        else:
            for found in self._fitting(path, EURO_BYTE if character == EURO else ord(character)):
                yield self._close(path, found, end)
        if character in _HALF_WIDTH:
            for found in self._fitting(path, _FULL_WIDTH_LEAD):
                yield self._emit(path, found)._replace(lead=ord(character) | 0x80, partner=_UNKNOWN)

    def _begin(self, path: Path, position: int, end: int, eaten: re.Match[str] | None) -> Iterator[Path]:
        """Text in step goes on as it stands, or a shift begins here."""
        literal = path
        for character in self.text[position:end]:
            literal = self._emit(literal, character)
        cost = _LITERAL_READING if eaten else 0.0
        yield literal._replace(text="", score=literal.score + cost)
        shifted = path._replace(score=path.score + _DAMAGE, start=position, text="", partner=_UNKNOWN)
        if not eaten and TRIGGER.match(self.text, position):
            yield shifted._replace(lead=_UNKNOWN)
        if eaten:
            trail = pairs().get(path.last, (0, 0))[1]
            for lost, annotated in by_lead().get(trail, ()):
                if lost >= FIRST_LEAD and default_reading(annotated) == eaten[1]:
                    yield shifted._replace(lead=lost, score=shifted.score + self._unlisted(annotated))

    def _fitting(self, path: Path, trail: int) -> Sequence[str]:
        """The characters that end with this trail byte and begin with the byte that waits."""
        if path.lead != _UNKNOWN:
            known = characters().get((path.lead, trail))
            return (known,) if known else ()
        return [
            character
            for lead, character in by_trail().get(trail, ())
            if path.partner == _UNKNOWN or (path.partner, lead) not in characters()
        ]

    def _end_with_reading(self, path: Path, end: int, reading: str) -> Iterator[Path]:
        """The lost trail byte belongs to a character that stood annotated, which brings the text in step."""
        if path.lead == _UNKNOWN:
            found = [
                character
                for character in sorted(self.record.listed)
                if default_reading(character) == reading and self._begins(path, character)
            ]
        else:
            found = [
                character
                for _, character in by_lead().get(path.lead, ())
                if default_reading(character) == reading
            ]
        for character in found:
            closed = self._close(path, character, end, annotated=True)
            yield closed._replace(score=closed.score + self._unlisted(character))

    def _lose_pair(self, path: Path, position: int) -> Iterator[Path]:
        """A trail byte and the next lead byte were lost together, or a trail byte and what was ASCII."""
        after = self.text[position + 1 : position + 2]
        last = after in ("", "\n")
        if path.lead == _UNKNOWN:
            likely = self.record.language.followers
            for form in dict.fromkeys(likely.get(path.before[-1:], "") + likely[""]):
                for character in self.record.variants(form):
                    trail = pairs()[character][1]
                    if trail >= FIRST_LEAD and self._begins(path, character):
                        yield self._emit(path, character)._replace(partner=trail)
            return
        for trail, character in self._likely(path):
            new = self._emit(path, character)
            if last:
                closed = self._in_step(new, position + 1)
                yield closed._replace(score=closed.score + self.record.log_probability(closed.before, "\n"))
            if trail >= FIRST_LEAD and after:
                yield new._replace(lead=_UNKNOWN, partner=trail)
                yield self._lose_value(self._in_step(new, position), position, after)

    def _likely(self, path: Path) -> list[tuple[int, str]]:
        """The trail bytes that may follow the byte that waits, without the characters far less likely."""
        asked = path.before, path.lead
        if asked not in self.likely:
            if len(self.likely) > _MOST_LIKELY:
                self.likely.clear()
            emitted = [
                (self._emit(path, character).score, trail, character)
                for trail, character in by_lead().get(path.lead, ())
            ]
            worst = max((score for score, _, _ in emitted), default=0.0) - _WINDOW
            self.likely[asked] = [(trail, character) for score, trail, character in emitted if score >= worst]
        return self.likely[asked]

    def _lose_value(self, path: Path, position: int, after: str) -> Path:
        """What was lost with the trail byte was ASCII: it cannot be known, and its "?" stays, flagged."""
        cost, before = self._cost(path, "0")
        cost += _LOST_VALUE if after.isdigit() or after in tuple(".%") else _LOST_OTHER
        lost = Replacement(position, position + 1, flagged=True)
        return path._replace(score=path.score + cost, before=before, last="?", found=(*path.found, lost))

    def _begins(self, path: Path, character: str) -> bool:
        pair = pairs().get(character)
        if not pair:
            return False
        return path.partner == _UNKNOWN or (path.partner, pair[0]) not in characters()

    def _unlisted(self, character: str) -> float:
        return 0.0 if character in self.record.listed else _UNLISTED

    def _cost(self, path: Path, character: str) -> tuple[float, str]:
        form = plain(character)
        if form == "0" and path.before[-1:] == "0":
            return 0.0, path.before
        return self.record.log_probability(path.before, form), (path.before + form)[-3:]

    def _emit(self, path: Path, character: str, annotated: bool = False) -> Path:
        cost, before = self._cost(path, character)
        cost += self.record.form_cost(character)
        if path.lead and not annotated and character in self.record.annotated:
            cost += _UNLISTED
        return path._replace(
            score=path.score + cost, before=before, last=character, text=path.text + character
        )

    def _close(self, path: Path, character: str, end: int, annotated: bool = False) -> Path:
        """Emit the character that brings the text in step again."""
        return self._in_step(self._emit(path, character, annotated), end)

    def _in_step(self, path: Path, end: int) -> Path:
        restored = Replacement(path.start, end, path.text)
        return path._replace(lead=0, partner=_UNKNOWN, text="", found=(*path.found, restored))


def _prune(candidates: Iterator[Path]) -> list[Path]:
    """Keep the best path of each state, then the best of all; what is dropped narrows the gap."""
    best: dict[tuple[str, int, int, int], Path] = {}
    for path in candidates:
        state = path.before, path.lead, path.partner, path.start if path.lead else -1
        rival = best.get(state)
        if rival is None:
            best[state] = path
            continue
        first, second = (path, rival) if path.score > rival.score else (rival, path)
        best[state] = first._replace(gap=min(first.gap, first.score - second.score))
    ranked = sorted(best.values(), key=lambda path: -path.score)
    worst = ranked[0].score - _WINDOW if ranked else 0.0
    shifted = [path for path in ranked if path.lead and path.score > worst][:_BEAM]
    # What is in step again has paid for its end already: it must not be crowded out.
    aligned = [path for path in ranked if not path.lead][:_ALIGNED_BEAM]
    return sorted(shifted + aligned, key=lambda path: -path.score)
