"""Scorecards of sartor, optbinning and toad on the same columns and rows: how well they rank, and what they take.

    python benchmarks/scorecard.py --data FOLDER [--times 3] [--redraws 2000] [--environment FOLDER] [--strict]

`FOLDER` holds `finance/german-credit` and `finance/credit-default-taiwan`. Columns are those of the files, without key,
outcome and protected ones; rows are parted by the first 8 hex digits of the SHA-1 of their key, 30 of 100 to judge. No
setting is chosen by the rows that judge. The peers live in an environment of their own, which is made with `venv` and
`pip` in a temporary folder, or kept in the one that is named; versions are in `PEERS`.

Of Taiwan there are two tables: the columns of the file, and with them the ratios that sartor's recipe builds from them
(`taiwan-built`), which all cards get.

Settings: sartor's card as it comes, and with the special codes of its recipe (`codes`); optbinning with the bins and
the least information value of sartor's card, and empirical weights of evidence for missing values and special codes;
toad with its own default (`chi`, 5 of 100 rows in a bin at least), and with trees (`tree`), which are much faster. The
peers' logistic regressions have C = 1.

Told are the AUC of each, the difference of sartor's with its 95 % interval from redraws of the rows that judge (paired:
all are judged on the same redraws), coefficients of the wrong sign (a riskier bin that earns more points), the
calibration error beside what a perfectly calibrated model of the same probabilities shows in 95 of 100 cases, and
processor and wall seconds of fit and export. Each fits and exports in a process of its own, in turns, and once before
it is timed; the least of all times counts. What is exported: of sartor CSV, JSON and SQL, each proven on rows at all
edges; of optbinning its table as CSV and its pickle; of toad its JSON.

Bounds: on Taiwan AUC >= 0.771, no interval of a difference below 0, calibration error <= 0.016; on German the interval
of the difference from a plain logistic regression not below 0; nowhere a wrong sign, a calibration error above what
luck shows, or more processor seconds than the faster peer. With `--strict` the exit code is 1 where one does not hold.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

PEERS = (
    "optbinning==1.0.0", "toad==0.1.7", "numpy==2.4.6", "ortools==9.15.6755", "pandas==2.3.3", "pyarrow==26.0.1",
    "scikit-learn==1.9.1", "scipy==1.17.1",
)  # fmt: skip
TAIWAN_AUC, TAIWAN_CALIBRATION = 0.771, 0.016
BAD = "__bad"
ONE_THREAD = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}
"""What waits for work costs processor time too; all cards have one thread."""


@dataclass(frozen=True)
class Data:
    """A table and what its columns are.

    Parameters
    ----------
    file, outcome : str
    bad : int or str
        The outcome that is to be avoided.
    key : str or None
        None: the number of the row, from 0.
    protected, text : tuple of str
        Columns that no card may use; codes that are no numbers.
    codes : mapping of column to list of int
        Special codes, as in sartor's recipe.
    built : bool
        Whether the ratios that the recipe builds from the columns stand beside them, for all cards.
    """

    file: str
    outcome: str
    bad: int | str
    key: str | None
    protected: tuple[str, ...]
    text: tuple[str, ...] = ()
    codes: dict[str, list[int]] = field(default_factory=dict)
    built: bool = False


MONTHS = (0, 2, 3, 4, 5, 6)
"""There is no PAY_1."""
TAIWAN = Data(
    "credit-default-taiwan/credit_default_taiwan.csv.gz", "default.payment.next.month", 1, "ID",
    ("SEX", "AGE", "MARRIAGE"), ("EDUCATION",), {f"PAY_{month}": [-2, -1, 0] for month in MONTHS},
)  # fmt: skip
DATA = {
    "german": Data(
        "german-credit/german_credit.csv.gz", "creditability", "bad", None,
        ("age_in_years", "personal_status_and_sex", "foreign_worker"),
    ),
    "taiwan": TAIWAN,
    "taiwan-built": replace(TAIWAN, built=True),
}  # fmt: skip

BEGIN = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import pandas as pd

folder, name, variant, codes = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
X, test = (pd.read_parquet(f"{folder}/{name}-{part}.parquet") for part in ("train", "test"))
y, truth = X.pop("__bad").to_numpy(), test.pop("__bad").to_numpy()
text = [column for column in X if not pd.api.types.is_numeric_dtype(X[column])]


def timed(made):
    made()
    cpu, wall = time.process_time(), time.perf_counter()
    card = made()
    return card, {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def tell(probability, wrong, parts, seconds):
    said = {"probability": [float(one) for one in probability], "wrong": int(wrong), "parts": int(parts), **seconds}
    print(json.dumps(said))
"""

