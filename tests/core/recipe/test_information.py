"""``information`` of a recipe: what it becomes, and what is said where it is wrong, before a row is read."""

from __future__ import annotations

import pytest

from sartor.durations import Duration
from sartor.plugins import Plugins
from sartor.recipe import load_text
from sartor.recipe.checking import check
from sartor.recipe.project import Project
from sartor.recipe.sources import Information, Price, Source

RECIPE = """\
format: 1
recipe: demo/worth
currency: EUR
ingest:
  loans: {use: tables.csv, key: id, with: {path: loans.csv}}
  payments: {use: tables.csv, key: payment, time: day, roles: {user: id}, with: {path: payments.csv}}
  rates: {use: tables.csv, with: {path: rates.csv}}
privacy: {columns: {sex: audit_only, name: drop}}
task: {use: learn.classification, with: {outcome: bad, table: loans}}
split: {given: part, train: [a], test: [b]}
models: {model: {use: learn.logistic}}
information:
"""
LOANS = "id,part,bad,sex,name,income,balance,purpose\n1,a,0,f,Anna,1,2,car\n"
PAYMENTS = "payment,id,day,amount,channel\n1,1,2024-01-01,5,web\n"
RATES = "day,rate\n2024-01-01,1\n"


@pytest.fixture(scope="module")
def plugins():
    return Plugins()


