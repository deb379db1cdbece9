"""Byte shifts: the inverse of a replacement on GBK bytes that matched across two characters.

The search is a Viterbi beam over the bytes of the damaged stretch: the text is turned back into bytes,
what the damage inserted is left out, what it lost is tried out, and a language model chooses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from functools import lru_cache

import numpy as np

from hanpack.steps.repair.beam import ALIGNED_BEAM, BEAM, UNKNOWN, WINDOW, Guesses, Path, most_likely, prune
from hanpack.steps.repair.candidates import Candidates, candidate_sets, invalid_after, plain_forms
from hanpack.steps.repair.digits import AFTER, BEFORE, tell_digit
from hanpack.steps.repair.evidence import CONTROLS, UNLISTED, Evidence, gather_evidence, plain
from hanpack.steps.repair.gbk import EURO, EURO_BYTE, FIRST_LEAD, by_lead, characters, pairs
from hanpack.steps.repair.ngram_model import VALUE, NgramModel
from hanpack.steps.repair.pronunciation import ANNOTATION, PRONUNCIATION, default_pronunciation
from hanpack.steps.traced import Replacement

# A lead byte and the parenthesis after it became "?"; or a lead byte and what was put before ！ or ？.
# In a record whose marks were made half-width afterwards the latter are ! and ?.
_FULL_WIDTH_TRIGGER = re.compile(rf"\?{CONTROLS}*[！？]|(?<=[^\x00-\x7f])\?{PRONUNCIATION} ?\)")
TRIGGER = re.compile(rf"{_FULL_WIDTH_TRIGGER.pattern}|(?<=[^\x00-\x7f])\?{CONTROLS}*[!?](?=[^\x00-\x7f])")
_EATEN = re.compile(rf"\?({PRONUNCIATION}) ?\)")
_CONTROL = re.compile(CONTROLS)
_FULL_WIDTH_MARK = re.compile("[！？，：；]")
_HALF_WIDTH_MARK = re.compile(r"(?<=[^\x00-\x7f])[,:;]")
_FULL_WIDTH_LEAD = 0xA3
# Marks of ASCII that stand between words; of the others each is too rare to be chosen by evidence.
_MARKS = ("+", "-", "/")
# What is asked or called out ends a sentence as a full stop does, though hardly any report asks.
_ASKED, _SENTENCE_END = frozenset("?!？！"), "。"
_HALF_WIDTH = frozenset("!,:;?()")
# Characters read past a stretch to judge its end, and the length from which a stretch is given up.
_AFTERWARDS = 4
_LONGEST = 2000
# How far below the best reading one may lie that is still out of step, before it is thought lost.
_PENDING = 10.0
_DAMAGE = -9.0
_LITERAL_READING = -30.0
_LOST_VALUE = -4.0
_LOST_OTHER = -8.0
_LOST_MARK = -2.0
# What a reading gains whose text tells the digit that was lost.
_TOLD = 3.0
_SURE = 1.0
# The guesses weighed in one record, about a millisecond's work a character; what is left then is flagged.
_LEAST_WORK = 50_000_000
_WORK_A_CHARACTER = 60_000
_PATH_WORK = 10


def find_shifts(
    text: str, language: NgramModel, annotated: Set[str] = frozenset(), sure: float = _SURE
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
    # The wider pattern finds all that the narrower one does: most sound text ends here.
    if "?" not in text or not TRIGGER.search(text):
        return []
    begin = _FULL_WIDTH_TRIGGER if _stands_full_width(text) else TRIGGER
    trigger = begin.search(text)
    if not trigger:
        return []
    record = gather_evidence(text, language, annotated)
    found: list[Replacement] = []
    stretch = _Stretch(text, record, begin, _LEAST_WORK + _WORK_A_CHARACTER * len(text))
    while trigger:
        if stretch.work < 0:
            found.append(Replacement(*trigger.span(), flagged=True))
            trigger = begin.search(text, trigger.end())
            continue
        best, position = stretch.solve(trigger.start())
        position = max(position, trigger.end())
        if _EATEN.match(trigger[0]) and (best is None or not best.found):
            found.append(Replacement(*trigger.span(), flagged=True))
        elif best and best.found and best.gap < sure:
            found.append(Replacement(best.found[0].start, best.found[-1].end, flagged=True))
        elif best:
            found.extend(best.found)
        trigger = begin.search(text, position)
    return found


def _stands_full_width(text: str) -> bool:
    """Whether a record's marks stand in full width: then the damage put no half-width one."""
    return len(_FULL_WIDTH_MARK.findall(text)) > len(_HALF_WIDTH_MARK.findall(text))


