"""X: a plugin failed."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "X000",
        "a plugin failed",
        "A plugin failed in a way that has no code of its own. `sartor plugins show PLUGIN` tells who made it.",
    ),
    Code(
        "X010",
        "a plugin did not load",
        "Python could not import the plugin. Only recipes that use it are stopped. `sartor plugins show PLUGIN` shows "
        "the whole traceback; often a library that it needs is missing or has another version.",
    ),
    Code(
        "X011",
        "two plugins have one name",
        "Two installed distributions offer a plugin of this name, and a recipe that names it could mean either. "
        "Uninstall one of them, or ask its authors to rename theirs.",
    ),
    Code(
        "X012",
        "a plugin breaks the contract of a hook",
        "The plugin implements a hook that does not exist, or yields something else than components that begin with "
        "its own name. This is for the plugin's author to mend; `docs/hooks.md` shows each hook with an example.",
    ),
    Code(
        "X013",
        "a component cannot be imported",
        "The plugin names a class that is not there, cannot be imported, or is of another kind than its hook. This is "
        "for the plugin's author to mend.",
    ),
    Code(
        "X020",
        "a component failed while it worked",
        "The component's own code raised an error that it did not explain. The message names the step, the component "
        "and the verb; with `--traceback` the whole traceback is shown.",
    ),
    Code(
        "X021",
        "a component gave back something else than it must",
        "A model predicts exactly one line a row, in the rows' order and with the columns of its answer; an action "
        "decides for the rows it was given. The message says what came instead. This is for the plugin's author to "
        "mend; the suites of `sartor.testing` find it.",
    ),
    Code(
        "X030",
        "a metric breaks its contract",
        "A metric is computed either `per_row` (one loss a row) or `overall` (one value for each set of weights), and "
        "what it gives must have that shape. This is for the plugin's author to mend.",
    ),
    Code(
        "X031",
        "a saved model cannot be read",
        "A folder of a fitted model lacks a file, holds something else than plain data, or was made by other steps "
        "than those of the recipe. Fit the model again, or take a folder that `sartor verify` finds untouched.",
    ),
    Code(
        "X040",
        "a report could not be made",
        "The run itself is recorded and whole; only a file made from its folder is missing. The message names the "
        "report and what it raised, and with `--traceback` `sartor report RUN` shows the whole traceback. "
        "`sartor run --no-report` makes none.",
    ),
    Code(
        "X041",
        "no report is installed",
        "Nothing in the entry-point group `sartor.reports` could be loaded, so there is nothing that makes a page. "
        "sartor brings one itself: `sartor doctor` looks for what is broken in the installation.",
    ),
    Code(
        "X050",
        "what was exported does not answer as the model does",
        "An export is read back and asked about rows before it is written; it answered one of them otherwise than the "
        "model, so no file was written. This is for the model's author to mend.",
    ),
)