OURS = (
    BEGIN
    + """
from pathlib import Path

import numpy as np

from sartor.context import silently
from sartor.exporting import Export
from sartor.testing import make_context, make_scoring, make_training
from sartor_domains.finance.card.fitting import table_of
from sartor_domains.finance.scorecard import Scorecard

classes = ("good", "bad")
training = make_training(X, [classes[flag] for flag in y], classes=classes)
context = make_context(Path(folder))
settings = Scorecard(special_codes=codes if variant == "codes" else {})


def made():
    card = settings.fit(training, context)
    for form in ("csv", "json", "sql"):
        Path(folder, f"ours.{form}").write_bytes(card.export(Export(form=form, keys=("id",))))
    return card


def wrong(part):
    bins = sorted(table_of(part).bins, key=lambda one: one.woe)
    return any(np.diff([one.points for one in bins]) < 0)


with silently():
    card, seconds = timed(made)
    answers = card.predict(make_scoring(test, classes=classes))
tell(answers["probability"], sum(wrong(part) for part in card.parts), len(card.parts), seconds)
"""
)

LOGISTIC = (
    BEGIN
    + """
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

numbers = [column for column in X if column not in text]
filled = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
levels = OneHotEncoder(handle_unknown="ignore")
prepared = make_column_transformer((filled, numbers), (levels, text), sparse_threshold=0)
card, seconds = timed(lambda: make_pipeline(prepared, LogisticRegression(C=1.0, max_iter=2000)).fit(X, y))
tell(card.predict_proba(test)[:, 1], 0, X.shape[1], seconds)
"""
)

OPTBINNING = (
    BEGIN
    + """
from optbinning import BinningProcess, Scorecard
from sklearn.linear_model import LogisticRegression


def made():
    binning = BinningProcess(
        list(X.columns), categorical_variables=text, max_n_bins=8, min_bin_size=0.03,
        selection_criteria={"iv": {"min": 0.02}},
        binning_fit_params={name: {"special_codes": own} for name, own in codes.items()} if variant else None,
    )
    card = Scorecard(
        binning_process=binning, estimator=LogisticRegression(C=1.0, max_iter=1000), scaling_method="pdo_odds",
        scaling_method_params={"pdo": 20, "odds": 50, "scorecard_points": 600},
    )
    card.fit(X, y, metric_special="empirical", metric_missing="empirical")
    card.table(style="detailed").to_csv(f"{folder}/optbinning.csv")
    card.save(f"{folder}/optbinning.pkl")
    return card


card, seconds = timed(made)
coefficients = card.estimator_.coef_.ravel()
# Its weight of evidence is that of good: the log-odds of bad fall with it.
tell(card.predict_proba(test)[:, 1], (coefficients > 0).sum(), len(coefficients), seconds)
"""
)

TOAD = (
    BEGIN
    + """
import toad


def made():
    cut = toad.transform.Combiner()
    if variant == "tree":
        cut.fit(X, y, method="dt", min_samples=0.03, n_bins=8)
    else:
        cut.fit(X, y, method="chi", min_samples=0.05)
    evidence = toad.transform.WOETransformer()
    Z = evidence.fit_transform(cut.transform(X), y)
    card = toad.ScoreCard(
        combiner=cut, transer=evidence, pdo=20, rate=2, base_odds=50, base_score=600, C=1.0, max_iter=1000
    )
    card.fit(Z, y)
    with open(f"{folder}/toad.json", "w") as file:
        json.dump(card.export(), file)
    return card


card, seconds = timed(made)
# Its weight of evidence is that of bad: the log-odds of bad rise with it.
tell(card.predict_proba(test)[:, 1], (card.coef_ < 0).sum(), len(card.coef_), seconds)
"""
)

CARDS = {
    "sartor": (OURS, "", True), "sartor, codes": (OURS, "codes", True), "logistic": (LOGISTIC, "", True),
    "optbinning": (OPTBINNING, "", False), "optbinning, codes": (OPTBINNING, "codes", False),
    "toad": (TOAD, "chi", False), "toad, tree": (TOAD, "tree", False),
}  # fmt: skip
"""Code, variant, and whether it runs beside sartor; of the variant ``codes`` only where there are codes."""


def parted(data: Data, root: Path, folder: Path, name: str) -> int:
    """Write the rows to learn from and those to judge, and return how many judge."""
    import numpy as np
    import pandas as pd

    frame = pd.read_csv(root / "finance" / data.file)
    keys = frame[data.key] if data.key else range(len(frame))
    bound = int(0.3 * 16**8)
    judges = np.array([int(hashlib.sha1(str(key).encode()).hexdigest()[:8], 16) < bound for key in keys])
    X = frame.drop(columns=[data.outcome, *data.protected, *([data.key] if data.key else [])])
    X = X.astype(dict.fromkeys(data.text, str))
    if data.built:
        X = with_ratios(X)
    X[BAD] = (frame[data.outcome] == data.bad).astype(int)
    X[~judges].to_parquet(folder / f"{name}-train.parquet", index=False)
    X[judges].to_parquet(folder / f"{name}-test.parquet", index=False)
    return int(judges.sum())


