"""The sections of a recipe, each as a JSON Schema with a sentence for every key: read by `explain` and by editors.

Tests hold it together with the reader of recipes, `sartor.recipe`, which has the last word.
"""

from __future__ import annotations

from sartor.cli.schema_parts import Schema
from sartor.cli.schema_parts import columns as _columns
from sartor.cli.schema_parts import keys as _keys
from sartor.cli.schema_parts import named as _named
from sartor.cli.schema_parts import names as _names
from sartor.cli.schema_parts import share as _share
from sartor.cli.schema_parts import text as _text
from sartor.cli.schema_parts import texts as _texts
from sartor.cli.schema_parts import whole as _whole
from sartor.cli.topics_guard import CONTRACT, PRIVACY
from sartor.cli.topics_information import INFORMATION
from sartor.cli.topics_protect import ACCESS, ENCRYPT

DIGESTS = ["sha1", "md5", "none"]


USE = _text("The component, as PLUGIN.NAME; `sartor list` shows those there are.")
WITH: Schema = {"type": "object", "description": "Settings of the component; `sartor explain PLUGIN.NAME` lists them."}

PREPARE_STEP = _keys("A step of prepare.", {"use": USE, "with": WITH})
MODEL_STEP = _keys(
    "A model.",
    {
        "use": USE,
        "with": WITH,
        "prepare": {
            "type": "array",
            "items": PREPARE_STEP,
            "description": "Steps between the features and the model, fitted on training rows only.",
        },
    },
)
INGEST_STEP = _keys(
    "A table.",
    {
        "use": USE,
        "with": WITH,
        "from": _names("Tables that it is made from."),
        "key": _names("Columns that identify a line."),
        "time": _text("Column of the moment at which a line became known."),
        "roles": _texts("Columns by what they are: `{user: CustomerID, item: StockCode}`."),
        "known_ahead": _columns("Columns whose future values are known, such as a calendar."),
        "units": _texts("Units of columns: `{weight: kg}`."),
        "expected_strong": _columns("Columns that may honestly tell nearly everything."),
        "fresh": _text("What was read at most this long ago is taken from the cache: `1 day`."),
        "purposes": _names("What the table may be used for; `privacy` must name one of them."),
        "contract": CONTRACT,
    },
)
FEATURE_STEP = _keys(
    "A feature.",
    {
        "use": USE,
        "with": WITH,
        "from": _names("Tables and features that it is built from; all tables where nothing is said."),
        "expected_strong": _columns("Columns it builds that may honestly tell nearly everything."),
    },
)
ACTION_STEP = _keys(
    "An action.",
    {
        "use": USE,
        "with": WITH,
        "from": _names("What it decides on: models, actions or tables; the champion where nothing is said."),
    },
)
DELIVER_STEP = _keys(
    "A delivery.",
    {
        "use": USE,
        "with": WITH,
        "from": _text("The action whose decisions are delivered; the only one where nothing is said."),
    },
)
_HASH: Schema = {
    "anyOf": [
        _share("Share of rows to judge on, by the SHA-1 of the key."),
        _keys(
            "A published rule: the digest of the key modulo a number.",
            {
                "digest": {"enum": DIGESTS, "description": "none takes the whole-number key itself."},
                "modulo": _whole("Divisor.", 2, 1_000_000),
                "test": {"type": "array", "items": {"type": "integer"}, "description": "Remainders to judge on."},
            },
        ),
    ],
    "description": "By a hash of the row's key: a share, or {digest, modulo, test}.",
}
_SCALARS: Schema = {"type": "array", "items": {"type": ["string", "number", "boolean"]}}


def _split() -> Schema:
    keys: dict[str, Schema] = {
        "hash": _HASH,
        "time": _text("Train on what is known at this date, judge on what is asked from it on."),
        "every": _text("Time between origins: `1 week`."),
        "origins": _whole("How many windows judge.", 1, 10_000),
        "refit": {"enum": ["never", "each"], "description": "Whether models learn again for each origin."},
        "window": _text("How far back truths teach, from the cut: `4 weeks`; without it from the beginning."),
        "group": _text("Column whose equal values stay together."),
        "given": _text("Column that says where a row belongs."),
        "train": {**_SCALARS, "description": "Its values for training, with `given`."},
        "test": {
            "anyOf": [_share("Share of groups."), _SCALARS, _HASH["anyOf"][1]],
            "description": "Its values for judging, with `given`; or the share of groups, with `group`.",
        },
        "folds": _whole("Each row is judged once, by models that learned from the other folds.", 2, 1000),
        "average": {
            "enum": ["pool", "mean"],
            "description": "Metrics over all rows, or their mean over folds.",
        },
        "salt": _text("Put before the key's text, to draw another split."),
        "tune_on": {"type": "object", "description": "A split of the training rows, of the same form."},
    }
    # In folds `hash` holds only the digest.
    in_folds = _keys("In folds.", {"digest": {"enum": DIGESTS, "description": "Fold = digest modulo folds."}})
    keys["hash"] = {"anyOf": [*_HASH["anyOf"], in_folds], "description": _HASH["description"]}
    return _keys(
        "Which rows teach and which judge. The models never see the rows that judge.",
        keys,
        examples=[
            "split: {hash: 0.3}",
            "split: {time: 2024-01-31, every: 1 week, origins: 26}",
            "split: {group: unit, test: 0.3}",
            "split: {given: part, train: [learn], test: [judge]}",
            "split: {folds: 5, hash: {digest: md5}, average: pool}",
        ],
    )


