"""Order lines as shops have them: what is wrong is named and counted, and what is left is right.

One shop with every kind of dirt of the brief, and one run that reads it.
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import sartor
from sartor.errors import SartorError

RECIPE = """
format: 1
recipe: dirty/shop
ingest:
  lines:
    use: tables.csv
    time: InvoiceDate
    roles: {user: CustomerID, item: StockCode, order: InvoiceNo, quantity: Quantity, price: UnitPrice}
    with: {path: lines.csv}
    contract:
      required: [CustomerID]
      unique: [[InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID]]
      otherwise: set_aside
      columns:
        CustomerID: {type: text}
        InvoiceNo: {type: text}
        StockCode: {type: text, tidy: [strip, upper], pattern: '[0-9]{5}[A-Z]*'}
        InvoiceDate: {type: datetime}
        Quantity: {type: integer}
        UnitPrice: {type: number, at_least: 0.01}
task: {use: ecommerce.recommendation, with: {targets: all, horizon: 30 days, origins: 2}}
split: {time: 2024-04-01, every: 30 days, origins: 1}
features: {history: {use: recommend.history, from: lines}}
models: {own: {use: recommend.own_purchases}}
actions: {slate: {use: ecommerce.slate, with: {length: 3}}}
judge: {redraws: 100}
"""
COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]


def clean():
    """Forty customers who buy their own cup each month, and a mug at times; the first customer only once."""
    lines = []
    for customer in range(1, 41):
        code = f"{20000 + customer % 8}"
        for month in range(1, 5):
            if customer > 1 or month == 1:
                day = f"2024-{month:02d}-{5 + customer % 10:02d} 10:{customer:02d}"
                lines.append([f"5{month}{customer:02d}", code, "CUP", 2, day, 2.5, f"{customer:05d}"])
                lines.append([f"5{month}{customer:02d}", "30000A", "MUG", 1, day, 4.0, f"{customer:05d}"])
    return lines


def dirty():
    """The same lines, and among them every kind of dirt."""
    at = "2024-02-20 09:00"
    return [
        *clean(),
        *[["5900", "20001", "CUP", 1, at, 2.5, None]] * 3,  # a guest, three times
        ["5901", "20002", "CUP", 80995, at, 2.5, "00009"],  # and its cancellation, minutes later
        ["C5902", "20002", "CUP", -80995, "2024-02-20 09:12", 2.5, "00009"],
        ["C5903", "20003", "CUP", -4, at, 2.5, "00010"],  # a cancellation of nothing: that cup was never bought
        ["5904", "POST", "POSTAGE", 1, at, 18.0, "00011"],
        ["5905", "BANK CHARGES", "BANK CHARGES", 1, at, 15.0, "00012"],
        ["5906", "gift_0001_20", "VOUCHER", 1, at, 20.0, "00013"],
        ["5907", "20004", "CUP", 1, at, 0.0, "00014"],  # for nothing
        ["A5908", "20004", "ADJUST BAD DEBT", 1, at, -11062.06, "00014"],
        ["5909", "20005", "CUP", 1, at, 2.5, "00015"],
        ["5909", "20005", "CUP", 1, at, 2.5, "00015"],  # entered twice
        ["5910", "30000a", "MUG", 1, at, 4.0, "00016"],  # in small letters
        ["5911", "30000A", "mug, blue", 1, at, 4.0, "00017"],  # another description
        ["5912", "20006", "CUP", 1, at, 2.5, "00018"],  # and once more at the very same moment
        ["5913", "20006", "CUP", 1, at, 2.5, "00018"],
        ["5914", "99999", "NOVELTY", 1, "2024-04-20 09:00", 9.0, "00019"],  # never seen in training
        ["5915", "20007", "CUP", 1, "2024-04-21 09:00", 2.5, "90000"],  # a newcomer
    ]


def project(folder, lines=None, recipe=RECIPE):
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    (folder / "shop.yaml").write_text(recipe, encoding="utf-8")
    pd.DataFrame(dirty() if lines is None else lines, columns=COLUMNS).to_csv(folder / "lines.csv", index=False)


def run_in(folder, patch):
    patch.chdir(folder)
    return sartor.run("shop.yaml")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dirty")
    project(folder)
    with pytest.MonkeyPatch.context() as patch:
        yield run_in(folder, patch)


@pytest.fixture(scope="module")
def notes(shop):
    return [note["text"] for note in shop.summary["notes"]]


def told(notes, *parts):
    return any(all(part in note for part in parts) for note in notes)


def test_guests_are_set_aside_and_counted(notes):
    assert told(notes, "3 lines were set aside, CustomerID is missing")


def test_codes_that_are_no_product_are_set_aside_and_counted(notes):
    assert told(notes, "3 lines were set aside, StockCode is not of the pattern '[0-9]{5}[A-Z]*'")


def test_what_cost_nothing_or_less_is_set_aside_and_counted(notes):
    assert told(notes, "2 lines were set aside, UnitPrice is below 0.01")


def test_lines_entered_twice_are_set_aside_and_counted(notes):
    assert told(notes, "1 line was set aside", "stands before")


def test_codes_in_two_cases_are_one_item(notes, shop):
    assert told(notes, "2 values of StockCode were tidied")
    assert not shop.decisions["slate"].map(lambda items: "30000a" in list(items)).any()


def test_cancellations_are_matched_with_what_they_take_back(notes):
    said = "2 returns: 1 matched with what it takes back, 1 without a purchase before it; "
    assert notes.count(said + "1 purchase line undone altogether") == 1


def test_80995_pieces_undone_in_minutes_teach_nobody(shop):
    """Customer 9 buys cup 20001: the cup that was cancelled is not offered as bought before."""
    mine = shop.decisions.set_index(shop.decisions.columns[0]).filter(like="00009", axis=0).iloc[0]
    bought = [item for item, why in zip(mine["slate"], mine["reasons"], strict=True) if why == "bought before"]
    assert sorted(bought) == ["20001", "30000A"]


def test_an_item_of_several_descriptions_is_one_item(shop):
    decisions = shop.decisions.set_index(shop.decisions.columns[0]).filter(like="00017", axis=0).iloc[0]
    assert list(decisions["slate"]).count("30000A") == 1


def test_a_customer_of_one_event_is_answered(shop):
    decision = shop.decisions.set_index(shop.decisions.columns[0]).filter(like="00001", axis=0).iloc[0]
    assert decision["decision"] == "show"
    assert set(decision["slate"][:2]) == {"20001", "30000A"}


def test_an_item_unseen_in_training_is_wanted_and_not_found(shop):
    """39 known customers buy their cup and mug again; number 19 wants something, too, that nobody can foretell."""
    metrics = shop.summary["models"]["own"]["metrics"]
    assert metrics["recall@10"]["value"] == pytest.approx((38 + 2 / 3) / 39)


def test_of_fewer_newcomers_than_the_smallest_group_no_metric_is_told(shop):
    """There is one; on ten or more known customers the others stand."""
    assert "recall@10" in shop.summary["models"]["own"]["metrics"]
    assert "recall@10_cold" not in shop.summary["models"]["own"]["metrics"]
    notes = [note["text"] for note in shop.summary["notes"]]
    (said,) = [note for note in notes if note.endswith("stand on fewer than 10 rows and are not told")]
    assert "recall@10_cold" in said


def test_the_moments_of_two_orders_may_be_equal(shop):
    decision = shop.decisions.set_index(shop.decisions.columns[0]).filter(like="00018", axis=0).iloc[0]
    assert list(decision["slate"][:3]) == ["30000A", "20002", "20006"]


def test_customers_keep_their_leading_zeros(shop):
    assert (shop.decisions.iloc[:, 0].str.len() >= 5).all()


def test_no_line_for_anybody_is_told(tmp_path, monkeypatch):
    guests = [["5900", "20001", "CUP", 1, f"2024-02-2{n} 09:00", 2.5, None] for n in range(3)]
    project(tmp_path, lines=guests, recipe=RECIPE.replace("      required: [CustomerID]\n", ""))
    message = r"no line of table lines names a user, an item and a moment: there is nothing to learn a taste from"
    with pytest.raises(SartorError, match=message) as caught:
        run_in(tmp_path, monkeypatch)
    assert caught.value.problems[0].code == "D300"
    assert caught.value.problems[0].hints == (
        ("to mend", "see whether roles and time name the columns that are meant: roles: {user: COLUMN}"),
    )


def test_guests_without_a_contract_teach_nothing_and_are_counted(tmp_path, monkeypatch):
    project(tmp_path, recipe=RECIPE.replace("      required: [CustomerID]\n", ""))
    notes = [note["text"] for note in run_in(tmp_path, monkeypatch).summary["notes"]]
    assert told(notes, "lines of lines name no user, no item or no moment, and tell nothing of anybody's taste")


def test_a_cut_behind_the_last_line_is_told_with_its_day(tmp_path, monkeypatch):
    project(tmp_path, lines=[line for line in clean() if line[4] < "2024-03"])
    message = r"the cut is 2024-04-01, and the last line of lines is of 2024-02-14: there is nothing to judge by"
    with pytest.raises(SartorError, match=message):
        run_in(tmp_path, monkeypatch)


def test_a_cut_with_nothing_before_the_first_window_is_told(tmp_path, monkeypatch):
    project(tmp_path, lines=[line for line in clean() if line[4] >= "2024-03-06"])
    message = r"no window of 30 days before 2024-04-01 has anything before it: the first line of lines is of 2024-03-06"
    with pytest.raises(SartorError, match=message) as caught:
        run_in(tmp_path, monkeypatch)
    assert ("to mend", "choose a later cut, or a shorter horizon") in caught.value.problems[0].hints


def test_dates_that_are_texts_are_told_with_what_to_write(tmp_path, monkeypatch):
    recipe = RECIPE.replace("        InvoiceDate: {type: datetime}\n", "        InvoiceDate: {type: text}\n")
    project(tmp_path, recipe=recipe)
    with pytest.raises(SartorError, match=r"InvoiceDate") as caught:
        run_in(tmp_path, monkeypatch)
    assert caught.value.problems[0].hints


def test_lines_of_the_future_are_told(tmp_path, monkeypatch):
    late = dt.datetime.now() + dt.timedelta(days=400)
    future = [["5999", "20001", "CUP", 1, f"{late:%Y-%m-%d %H:%M}", 2.5, "00002"]]
    project(tmp_path, lines=[*clean(), *future])
    run = run_in(tmp_path, monkeypatch)
    assert told([note["text"] for note in run.summary["notes"]], "1 event of lines lies in the future")


def test_a_price_that_is_text_is_told(tmp_path, monkeypatch):
    recipe = RECIPE.replace("UnitPrice: {type: number, at_least: 0.01}", "UnitPrice: {type: text}")
    project(tmp_path, recipe=recipe)
    with pytest.raises(SartorError, match=r"column 'UnitPrice' of lines is the price and holds no numbers") as caught:
        run_in(tmp_path, monkeypatch)
    assert caught.value.problems[0].hints == (
        ("to mend", "say at ingest what it holds: contract: {columns: {UnitPrice: {type: number}}}"),
    )


def test_no_event_that_is_a_purchase_is_told(tmp_path, monkeypatch):
    recipe = RECIPE.replace("targets: all,", "targets: all, bought: [order],").replace(
        "order: InvoiceNo,", "event: Description,"
    )
    project(tmp_path, lines=clean(), recipe=recipe)
    message = r"no event of table lines is order: nothing was bought; there are CUP, MUG"
    with pytest.raises(SartorError, match=message) as caught:
        run_in(tmp_path, monkeypatch)
    assert caught.value.problems[0].code == "D306"


def test_numbers_as_keys_are_the_same_texts_whether_whole_or_not():
    import pyarrow as pa

    from sartor_plugins.recommend.columns import texts_of

    whole = texts_of(pa.chunked_array([[17850, None]]))
    half = texts_of(pa.chunked_array([[17850.0, None]]))
    text = texts_of(pa.chunked_array([["017850", None]]))
    assert whole.to_pylist() == half.to_pylist() == ["17850", None]
    assert text.to_pylist() == ["017850", None]


def test_reading_again_gives_the_same_bytes(shop, tmp_path, monkeypatch):
    """The order of lines does not matter either."""
    lines = dirty()
    order = np.random.default_rng(0).permutation(len(lines))
    project(tmp_path, lines=[lines[place] for place in order])
    again = run_in(tmp_path, monkeypatch)
    mine, theirs = ((run.folder / "metrics.json").read_bytes() for run in (shop, again))
    assert mine == theirs


@pytest.mark.parametrize("quantity", [0, -1])
def test_lines_that_buy_nothing_are_told(tmp_path, monkeypatch, quantity):
    nothing = [["5900", "20001", "CUP", quantity, f"2024-02-2{n} 09:00", 2.5, "00018"] for n in range(3)]
    project(tmp_path, lines=nothing)
    with pytest.raises(
        SartorError, match=r"no line of table lines has a quantity above 0 that was not taken"
    ) as caught:
        run_in(tmp_path, monkeypatch)
    assert caught.value.problems[0].code == "D300"


def test_purchases_of_a_negative_price_are_told(tmp_path, monkeypatch):
    adjusted = [["5901", "20001", "CUP", 1, "2024-02-20 09:00", -2.5, "00018"]]
    project(tmp_path, lines=[*clean(), *adjusted], recipe=RECIPE.replace(", at_least: 0.01", ""))
    notes = [note["text"] for note in run_in(tmp_path, monkeypatch).summary["notes"]]
    assert told(notes, "1 purchase line of lines has a negative price ('UnitPrice') and lowers what customers count")
