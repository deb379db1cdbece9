"""STEPS: the table of all steps, and how they run on the texts of a batch.

First page layout is removed, then damage repaired, then invisible characters, spaces and the script are
normalised, then widths, quotes and redactions. Two steps need more than the text itself and run afterwards,
in ``flow``: passages, which are compared across all documents of a build, and evaluation texts.

The stages that are off by default in ``normalize`` are loaded when they first run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from hanpack.recipe_steps import Steps
from hanpack.step_tools import StepTools
from hanpack.steps.repair import find_damaged, repair_damage
from hanpack.steps.repair.perplexity import measure_likelihoods
from hanpack.steps.script.script_names import name_scripts
from hanpack.steps.texts import JoinedTexts, Texts
from hanpack.steps.traced import Traced
from hanpack.steps.typography import (
    compose,
    count_redactions,
    find_marked,
    find_spaced,
    find_untidy,
    join_all_characters,
    mend_quotes,
    remove_controls,
    replace_radicals,
    replace_redactions,
    restore_evasions,
    set_widths,
    tidy_all,
)

Run = Callable[[Sequence[Traced], StepTools], Sequence[Traced]]
# So many characters are 4 MB of GBK, 6 MB of UTF-8, in which the n-grams take several times the text.
LONG_TEXT = 2**21


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what its edits are named, what switches it on, and what it does.

    ``name`` is the value of ``edits.step`` in a build. ``keys`` are the keys below ``steps`` in a recipe that
    it reads, the first of which switches it on; a step without a key always runs. ``summary`` completes the
    sentence "this step …". ``kinds`` are the kinds its edits can have. ``by_default`` says whether it runs if
    the recipe does not mention it. Edits of a step with ``is_damage`` count as damage when the best of
    several copies is chosen, and so does what a step flags, if it ``flags_damage``.

    ``run`` is what it does to texts, to each by itself: steps that share a function are run together, at the
    first of their rows, which has the other fields; steps without a function run during decoding or after
    all the others. ``concerns`` looks at all texts of a batch and returns the indexes of those that ``run``
    may change; without it, each may be. ``note`` is what the step notes of all texts before it changes any.
    ``run_at_once`` does to a batch what ``run`` does to each text: for a step that knows what it will change
    once it knows which texts it concerns.
    """

    name: str
    summary: str
    kinds: tuple[str, ...]
    keys: tuple[str, ...] = ()
    by_default: bool = True
    is_damage: bool = False
    flags_damage: bool = True
    run: Run | None = None
    concerns: Callable[[JoinedTexts, StepTools], Iterable[int]] | None = None
    note: Callable[[Texts], Texts] | None = None
    run_at_once: Callable[[Texts, StepTools], Texts] | None = None

    def is_enabled(self, options: Steps) -> bool:
        """Whether a recipe switches it on."""
        return not self.keys or getattr(options, self.keys[0]) not in (False, None)

    def run_on(self, texts: Texts, tools: StepTools) -> Texts:
        """The texts of a batch after the step."""
        assert self.run is not None
        if self.run_at_once:
            return self.run_at_once(texts, tools)
        texts = self.note(texts) if self.note else texts
        concerned = self.concerns(texts.joined, tools) if self.concerns else range(len(texts.traced))
        run = self.run
        return texts.change(concerned, lambda traced: run(traced, tools))


def for_each(run: Callable[[Traced, StepTools], Traced]) -> Run:
    """What a step does to texts, made of what it does to one."""
    return lambda texts, tools: [run(traced, tools) for traced in texts]


def _find_pages(texts: JoinedTexts, _: StepTools) -> set[int]:
    from hanpack.steps.page.recognition import find_pages

    return find_pages(texts)


def _strip_pages(texts: Sequence[Traced], _: StepTools) -> list[Traced]:
    from hanpack.steps.page.stripping import strip_pages

    return strip_pages(texts)


@for_each
def _undo_layout(traced: Traced, tools: StepTools) -> Traced:
    """Undo the layout of pages, by default only in the text of a PDF file."""
    if not traced.has_printed_lines and tools.options.layout is not True:
        return traced
    from hanpack.steps.page.printed_pages import undo_layout

    return undo_layout(traced)


