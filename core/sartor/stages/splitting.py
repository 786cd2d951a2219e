"""Split: which rows teach and which judge, one rule over rows.

Train is ``known_at <= cut``, test is ``as_of >= cut``, the rest is the gap; where rows are timeless the rule goes by
hash, group or a given column. `split_again` re-applies the recipe's own rule inside the training part, so that
whatever chooses anything chooses it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sartor.errors import InputError
from sartor.guard.parts import GIVEN_TEST, GIVEN_TRAIN
from sartor.recipe.model import FoldSplit, GivenSplit, GroupSplit, HashRule, HashSplit, Split, TimeSplit
from sartor.rows import AS_OF, GROUP, KNOWN_AT, RAW_PART, ROW, Origins
from sartor.stages.empty_parts import JUDGE, LEARN, empty_part
from sartor.stages.hashing import below_share, modulo, one_by_one
from sartor.wording import plural

if TYPE_CHECKING:
    from sartor.rows import Training

INNER_SHARE = 0.25
"""Share of the training rows that validate where the recipe's rule says no share of its own."""


@dataclass(frozen=True)
class Round:
    """Some rows teach, others judge.

    Parameters
    ----------
    name : str
        Shown in notes: ``fold 1``, ``2011-11-10``.
    train, test : ndarray of bool, shape (n_rows,)
        Disjoint; what is in neither is the gap.
    """

    name: str
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Parts:
    """The rounds of a split.

    Parameters
    ----------
    rounds : tuple of Round
        One, or one for each fold, or one for each origin where the recipe refits.
    average : {"pool", "mean"}
        Whether metrics are computed over all judged rows or averaged over rounds.
    about : str
        How the terminal says it: ``by hash of application_id``.
    """

    rounds: tuple[Round, ...]
    average: str = "pool"
    about: str = ""

    @property
    def test(self) -> np.ndarray:
        """Rows that judge in some round."""
        return _any([part.test for part in self.rounds])

    @property
    def train(self) -> np.ndarray:
        """Rows that teach in some round."""
        return _any([part.train for part in self.rounds])


def _any(masks: Sequence[np.ndarray]) -> np.ndarray:
    return np.asarray(np.logical_or.reduce(masks), dtype=bool)


def origins_of(rule: Split) -> Origins:
    """Return the moments at which a task makes rows, from the split's rule."""
    if isinstance(rule, TimeSplit):
        return Origins(cut=rule.cut, every=rule.every, count=rule.origins)
    return Origins()


def split(rows: pd.DataFrame, rule: Split, known: np.ndarray, level: int = 0) -> Parts:
    """Split rows into rounds.

    Parameters
    ----------
    rows : DataFrame
        ``__row``, key columns, the columns that the rule names, ``__as_of`` and ``__known_at`` where there are any.
    rule : Split
        From the recipe.
    known : ndarray of bool
        Whether the row's truth is known; rows without truth neither teach nor judge.
    level : int
        0 for the recipe's own rule, 1 for its ``tune_on``: which ``__raw_part_`` is of this rule, where privacy has
        changed what it goes by.

    Raises
    ------
    InputError
        If a part is empty, or the rule names what the rows do not have.
    """
    makers: dict[type, Callable[..., Parts]] = {
        HashSplit: _by_hash,
        TimeSplit: _by_time,
        GroupSplit: _by_group,
        GivenSplit: _by_given,
        FoldSplit: _by_folds,
    }
    raw = rows.get(f"{RAW_PART}{level}")
    parts = makers[type(rule)](rows, rule) if raw is None else _by_raw_part(raw.to_numpy(), rule)
    rounds = tuple(Round(part.name, part.train & known, part.test & known) for part in parts.rounds)
    for part in rounds:
        for what, mask in ((LEARN, part.train), (JUDGE, part.test)):
            if not mask.any():
                raise empty_part(rows, rule, known, what, part.name)
    return Parts(rounds, parts.average, parts.about)


def _one(test: np.ndarray, about: str, train: np.ndarray | None = None) -> Parts:
    return Parts((Round("", ~test if train is None else train, test),), about=about)


def _in_test(keys: Iterable[Any], rule: HashRule) -> np.ndarray:
    if rule.share is not None:
        return below_share(keys, rule.share, digest=rule.digest, salt=rule.salt)
    numbers = modulo(keys, rule.modulo or 1, digest=rule.digest, salt=rule.salt)
    return np.isin(numbers, list(rule.test))


