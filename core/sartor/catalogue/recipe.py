"""R021 to R079: what a recipe says cannot be."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "R021",
        "no component has this name",
        "`use` names a component as PLUGIN.NAME. The plugin is there, and brings no component of this name and kind. "
        "`sartor list models` (or ingest, tasks, features, actions) shows those there are.",
        wrong="models: {forest: {use: learn.forrest}}",
        right="models: {forest: {use: learn.forest}}",
    ),
    Code(
        "R022",
        "no plugin has this name",
        "The first part of a component's name is the plugin that brings it. No such plugin is installed: the name is "
        "misspelt, or the plugin must be installed first. `sartor plugins list` shows those there are.",
        wrong="models: {forest: {use: forest}}",
        right="models: {forest: {use: learn.forest}}",
    ),
    Code(
        "R023",
        "a component of another kind",
        "The component exists and does something else: a reader of tables cannot be a model. `sartor explain NAME` "
        "tells what a component is for.",
        wrong="models: {loans: {use: tables.csv}}",
        right="ingest: {loans: {use: tables.csv}}",
    ),
    Code(
        "R024",
        "a library that the component needs is not installed",
        "Heavy libraries are installed only when they are asked for. The message names the extra that brings it.",
        right='pip install "sartor[boost]"',
    ),
    Code(
        "R025",
        "answers do not match",
        "A task asks for a kind of answer: a probability, a number. This model gives another one, or this action "
        "decides on another one. Choose a model or action for the task, or another task.",
    ),
    Code(
        "R030",
        "an unknown setting",
        "The component has no setting of this name. `sartor explain NAME` lists its settings.",
        wrong="with: {tres: 400}",
        right="with: {trees: 400}",
    ),
    Code(
        "R031",
        "a setting is missing",
        "The component cannot work without this setting, and there is no honest default for it.",
    ),
    Code(
        "R032",
        "a setting of the wrong type",
        "The setting takes another type of value. Types are never converted: '400' in quotes is a text, 400 a number.",
        wrong="with: {trees: '400'}",
        right="with: {trees: 400}",
    ),
    Code(
        "R033",
        "a setting outside `with`",
        "A step of a recipe has few keys of its own, such as `use` and `from`. The settings of its component stand "
        "under `with`, so that the two never mix.",
        wrong="models: {forest: {use: learn.forest, trees: 400}}",
        right="models: {forest: {use: learn.forest, with: {trees: 400}}}",
    ),
    Code(
        "R034",
        "a setting that makes no sense",
        "The value has the right type and cannot be meant: a share above 1, a negative number of trees. Shares are "
        "written as fractions: 15 % is 0.15.",
        wrong="with: {accept_below: 15}",
        right="with: {accept_below: 0.15}",
    ),
    Code(
        "R040",
        "no table has this name",
        "A setting names a table, and tables are what the recipe reads under `ingest`, by the names given there.",
    ),
    Code(
        "R041",
        "no table has this column",
        "The column is not in the table, or in none of the tables, as far as can be known before reading. Column "
        "names are taken exactly: capitals and spaces count.",
    ),
    Code(
        "R042",
        "no metric has this name",
        "The recipe's task does not know this metric. Metrics are written in lower case with underscores: auc, "
        "calibration_slope.",
        wrong="gates: [{metric: AUROC, at_least: 0.7}]",
        right="gates: [{metric: auc, at_least: 0.7}]",
    ),
    Code(
        "R043",
        "a step that comes from nowhere",
        "`from` names a table or another step of the recipe, and there is none of this name.",
        wrong="ingest: {loans: {use: tables.csv}}\nfeatures: {burden: {use: finance.affordability, from: loan}}",
        right="ingest: {loans: {use: tables.csv}}\nfeatures: {burden: {use: finance.affordability, from: loans}}",
    ),
    Code(
        "R044",
        "steps depend on each other",
        "Followed along `from`, the steps lead in a circle: none of them can be the first.",
        wrong="features:\n  a: {use: ..., from: b}\n  b: {use: ..., from: a}",
    ),
    Code(
        "R045",
        "a name with two meanings",
        "`from` names a table and a step at once. Rename one of them.",
    ),
    Code(
        "R046",
        "several tables where one is due",
        "The step works on one table and the recipe has several. Say which one it means.",
        right="features: {income: {use: finance.affordability, from: applications}}",
    ),
    Code(
        "R047",
        "privacy keeps a column that the recipe needs",
        "A column that is dropped or for audit only is seen by no step; it cannot be a key or a time. Take it out of "
        "`privacy.columns`, or choose another column.",
    ),
    Code(
        "R048",
        "no step has this name",
        "A gate names a model or an action of the recipe, and there is none of this name.",
    ),
    Code(
        "R049",
        "select has no rows to choose on",
        "`select` picks the champion on rows that judge nobody. In folds every row judges at some time, so there is "
        "no champion to pick beforehand. Let a model choose inside each fold, `use: learn.chosen`, or put the "
        "champion first.",
    ),
    Code(
        "R050",
        "the recipe to extend is not there",
        "`extends` names a recipe, or the path of a file, relative to the file in which it stands.",
    ),
    Code(
        "R051",
        "recipes extend each other",
        "Followed along `extends`, the recipes lead in a circle.",
    ),
    Code(
        "R052",
        "nothing to take away",
        "`key: ~` takes an inherited key away, and the recipe that is extended has no such key.",
    ),
    Code(
        "R053",
        "the recipe is only a base for others",
        "`abstract: true` marks a recipe that is not complete. Run a recipe that extends it.",
    ),
    Code(
        "R054",
        "no param has this name",
        "`${params.NAME}` stands for a value under `params`, in the recipe or in one that it extends.",
    ),
    Code(
        "R055",
        "an environment variable is not set",
        "`${env.NAME}` stands for an environment variable. Set it before the run, or give a default, which may be "
        "empty.",
        right='path: "${env.LOANS:-loans.csv}"',
    ),
    Code(
        "R056",
        "params refer to each other in a circle",
        "Each of these params stands for another of them, so none of them has a value.",
    ),
    Code(
        "R057",
        "a reference that does not exist",
        "There are three references: ${params.NAME}, ${env.NAME} or ${env.NAME:-default}, and ${data} for the data "
        "folder. They are replaced by values; nothing in a recipe is run as code. A text that holds ${ writes $${, "
        "and one that holds $( writes $$(.",
        wrong="about: costs ${amount}",
        right="about: costs $${amount}",
    ),
    Code(
        "R058",
        "a secret that is not written alone",
        "`secret:NAME` is the whole value and NAME an environment variable: letters, digits and underscores. Inside "
        "a longer text the secret would be written to the record.",
        wrong="url: https://me:secret:PASSWORD@host",
        right="password: secret:PASSWORD",
    ),
    Code(
        "R060",
        "an unknown key",
        "The grammar of recipes has no such key here. A misspelt key that nobody reads would change nothing, silently.",
        wrong="modles: {...}",
        right="models: {...}",
    ),
    Code(
        "R061",
        "a key is missing",
        "A recipe needs `format`, `recipe` and at least one table under `ingest`; some keys need others beside them. "
        "The message says which.",
    ),
    Code(
        "R062",
        "a value of the wrong type",
        "At this place the grammar of recipes takes another type of value. Types are never converted: '3' in quotes "
        "is a text, 3 a number.",
        wrong="ingest: {sales: {use: tables.csv, known_ahead: price}}",
        right="ingest: {sales: {use: tables.csv, known_ahead: [price]}}",
    ),
    Code(
        "R063",
        "the format is missing",
        "`format` is the version of the grammar that the recipe is written in, so that a later sartor still reads it "
        "as it was meant.",
        right="format: 1",
    ),
    Code(
        "R064",
        "a format that this sartor does not know",
        "The recipe was written for another version of sartor. This one reads format 1.",
    ),
    Code(
        "R065",
        "no table is read",
        "A recipe begins with data: at least one table under `ingest`.",
        right="ingest:\n  loans: {use: tables.csv, with: {path: loans.csv}, key: loan_id}",
    ),
    Code(
        "R066",
        "task, split and models belong together",
        "A task asks, models answer, the split decides on which rows they are judged: a recipe has all three, or none "
        "of them. Features, gates and the like need a task too.",
    ),
    Code(
        "R067",
        "a step without `use`",
        "Every step names the component that does it.",
        wrong="models: {forest: {with: {trees: 400}}}",
        right="models: {forest: {use: learn.forest, with: {trees: 400}}}",
    ),
    Code(
        "R068",
        "a share that is none",
        "A share lies strictly between 0 and 1: 30 % is 0.3.",
        wrong="split: {hash: 30}",
        right="split: {hash: 0.3}",
    ),
    Code(
        "R069",
        "a value that is not among the possible ones",
        "The place takes one of a few values, or a number within bounds. The message lists them.",
    ),
    Code(
        "R070",
        "a name that cannot be one",
        "A recipe is named like finance/credit-scoring: lower-case words of letters, digits, - and _, separated by /. "
        "Steps and params are words of letters, digits and _ (steps - too) that begin with a letter: they become names "
        "of files and parts of paths.",
    ),
    Code(
        "R071",
        "rules of the split exclude each other, or none is there",
        "A split goes by hash, by time, by group, by given values, or in folds by one of hash, group and given. In a "
        "recipe that extends another, take the inherited rule away: `hash: ~`.",
        wrong="split: {hash: 0.3, time: 2024-01-01}",
        right="split: {time: 2024-01-01}",
    ),
    Code(
        "R072",
        "a gate without a bar, or with two",
        "A gate says one of `at_least: LOW`, `at_most: HIGH` and `between: [LOW, HIGH]`.",
        wrong="gates: [{metric: auc}]",
        right="gates: [{metric: auc, at_least: 0.7}]",
    ),
    Code(
        "R075",
        "a length of time that is none",
        "Lengths of time are a whole number and a unit: seconds, minutes, hours, days, weeks, months, years. Months "
        "and years follow the calendar.",
        wrong="split: {time: 2024-01-31, every: 7}",
        right="split: {time: 2024-01-31, every: 7 days}",
    ),
    Code(
        "R076",
        "a date that is none",
        "Dates are written 2024-01-31, moments 2024-01-31 18:30:00; the day must be one that the calendar has.",
        wrong="split: {time: 31.01.2024}",
        right="split: {time: 2024-01-31}",
    ),
    Code(
        "R077",
        "a model has the name of a trivial answer",
        "The task brings trivial answers of its own, such as `base rate`, and shows them beside the models. Rename the "
        "model.",
    ),
    Code(
        "R080",
        "a rule of a contract that does not fit the column",
        "Forms of dates go with dates, decimal signs with numbers, patterns and lengths with texts; the least and the "
        "greatest value are of the column's own type. The message says which types a rule goes with.",
        wrong="ingest: {a: {use: tables.csv, contract: {columns: {id: {type: integer, pattern: '[0-9]+'}}}}}",
        right="ingest: {a: {use: tables.csv, contract: {columns: {id: {type: text, pattern: '[0-9]+'}}}}}",
    ),
    Code(
        "R081",
        "things said of a column that exclude each other",
        "Two of them say the same, or both cannot hold: between beside at_least, one sign for thousands and for "
        "decimals, a column that every line must fill and whose wrong values become missing. Keep one.",
        wrong="ingest: {a: {use: tables.csv, contract: {required: [id], columns: {id: {otherwise: missing}}}}}",
        right="ingest: {a: {use: tables.csv, contract: {required: [id], columns: {id: {otherwise: set_aside}}}}}",
    ),
    Code(
        "R082",
        "two units for one thing",
        "Columns that have one role in several tables, or one name, are compared and added up: they are measured in "
        "one unit. Convert one of them before it is read, or give them different roles. A unit is said once for each "
        "column, in the contract or under `units`.",
        wrong="ingest: {a: {use: tables.csv, units: {id: EUR}, contract: {columns: {id: {unit: USD}}}}}",
        right="ingest: {a: {use: tables.csv, contract: {columns: {id: {unit: EUR}}}}}",
    ),
    Code(
        "R086",
        "a gate that does not fit what it holds",
        "A measure that compares groups of people needs `by`, the column that makes the groups; what is measured over "
        "all rows takes none. Where two actions offer the measure, `action` says whose is meant.",
        wrong="gates: [{metric: acceptance_ratio, at_least: 0.8}]",
        right="gates: [{metric: acceptance_ratio, by: sex, at_least: 0.8}]",
    ),
    Code(
        "R087",
        "a table that an action is not handed",
        "An action sees the tables that its step names under `from`, as they stood at the moment that is asked about. "
        "A setting names another one.",
        right="actions: {slate: {use: ecommerce.slate, from: items, with: {catalogue: items, in_stock: stock}}}",
    ),
)
