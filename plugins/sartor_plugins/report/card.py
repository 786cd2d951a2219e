"""The model card of a run, shaped after the documentation of high-risk systems in the EU AI Act (Annex IV).

What the run knows is written from its numbers; what only the provider can say is listed as open, and never made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sartor.wording import listed, plural
from sartor_plugins.report import cautions
from sartor_plugins.report.alike import audits, table_by_group, worst_said
from sartor_plugins.report.data import RULES
from sartor_plugins.report.facts import Facts
from sartor_plugins.report.front import best_trivial, headline
from sartor_plugins.report.markup import Child, Markup, plain, said, tag
from sartor_plugins.report.numbers import UNKNOWN, amount, decimals_of, number, span
from sartor_plugins.report.tables import Shown, table_html, table_of
from sartor_plugins.report.verdicts import gate_told

BY_GROUP = ("alike", "groups")
"""A section whose id begins so has metrics by group of people; the card shows it."""

TERMS, OVERSIGHT = "terms", "oversight"
"""Sections whose ids begin so say on what terms an action decides, and what it leaves to people; the card says both."""

OPEN = (
    "Name, address and contact of the provider, and who answers for this system.",
    "The risk management system (Article 9): foreseeable misuse, remaining risks and what is done against them.",
    "Who may override a decision, how they are trained, and how often they do (Article 14).",
    "How people are told that such a system is used, and how they can have a decision reviewed (Articles 26 and 86).",
    "The plan for watching the system in use (Article 72), and at which drift it is stopped.",
    "Harmonised standards that were applied, and the declaration of conformity (Articles 40 and 47).",
)
"""What no run can know."""


@dataclass(frozen=True)
class Part:
    """One heading of the card.

    Parameters
    ----------
    title : str
        With the place of the Annex or the Article that asks for it.
    lines : sequence of str
        Sentences.
    tables : sequence of mapping
        As sections have them.
    open : bool
        Whether the lines are for the provider to write.
    """

    title: str
    lines: Sequence[str]
    tables: Sequence[Mapping[str, Any]] = field(default=())
    open: bool = False


def parts(facts: Facts) -> Iterator[Part]:
    """Yield the headings of a run's card, in the order of Annex IV."""
    yield _purpose(facts)
    yield _system(facts)
    yield _data(facts)
    yield _making(facts)
    if facts.metrics:
        yield _performance(facts)
    yield _by_group(facts)
    yield _oversight(facts)
    yield Part(
        "Limits (Annex IV, 3)",
        [
            *(cautions.sentences(facts, most=20) or ["No check of the numbers found anything to be careful with."]),
            "The numbers hold for rows like those that judged, and while what is to be foretold stays as it was.",
            "Intervals hold the models fixed: they tell of other rows of the same kind, not of another year.",
        ],
    )
    yield _records(facts)
    yield Part("Open: for the provider to write", OPEN, open=True)


def _purpose(facts: Facts) -> Part:
    about = str(facts.summary.get("about") or "The recipe does not say what it is for.")
    purpose = facts.record.get("purpose")
    allowed = f"The data may be used for `{purpose}`." if purpose else "The recipe names no purpose of the data."
    return Part(
        "Intended purpose (Annex IV, 1)",
        [about, *_told(facts, TERMS), allowed, f"This run: {headline(facts)}"],
    )


def _told(facts: Facts, beginning: str) -> list[str]:
    """Return the sentences of the sections whose id begins so."""
    return [str(section["sentence"]) for section in facts.sections if str(section["id"]).startswith(beginning)]


def _system(facts: Facts) -> Part:
    components = facts.record.get("components", {})
    decides = facts.models.get(facts.champion, {}).get("use")
    versions: Mapping[str, str] = facts.record.get("versions", {})
    return Part(
        "The system and its versions (Annex IV, 1 and 2)",
        [
            f"Recipe {facts.summary['recipe']}, run {facts.summary['run']} of {facts.started}.",
            *([f"Decides by the model {facts.champion} ({decides})."] if facts.champion else []),
            f"Components: {listed(f'{step} {use}' for step, use in components.items())}.",
            f"Versions: {', '.join(f'{name} {version}' for name, version in versions.items())}.",
        ],
    )


def _data(facts: Facts) -> Part:
    sources = facts.record.get("tables", {})
    lines = [
        [
            name,
            table["rows"],
            table["repaired"],
            table["set_aside"],
            str(sources.get(name, {}).get("source") or UNKNOWN),
        ]
        for name, table in facts.summary.get("tables", {}).items()
    ]
    columns = [
        {"title": "Table"}, {"title": "Rows", "kind": "count"}, {"title": "Repaired", "kind": "count"},
        {"title": "Set aside", "kind": "count"}, {"title": "Source"},
    ]  # fmt: skip
    tables = [table_of("Tables that were read", columns, lines)]
    return Part("Data and its treatment (Annex IV, 2 d; Article 10)", list(_treated(facts)), tables)


