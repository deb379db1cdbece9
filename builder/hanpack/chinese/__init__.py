"""Messages and help in Chinese, if the locale is Chinese: Traditional for Taiwan, Hong Kong and Macao.

The tables of this folder have the English sentences with their fields, as gettext catalogues do. They are
loaded only if the locale is Chinese.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from hanpack.lazy_patterns import compile_lazily

_FIELD = compile_lazily(r"\{(\w*)\}")
_COUNT = compile_lazily(r"(?<![\d,])([\d,]+) ([a-z ]+)")
# Fields with names, of files, steps and tables: they stay, even if a label is the same word.
_NAMES = frozenset(
    ("code", "command", "id", "ids", "name", "path", "source", "split", "splits", "step", "table", "tables")
)
# The fields that are lists of names or keys, which Chinese separates by another comma.
_LISTS = frozenset(("keys", "names", "parts"))
_NUMBER = compile_lazily(r"[\d,.]+")
_TRADITIONAL = ("zh_tw", "zh_hk", "zh_mo", "zh_hant", "zh-tw", "zh-hk", "zh-mo", "zh-hant")


def find_language(environment: Mapping[str, str] = os.environ) -> str:
    """The language of messages by the variables of POSIX: ``hans``, ``hant``, or empty for English.

    As in gettext, ``LANGUAGE`` is a list of languages that precedes the locale, and is ignored in the locales
    C and POSIX; other than there, C.UTF-8 is not one of these, since it is what containers have.

    >>> find_language({"LANG": "zh_CN.UTF-8"}), find_language({"LANG": "zh_CN", "LC_ALL": "C"})
    ('hans', '')
    >>> find_language({"LANG": "C.UTF-8", "LANGUAGE": "zh_TW:zh"})
    'hant'
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    preferred = environment.get("LANGUAGE", "").split(":") if locale not in ("C", "POSIX") else []
    languages = (language.lower() for language in (*preferred, locale))
    language = next((name for name in languages if name.startswith(("en", "zh"))), "")
    if not language.startswith("zh"):
        return ""
    return "hant" if language.startswith(_TRADITIONAL) else "hans"


def find_page_language() -> str:
    """The language of pages as HTML names it: ``en``, ``zh-Hans`` or ``zh-Hant``."""
    language = find_language()
    return f"zh-{language.title()}" if language else "en"


def translate(message: str) -> str:
    """A message in the language of the locale; one without an entry in the tables stays as it is."""
    language = find_language()
    return _translate(message, language) if language else message


def name_step(step: str) -> str:
    """The name of a step for a person: in Chinese its meaning, with the name that recipes and tables have.

    >>> name_step("spaces")
    'spaces'
    """
    return _name_with_meaning("STEP_NAMES", step)


def name_script(script: str) -> str:
    """The name of a script for a person, as that of a step."""
    return _name_with_meaning("SCRIPT_NAMES", script)


def name_shape(shape: str) -> str:
    """The name of a shape of records for a person, as that of a step."""
    return _name_with_meaning("SHAPE_NAMES", shape)


def _name_with_meaning(table: str, name: str) -> str:
    language = find_language()
    if not language:
        return name
    from hanpack.chinese import steps

    meaning = getattr(steps, table).get(name)
    return f"{_write(meaning, language)}（{name}）" if meaning else name


def join_label(label: str, value: str) -> str:
    """A value after its translated label, with the colon of the language.

    >>> join_label("raw", "a.txt")
    'raw: a.txt'
    """
    return f"{translate(label)}{'：' if find_language() else ': '}{value}"


def join_place(place: str, sentence: str) -> str:
    """A sentence, already translated, after the place that it is about; a name of one word stays as it is.

    >>> join_place("rejected", "the folder is empty")
    'rejected: the folder is empty'
    """
    language = find_language()
    return f"{_translate_name_of_place(place, language)}：{sentence}" if language else f"{place}: {sentence}"


def _translate_name_of_place(place: str, language: str) -> str:
    """The place of a record or a key in words; one word is the name of a file, a folder or an argument."""
    return _translate(place, language) if " " in place else place


def translate_to(language: str, message: str) -> str:
    """A message in a language, as :func:`find_language` names it."""
    return _translate(message, language) if language else message


def translate_help(command: Any) -> None:
    """Replace the help of a command, its options and its subcommands by that in the language of the locale.

    ``command`` is a command of click.
    """
    language = find_language()
    if not language:
        return
    from hanpack.chinese.help_texts import HELP

    for holder in (command, *command.params):
        for name in ("help", "epilog", "short_help"):
            text = getattr(holder, name, None)
            if text in HELP:
                setattr(holder, name, _write(HELP[text], language))
    get_option = command.get_help_option

    def get_translated(context: Any) -> Any:
        option = get_option(context)
        if option is not None and option.help in HELP:
            option.help = _write(HELP[option.help], language)
        return option

    # The option for help is made when it is asked for.
    command.get_help_option = get_translated
    for subcommand in getattr(command, "commands", {}).values():
        translate_help(subcommand)


