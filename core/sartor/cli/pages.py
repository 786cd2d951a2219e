"""What ``--help`` shows: how it is called, what it does, its arguments and options, and what to type next."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sartor.cli.look import STRONG, TYPED, Look, cells, pad, wrap

if TYPE_CHECKING:
    from typer import Context
    from typer.core import TyperCommand, TyperGroup

_LEFT = 2
_WIDEST_NAME = 28
_WIDEST_TEXT = 100

Line = tuple[str, str]
"""What is typed, and what it does."""


def page(command: TyperCommand | TyperGroup, context: Context, look: Look, verbs: Sequence[Line] = ()) -> str:
    """Return the help of a verb, or of a group of verbs.

    Parameters
    ----------
    command : TyperCommand or TyperGroup
    context : Context
    look : Look
    verbs : sequence of (name, what it does)
        The group's verbs.

    Returns
    -------
    str
        Lines, the last without its end.
    """
    first, *rest = (inspect.cleandoc(command.help or "")).split("\n\n")
    blocks = [[look.paint(line) for line in _words(first, look)]] if first else []
    blocks.append([f"{look.paint('usage', STRONG)}  {look.paint(usage(command, context), TYPED)}"])
    parameters = [parameter for parameter in command.get_params(context) if not getattr(parameter, "hidden", False)]
    sections = [
        ("arguments", [_argument(one) for one in parameters if one.param_type_name == "argument"]),
        ("verbs", list(verbs)),
        ("options", [_option(one) for one in parameters if one.param_type_name == "option"]),
    ]
    widest = max([cells(name) for _, lines in sections for name, _ in lines if cells(name) <= _WIDEST_NAME] or [0])
    for title, lines in sections:
        if lines:
            blocks.append([look.paint(title, STRONG), *_list(lines, widest, look)])
    blocks += [_paragraph(text, look) for text in rest]
    return "\n\n".join("\n".join(block) for block in blocks)


def usage(command: TyperCommand | TyperGroup, context: Context) -> str:
    """Return how it is called, such as ``sartor recipes copy NAME [TARGET] [OPTIONS]``."""
    words = [context.command_path]
    for parameter in command.get_params(context):
        if parameter.param_type_name == "argument" and not getattr(parameter, "hidden", False):
            name = argument_name(parameter)
            words.append(name if parameter.required else f"[{name}]")
    if hasattr(command, "commands"):
        words.append("VERB")
    return " ".join([*words, "[OPTIONS]"])


def argument_name(parameter: Any) -> str:
    """Return an argument as the help calls it: ``RECIPE``, or ``RECIPE...`` where several may stand."""
    name = parameter.metavar or parameter.name.upper()
    return f"{name}..." if parameter.nargs != 1 and not name.endswith("...") else name


def _argument(parameter: Any) -> Line:
    return argument_name(parameter), parameter.help or ""


def _option(parameter: Any) -> Line:
    # The short form after the long one: the eye looks for words.
    names = ", ".join(sorted([*parameter.opts, *parameter.secondary_opts], key=len, reverse=True))
    if not parameter.is_flag:
        names += f" {parameter.metavar or parameter.name.upper()}"
    text = "Show this page." if "--help" in parameter.opts else parameter.help or ""
    default = parameter.default
    shown = parameter.show_default and default is not None and not parameter.is_flag and not callable(default)
    return names, f"{text} [{default}]" if shown and default != [] else text


def _list(lines: Sequence[Line], widest: int, look: Look) -> list[str]:
    shown: list[str] = []
    left = _LEFT + widest + 2
    for name, text in lines:
        first, *rest = _words(text, look, left)
        begin = " " * _LEFT + look.paint(name, TYPED)
        if cells(name) > widest:
            shown.append(begin)
            begin = ""
        shown.append(f"{pad(begin, left)}{first}".rstrip())
        shown += [" " * left + line for line in rest]
    return shown


def _words(text: str, look: Look, left: int = 0) -> list[str]:
    words = look.text(" ".join(text.split()))
    return wrap(words, max(24, min(look.width, _WIDEST_TEXT) - left))


def _paragraph(text: str, look: Look) -> list[str]:
    """Fold a paragraph; what is indented stands as it is, to be typed."""
    if text.startswith("  "):
        return [look.paint(line, TYPED) for line in text.splitlines()]
    return _words(text, look)
