"""The verbs' base: Typer commands with our own help pages and our own words for a wrong call."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import typer.main
from typer.core import TyperCommand, TyperGroup

from sartor.cli.pages import argument_name, page, usage
from sartor.cli.screen import screen
from sartor.errors import UsageError, nearest
from sartor.wording import form

if TYPE_CHECKING:
    from typer import Context

# Typer carries its own copy of Click, or in older releases used the real one: either way this is its usage error.
_ClickUsageError: type[Exception] = typer.BadParameter.__mro__[1]

Hints = tuple[tuple[str, str], ...]


def see_help(context: Context) -> tuple[str, str]:
    """Return the hint that names the help page."""
    return ("to see all", f"{context.command_path} --help")


def usage_error(error: Any, context: Context) -> UsageError:
    """Say in our words what is wrong with a call; `error` is one of Typer's."""
    at, kind, see = context, type(error).__name__, (see_help(context),)
    if kind == "NoSuchOption":
        near = nearest(error.option_name, _options(at))
        known = near if near and near[0][0] == "did you mean" else ()
        return UsageError(f"'{at.command_path}' has no option '{error.option_name}'", code="U030", hints=known + see)
    if kind == "MissingParameter":
        missing = argument_name(error.param) if error.param.param_type_name == "argument" else error.param.opts[0]
        mend = ("to mend", usage(cast("TyperCommand", at.command), at))
        return UsageError(f"'{at.command_path}' needs {missing}", code="U032", hints=(mend, *see))
    if kind == "BadOptionUsage":
        flag = _is_flag(error.option_name, at)
        wrong = "takes no value" if flag else "needs a value"
        return UsageError(f"option '{error.option_name}' {wrong}", code="U033", hints=see)
    if kind == "BadParameter" and error.param is not None:
        name = argument_name(error.param) if error.param.param_type_name == "argument" else error.param.opts[0]
        return UsageError(f"{name} {error.message}", code="U033", hints=see)
    return UsageError(error.message.rstrip(".").replace("\n", " "), code="U000", hints=see)


def _options(context: Context) -> list[str]:
    parameters = context.command.get_params(context)
    return [name for one in parameters if one.param_type_name == "option" for name in (*one.opts, *one.secondary_opts)]


def _is_flag(name: str, context: Context) -> bool:
    return any(getattr(one, "is_flag", False) for one in context.command.get_params(context) if name in one.opts)


class _Ours:
    """What a verb and a group of verbs have in common."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)  # type: ignore[misc, no-any-return]
        except _ClickUsageError as error:
            raise usage_error(error, ctx) from None

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, flags that nobody gave as False.

        Typer's own flags (--help, --install-completion) begin as None, and to read a None Typer loads pydantic, which
        takes longer than everything else that a help page needs.
        """
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in parameters:
            if getattr(parameter, "is_flag", False) and parameter.default is None:
                parameter.default = False
        return parameters

    def format_help(self, ctx: Any, formatter: Any) -> None:
        look = screen().out.look
        ctx.color = look.colour
        formatter.write(page(cast("Any", self), ctx, look, self.verbs()))

    def verbs(self) -> list[tuple[str, str]]:
        return []


class Verb(_Ours, TyperCommand):
    """One verb."""

    # Left over arguments are refused below, in our words.
    allow_extra_args = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse, and refuse what is left over."""
        rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise UsageError(
                f"'{ctx.command_path}' does not take the {form(len(rest), 'argument')} {', '.join(map(repr, rest))}",
                code="U034",
                hints=(("to mend", usage(self, ctx)), see_help(ctx)),
            )
        return rest


class VerbGroup(_Ours, TyperGroup):
    """Verbs below a verb, such as those of ``sartor recipes``."""

    def verbs(self) -> list[tuple[str, str]]:
        """Return the verbs with a line for each."""
        return [(name, (command.help or "").split("\n\n")[0]) for name, command in self.commands.items()]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; a group without a verb shows what there is, and is still a wrong call."""
        if not args and not ctx.resilient_parsing:
            screen().err.line(page(self, ctx, screen().err.look, self.verbs()))
            raise typer.Exit(UsageError.exit_code)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the verb, or say which was probably meant."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is not None:
            return name, command, args[1:]
        if ctx.resilient_parsing:
            return None, None, args[1:]
        if name.startswith("-"):
            raise UsageError(f"'{ctx.command_path}' has no option '{name}'", code="U030", hints=(see_help(ctx),))
        near = nearest(name, self.list_commands(ctx))
        raise UsageError(f"'{ctx.command_path}' has no verb '{name}'", code="U031", hints=(*near, see_help(ctx)))


class LazyVerbs(VerbGroup):
    """Verbs whose modules are imported when they are called.

    A subclass names them in `homes`: the verb's name, its module, and the line that ``--help`` shows without importing
    it. A module holds a Typer app called ``app``.
    """

    homes: dict[str, tuple[str, str]]

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the verbs' names."""
        return list(self.homes)

    def verbs(self) -> list[tuple[str, str]]:
        """Return the verbs with a line for each; imports none."""
        return [(name, about) for name, (_, about) in self.homes.items()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a verb."""
        if cmd_name not in self.homes:
            return None
        command = typer.main.get_command(import_module(self.homes[cmd_name][0]).app)
        command.name = cmd_name
        return command


def verb_app(**settings: Any) -> typer.Typer:
    """Return the Typer app of a verb's module: no rich, no completion options of its own."""
    usual: dict[str, Any] = {
        "add_completion": False,
        "rich_markup_mode": None,
        "pretty_exceptions_enable": False,
        "context_settings": {"help_option_names": ["--help", "-h"]},
    }
    return typer.Typer(**{**usual, **settings})
