"""Features, tasks and actions that look at more than the row's own line; tables beside it."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

import sartor
from sartor.errors import InputError, UsageError

TWO_TABLES = """
format: 1
recipe: parts/two
ingest:
  orders: {use: parts.table, key: order, with: {of: orders}}
  spent: {use: parts.table, with: {of: spent}}
task: {use: learn.classification, with: {table: orders, outcome: late, never: [customer]}}
split: {hash: 0.3}
features:
  loyalty: {use: parts.spent, from: [orders, spent]}
models:
  tree: {use: learn.tree, with: {depth: 3}}
  flat: {use: learn.base_rate}
judge: {redraws: 100}
"""

IN_TIME = """
format: 1
recipe: parts/time
ingest:
  orders: {use: parts.table, key: order, time: day, with: {of: orders}}
task: {use: learn.classification, with: {outcome: late, as_of: day, never: [customer]}}
split: {time: 2024-05-01}
features:
  before: {use: parts.before, from: orders}
models:
  tree: {use: learn.tree, with: {depth: 3}}
judge: {redraws: 100}
"""

BY_WINDOWS = """
format: 1
recipe: parts/windows
ingest:
  orders: {use: parts.table, key: order, time: day, with: {of: orders}}
  calls: {use: parts.table, key: call, time: day, with: {of: calls}}
task: {use: learn.classification, with: {table: orders, outcome: late, as_of: day, never: [customer]}}
split: {time: 2024-05-01}
features:
  lately: {use: history.windows, with: {entity: [customer], windows: [30 days], table: calls, measures: {calls: count}}}
models:
  tree: {use: learn.tree, with: {depth: 3}}
judge: {redraws: 100}
"""

BY_CUSTOMER = """
format: 1
recipe: parts/customers
ingest:
  customers: {use: parts.table, key: customer, with: {of: customers}}
  orders: {use: parts.table, key: order, with: {of: orders}}
task: {use: parts.by_customer}
split: {hash: 0.3}
features:
  total: {use: parts.total}
models:
  tree: {use: learn.tree, with: {depth: 2}}
judge: {redraws: 100}
"""


def orders(n=300, seed=0):
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, 40, n)
    return pd.DataFrame(
        {
            "order": np.arange(n),
            "customer": customer,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n) // 2, unit="D"),
            "amount": rng.gamma(2.0, 50.0, n).round(2),
            "late": (customer % 3 + rng.normal(size=n) > 1).astype("int64"),
        }
    )


def calls(n=400):
    """Calls of the customers of `orders`, those who are late the most."""
    rng = np.random.default_rng(1)
    customer = rng.choice(40, n, p=(np.arange(40) % 3 + 1) / (np.arange(40) % 3 + 1).sum())
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 150, n)), unit="D")
    return pd.DataFrame({"call": np.arange(n), "customer": customer, "day": day})


def spent():
    return pd.DataFrame({"customer": np.arange(40), "amount": (np.arange(40) % 3) * 100.0})


@pytest.fixture
def two(run_parts):
    return lambda text=TWO_TABLES: run_parts(text, orders=orders(), spent=spent())


def judged(run, answers, key="order", model="tree"):
    """Return how far answers lie from those that the run recorded for the rows that judged."""
    found = answers.set_index(key)["probability"].loc[run.predictions["row"]].to_numpy()
    return float(np.abs(found - run.predictions[f"{model}: probability"].to_numpy()).max())


class TestOtherTables:
    @pytest.mark.parametrize("use", ["parts.spent", "parts.spent_alone"])
    def test_they_are_read_as_the_recipe_says(self, two, ask, use):
        run = two(TWO_TABLES.replace("parts.spent,", f"{use},"))
        assert judged(run, ask(orders().drop(columns="late"))) <= 1e-12

    def test_they_can_be_given_anew(self, two, ask):
        two()
        as_it_was = ask(orders(), ("spent", spent()))
        pd.testing.assert_frame_equal(as_it_was, ask(orders()))
        assert not ask(orders(), ("spent", spent().assign(amount=200.0))).equals(as_it_was)

    def test_they_can_be_given_as_files_by_name(self, two, ask, tmp_path):
        two()
        spent().to_csv(tmp_path / "s.csv", index=False)
        orders().to_parquet(tmp_path / "o.parquet")
        answers = ask(str(tmp_path / "o.parquet"), f"spent={tmp_path / 's.csv'}")
        pd.testing.assert_frame_equal(answers, ask(orders()))

    def test_the_rows_may_stay_and_another_table_be_new(self, two, ask):
        run = two()
        assert judged(run, ask(spent(), table="spent")) <= 1e-12

    def test_what_a_table_lacks_or_holds_otherwise_is_named(self, two, ask):
        two()
        with pytest.raises(
            InputError, match="the data for spent has no column 'amount', which the run's own table had"
        ):
            ask(orders(), ("spent", spent().drop(columns="amount")))
        with pytest.raises(InputError, match="column 'amount' of the data for spent holds text, and held numbers"):
            ask(orders(), ("spent", spent().astype({"amount": "str"})))

    def test_another_table_cannot_come_as_a_stream(self, two, ask):
        two()
        with pytest.raises(UsageError, match=r"table spent cannot come as a stream.*  U074"):
            ask(orders(), ("spent", io.BytesIO(b"customer,amount\n1,2\n")))

    def test_rows_come_as_a_stream_where_features_need_their_own_line_only(self, two, ask):
        two(TWO_TABLES.replace("parts.spent,", "parts.spent_alone,"))
        stream = io.BytesIO(orders().head(20).to_csv(index=False).encode())
        pd.testing.assert_frame_equal(ask(stream), ask(orders().head(20)))

    def test_windows_over_another_table_are_answered_in_a_stream(self, run_parts, ask):
        """Of the orders only the row's own line is needed; windows over orders need the others, and say what to do."""
        run = run_parts(BY_WINDOWS, orders=orders(), calls=calls())
        stream = io.BytesIO(orders().head(20).to_csv(index=False).encode())
        found = ask(stream)
        pd.testing.assert_frame_equal(found, ask(orders().head(20)))
        assert judged(run, ask(orders().drop(columns="late"))) <= 1e-12
        assert found["probability"].nunique() > 1

    def test_windows_over_the_rows_own_table_say_what_to_do_in_a_stream(self, run_parts, ask):
        run_parts(BY_WINDOWS.replace("table: calls", "table: orders"), orders=orders(), calls=calls())
        with pytest.raises(UsageError, match=r"features.lately \('history.windows'\) may look at other lines") as error:
            ask(io.BytesIO(b"no line is read"))
        assert error.value.problems[0].hints[:2] == (
            ("to mend", "give all lines of orders as one file: --data FILE"),
            ("or", "let the step look at calls instead, which may come beside a stream: table: calls"),
        )

    def test_a_feature_that_may_look_further_is_named_before_a_line_is_read(self, two, ask):
        two()
        with pytest.raises(UsageError, match=r"features.loyalty \('parts.spent'\) may look at other lines of orders"):
            ask(io.BytesIO(b"no line is read"))