@pytest.fixture
def said(tmp_path, plugins):
    """Return a function that tells what is wrong with a section, line 13 and on, by line, code, message and hints."""
    for name, text in (("loans", LOANS), ("payments", PAYMENTS), ("rates", RATES)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    project = Project(tmp_path)

    def tell(section: str) -> list[str]:
        recipe, problems = load_text(RECIPE + section, folder=tmp_path, project=project, env={})
        found = [*problems, *(check(recipe, plugins) if recipe is not None and not problems else [])]
        return [
            " | ".join(
                [
                    f"{problem.where.line}:{problem.where.column} {problem.code} {problem.message}",
                    *(f"{label}: {text}" for label, text in problem.hints),
                ]
            )
            for problem in found
        ]

    return tell


def test_sources_become_records(tmp_path):
    section = """\
  public: [purpose]
  private:
    account: [balance, income]
    one: purse
    bank: {columns: [amount], of: payments, price: {per_row: 0.5, currency: EUR}}
    payments: {table: payments, price: {per_month: 900}, delay: [0d, 1d, 7 days]}
    web: {lines: {table: payments, where: {channel: [web, 7]}}, price: {per_call: 2}}
  decisions_per_month: 5000
  halves: 2
  budget: {refits: 30, minutes: 1.5}
"""
    recipe, problems = load_text(RECIPE + section, folder=tmp_path, project=Project(tmp_path), env={})
    assert problems == []
    at = ("information", "private")
    assert recipe.information == Information(
        public=(Source("public", ("information", "public"), columns=("purpose",)),),
        private={
            "account": Source("account", (*at, "account"), columns=("balance", "income")),
            "one": Source("one", (*at, "one"), columns=("purse",)),
            "bank": Source("bank", (*at, "bank"), "payments", ("amount",), price=Price(0.5, "row")),
            "payments": Source(
                "payments",
                (*at, "payments"),
                "payments",
                price=Price(900.0, "month"),
                delays=(Duration(0, "day"), Duration(1, "day"), Duration(7, "day")),
            ),
            "web": Source("web", (*at, "web"), "payments", where=("channel", ("web", 7)), price=Price(2.0, "call")),
        },
        decisions_per_month=5000.0,
        halves=2,
        refits=30,
        minutes=1.5,
    )


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (
            "  private: [balance, income]\n",
            (
                "13:12 R062 private must name its sources: each is worth something of its own | to mend: write "
                "private: "
                "{account: [BALANCE], payments: {table: PAYMENTS, price: {per_month: 900}}}"
            ),
        ),
        (
            "  public: [purpose, income]\n",
            (
                "12:1 R091 every source is public: there is no advantage to weigh | to mend: say what is ours, "
                "private: "
                "{account: [BALANCE], payments: {table: PAYMENTS, price: {per_month: 900}}}, or leave information out"
            ),
        ),
        ("  privat: {a: [income]}\n", "13:3 R060 'privat' is not a key of information | did you mean: private"),
        ("  private: {a: []}\n", "13:13 R061 source 'a' names no column | to mend: name what it brings"),
        (
            "  private: {a: {table: rates, columns: [rate]}}\n",
            (
                "13:13 R081 source 'a' says table and columns, and is one of them | to mend: write a: [COLUMN, ...], "
                "or a: "
                "{table: TABLE}"
            ),
        ),
        (
            "  private: {a: {columns: [income], price: {per_call: 2, currency: USD}}}\n",
            (
                "13:67 R093 the price of 'a' is in USD, and the recipe's money is EUR | to mend: convert it to EUR, "
                "and "
                "leave currency out"
            ),
        ),
        (
            "  private: {a: {columns: [income], price: {per_week: 2}}}\n",
            "13:44 R060 'per_week' is not a key of a price | did you mean: per_row",
        ),
        (
            "  private: {a: {columns: [income], price: {per_call: -2}}}\n",
            "13:54 R069 per_call must be 0 or more, got -2",
        ),
        (
            "  private: {a: {table: payments, delay: [7d, 1d]}}\n",
            (
                "13:41 R069 delay must rise, each length named once | to mend: write delay: [0 days, 1 day, 7 days, "
                "30 days]"
            ),
        ),
        (
            "  private: {a: {table: payments, delay: [0d, 1 month]}}\n",
            "13:46 R075 1 month have no fixed length | to mend: write it in days or weeks, such as 30 days",
        ),
        (
            "  private: {a: {lines: {table: payments, where: {channel: web, day: 1}}}}\n",
            (
                "13:42 R069 where names 2 columns, and takes one | to mend: write lines: {table: TABLE, where: "
                "{COLUMN: VALUE}}"
            ),
        ),
        (
            "  private: {a: [incme]}\n",
            "13:17 R041 no table has the column 'incme' | nearest: income, in loans",
        ),
        ("  private: {a: {table: paymnts}}\n", "13:24 R040 no table is called 'paymnts' | did you mean: payments"),
        (
            "  private: {a: [income, sex]}\n",
            (
                "13:25 R047 privacy keeps 'sex' for audit only, and no step can see it | to mend: take sex out of "
                "privacy.columns, or do without it here"
            ),
        ),
        (
            "  private: {a: [bad]}\n",
            (
                "13:17 R094 source 'a' names 'bad', which is what is to be predicted: it is no source | to mend: "
                "leave it "
                "out"
            ),
        ),
        (
            "  private: {a: {columns: id, of: loans}}\n",
            (
                "13:26 R094 source 'a' names 'id', which is the key of table loans: lines are told apart by it | to "
                "mend: "
                "leave it out"
            ),
        ),
        (
            "  private: {a: [part]}\n",
            "13:17 R094 source 'a' names 'part', which the split goes by | to mend: leave it out",
        ),
        (
            "  private: {a: [income, balance], b: [balance]}\n",
            (
                "13:35 R092 source 'b' holds 'balance', which is in 'a' too: it would be counted twice | to mend: keep "
                "'balance' in one of them"
            ),
        ),
        (
            "  public: [income]\n  private: {a: [income]}\n",
            (
                "14:13 R092 source 'a' holds 'income', which anyone could know: it is private and public at once | to "
                "mend: keep 'income' in one of them"
            ),
        ),
        (
            "  private: {a: {table: payments}, b: [amount]}\n",
            (
                "13:35 R092 source 'b' holds 'amount' of table payments, which is in 'a' too: it would be counted "
                "twice | "
                "to mend: keep 'amount' of table payments in one of them"
            ),
        ),
        (
            "  private: {a: {table: payments}, b: {lines: {table: payments, where: {channel: web}}}}\n",
            (
                "13:35 R092 source 'b' holds lines of payments, which is in 'a' too: it would be counted twice | to "
                "mend: "
                "keep lines of payments in one of them"
            ),
        ),
        (
            "  private: {a: {columns: [income], delay: [0d, 7d]}}\n",
            (
                "13:43 R095 columns have no time of their own, so 'a' cannot be known later | to mend: leave delay "
                "out, or "
                "keep what becomes known by and by in a table with a time"
            ),
        ),
        (
            "  private: {a: {table: rates, delay: [0d, 7d]}}\n",
            (
                "13:38 R095 table rates has no time, so 'a' cannot be known later | to mend: say at ingest when a line "
                "became known: time: COLUMN"
            ),
        ),
        (
            "  private: {a: {lines: {table: payments, where: {id: 7}}}}\n",
            (
                "13:50 P030 source 'a' is lines by 'id', and 'id' tells persons or lines apart: what a person is "
                "worth is "
                "not asked | to mend: pick lines by where they come from: a channel, a provider, a kind"
            ),
        ),
        (
            "  private: {a: {lines: {table: loans, where: {name: Anna}}}}\n",
            (
                "13:47 P030 source 'a' is lines by 'name', and privacy has a word on 'name': what a person is worth "
                "is not "
                "asked | to mend: pick lines by where they come from: a channel, a provider, a kind"
            ),
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(said, section, message):
    assert message in said(section)


def test_a_price_needs_the_unit_of_the_recipe(tmp_path):
    text = RECIPE.replace("currency: EUR\n", "") + "  private: {a: {columns: [income], price: {per_call: 2}}}\n"
    _, problems = load_text(text, folder=tmp_path, project=Project(tmp_path), env={})
    (problem,) = problems
    assert problem.message == "source 'a' has a price, and the recipe does not say its currency"
    assert problem.hints == (("to mend", "write currency: EUR at the top of the recipe"),)


def test_the_table_of_the_rows_is_no_source(tmp_path, plugins):
    (tmp_path / "loans.csv").write_text(LOANS, encoding="utf-8")
    text = RECIPE + "  private: {a: {table: loans}}\n"
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith(("  payments", "  rates"))]
    recipe, problems = load_text("".join(lines), folder=tmp_path, project=Project(tmp_path), env={})
    assert problems == []
    (problem,) = check(recipe, plugins)
    assert problem.code == "R094"
    assert problem.message == (
        "source 'a' is loans, whose lines are what is to be answered: without it there are no rows"
    )


def test_what_is_right_has_no_problem(said):
    section = """\
  private:
    account: [income]
    payments: {columns: amount}
    web: {lines: {table: payments, where: {channel: web}}, delay: [0 days, 7 days]}
    other: {lines: {table: payments, where: {channel: phone}}}
    rates: {table: rates}
"""
    assert said(section) == []