def with_ratios(X: Any) -> Any:
    """Return the columns of Taiwan with the ratios that the recipe builds from them beside them."""
    import narwhals as nw

    from sartor_domains.finance.burden import Named, ratios

    bills, payments = ([f"{kind}_AMT{month}" for month in range(1, 7)] for kind in ("BILL", "PAY"))
    delays = [f"PAY_{month}" for month in MONTHS]
    named = Named(limit="LIMIT_BAL", bills=tuple(bills), payments=tuple(payments), delays=tuple(delays))
    made = ratios(named, {column: nw.col(column).cast(nw.Float64) for column in named.columns})
    return nw.from_native(X).with_columns(**made).to_native()


@contextmanager
def environment(kept: Path | None) -> Iterator[Path]:
    """Yield the Python of an environment with the peers, which is made where it is not there."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        home = kept or Path(own) / "peers"
        python = home / "bin" / "python"
        if not python.exists():
            venv.create(home, with_pip=True)
        call = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"the peers cannot be installed:\n{done.stderr}")
        yield python


def ran(card: str, python: Path, folder: Path, name: str) -> dict[str, Any]:
    """Fit a card in a process of its own, and return what it tells."""
    code, variant, ours = CARDS[card]
    call = [
        sys.executable if ours else str(python),
        "-c",
        code,
        str(folder),
        name,
        variant,
        json.dumps(DATA[name].codes),
    ]
    done = subprocess.run(call, cwd=folder, env=ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{card} failed on {name}:\n{done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return told


def measured(name: str, python: Path, folder: Path, times: int) -> dict[str, dict[str, Any]]:
    """Fit all cards in turns; of each the least seconds count."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(times):
        for card, (_, variant, _) in CARDS.items():
            if variant == "codes" and not DATA[name].codes:
                continue
            told = ran(card, python, folder, name)
            before = found.get(card, told)
            found[card] = {**told, **{clock: min(told[clock], before[clock]) for clock in ("cpu", "wall")}}
    return found


def judged(name: str, found: dict[str, dict[str, Any]], folder: Path, redraws: int) -> list[str]:
    """Print a table of a dataset, and return the bounds that do not hold."""
    import numpy as np
    import pandas as pd

    from sartor_plugins.learn.metrics.calibration_error import calibration_error, calibration_error_expected
    from sartor_plugins.learn.metrics.discrimination import auc

    truth = pd.read_parquet(folder / f"{name}-test.parquet")[BAD].to_numpy()
    weights = np.random.default_rng(0).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), size=redraws)
    drawn = {card: np.asarray(auc(truth, one["probability"], weights)) for card, one in found.items()}
    ours, failed = found["sartor"], []
    print(f"\n{name}: {len(truth):,} rows judge, {truth.sum():,} of them bad; {redraws:,} redraws")
    print(f"{'':18} {'AUC':>7}  {'sartor less it':>27}  wrong  calibration (luck)  {'cpu s':>7} {'wall s':>7}")
    for card, one in found.items():
        own = float(auc(truth, one["probability"]))
        error = float(calibration_error(truth, one["probability"]))
        luck = calibration_error_expected(one["probability"]).high
        difference = ""
        if card != "sartor":
            low, high = np.quantile(drawn["sartor"] - drawn[card], [0.025, 0.975])
            mean = float(auc(truth, ours["probability"])) - own
            difference = f"{mean:+.4f}, {low:+.4f} to {high:+.4f}"
            if high < 0 and (name.startswith("taiwan") or card == "logistic"):
                failed.append(f"{name}: AUC is below that of {card}")
        print(
            f"{card:18} {own:7.4f}  {difference:>27}  {one['wrong']:2} of {one['parts']:2}"
            f"  {error:8.4f} ({luck:.4f})  {one['cpu']:7.2f} {one['wall']:7.2f}"
        )
        if card.startswith("sartor"):
            failed += [f"{name}: {card} has {one['wrong']} wrong signs"] if one["wrong"] else []
            failed += [f"{name}: {card} is less calibrated than luck allows"] if error > luck else []
        if card == "sartor" and name.startswith("taiwan"):
            failed += [f"{name}: AUC {own:.4f} is below {TAIWAN_AUC}"] if own < TAIWAN_AUC else []
            failed += [f"{name}: calibration error {error:.4f}"] if error > TAIWAN_CALIBRATION else []
    peers = {card: one["cpu"] for card, one in found.items() if not CARDS[card][2]}
    faster = min(peers, key=lambda card: peers[card])
    if ours["cpu"] > peers[faster]:
        failed.append(f"{name}: fit and export take {ours['cpu'] / peers[faster]:.2f} of what {faster} takes")
    return failed


def main() -> None:
    """Compare, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--redraws", type=int, default=2000)
    parser.add_argument("--environment", type=Path, default=None, help="where the peers' environment is kept")
    parser.add_argument("--strict", action="store_true")
    asked = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as own, environment(asked.environment) as python:
        folder = Path(own)
        for name in asked.only:
            parted(DATA[name], asked.data, folder, name)
            failed += judged(name, measured(name, python, folder, asked.times), folder, asked.redraws)
    print("\n" + "\n".join(failed or ["every bound holds"]))
    sys.exit(1 if failed and asked.strict else 0)


if __name__ == "__main__":
    main()