def _by_raw_part(part: np.ndarray, rule: Split) -> Parts:
    """Split by what the guard took from values before privacy changed them."""
    if isinstance(rule, FoldSplit):
        about = f"by group, {rule.column}" if rule.by == "group" else "by hash of the row's key"
        return _rounds(part, about, rule)
    if isinstance(rule, GivenSplit):
        return _one(part == GIVEN_TEST, f"as given by {rule.column}", part == GIVEN_TRAIN)
    group = rule.column if isinstance(rule, GroupSplit) else None
    return _one(part == 1, f"by group, {group}" if group else "by hash of the row's key")


def _by_hash(rows: pd.DataFrame, rule: HashSplit) -> Parts:
    return _one(_in_test(one_by_one(rows[ROW]), rule.rule), "by hash of the row's key")


def _by_time(rows: pd.DataFrame, rule: TimeSplit) -> Parts:
    as_of, known_at = _times(rows)
    cut = _moment(rule.cut, as_of)
    if rule.refit != "each" or rule.every is None:
        test = (as_of >= cut).to_numpy()
        if rule.every is not None:
            end = _moment(rule.every.to_offset(rule.cut, times=rule.origins), as_of)
            test = test & (as_of < end).to_numpy()
        return _one(test, f"by time, {cut:%Y-%m-%d}", _known(known_at, cut, rule) & ~test)
    rounds = []
    for place in range(rule.origins):
        end = _moment(rule.every.to_offset(rule.cut, times=place + 1), as_of)
        test = ((as_of >= cut) & (as_of < end)).to_numpy()
        if test.any():
            rounds.append(Round(f"{cut:%Y-%m-%d}", _known(known_at, cut, rule) & ~test, test))
        cut = end
    if not rounds:
        raise empty_part(rows, rule, np.ones(len(rows), dtype=bool), JUDGE)
    return Parts(tuple(rounds), about=f"by time, refitted at {plural(len(rounds), 'origin')}")


def _known(known_at: pd.Series, cut: pd.Timestamp, rule: TimeSplit) -> np.ndarray:
    """Return whose truth was known at a cut, and not longer before it than the rule looks back."""
    known = known_at <= cut
    if rule.window is not None:
        known &= known_at > pd.Timestamp(rule.window.to_offset(cut.to_pydatetime(), times=-1))
    return np.asarray(known, dtype=bool)