class TestOtherLines:
    def test_a_feature_of_the_past_sees_all_lines_of_the_data(self, run_parts, ask, monkeypatch):
        run = run_parts(IN_TIME, orders=orders())
        answers = ask(orders().drop(columns="late"))
        assert judged(run, answers) <= 1e-12
        for place in ("sources", "tables"):
            monkeypatch.setattr(f"sartor.predicting.{place}.ROWS", 17)
        pd.testing.assert_frame_equal(ask(orders().drop(columns="late")), answers)

    def test_keys_must_then_tell_rows_apart(self, run_parts, ask):
        run_parts(IN_TIME, orders=orders())
        with pytest.raises(
            InputError, match=r"the key order does not identify a row: 301 rows, 300 different keys.*D165"
        ):
            ask(pd.concat([orders(), orders().head(1)]))

    def test_rows_without_a_moment_are_asked_now(self, run_parts, ask):
        cautions: list[str] = []
        run_parts(IN_TIME, orders=orders())
        new = orders().assign(order=lambda frame: frame["order"] + 1000, day=pd.NaT)
        known = orders()
        answers = ask(pd.concat([known, new]), cautions=cautions)
        dated = ask(pd.concat([known, new.assign(day=pd.Timestamp.now().normalize())]))
        pd.testing.assert_frame_equal(answers, dated)
        assert any(text.startswith("300 rows have no day: they are asked as of ") for text in cautions)

    def test_or_at_the_moment_that_is_said(self, run_parts, ask):
        from datetime import datetime

        run_parts(IN_TIME, orders=orders())
        new = orders().assign(order=lambda frame: frame["order"] + 1000, day=pd.NaT)
        found = ask(pd.concat([orders(), new]), as_of=datetime(2024, 2, 1))
        expected = ask(pd.concat([orders(), new.assign(day=pd.Timestamp("2024-02-01"))]))
        pd.testing.assert_frame_equal(found, expected)