def _treated(facts: Facts) -> Iterator[str]:
    """Yield what was done to the data, in the order in which it was done."""
    if facts.summary.get("simulated"):
        yield f"Simulated: {listed(facts.summary['simulated'])}."
    if facts.record.get("as_of"):
        yield f"Lines were read until {facts.record['as_of']}."
    columns = (facts.recipe.get("privacy") or {}).get("columns") or {}
    for name, treatment in columns.items():
        rule = treatment if isinstance(treatment, str) else next(iter(treatment), "")
        word, means = RULES.get(rule, (rule.replace("_", " "), ""))
        yield f"Column `{name}`: {word}{f' ({means})' if means else ''}."
    if not columns:
        yield "No column is dropped, kept for audits only or made coarser."
    read = facts.summary.get("tables", {}).values()
    repaired, aside = (sum(int(table[key]) for table in read) for key in ("repaired", "set_aside"))
    if repaired or aside:
        yield (
            f"{plural(repaired, 'value')} repaired and {plural(aside, 'row')} set aside by the recipe's contract; what "
            "was set aside stands in the run's folder, with the reason."
        )
    else:
        yield "No value was repaired, and no row set aside."
    rows = facts.summary.get("rows", {})
    how = {str(stage["stage"]): str(stage["line"]) for stage in facts.summary.get("stages", [])}
    if facts.test_rows:
        split = how["split"] if "split" in how else f"{rows['train']:,} to learn, {rows['test']:,} to judge"
        yield f"{facts.noun[:1].upper()}{facts.noun[1:]}: {split}; no model saw those that judge."
    if "features" in how:
        yield f"Of features there are {how['features']}."


def _making(facts: Facts) -> Part:
    redraws, _ = facts.judge
    models = [name for name, model in facts.models.items() if not model.get("trivial")]
    trivial = [name for name, model in facts.models.items() if model.get("trivial")]
    lines = []
    if not models:
        lines.append("No model was fitted in this run.")
    if models:
        lines.append(
            f"{plural(len(models), 'model')} ({listed(models)}) beside {listed(trivial) or 'no trivial answer'}, "
            f"judged on the same rows; intervals from {redraws:,} redraws of them."
        )
        lines.append("Nothing was chosen by the rows that judge: models, settings and cut-offs come from the recipe.")
    before = int(facts.summary.get("judged_before") or 0)
    if before:
        lines.append(f"The rows that judge have judged {plural(before, 'time')} before.")
    notes = [note for note in facts.summary.get("notes", []) if not note.get("caution")]
    lines.extend(f"{note['text'][:1].upper()}{note['text'][1:]}." for note in notes)
    task = facts.recipe.get("task")
    if isinstance(task, Mapping):
        said_of = ", ".join(f"{name}: {_short(value)}" for name, value in (task.get("with") or {}).items())
        lines.insert(0, f"What is foretold: `{task.get('use')}`{f' ({said_of})' if said_of else ''}.")
    lines.append("Every setting stands in `resolved.yaml`, in the run's folder.")
    return Part("How it was developed (Annex IV, 2 b and c)", lines)


def _short(value: Any) -> str:
    return listed(map(str, value)) if isinstance(value, list) else str(value)


def _records(facts: Facts) -> Part:
    lines, head = facts.head
    run = f"{facts.summary['recipe']}/{facts.summary['run']}"
    return Part(
        "Records, and how to verify them (Articles 12 and 15)",
        [
            f"Every stage is a line in the run's ledger, with the hashes of {plural(len(facts.files), 'file')}.",
            f"Its {lines} lines follow from one another by their hashes, the last of which is `{head[:16]}`.",
            "It stands in `runs/heads.jsonl`: kept elsewhere, it shows that the folder is still the one it was.",
            f"`sartor verify {run}` finds a byte that has changed since.",
            f"`sartor runs repro {run}` repeats the run from the data and compares it.",
            "Decisions are delivered only on request and only while every gate passes.",
        ],
    )


def _performance(facts: Facts) -> Part:
    other = best_trivial(facts)
    lines = []
    for metric in facts.metrics:
        ours, theirs = facts.measured(facts.champion, metric["name"]), facts.measured(other, metric["name"])
        if ours.get("value") is None:
            continue
        decimals = decimals_of("number", [ours["value"]])
        low, high = ours.get("low"), ours.get("high")
        about = f"{metric['label']}\n{metric['about']}"
        beside = theirs.get("value")
        lines.append([about, number(ours["value"], decimals), span(low, high, "number", decimals) or UNKNOWN,
                      UNKNOWN if beside is None else number(beside, decimals)])  # fmt: skip
    columns = [
        {"title": "Metric"}, {"title": facts.champion}, {"title": f"{facts.percent} interval"},
        {"title": other or "trivial answer"},
    ]  # fmt: skip
    gates = [f"Gate: {gate_told(facts, gate)}." for gate in facts.summary.get("gates", [])]
    for worth in facts.worths:
        decimals = decimals_of("money", [worth.own["value"]])
        ends_said = span(worth.own.get("low"), worth.own.get("high"), "money", decimals)
        value = amount(worth.own["value"], "money", decimals, unit=facts.unit)
        gates.append(
            f"Worth of the decisions on the rows that judge: {value}" + (f" ({ends_said})." if ends_said else ".")
        )
    return Part(
        "Performance and its bars (Annex IV, 2 g and 4)",
        gates or ["The recipe sets no gate."],
        [table_of("Metrics on rows that no model learned from", columns, lines)],
    )


