"""The fraud handbook's features on its own transactions, against pandas' rolling windows.

Windows and the delay of seven days are those of the handbook (Le Borgne and others, 2022, chapter 3): a customer's
transactions up to and including the present one, a terminal's as they were known seven days before.
"""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from by_hand import fetched

from sartor.context import Context
from sartor.engine import Engine
from sartor.rows import Rows, Table
from sartor.windows.over import over

DAYS = (1, 7, 30)
LENGTHS = [f"{days} days" if days > 1 else "1 day" for days in DAYS]


def column(name, days):
    return f"{name}_{days}_day{'s' if days > 1 else ''}"


@pytest.fixture(scope="module")
def transactions(data_folder):
    table = pq.read_table(data_folder("finance/fdh-card-transactions") / "fdh_transactions.parquet")
    return table.to_pandas().sort_values("TRANSACTION_ID", ignore_index=True)


@pytest.fixture(scope="module")
def features(transactions):
    import narwhals as nw

    with Engine() as engine:
        context = Context(connection_of=lambda: engine.connection)
        frame = engine.store(transactions, "transactions", order_by="TRANSACTION_ID")
        table = Table("transactions", frame, key=("TRANSACTION_ID",), time="TX_DATETIME")
        marks = {"__row": nw.col("TRANSACTION_ID"), "__as_of": nw.col("TX_DATETIME")}
        stored = engine.store(frame.select("TRANSACTION_ID", **marks), "rows", order_by="__row")
        rows = Rows(stored, keys=("TRANSACTION_ID",), own="transactions")
        customer = over(
            rows, table, "CUSTOMER_ID", LENGTHS, {"n": "count", "mean": ("mean", "TX_AMOUNT")}, context, upto="own"
        )
        terminal = over(
            rows,
            table,
            "TERMINAL_ID",
            LENGTHS,
            {"n": "count", "fraud": ("mean", "TX_FRAUD")},
            context,
            upto="own",
            delay="7 days",
        )
        made = fetched(customer).join(fetched(terminal).add_suffix("_terminal"))
    moments = transactions["TX_DATETIME"].dt
    made["amount"] = transactions["TX_AMOUNT"].to_numpy(dtype=float)
    made["weekend"], made["night"] = (moments.day_of_week >= 5).to_numpy(), (moments.hour <= 6).to_numpy()
    return made


def test_all_rows_have_all_fifteen_features(transactions, features):
    assert features.shape == (718_601, 15)
    assert features.index.tolist() == transactions["TRANSACTION_ID"].tolist()
    assert (features["n_1_day"] >= 1).all(), "the present transaction counts"


def rolled(group, days, values):
    """Rolling windows of one entity as the handbook works them out, by position among equal moments."""
    series = pd.Series(values, index=group["TX_DATETIME"].to_numpy())
    return series.rolling(f"{days}D")


def sample(transactions, entity):
    """Every fiftieth entity, the busiest ones, and those with equal moments."""
    counts = transactions[entity].value_counts()
    tied = transactions.loc[transactions.duplicated([entity, "TX_DATETIME"]), entity].unique()
    chosen = {*counts.index[::50], *counts.index[:20], *tied[:20]}
    assert len(tied) > 0
    return transactions[transactions[entity].isin(chosen)].sort_values("TX_DATETIME", kind="stable")


@pytest.mark.parametrize("days", DAYS)
def test_customers_equal_rolling_windows_of_pandas(transactions, features, days):
    some = sample(transactions, "CUSTOMER_ID")
    for _, group in some.groupby("CUSTOMER_ID"):
        ours = features.loc[group["TRANSACTION_ID"]]
        window = rolled(group, days, group["TX_AMOUNT"].to_numpy(dtype=float))
        assert np.array_equal(ours[column("n", days)], window.count())
        np.testing.assert_allclose(ours[column("mean", days)], window.mean(), rtol=1e-9)


@pytest.mark.parametrize("days", DAYS)
def test_terminals_equal_differences_of_rolling_windows_of_pandas(transactions, features, days):
    some = sample(transactions, "TERMINAL_ID")
    for _, group in some.groupby("TERMINAL_ID"):
        ours = features.loc[group["TRANSACTION_ID"]]
        fraud = group["TX_FRAUD"].to_numpy(dtype=float)
        late, all_of_it = rolled(group, 7, fraud), rolled(group, 7 + days, fraud)
        number = all_of_it.count() - late.count()
        frauds = all_of_it.sum().round() - late.sum().round()
        assert np.array_equal(ours[f"{column('n', days)}_terminal"], number)
        share = np.divide(frauds, number, out=np.zeros(len(group)), where=number.to_numpy() > 0)
        np.testing.assert_allclose(ours[f"{column('fraud', days)}_terminal"].fillna(0), share, rtol=1e-12)
