"""U: the command was called wrongly."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "U000",
        "the command was called wrongly",
        "The message says what is wrong with the call; `sartor COMMAND --help` shows what it takes.",
    ),
    Code(
        "U001",
        "no recipe has this name",
        "A recipe is named as in `sartor recipes list`, or by the path of its file, which ends in .yaml. Recipes are "
        "looked for in the folder `recipes` of the project, then among those that come with sartor.",
    ),
    Code(
        "U002",
        "--set is not written as KEY=VALUE",
        "A value in the recipe is set for one run by its path, keys joined by points; the value is read as it would "
        "be in the recipe.",
        right="sartor run NAME --set models.forest.with.trees=200 --set gates.0.at_least=0.75",
    ),
    Code(
        "U003",
        "--set names a place that the recipe does not have",
        "All keys on the way to the value must be in the recipe; only the last may be new. Items of a list are counted "
        "from 0. `sartor recipes show NAME --merged` shows what there is.",
    ),
    Code(
        "U004",
        "sartor.toml is wrong",
        "The project's settings are data, runs, engine, threads, memory, and spill: the folder for what does not fit "
        "into memory.",
        right='data = "data"\nruns = "runs"\nengine = "duckdb"\nthreads = 2\nmemory = "4 GB"\nspill = "scratch"',
    ),
    Code(
        "U006",
        "a secret is not set",
        "A recipe names a secret, `secret:NAME`; its value comes from the environment variable NAME when it is used.",
        right="export SHOP_PASSWORD=...",
    ),
    Code(
        "U010",
        "there is no such error code",
        "A code is a letter and three digits, as it stands at the end of an error's first line.",
    ),
    Code(
        "U011",
        "a run has no such decisions",
        "`run.decisions` is the table of the only action. A recipe with several actions has one for each, and one "
        "without actions has none; `run.decisions_of(ACTION)` takes the name that the recipe gives.",
        right='run.decisions_of("decision")',
    ),
    Code(
        "U020",
        "the run cannot be recorded",
        "A folder for the run could not be made: it is not yours to write to, or the disk is full. `runs` in "
        "sartor.toml names another place.",
    ),
    Code(
        "U022",
        "no run can begin from there",
        "`--from` names a stage that is kept from run to run: ingest, features or fit. That stage and all behind it "
        "are done again, even where nothing has changed.",
        right="sartor run finance/credit-scoring --from fit",
    ),
    Code(
        "U023",
        "--as-of is no date",
        "`--as-of` takes a date or a moment; lines of tables from then on are not read.",
        right="sartor run NAME --as-of 2026-11-24",
    ),
    Code(
        "U024",
        "memory is no amount",
        "How much memory tables may take is a number and a unit, from KB to TB, or KiB to TiB. Less makes a run spill "
        "to the disk, and slower.",
        right='sartor.run("NAME", memory="4 GB")',
    ),
    Code(
        "U030",
        "a verb has no such option",
        "`sartor VERB --help` shows the options of a verb. They stand behind the verb, in any order.",
        wrong="sartor run finance/credit-scoring --thread 2",
        right="sartor run finance/credit-scoring --threads 2",
    ),
    Code(
        "U031",
        "there is no such verb",
        "`sartor --help` lists the verbs, and `sartor recipes --help` those below `recipes`.",
        wrong="sartor recipe list",
        right="sartor recipes list",
    ),
    Code(
        "U032",
        "an argument is missing",
        "The verb cannot work without it. The hint shows how the verb is called; what stands in brackets may be left "
        "out.",
        right="sartor run finance/credit-scoring",
    ),
    Code(
        "U033",
        "the value of an option or argument is wrong",
        "The message says which values there are, or between which bounds a number must lie.",
        wrong="sartor run finance/credit-scoring --as-of yesterday",
        right="sartor run finance/credit-scoring --as-of 2024-12-31",
    ),
    Code(
        "U034",
        "the verb takes fewer arguments",
        "Something is left over. Often a value with a space in it stands without quotes, or an option's dashes are "
        "missing.",
        wrong="sartor run finance/credit-scoring quiet",
        right="sartor run finance/credit-scoring --quiet",
    ),
    Code(
        "U040",
        "no plugin has this name",
        "`sartor plugins list` shows the plugins that are installed, by the names under which recipes use them.",
    ),
    Code(
        "U041",
        "it is not clear where the copy should go",
        "The target of `sartor recipes copy` is a file that ends in .yaml, or a folder: one that is there, or a name "
        "that ends in /. Without a target the copy goes into the project's recipes under its own name.",
        right="sartor recipes copy finance/credit-scoring mine.yaml",
    ),
    Code(
        "U042",
        "the file is there already",
        "Nothing is ever written over a file of yours without being told to.",
        right="sartor recipes copy finance/credit-scoring --force",
    ),
    Code(
        "U043",
        "the file cannot be written",
        "The message says why: the folder belongs to somebody else, the disk is full, or a part of the path is a file.",
    ),
    Code(
        "U044",
        "nothing of this name can be explained",
        "`sartor explain` takes an error code, a component such as learn.forest, or a section of a recipe such as "
        "split. `sartor list models` (or ingest, tasks, features, prepare, actions, sinks) shows the components.",
        right="sartor explain learn.forest",
    ),
    Code(
        "U045",
        "memory ran out",
        "Tables may be larger than memory; what a model needs at once may not. Give tables less room, use fewer "
        "threads, learn from fewer rows, or use a machine with more memory. `sartor doctor` shows how much is free.",
        right="sartor run finance/credit-scoring --threads 1",
    ),
    Code(
        "U050",
        "a plugin cannot have this name",
        "A plugin's name stands at the beginning of its components' ids, so it must be unlike that of every other "
        "plugin, and unlike the words that mean something else in a recipe. It is made of lowercase letters, digits "
        "and single hyphens.",
        wrong="sartor plugins new Shop_Watch",
        right="sartor plugins new shop-watch",
    ),
    Code(
        "U051",
        "the folder of the new plugin is not empty",
        "A new plugin is written into a folder of its own, and nothing that is there already is ever overwritten.",
        right="sartor plugins new shop-watch --folder elsewhere",
    ),
    Code(
        "U052",
        "the new plugin cannot be written",
        "The folder cannot be made or written to; the message says why. Nothing was left behind.",
    ),
    Code(
        "U080",
        "the model cannot be exported",
        "A model says itself in which forms it can be used elsewhere, and many say none. Steps of `prepare` cannot be "
        "repeated elsewhere: a model behind them is exported by nobody. `sartor predict` answers new data with it.",
        right="sartor predict @last --data new.csv",
    ),
    Code(
        "U081",
        "the model has no such form",
        "The end of the file's name tells the form, or `--format` does. The message lists the forms of this model.",
        wrong="sartor export @last --to card.xlsx",
        right="sartor export @last --to card.csv",
    ),
)
