"""Reads YAML: a repeated key is refused, and an error says where it is and what to do."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import yaml


def read_yaml(text: str) -> Any:
    r"""The value of a YAML document.

    >>> read_yaml("name: demo\nsteps: {script: hans}")
    {'name': 'demo', 'steps': {'script': 'hans'}}

    Raises:
        yaml.YAMLError: it is not YAML, or a key is given twice.
    """
    return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)


def describe_yaml_error(error: yaml.YAMLError | ValueError) -> str:
    r"""What is wrong with a text that is not YAML, and where, on one line.

    >>> try:
    ...     read_yaml("a: 1\nb: c: 2")
    ... except yaml.YAMLError as error:
    ...     describe_yaml_error(error)
    'line 2, column 5: mapping values are not allowed here'
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).replace('in "<unicode string>", ', "").split())
    mark, beginning = error.problem_mark, error.context_mark
    context = f" ({error.context} from line {beginning.line + 1})" if error.context and beginning else ""
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}{context}"


def advise_on_yaml(fault: str) -> str:
    """What to do about a fault that :func:`describe_yaml_error` describes.

    >>> advise_on_yaml("line 3, column 1: the key 'name' is given twice")
    'keep one of the two, and run again'
    """
    if fault.endswith("is given twice"):
        return "keep one of the two, and run again"
    if "character '\\t'" in fault:
        return "indent with spaces, not with tabs"
    return "correct the file; values with a colon, a brace or a # need quotation marks"


class _UniqueKeys(yaml.SafeLoader):
    """A YAML loader that refuses a repeated key; PyYAML would use the last value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
