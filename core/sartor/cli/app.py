"""The command ``sartor``: its verbs and the options that stand before them."""

from __future__ import annotations

from typing import Annotated

import typer

from sartor.cli.screen import screen
from sartor.cli.verbs import LazyVerbs, verb_app


class Sartor(LazyVerbs):
    """All verbs; to add one, write its module and name it here."""

    homes = {  # noqa: RUF012 - read only
        "run": ("sartor.cli.run", "Run a recipe, from raw tables to decisions."),
        "predict": (
            "sartor.cli.predict",
            "Answer new data with a recorded run: a line a row, in the order of the data.",
        ),
        "export": (
            "sartor.cli.export",
            "Write a model of a recorded run as a file for use elsewhere: a table of points, JSON, SQL.",
        ),
        "check": ("sartor.cli.check", "Check recipes without reading a row of data: every problem in one go."),
        "data": ("sartor.cli.data", "Look at data before there is a recipe: propose its contract."),
        "explain": (
            "sartor.cli.explain",
            "Say why a run answers as it does; or explain an error code, a component, a section of a recipe.",
        ),
        "info": (
            "sartor.cli.info",
            "Say what each source of a recorded run is worth, in bits and in money.",
        ),
        "report": ("sartor.cli.report", "Make the report of a recorded run anew, and open it with --open."),
        "runs": ("sartor.cli.runs", "List, show, compare, repeat and remove recorded runs."),
        "verify": ("sartor.cli.verify", "Check that a recorded run is untouched: no file changed, missing or added."),
        "ledger": (
            "sartor.cli.ledger",
            "Sign ledgers, give their heads away, and prove single decisions and files.",
        ),
        "keys": ("sartor.cli.keys", "Make and exchange the keys by which runs are encrypted."),
        "access": ("sartor.cli.access", "Show who may read a run, and who has."),
        "privacy": (
            "sartor.cli.privacy",
            "Find what tells of persons, hold tables to anonymity, erase a person.",
        ),
        "recipes": ("sartor.cli.recipes", "List, show and copy recipes."),
        "list": ("sartor.cli.listing", "List the components of a kind, such as models or features."),
        "schema": (
            "sartor.cli.schema",
            "Print the JSON Schema of recipes, with the settings of every component, for editors.",
        ),
        "plugins": ("sartor.cli.plugins", "List, show and begin plugins."),
        "doctor": ("sartor.cli.doctor", "Look for what is missing or broken in this installation."),
    }


app = verb_app(cls=Sartor, add_completion=True)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        screen().out.line(f"sartor {version('sartor')}")
        raise typer.Exit


@app.callback()
def sartor(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """From a company's tables to decisions: checked, judged beside the trivial answers, and recorded.

    Begin with

      sartor recipes list
      sartor run finance/credit-scoring
    """