@for_each
def _repair_damage(traced: Traced, tools: StepTools) -> Traced:
    repaired = repair_damage(traced, tools.ngram_model)
    if len(traced.text) >= LONG_TEXT:
        # The steps after it take several times the size of a long text, but hardly ever the model.
        tools.ngram_model.forget_table()
    return repaired


def _note_scripts(texts: Texts) -> Texts:
    names = zip(texts.traced, name_scripts(texts.joined), strict=True)
    return Texts([traced.with_script(name) for traced, name in names], texts.joined)


def _find_script_concerned(texts: JoinedTexts, tools: StepTools) -> set[int]:
    marked = find_marked(texts)
    return tools.converter.find_convertible(texts) | marked if tools.converter else marked


def _convert_scripts(texts: Sequence[Traced], tools: StepTools) -> list[Traced]:
    """Convert the script; the redactions are counted here, before any punctuation is changed."""
    converted = tools.converter.convert_all(texts) if tools.converter else texts
    return [_note_redactions(traced) for traced in converted]


def _note_redactions(traced: Traced) -> Traced:
    count = sum(count_redactions(traced.text).values())
    return traced.with_metadata({"redactions": count} if count else {})


def _find_untidy(texts: JoinedTexts, _: StepTools) -> set[int]:
    return find_untidy(texts) | find_spaced(texts)


def _tidy_spaces(texts: Sequence[Traced], tools: StepTools) -> list[Traced]:
    measure = partial(measure_likelihoods, tools.ngram_model)
    return join_all_characters(tidy_all(texts), measure)


@for_each
def _replace_redactions(traced: Traced, tools: StepTools) -> Traced:
    return replace_redactions(traced, tools.options.redactions or "")


@for_each
def _mark_personal_data(traced: Traced, tools: StepTools) -> Traced:
    from hanpack.steps.personal import mark_personal_data

    action = tools.options.personal
    return mark_personal_data(traced, action) if action else traced


def _mark_all_personal_data(texts: Texts, tools: StepTools) -> Texts:
    from hanpack.steps.personal import mark_all_personal_data

    action = tools.options.personal
    return mark_all_personal_data(texts, action) if action else texts