def _by_group(facts: Facts) -> Part:
    title = "By group of people (Annex IV, 2 g; Article 10)"
    found = [section for section in facts.sections if str(section["id"]).startswith(BY_GROUP)]
    lines = [f"{section['title']}: {section['sentence']}" for section in found]
    tables = [
        table for section in found if (table := section.get("table") or (section.get("figure") or {}).get("table"))
    ]
    for audit in audits(facts).values():
        for column in audit["by"]:
            lines.extend(worst_said(audit, column))
            tables.append(table_by_group(audit, column, facts))
    if not lines and not tables:
        columns = (facts.recipe.get("privacy") or {}).get("columns") or {}
        audited = [name for name, treatment in columns.items() if "audit_only" in (treatment, *_keys(treatment))]
        kept = f"Kept for audits: {listed(audited)}. " if audited else ""
        lines = [f"{kept}No metrics by group were made in this run."]
    return Part(title, lines, tables)


def _keys(treatment: Any) -> list[str]:
    return list(treatment) if isinstance(treatment, Mapping) else []


def _oversight(facts: Facts) -> Part:
    lines = _told(facts, OVERSIGHT)
    for section in facts.at("decision"):
        table = section.get("table")
        if table and table["parts"]:
            told = "; ".join(f"{line[0]}: {number(line[1])}" for line in table["lines"] if line[1] is not None)
            lines.append(f"{section['title']}: {told}.")
    lines.append(
        "A run proposes; nothing is carried out unless somebody asks for delivery (`--live`), and nothing while a gate "
        "fails. Each decision is stored with what it rests on."
    )
    return Part("Human oversight (Annex IV, 2 e; Article 14)", lines)


# ---------------------------------------------------------------------------------------------------------------
# Its two forms
# ---------------------------------------------------------------------------------------------------------------


def section(facts: Facts) -> Markup:
    """Return the card as a part of the page."""
    told: list[Child] = []
    for part in parts(facts):
        told.append(tag("h4", part.title))
        told.append(tag("ul.open" if part.open else "ul", [tag("li", said(line)) for line in part.lines]))
        told.extend(
            table_html(table, facts.unit, facts.smallest, shows_caption=True) for table in part.tables if table["lines"]
        )
    return tag(
        "section.part.card",
        tag("h3", "Model card"),
        tag("p.say", said("What the EU AI Act asks of the documentation of a high-risk system (Annex IV), as far as a "
            "run can know it; the same text stands in `model-card.md`.")),
        tag("details", tag("summary", "Read the model card"), told),
    )  # fmt: skip


def markdown(facts: Facts) -> str:
    """Return the card as Markdown."""
    blocks = [f"# Model card: {_safe(str(facts.summary['recipe']))}, run {facts.summary['run']}"]
    for part in parts(facts):
        blocks.append(f"## {part.title}")
        blocks.append("\n".join(f"- {'[ ] ' * part.open}{_safe(line)}" for line in part.lines))
        blocks.extend(_markdown_table(table, facts) for table in part.tables if table["lines"])
    return "\n\n".join(blocks) + "\n"


def _markdown_table(table: Mapping[str, Any], facts: Facts) -> str:
    shown = Shown(table, facts.unit, facts.smallest)
    columns = [(place, column) for place, column in shown.columns if column["title"] or column["kind"] == "text"]
    lines = [f"**{_safe(table['caption'])}**", ""]
    lines.append("| " + " | ".join(_cell(column["title"]) for _, column in columns) + " |")
    lines.append("|" + "---|" * len(columns))
    for number_of, line in enumerate(table["lines"]):
        few = number_of in table["hidden"]
        cells = [
            f"fewer than {facts.smallest} rows" if few and at == 1 else
            "" if few and at > 1 else _cell(shown.text(place, column, line[place]))
            for at, (place, column) in enumerate(columns)
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: str) -> str:
    return _safe(value).replace("|", "\\|").replace("\n", ": ")


_COMMAND = re.compile(r"`([\w ./@:=-]+)`")


def _safe(value: str) -> str:
    """Return a text that Markdown shows as it is: no HTML, no link, no heading of its own; commands stay code."""
    parts_of = _COMMAND.split(value)
    return "".join(f"`{part}`" if place % 2 else _escaped(part) for place, part in enumerate(parts_of))


def _escaped(value: str) -> str:
    value = plain(value).replace("\r", " ")
    for char in "\\`*_[]<>#":
        value = value.replace(char, f"\\{char}")
    return value