class _Stretch:
    """The search over one stretch of a record's text."""

    def __init__(self, text: str, record: Evidence, trigger: re.Pattern[str], work: int) -> None:
        self.text = text
        self.record = record
        self.trigger = trigger
        self.sets = candidate_sets(record.language)
        self.work = work
        self.best = -np.inf

    def solve(self, position: int) -> tuple[Path | None, int]:
        """The best reading from a trigger on and where it ends; none where the bytes fit no reading."""
        text = self.text
        before = plain(ANNOTATION.sub("", text[max(0, position - 60) : position]))[-3:]
        clean = ANNOTATION.sub("", text[max(0, position - 20) : position])
        paths = [Path(0.0, before, clean[-1:])]
        quiet = 0
        limit = position + _LONGEST
        while position < len(text) and quiet < _AFTERWARDS:
            if position > limit or self.work < 0:
                return None, position
            annotation = ANNOTATION.match(text, position)
            if annotation:
                paths = [self._annotate(path, annotation) for path in paths if self._stands(path, annotation)]
                position = annotation.end()
            else:
                eaten = _EATEN.match(text, position)
                end = eaten.end() if eaten else position + 1
                paths = self._advance(paths, position, end, eaten)
                position = end
            if not paths:
                return None, position
            pending = any(path.lead and path.score > paths[0].score - _PENDING for path in paths)
            triggered = self.trigger.match(text, position)
            if triggered and not pending and not paths[0].found:
                break
            quiet = 0 if pending or triggered else quiet + 1
        ended = [path for path in paths if not path.lead]
        if not ended:
            return None, position
        rivals = [ended[0].score - path.score for path in ended[1:] if path.found != ended[0].found]
        return ended[0]._replace(gap=min([ended[0].gap, *rivals])), position

    def _stands(self, path: Path, annotation: re.Match[str]) -> bool:
        """Whether an annotation can follow: in a shifted stretch it belongs to the shifted character."""
        previous = self.text[annotation.start() - 1]
        return not path.lead or default_pronunciation(previous) == annotation[1]

    def _annotate(self, path: Path, annotation: re.Match[str]) -> Path:
        """Leave out a reading whose character was restored just before it."""
        restored = path.found[-1] if path.found else None
        if path.lead or not restored or restored.end != annotation.start() or restored.flagged:
            return path
        if default_pronunciation(path.last) != annotation[1]:
            return path
        longer = Replacement(restored.start, annotation.end(), restored.text)
        return path._replace(found=(*path.found[:-1], longer))

    def _advance(
        self, paths: Sequence[Path], position: int, end: int, eaten: re.Match[str] | None
    ) -> list[Path]:
        """The paths after one more character, the best first."""
        single: list[Path] = []
        shifted: list[Guesses] = []
        aligned: list[Guesses] = []
        self.best = -np.inf
        triggered = bool(self.trigger.match(self.text, position))
        for path in paths:
            for new in self._go_on(path, position, end, eaten, triggered):
                if isinstance(new, Path):
                    single.append(new)
                    self.best = max(self.best, new.score)
                elif new.lead:
                    shifted.append(new)
                else:
                    aligned.append(new)
        many = most_likely(shifted, 2 * BEAM) + most_likely(aligned, 2 * ALIGNED_BEAM)
        self.work -= _PATH_WORK * (len(paths) + len(single) + len(many))
        return prune(single + many)

    def _go_on(
        self, path: Path, position: int, end: int, eaten: re.Match[str] | None, triggered: bool
    ) -> Iterator[Path | Guesses]:
        character = self.text[position]
        if not path.lead:
            yield from self._begin(path, position, end, eaten, triggered)
        elif eaten:
            yield from self._end_with_reading(path, end, eaten[1])
        elif _CONTROL.match(character):
            yield path
        elif character == "?":
            if triggered:
                # In a shifted stretch the question mark that was put in stands alone.
                yield path
            yield from self._lose_pair(path, position)
        elif character == EURO or character < "\x80":
            yield from self._put(path, EURO_BYTE if character == EURO else ord(character), 0, end)
            if character in _HALF_WIDTH:
                yield from self._put(path, _FULL_WIDTH_LEAD, ord(character) | EURO_BYTE, end)
        else:
            first, second = pairs().get(character, (0, 0))
            if second >= FIRST_LEAD:
                yield from self._put(path, first, second, end)
            elif second < EURO_BYTE:
                yield from self._put(path, first, 0, end, chr(second))

    def _begin(
        self, path: Path, position: int, end: int, eaten: re.Match[str] | None, triggered: bool
    ) -> Iterator[Path]:
        """Text in step goes on as it stands, or a shift begins here."""
        literal = path
        for character in self.text[position:end]:
            literal = self._emit(literal, _SENTENCE_END if character in _ASKED else character)
        cost = _LITERAL_READING if eaten else 0.0
        yield literal._replace(text="", score=literal.score + cost)
        shifted = path._replace(score=path.score + _DAMAGE, start=position, text="", partner=UNKNOWN)
        if triggered and not eaten:
            yield shifted._replace(lead=UNKNOWN)
        if eaten:
            trail = pairs().get(path.last, (0, 0))[1]
            for annotated in _read_as(trail, eaten[1]):
                lost = pairs()[annotated][1]
                if lost >= FIRST_LEAD:
                    yield shifted._replace(lead=lost, score=shifted.score + self._unlisted(annotated))

    def _put(self, path: Path, trail: int, lead: int, end: int, last: str = "") -> Iterator[Path | Guesses]:
        """Complete what waits for ``trail``; then ``lead`` waits, or ``last`` ends the stretch."""

        def finish(emitted: Path) -> Path:
            return self._in_step(self._emit(emitted, last) if last else emitted, end)

        if path.lead == UNKNOWN:
            yield from self._guess(path, self.sets.with_trail(trail), lead, finish)
            return
        known = characters().get((path.lead, trail))
        if known:
            emitted = self._emit(path, known)
            yield emitted._replace(lead=lead, partner=UNKNOWN) if lead else finish(emitted)

    def _end_with_reading(self, path: Path, end: int, reading: str) -> Iterator[Path]:
        """The lost trail byte belongs to a character that stood annotated, which brings the text in step."""
        if path.lead == UNKNOWN:
            found = [
                character
                for character in sorted(self.record.listed)
                if default_pronunciation(character) == reading and self._begins(path, character)
            ]
        else:
            found = list(_read_as(path.lead, reading))
        for character in found:
            closed = self._in_step(self._emit(path, character, annotated=True), end)
            yield closed._replace(score=closed.score + self._unlisted(character))

    def _lose_pair(self, path: Path, position: int) -> Iterator[Guesses]:
        """A trail byte and the next lead byte were lost together, or a trail byte and what was ASCII."""
        after = self.text[position + 1 : position + 2]

        def end_line(emitted: Path) -> Path:
            closed = self._in_step(emitted, position + 1)
            return closed._replace(score=closed.score + self.record.log_probability(closed.before, "\n"))

        def lose_value(emitted: Path) -> Path:
            return self._lose_value(emitted, position)

        def put_mark(mark: str) -> Callable[[Path], Path]:
            return lambda emitted: self._in_step(self._emit(emitted, mark), position + 1)

        candidates = self.sets.known() if path.lead == UNKNOWN else self.sets.with_lead(path.lead)
        if after in ("", "\n"):
            yield from self._guess(path, candidates, 0, end_line)
        if after:
            yield from self._guess(path, candidates, UNKNOWN, end_line)
            cost = _LOST_VALUE if after.isdigit() or after in tuple(".%") else _LOST_OTHER
            yield from self._guess(path, candidates, 0, lose_value, cost)
            for mark in () if after.isdigit() else _MARKS:
                yield from self._guess(path, candidates, 0, put_mark(mark), _LOST_MARK)

    def _guess(
        self,
        path: Path,
        candidates: Candidates,
        lead: int,
        finish: Callable[[Path], Path],
        cost: float = 0.0,
    ) -> Iterator[Guesses]:
        """Weigh all candidates at once and leave out those that are too unlikely."""
        self.work -= len(candidates.characters)
        scores = self.record.log_probabilities(path.before, candidates) + (path.score + cost)
        if path.lead == UNKNOWN and path.partner != UNKNOWN:
            scores = np.where(invalid_after(path.partner)[candidates.leads], scores, -np.inf)
        if lead == UNKNOWN or cost:
            scores = np.where(candidates.trails >= FIRST_LEAD, scores, -np.inf)
        best = float(scores.max(initial=-np.inf))
        if lead:
            best = self.best = max(self.best, best)
        places = np.flatnonzero(scores > best - WINDOW)
        if len(places):
            scores = scores[places]
            yield Guesses(path, candidates, scores, places, lead, finish)

    def _lose_value(self, path: Path, position: int) -> Path:
        """What was lost with the trail byte was ASCII: a digit that is told, else its "?" is flagged."""
        known = self.text[max(0, path.start - BEFORE) : path.start] + path.text
        digit = tell_digit(known, self.text[position + 1 : position + 1 + AFTER])
        if digit:
            told = self._in_step(self._emit(path, digit), position + 1)
            return told._replace(score=told.score + _TOLD)
        path = self._in_step(path, position)
        cost, before = self._cost(path, VALUE)
        lost = Replacement(position, position + 1, flagged=True)
        return path._replace(score=path.score + cost, before=before, last="?", found=(*path.found, lost))

    def _begins(self, path: Path, character: str) -> bool:
        pair = pairs().get(character)
        if not pair:
            return False
        return path.partner == UNKNOWN or (path.partner, pair[0]) not in characters()

    def _unlisted(self, character: str) -> float:
        return 0.0 if character in self.record.listed else UNLISTED

    def _cost(self, path: Path, character: str) -> tuple[float, str]:
        form = plain_forms().get(character, character)
        if form == VALUE and path.before[-1:] == VALUE:
            return 0.0, path.before
        return self.record.log_probability(path.before, form), (path.before + form)[-3:]

    def _emit(self, path: Path, character: str, annotated: bool = False) -> Path:
        cost, before = self._cost(path, character)
        shifted = path.lead and not annotated
        cost += self.record.shifted_cost(character) if shifted else self.record.form_cost(character)
        return Path(
            path.score + cost,
            before,
            character,
            path.lead,
            path.partner,
            path.start,
            path.text + character,
            path.found,
            path.gap,
        )

    def _in_step(self, path: Path, end: int) -> Path:
        restored = Replacement(path.start, end, path.text)
        return path._replace(lead=0, partner=UNKNOWN, text="", found=(*path.found, restored))


@lru_cache(maxsize=4096)
def _read_as(lead: int, reading: str) -> tuple[str, ...]:
    """The characters that begin with a byte and have a reading."""
    return tuple(one for _, one in by_lead().get(lead, ()) if default_pronunciation(one) == reading)