STEPS = (
    Step(
        "decode",
        "removes a byte order mark, and bytes that give no character; replaces invalid bytes and halves of "
        "surrogate pairs by U+FFFD",
        ("removed", "replaced"),
    ),
    Step(
        "separator",
        "removes what ends a record: a line break, blank lines, the comma or bracket of a list",
        ("removed",),
    ),
    Step(
        "unwrap",
        "removes the JSON or CSV around the text of a record; puts line breaks between several strings",
        ("removed", "inserted"),
    ),
    Step(
        "docx",
        "reduces the XML of a Word document to its text; headings, lists, tables and notes become Markdown",
        ("removed", "replaced", "inserted"),
    ),
    Step(
        "html",
        "reduces an HTML page to its main text; entities become characters, blocks become lines, tables, "
        "lists and code become Markdown",
        ("removed", "replaced", "inserted", "flagged"),
        ("page",),
        run=_strip_pages,
        concerns=_find_pages,
    ),
    Step(
        "page",
        "removes what a forum or site printed around a text",
        ("removed", "replaced"),
        ("page",),
        run=_strip_pages,
    ),
    Step(
        "layout",
        "removes page headers, footers, page numbers, tables of contents and the navigation of books; joins "
        "the lines of a paragraph of printed pages",
        ("removed", "replaced"),
        ("layout",),
        run=_undo_layout,
    ),
    Step(
        "mojibake",
        "restores text that was decoded with the wrong encoding; flags what of it lost bytes",
        ("replaced", "flagged"),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
        concerns=lambda texts, _: find_damaged(texts),
    ),
    Step(
        "lossy",
        "flags what is lost for good: 锟斤拷, U+FFFD, a ? in place of a character, line breaks within a "
        "sentence",
        ("flagged",),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
    ),
    Step(
        "pinyin",
        "removes pinyin that a scraper inserted after characters",
        ("removed", "replaced"),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
    ),
    Step(
        "shift",
        "restores characters that were shifted by a byte; flags what is uncertain or takes too much work",
        ("replaced", "flagged"),
        ("repair",),
        is_damage=True,
        run=_repair_damage,
    ),
    Step(
        "controls",
        "removes control and zero-width characters, also as written-out escapes",
        ("removed", "replaced"),
        ("controls",),
        by_default=False,
        run=for_each(lambda traced, _: remove_controls(traced)),
    ),
    Step(
        "nfc",
        "composes characters (Unicode NFC); radicals in words become ideographs",
        ("replaced",),
        ("nfc",),
        by_default=False,
        run=for_each(lambda traced, _: replace_radicals(compose(traced))),
    ),
    Step(
        "spaces",
        "removes indents but those of code, lists and poems, trailing spaces, superfluous blank lines, and "
        "blanks between characters that were recognised one by one",
        ("removed", "replaced"),
        ("spaces",),
        run=_tidy_spaces,
        concerns=_find_untidy,
    ),
    Step(
        "script",
        "converts the script",
        ("replaced",),
        ("script", "phrases"),
        run=_convert_scripts,
        concerns=_find_script_concerned,
        note=_note_scripts,
    ),
    Step(
        "width",
        "sets full-width and half-width characters; flags a text that changes again and again",
        ("replaced", "flagged"),
        ("width",),
        by_default=False,
        run=for_each(lambda traced, _: set_widths(traced)),
    ),
    Step(
        "quotes",
        "turns quotation marks that face the wrong way",
        ("replaced",),
        ("quotes",),
        by_default=False,
        run=for_each(lambda traced, _: mend_quotes(traced)),
    ),
    Step(
        "evasion",
        "restores 党 where D was written for it",
        ("replaced",),
        ("evasions",),
        by_default=False,
        run=for_each(lambda traced, _: restore_evasions(traced)),
    ),
    Step(
        "redaction",
        "replaces redactions (XX, ***)",
        ("replaced",),
        ("redactions",),
        by_default=False,
        run=_replace_redactions,
        concerns=lambda texts, _: find_marked(texts),
    ),
    Step(
        "personal",
        "flags personal data (identity, telephone, QQ, card and passport numbers, plates, e-mail, IP and "
        "home addresses, access tokens), or replaces it by its kind if the recipe says so",
        ("replaced", "flagged"),
        ("personal",),
        flags_damage=False,
        run=_mark_personal_data,
        run_at_once=_mark_all_personal_data,
    ),
    Step(
        "withdrawal",
        "removes the passages of withdrawn texts",
        ("removed",),
    ),
    Step(
        "passages",
        "removes or flags sentences that a preferred document (less damaged, longer or earlier) has too, if "
        "the recipe says so; a document that consists only of such sentences is only flagged",
        ("removed", "flagged"),
    ),
    Step(
        "decontamination",
        "flags the evaluation texts of the recipe in documents that contain them",
        ("flagged",),
    ),
)

# The first row of each function, in the order of the table.
ROWS_TO_RUN = tuple({step.run: step for step in reversed(STEPS) if step.run is not None}.values())[::-1]
_DAMAGE_STEPS = frozenset(step.name for step in STEPS if step.is_damage)
_FLAGS_OF_DAMAGE = frozenset(step.name for step in STEPS if step.flags_damage)


def prepare(traced: Traced, tools: StepTools) -> Traced:
    """Run every step that needs only the text itself, in order, on one text.

    Raises:
        ImportError: it is an HTML page, and the library for it is not installed.
    """
    (prepared,) = run_steps([traced], tools).traced
    return prepared


def run_steps(texts: Sequence[Traced], tools: StepTools) -> Texts:
    """Run every step that needs only the text itself, in order: each on all texts before the next.

    Raises:
        ImportError: one is an HTML page, and the library for it is not installed.
    """
    batch = Texts(texts)
    for step in ROWS_TO_RUN:
        if step.is_enabled(tools.options):
            batch = step.run_on(batch, tools)
    return batch


def count_damage(traced: Traced) -> int:
    """How many of the edits of a text undid damage, or flagged it."""
    count = 0
    for block in traced.edits.blocks:
        if block.step in _DAMAGE_STEPS:
            count += len(block.kinds)
        elif block.step in _FLAGS_OF_DAMAGE:
            count += block.kinds.count("flagged")
    return count


def count_damage_left(traced: Traced) -> int:
    """How many of the edits of a text flag damage that could not be undone."""
    count = 0
    for block in traced.edits.blocks:
        if block.step in _DAMAGE_STEPS:
            count += block.kinds.count("flagged")
    return count
