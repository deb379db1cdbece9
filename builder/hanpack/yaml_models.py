"""The pydantic models of what is written in YAML: an error names the key and its choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Strict, ValidationError

from hanpack.wording import list_choices, suggest

# The encodings in which Chinese texts are stored, of all that Python has.
_ENCODINGS = (
    *("utf-8", "gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp950", "hz"),
    *("utf-16", "utf-16-le", "utf-16-be", "utf-32"),
)

# What a value must be, by the type of pydantic's error; a bound of it is put into the braces.
_DEMANDS = {
    "bool_type": "it must be true or false, without quotation marks",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "finite_number": "it must be a number",
    "string_type": "it must be text; numbers and days need quotation marks",
    "list_type": "it must be a list, such as [{value}]",
    "tuple_type": "it must be a list, such as [{value}]",
    "dict_type": "it must be keys with values, such as {{key: value}}",
    "missing": "the key is missing",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than_equal": "it must be at most {le:g}",
    "greater_than": "it must be more than {gt:g}",
    "less_than": "it must be less than {lt:g}",
    "too_short": "the list must not be empty",
    "string_too_short": "it must not be empty",
    "string_too_long": "it must have at most {max_length} characters",
}
# What is said of a record whose text would be several columns.
SEVERAL_COLUMNS = (
    "the text is one column, text_column; to join several, make records of them in Python: "
    'hanpack.build([{"text": row["A"] + "\\n" + row["B"]} for row in rows], out="dist/NAME")'
)
_NO_VALUE = "it has no value: write one after the colon, or leave the key out"
NAME_PATTERN = r"^\w[\w.-]*$"
TABLE_PATTERN = r"^chunks_[a-z0-9_]{1,40}$"
_PATTERN_DEMANDS = {
    NAME_PATTERN: "it may have letters, digits, dots, hyphens and underscores, but no blanks and no slashes",
    TABLE_PATTERN: "it must be chunks_ with a name of lower-case letters and digits, such as chunks_small",
}
_YAML_WORDS: dict[object, str] = {None: "null", True: "true", False: "false"}
# true or false: the words 'yes' and 'no' in quotation marks are texts, and no switch.
Switch = Annotated[bool, Strict()]


class Model(BaseModel):
    """Keys of a recipe or of a part of it: an unknown key is an error, and its values cannot be changed."""

    # What checks the values is made for the model that is used, not also for each of its parts: 20 ms less.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class StrictModel(BaseModel):
    """Exactly these keys, and values of exactly these types: a number is not read from a string."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def check_encoding(name: str) -> str:
    """Return ``name`` if Python has a text encoding of that name.

    >>> check_encoding("gb18030")
    'gb18030'

    Raises:
        ValueError: there is no such encoding, or it does not encode text.
    """
    try:
        "a".encode(name)
    except LookupError as error:
        raise ValueError(f"unknown encoding; {list_choices(name, _ENCODINGS)}") from error
    return name


def list_all_keys(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a model and of all models inside it.

    >>> from pydantic import create_model
    >>> size = create_model("Size", tokens=(int, 1))
    >>> sorted(list_all_keys(create_model("Page", sizes=(list[size], []))))
    ['sizes', 'tokens']
    """
    inner = (found for field in model.model_fields.values() for found in _find_models(field.annotation))
    return frozenset(model.model_fields).union(*map(list_all_keys, inner))


def list_faults(error: ValidationError, model: type[BaseModel]) -> tuple[str, ...]:
    r"""What is wrong with the content of a model: for each key the possible values and the value.

    >>> class Size(BaseModel, extra="forbid"):
    ...     tokens: int
    >>> try:
    ...     Size.model_validate({"tokens": "many", "token": 5})
    ... except ValidationError as error:
    ...     print(*list_faults(error, Size), sep="\n")  # doctest: +ELLIPSIS
    tokens: it must be a whole number (given: 'many')
    token: unknown key; did you mean tokens? ...
    """
    faults: dict[str, str] = {}
    for fault in error.errors():
        # pydantic puts the names of the branches of a union among the keys.
        keys = [
            str(part)
            for part in fault["loc"]
            if (str(part).isidentifier() or str(part).isdecimal()) and part != "bool"
        ]
        if fault["type"] == "extra_forbidden" and not str(fault["loc"][-1]).isidentifier():
            keys.append(repr(fault["loc"][-1]))
        key = ".".join(keys) or "recipe"
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = f"unknown key; {_advise_on_key(str(fault['loc'][-1]), model, fault['loc'][:-1])}"
        elif fault["type"] == "literal_error":
            choices = re.findall(r"'([^']*)'", str(fault["ctx"]["expected"]))
            # The other branch of the union is a switch.
            choices += ["true", "false"] if key in faults else []
            message = f"unknown value; {list_choices(str(fault['input']), choices)}"
        elif fault["type"] in ("model_type", "model_attributes_type"):
            message = _ask_for_keys(str(fault["input"]), _list_keys(model, fault["loc"]))
        elif fault["type"] == "string_pattern_mismatch":
            pattern = fault["ctx"]["pattern"]
            message = _PATTERN_DEMANDS.get(pattern, f"it must match the pattern {pattern}")
        elif keys[-1:] == ["text_column"] and isinstance(fault["input"], list):
            message = SEVERAL_COLUMNS
        elif demand := _DEMANDS.get(fault["type"]):
            demand = _NO_VALUE if fault["input"] is None else demand
            example = fault["input"] if isinstance(fault["input"], str) else "a, b"
            message = demand.format(**fault.get("ctx", {}), value=example)
        value = fault["input"]
        has_value = fault["type"] not in ("missing", "extra_forbidden") and not isinstance(value, dict | list)
        # Each branch of a union has a fault: the last one names the values.
        faults[key] = message + (f" (given: {_write_value(value)})" if has_value else "")
    return tuple(f"{key}: {message}" for key, message in faults.items())


def _advise_on_key(key: str, model: type[BaseModel], loc: Sequence[int | str]) -> str:
    """The keys that may stand at a place instead of an unknown key, or the section that it belongs to."""
    keys = _list_keys(model, loc)
    if key == "text_columns" and "text_column" in keys:
        return SEVERAL_COLUMNS
    sections = [name for name in model.model_fields if key in _list_keys(model, [name])]
    if sections and not suggest(key, keys):
        return f"it belongs under {sections[0]}, one step further to the right"
    return list_choices(key, keys)


def _write_value(value: object) -> str:
    """A value as YAML writes it, with quotation marks if it is text."""
    return _YAML_WORDS[value] if value is None or isinstance(value, bool) else repr(value)


def _ask_for_keys(value: str, keys: Sequence[str]) -> str:
    """What to write where a value stands in place of keys: the key that it begins with, or any."""
    first = next((key for key in keys if value.split(maxsplit=1)[:1] == [key]), keys[0])
    needed = f"keys with values must stand here, with a colon, such as {{{first}: VALUE}}"
    return f"{needed}; possible are {', '.join(keys)}"


def _list_keys(model: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """The keys that a model may have at a place inside it."""
    models: list[type[BaseModel]] = [model]
    for part in loc:
        annotations = [outer.model_fields[str(part)] for outer in models if str(part) in outer.model_fields]
        # Other parts are positions in lists, names of tables and branches of unions.
        models = [inner for field in annotations for inner in _find_models(field.annotation)] or models
    return [key for inner in models for key in inner.model_fields]


def _find_models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type, such as that of a list of models."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _find_models(argument)