_GATE = _keys(
    "A gate.",
    {
        "metric": _text("As the task calls it: auc, calibration_error."),
        "at_least": {"type": "number", "description": "It must not be below."},
        "at_most": {"type": "number", "description": "It must not be above."},
        "between": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
            "description": "Both bars: `[0.7, 1.3]`.",
        },
        "model": _text("The model that is held against it; the champion unless named."),
        "action": _text("The action whose money, or one of whose measures, is held against it."),
        "by": _text("The column whose groups are compared: one that is kept for audit only, or one of the rows."),
    },
)

PRIVACY["properties"]["encrypt"] = ENCRYPT
SECTIONS: dict[str, Schema] = {
    "format": {"const": 1, "description": "Of the recipe; always the first line.", "examples": ["format: 1"]},
    "recipe": _text(
        "The recipe's name: lower-case letters, digits, - and _, in parts separated by /. Its runs go by it.",
        examples=["recipe: finance/credit-scoring"],
    ),
    "about": _text("What it is for, in one or two sentences."),
    "extends": _text(
        "Another recipe, by name or file. Mappings are merged, lists replaced; `key: ~` takes an inherited key away.",
        examples=["extends: finance/credit-scoring"],
    ),
    "abstract": {"type": "boolean", "description": "True for a recipe that is only a base for others."},
    "currency": _text("Unit of all money in it.", examples=["currency: EUR"]),
    "params": {
        "type": "object",
        "description": "Values with names, referred to as `${params.NAME}`.",
        "examples": ["params: {margin: 0.12}"],
    },
    "seed": _whole("Of everything random; `--seed` takes another for one run.", 0, 2**32 - 1),
    "ingest": _named(
        "The tables. What is said of a table once, key, time and roles, holds everywhere.",
        INGEST_STEP,
        ["ingest:\n  applications: {use: samples.german_credit, key: application_id}"],
    ),
    "privacy": PRIVACY,
    "access": ACCESS,
    "task": _keys(
        "What is to be answered, a line for each thing, and what the answers are judged by.",
        {"use": USE, "with": WITH},
        examples=["task: {use: finance.default_risk, with: {outcome: creditability, bad: bad}}"],
    ),
    "split": _split(),
    "features": _named(
        "Columns for the rows, built from what each row may know at its time.",
        FEATURE_STEP,
        ["features:\n  affordability: {use: finance.affordability, from: applications}"],
    ),
    "models": _named(
        "What learns to answer. The first is the champion, unless `select` picks one.",
        MODEL_STEP,
        ["models:\n  forest: {use: learn.forest, with: {trees: 400}}"],
    ),
    "select": _keys(
        "Pick the champion on rows inside the training part.",
        {"by": _text("The metric to pick by.")},
        examples=["select: {by: brier}"],
    ),
    "actions": _named(
        "Decisions made from the predictions, and what they are worth in money.",
        ACTION_STEP,
        ["actions:\n  decision: {use: finance.credit_decision, with: {margin: 0.12}}"],
    ),
    "judge": _keys(
        "How sure numbers must be.",
        {
            "redraws": _whole("Bootstrap samples behind each interval.", 1, 1_000_000),
            "confidence": _share("Of the intervals."),
        },
        examples=["judge: {redraws: 1000, confidence: 0.95}"],
    ),
    "gates": {
        "type": "array",
        "items": _GATE,
        "description": "Bars for the champion. A gate fails when the near end of the interval is beyond its bar; the "
        "run then ends with exit code 1.",
        "examples": [
            "gates:\n  - {metric: auc, at_least: 0.70}\n  - {metric: calibration_slope, between: [0.7, 1.3]}",
            "gates:\n  - {metric: acceptance_ratio, by: sex, at_least: 0.8}",
        ],
    },
    "deliver": _named(
        "Where decisions go. Carried out only by `sartor run --live`, after the record is in place and when all gates "
        "pass; delivering them again leaves one copy.",
        DELIVER_STEP,
        ["deliver:\n  decisions: {use: tables.write, from: decision, with: {path: decisions.parquet}}"],
    ),
    "information": INFORMATION,
}
"""Sections by name, in the order in which a recipe is written."""

STEPS: dict[str, Schema] = {
    "ingest": INGEST_STEP,
    "task": SECTIONS["task"],
    "features": FEATURE_STEP,
    "models": MODEL_STEP,
    "actions": ACTION_STEP,
    "deliver": DELIVER_STEP,
    "prepare": PREPARE_STEP,
}
"""What stands in a section's steps, `use` and `with` among it."""


def section_names() -> list[str]:
    """Return what `sartor explain` takes as a section."""
    return [*SECTIONS, "prepare"]


def keys_of(section: str) -> dict[str, Schema]:
    """Return the keys that stand in a section, or in each of its steps; empty for a section that is one value."""
    schema = STEPS.get(section) or SECTIONS[section]
    if section == "gates":
        schema = _GATE
    found: dict[str, Schema] = schema.get("properties", {})
    return found