def _times(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    if AS_OF not in rows:
        raise InputError(
            "the split goes by time and the rows of this task have none",
            code="D032",
            hints=(("to mend", "give the task its date column, or split by hash, group or a given column"),),
        )
    as_of = rows[AS_OF]
    return as_of, rows.get(KNOWN_AT, as_of)


def _moment(moment: Any, like: pd.Series) -> pd.Timestamp:
    """Return a moment in the time zone of the rows, UTC where a zone is written and the rows have none."""
    stamp = pd.Timestamp(moment)
    zone = getattr(like.dtype, "tz", None)
    if zone is None:
        return stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp
    return stamp.tz_convert(zone) if stamp.tzinfo else stamp.tz_localize(zone)


def _column(rows: pd.DataFrame, column: str, form: str) -> pd.Series:
    if column not in rows:
        raise InputError(f"the split goes by {form} '{column}', and the rows have no such column", code="R041")
    if rows[column].isna().any():
        raise InputError(
            f"the split goes by {form} '{column}', which is missing in {plural(int(rows[column].isna().sum()), 'row')}",
            code="D033",
            hints=(("to mend", "fill the column at the source, or split by another"),),
        )
    return rows[column]


def _by_group(rows: pd.DataFrame, rule: GroupSplit) -> Parts:
    groups = _column(rows, rule.column, "group")
    return _one(_spread(groups, lambda keys: _in_test(keys, rule.rule)), f"by group, {rule.column}")


def _spread(values: pd.Series, decide: Callable[[list[Any]], np.ndarray]) -> np.ndarray:
    """Decide once for each different value, and give each row its value's answer."""
    codes, uniques = pd.factorize(values)
    answers = np.asarray(decide(list(uniques)))
    return np.asarray(answers[codes], dtype=answers.dtype)


def _by_given(rows: pd.DataFrame, rule: GivenSplit) -> Parts:
    texts = _column(rows, rule.column, "column").map(str)
    absent = sorted({*map(str, rule.train), *map(str, rule.test)} - set(texts))
    if absent:
        raise InputError(
            f"the split names {', '.join(map(repr, absent))}, and column '{rule.column}' holds "
            f"{', '.join(map(repr, sorted(set(texts))[:12]))}",
            code="D034",
        )
    train, test = texts.isin([str(v) for v in rule.train]), texts.isin([str(v) for v in rule.test])
    return _one(test.to_numpy(), f"as given by {rule.column}", train.to_numpy() & ~test.to_numpy())


def _by_folds(rows: pd.DataFrame, rule: FoldSplit) -> Parts:
    return _rounds(*_fold_numbers(rows, rule), rule)


def _rounds(numbers: np.ndarray, about: str, rule: FoldSplit) -> Parts:
    labels = sorted(set(numbers.tolist()), key=str)
    rounds = [Round(f"fold {place + 1}", (numbers != label), (numbers == label)) for place, label in enumerate(labels)]
    return Parts(tuple(rounds), average=rule.average, about=f"{plural(len(rounds), 'fold')} {about}")


def _fold_numbers(rows: pd.DataFrame, rule: FoldSplit) -> tuple[np.ndarray, str]:
    if rule.by == "given" and rule.column:
        values = _column(rows, rule.column, "column").map(str).to_numpy()
        held = len(set(values))
        if held != rule.folds:
            raise InputError(
                f"the split asks for {rule.folds} folds, and column '{rule.column}' holds {plural(held, 'value')}",
                code="D034",
                hints=(("to mend", f"write folds: {held}"),),
            )
        return values, f"as given by {rule.column}"

    def number(keys: Iterable[Any]) -> np.ndarray:
        return modulo(keys, rule.folds, digest=rule.digest, salt=rule.salt)

    if rule.by == "group" and rule.column:
        return _spread(_column(rows, rule.column, "group"), number), f"by group, {rule.column}"
    return number(one_by_one(rows[ROW])), "by hash of the row's key"


def split_again(rule: Split) -> Callable[[Training], tuple[np.ndarray, np.ndarray]]:
    """Return what re-applies a rule inside the training part, for `Training.inner`.

    Hashes get another salt at each level, or the training rows would all fall on one side again. A time rule moves
    its cut back by the length of its test window. With ``tune_on`` every level goes by that rule instead, the first as
    it is written.
    """
    inside = rule if rule.tune_on is None else rule.tune_on

    def again(training: Training) -> tuple[np.ndarray, np.ndarray]:
        rows = training.spine
        if rule.tune_on is not None and training.level == 0:
            parts = split(rows, rule.tune_on, np.ones(len(rows), dtype=bool), level=1)
            return parts.rounds[0].train, parts.rounds[0].test
        validate, learn = _inner(rows, inside, salt=f"inner {training.level}/")
        if not validate.any() or not learn.any():
            raise InputError(
                "too few training rows to split again for validation",
                code="D035",
                hints=(("to mend", "give the split a rule that fits: tune_on: {hash: 0.25}"),),
            )
        return learn, validate

    return again


def _inner(rows: pd.DataFrame, rule: Split, salt: str) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(rule, TimeSplit):
        return _inner_time(rows, rule)
    column = _dependent(rule, rows)
    share = _share(rule)
    if column == ROW or column not in rows:
        validate = below_share(one_by_one(rows[ROW]), share, salt=salt)
    else:
        validate = _spread(rows[column], lambda values: below_share(values, share, salt=salt))
    return validate, ~validate


def _dependent(rule: Split, rows: pd.DataFrame) -> str:
    """Column whose equal values must stay together when rows are split again.

    Where the recipe's rule goes by a given column it says nothing of rows inside one part; the task's groups do.
    """
    if isinstance(rule, GroupSplit):
        return rule.column
    if isinstance(rule, FoldSplit) and rule.by == "group" and rule.column:
        return rule.column
    if GROUP in rows and (isinstance(rule, GivenSplit) or (isinstance(rule, FoldSplit) and rule.by == "given")):
        return GROUP
    return ROW


def _share(rule: Split) -> float:
    if isinstance(rule, FoldSplit):
        return 1 / rule.folds
    if not isinstance(rule, HashSplit | GroupSplit):
        return INNER_SHARE
    if rule.rule.share is not None:
        return rule.rule.share
    return len(rule.rule.test) / (rule.rule.modulo or 1)


def _inner_time(rows: pd.DataFrame, rule: TimeSplit) -> tuple[np.ndarray, np.ndarray]:
    """Move the cut back by the test window's length, as often as rows have been split again.

    The training rows end at their own last ``known_at``: whatever was cut from them before has moved that end, so
    that one step back from it is the next cut.
    """
    as_of, known_at = _times(rows)
    end = as_of.max()
    if rule.every is not None:
        before = pd.Timestamp(rule.every.to_offset(end.to_pydatetime(), times=-rule.origins))
        # The first moment of the window, not the last one before it: rows made at regular moments, such as customers
        # at the start of each month, would otherwise validate on one origin too many, and have none left to learn from.
        cut = as_of[as_of > before].min()
    else:
        cut = as_of.quantile(1 - INNER_SHARE)
    if not (known_at <= cut).any():
        cut = known_at.quantile(1 - INNER_SHARE)
    validate = (as_of >= cut).to_numpy()
    return validate, (known_at <= cut).to_numpy() & ~validate