class TestRowsThatAreNoLines:
    def test_they_are_made_of_the_tables_that_are_given(self, run_parts, ask):
        customers = pd.DataFrame({"customer": np.arange(200), "back": (np.arange(200) % 4 == 0).astype("int64")})
        bought = pd.DataFrame({"order": np.arange(400), "customer": np.arange(400) % 200})
        luck = np.random.default_rng(0).gamma(2.0, 30.0, 400)
        bought["amount"] = (bought["customer"] % 4 == 0) * 50.0 + luck
        run = run_parts(BY_CUSTOMER, customers=customers, orders=bought)
        assert judged(run, ask(("orders", bought)), "customer") <= 1e-12
        more = ask(("orders", bought), ("customers", customers.assign(customer=customers["customer"] + 50)))
        assert more["customer"].tolist() == list(range(50, 250))
        with pytest.raises(UsageError, match="makes its rows of several tables, and it is not said which one"):
            ask(bought)


class TestActions:
    def decided(self, two, ask, actions, data=None, **options):
        two(TWO_TABLES.replace("parts.spent,", "parts.spent_alone,") + f"actions: {{{actions}}}\n")
        return ask(orders() if data is None else data, decide=True, **options)

    def test_one_that_looks_at_all_rows_decides_on_all_at_once(self, two, ask, monkeypatch):
        monkeypatch.setattr("sartor.predicting.sources.ROWS", 50)
        answers = self.decided(two, ask, "best: {use: parts.best, with: {number: 3}}")
        assert answers["chosen"].sum() == 3
        best = answers["probability"].nlargest(3, keep="first").index
        assert answers.loc[best, "chosen"].all()

    def test_also_where_keys_come_again(self, two, ask):
        data = pd.concat([orders(), orders().head(5)], ignore_index=True)
        answers = self.decided(two, ask, "best: {use: parts.best, with: {number: 4}}", data)
        assert answers["order"].tolist() == [*range(300), *range(5)]
        assert answers["chosen"].sum() == 4
        assert answers["probability"].tolist()[300:] == answers["probability"].tolist()[:5]

    def test_several_are_told_apart_by_their_names(self, two, ask):
        answers = self.decided(two, ask, "bar: {use: parts.bar}, best: {use: parts.best}")
        assert answers.columns.tolist() == ["order", "probability", "bar: act", "bar: answer", "best: chosen"]

    def test_an_action_decides_on_the_model_that_it_names(self, two, ask):
        answers = self.decided(two, ask, "bar: {use: parts.bar, from: flat}")
        assert answers["answer"].nunique() == 1
        assert answers["probability"].nunique() > 1
        asked = ask(orders(), decide=True, model="tree")
        assert asked["answer"].tolist() == asked["probability"].tolist()

    def test_one_that_decides_on_no_single_row_is_refused(self, two, ask):
        with pytest.raises(UsageError, match=r"actions.plan decides on no single row.*U076"):
            self.decided(two, ask, "plan: {use: parts.plan}")

    def test_a_recipe_without_actions_decides_nothing(self, two, ask):
        two()
        with pytest.raises(UsageError, match="parts/two has no action, so there is nothing to decide  U076"):
            ask(orders(), decide=True)


def test_a_reader_of_the_recipe_reads_new_files_by_its_own_settings(project, tmp_path):
    table = orders().drop(columns="day")
    text = """
format: 1
recipe: files
ingest:
  orders: {use: tables.csv, key: order, with: {path: old.csv, delimiter: ";", decimal: ",", missing: ["?"]}}
task: {use: learn.classification, with: {outcome: late, never: [customer]}}
split: {hash: 0.3}
models: {tree: {use: learn.tree, with: {depth: 3}}}
judge: {redraws: 100}
"""
    (project / "files.yaml").write_text(text, encoding="utf-8")
    table.to_csv(project / "old.csv", index=False, sep=";", decimal=",")
    run = sartor.run(project / "files.yaml")
    new = table.drop(columns="late").assign(amount=lambda frame: frame["amount"].where(frame["order"] > 3))
    new.to_csv(tmp_path / "new.csv", index=False, sep=";", decimal=",", na_rep="?")
    answers = sartor.predict(run, tmp_path / "new.csv")
    pd.testing.assert_frame_equal(answers, sartor.predict(run, new))
    with (tmp_path / "new.csv").open("rb") as stream:
        pd.testing.assert_frame_equal(sartor.predict(run, stream), answers)
    assert judged(run, sartor.predict(run, table)) <= 1e-12
    new.to_csv(tmp_path / "commas.csv", index=False)
    with pytest.raises(InputError, match=r"has one column only, 'order,customer,amount'.*D160"):
        sartor.predict(run, tmp_path / "commas.csv")
    new.to_parquet(tmp_path / "new.parquet")
    pd.testing.assert_frame_equal(sartor.predict(run, tmp_path / "new.parquet"), answers)
