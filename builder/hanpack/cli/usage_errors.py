"""Errors of the parser of arguments as hanpack's own: what is wrong, for which command, and what to do."""

from __future__ import annotations

from typing import Any

from hanpack.errors import UsageError
from hanpack.wording import format_count, suggest

# What the parser says about a value, up to the number that may follow, and what the value must be.
_DEMANDS = (
    ("Input should be greater than or equal to ", "it must be at least {}"),
    ("Input should be less than or equal to ", "it must be at most {}"),
    ("Input should be a valid integer", "it must be a whole number"),
    ("Input should be a valid number", "it must be a number"),
    ("Input should be a valid boolean", "it must be true or false"),
)


def explain_usage(error: Any) -> UsageError:
    """The error of hanpack for one that typer raises while it reads the arguments.

    An error is known by the name of its class, because typer does not export the classes.
    """
    context = error.ctx
    command = context.command_path if context else "hanpack"
    explain = _EXPLAINERS.get(type(error).__name__, _explain_others)
    what, todo = explain(error)
    hint = f"{command} -h shows how to use it"
    return UsageError(what, command, todo or hint)


def _explain_option(error: Any) -> tuple[str, str]:
    options = [name for parameter in error.ctx.command.params for name in parameter.opts if name[:2] == "--"]
    return f"there is no option {error.option_name}", suggest(error.option_name, options)


def _explain_missing(error: Any) -> tuple[str, str]:
    parameter = error.param
    name = parameter.opts[0] if parameter.param_type_name == "option" else _name_argument(parameter)
    return f"{name} is missing", parameter.help or ""


def _name_argument(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper()).strip("{}[]")


def _explain_value(error: Any) -> tuple[str, str]:
    message = error.message
    demand = next((words for beginning, words in _DEMANDS if message.startswith(beginning)), "")
    name = error.param.opts[0] if error.param else ""
    value = demand.format(message.rpartition(" ")[2]) if demand else message
    return f"the value of {name} cannot be used", value


def _explain_option_use(error: Any) -> tuple[str, str]:
    needs_value = "requires" in error.message
    option = error.option_name
    return (f"{option} needs a value" if needs_value else f"{option} has no value"), ""


def _explain_others(error: Any) -> tuple[str, str]:
    """A command that does not exist, or arguments that are too many."""
    commands = getattr(error.ctx.command, "commands", None) if error.ctx else None
    if commands and (arguments := [word for word in error.message.split("'")[1:2] if word]):
        return f"there is no command {arguments[0]}", suggest(arguments[0], commands)
    extra = error.message.partition("(s) (")[2].rstrip(")").split()
    if extra:
        return f"{format_count(len(extra), 'argument')} too many: {' '.join(extra)}", ""
    return str(error.format_message()), ""


_EXPLAINERS = {
    "NoSuchOption": _explain_option,
    "MissingParameter": _explain_missing,
    "BadParameter": _explain_value,
    "BadOptionUsage": _explain_option_use,
}