def translate_titles() -> None:
    """Replace the titles that typer prints around help; long lines of Chinese are folded and not cut off."""
    language = find_language()
    if not language:
        return
    from typer import rich_utils

    titles = {
        "ARGUMENTS_PANEL_TITLE": "参数",
        "OPTIONS_PANEL_TITLE": "选项",
        "COMMANDS_PANEL_TITLE": "命令",
        "DEFAULT_STRING": "[默认：{}]",
        "REQUIRED_LONG_STRING": "[必需]",
    }
    for name, title in titles.items():
        setattr(rich_utils, name, _write(title, language))
    # Rich breaks lines between words only, and shortens a word that is too long: Chinese has no blanks.
    make_text = getattr(rich_utils, "_make_rich_text", None)
    if make_text is None:
        return

    def make_folded_text(**options: Any) -> Any:
        text = make_text(**options)
        text.overflow = "fold"
        return text

    setattr(rich_utils, "_make_rich_text", make_folded_text)  # noqa: B010 (mypy refuses the assignment)


def translate_script() -> dict[str, str]:
    """The texts of the script of a report in the language of the locale, by their English; empty in English."""
    language = find_language()
    if not language:
        return {}
    from hanpack.chinese.report import SCRIPT

    return {english: _write(chinese, language) for english, chinese in SCRIPT.items()}


def _translate(message: str, language: str) -> str:
    from hanpack.chinese.report import PAGE
    from hanpack.chinese.screens import LABELS
    from hanpack.chinese.words import NOUNS, WORDS

    word = LABELS.get(message) or WORDS.get(message) or PAGE.get(message)
    if word:
        return _write(word, language)
    if counted := _COUNT.fullmatch(message):
        noun = NOUNS.get(counted[2]) or NOUNS.get(counted[2].removesuffix("s"))
        if noun or counted[2] in WORDS:
            word = _write(noun or WORDS[counted[2]], language)
            # A measure word follows a number; the state of so many records comes before it.
            return f"{counted[1]} {word}" if noun else f"{word} {counted[1]}"
    # A sentence without fields is meant before one whose field would take a part of it.
    if plain := _list_plain_sentences().get(message):
        return _write(plain, language)
    for english, chinese in _list_sentences():
        values = match_fields(english, message)
        if values is not None:
            translated = {
                name: value if name in _NAMES else _translate_list(value, language, is_list=name in _LISTS)
                for name, value in values.items()
            }
            return _write(chinese, language).format(**translated)
    return message


@cache
def _list_sentences() -> tuple[tuple[str, str], ...]:
    """All sentences with fields, in English and in Chinese; the first that matches a message is used."""
    from hanpack.chinese.details import DETAILS
    from hanpack.chinese.errors import ERRORS
    from hanpack.chinese.file_errors import FILE_ERRORS
    from hanpack.chinese.findings import FINDINGS
    from hanpack.chinese.hints import HINTS
    from hanpack.chinese.messages import MESSAGES
    from hanpack.chinese.reasons import list_reasons
    from hanpack.chinese.report import PAGE_SENTENCES
    from hanpack.chinese.screens import SCREENS

    special = (*MESSAGES, *HINTS, *ERRORS, *SCREENS, *PAGE_SENTENCES, *list_reasons(), *FINDINGS)
    return (*special, *FILE_ERRORS, *DETAILS)


@cache
def _list_plain_sentences() -> dict[str, str]:
    """The sentences without fields, in Chinese by their English."""
    return {english: chinese for english, chinese in _list_sentences() if not _FIELD.search(english)}


def _translate_list(value: str, language: str, *, is_list: bool = False) -> str:
    """The value of a field; of a list with semicolons or commas each part, if all have translations."""
    whole = _translate(value, language)
    if whole != value:
        return whole
    for separator, chinese in (("; ", "；"), (", ", "，")):
        parts = value.split(separator)
        translated = [_translate_place(part, language) for part in parts]
        if len(parts) > 1 and all(new != old for new, old in zip(translated, parts, strict=True)):
            return chinese.join(translated)
    return value.replace(", ", "、") if is_list else _translate_place(value, language)


def _translate_place(value: str, language: str) -> str:
    """A sentence, which a place may precede: the file and the row that it is about."""
    whole = _translate(value, language)
    place, colon, sentence = value.partition(": ")
    if whole != value or not colon:
        return whole
    translated = _translate(sentence, language)
    return f"{_translate_name_of_place(place, language)}：{translated}" if translated != sentence else value


def match_fields(sentence: str, message: str) -> dict[str, str] | None:
    """The values of the fields of a sentence in a message; None if the message is another sentence.

    >>> match_fields("{path}: {number} files", "a: 1,200 files"), match_fields("{path}: {number} files", "a: b files")
    ({'path': 'a', 'number': '1,200'}, None)

    The first field takes as little as it can: the text between fields is looked for from left to right. The
    value of a field whose name ends with ``number`` is a number, with commas or without.
    """
    texts = _FIELD.split(sentence)
    names, fixed = texts[1::2], texts[::2]
    if not message.startswith(fixed[0]) or not message.endswith(fixed[-1]):
        return None
    if not names:
        return {} if message == sentence else None
    values: dict[str, str] = {}
    position = len(fixed[0])
    last = len(message) - len(fixed[-1])
    for name, text in zip(names[:-1], fixed[1:-1], strict=True):
        end = message.find(text, position, last)
        if end < 0:
            return None
        values[name] = message[position:end]
        position = end + len(text)
    if position > last:
        return None
    values[names[-1]] = message[position:last]
    numbers = (value for name, value in values.items() if name.endswith("number"))
    return values if all(_NUMBER.fullmatch(value) for value in numbers) else None


@cache
def _write(chinese: str, language: str) -> str:
    """A sentence of the tables in the characters of a language; its fields keep their names."""
    if language == "hans":
        return chinese
    from opencc import OpenCC

    return str(OpenCC("s2twp").convert(chinese))
