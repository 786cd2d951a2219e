"""The suite for sinks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from sartor.components import Kind
from sartor.delivery import Decisions, Receipt
from sartor.testing.component import ComponentTests, Watch
from sartor.testing.ingests import digests

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context

LINES = 7
"""Lines of a batch: there are several, and the last one is short."""


def sample_decisions(rows: int = 40) -> pd.DataFrame:
    r"""Return decisions with values of every kind, and with texts that are awkward to write.

    Returns
    -------
    DataFrame
        ``id`` (texts with leading zeros), ``decision``, ``probability`` (missing in places), ``units``, ``urgent``,
        ``day``, ``at`` (missing in places) and ``reasons`` (lists, some of them empty).

    Examples
    --------
    >>> sample_decisions(3)["id"].tolist()
    ['000', '001', '002']
    """
    awkward = ["accept", 'it\'s "so", or not', "über, ; \t 50 %", "two\nlines", "=1+1", "-", "", None]
    number = np.arange(rows)
    return pd.DataFrame(
        {
            "id": [f"{place:03d}" for place in number],
            "decision": [awkward[place % len(awkward)] for place in number],
            "probability": np.where(number % 5 == 4, np.nan, number / 7),
            "units": number * 10**12 - 3,
            "urgent": number % 3 == 0,
            "day": [(pd.Timestamp("2024-02-28") + pd.Timedelta(days=int(place))).date() for place in number],
            "at": [
                None if place % 4 == 3 else pd.Timestamp("2024-02-28 23:59:59.123456") + pd.Timedelta(days=int(place))
                for place in number
            ],
            "reasons": [["low income", "new account"][: place % 3] for place in number],
        }
    )


class SinkTests(ComponentTests):
    """Tests that every sink must pass.

    Attributes
    ----------
    entry : str
        The component's id.
    settings : dict
        What would stand under ``with``. Decisions hold the columns of `sample_decisions`, the key is ``id``.
    key : tuple of str
        What tells decisions apart; empty for a sink that knows deliveries by their idempotency key only.

    Examples
    --------
    >>> class TestInbox(SinkTests):
    ...     entry = "hello.inbox"
    ...     settings = {"folder": "inbox"}
    ...
    ...     def arrived(self, context):
    ...         files = sorted((context.folder / "inbox").glob("*.txt"))
    ...         return pd.DataFrame({"id": [file.stem for file in files]}) if files else None
    """

    kind: ClassVar[Kind] = "sink"
    key: ClassVar[tuple[str, ...]] = ("id",)

    # -- what an author may override ------------------------------------------------------------------------------

    def arrived(self, context: Context) -> pd.DataFrame | None:
        """Return what stands at the target: a line for each decision, with the key's columns; None if nothing does.

        An author must write it: only he knows where the decisions went.
        """
        raise NotImplementedError("override arrived(): return what stands at the target, or None")

    def decisions(self) -> pd.DataFrame:
        """Return what is delivered."""
        return sample_decisions()

    # -- what the checks use --------------------------------------------------------------------------------------

    def deliver(self, context: Context, frame: pd.DataFrame | None = None, *, breaks: bool = False) -> Receipt:
        """Deliver decisions, or let them break off after some lines."""
        receipt = self.component().deliver(self.recorded(context, frame, breaks=breaks), context)
        assert isinstance(receipt, Receipt), f"deliver must return a Receipt, and returns {type(receipt).__name__}"
        return receipt

    def recorded(self, context: Context, frame: pd.DataFrame | None = None, *, breaks: bool = False) -> Decisions:
        """Return decisions as a run records them."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pandas(self.decisions() if frame is None else frame, preserve_index=False)
        file = context.scratch / "decisions.parquet"
        pq.write_table(table.replace_schema_metadata(None), file)
        same = hashlib.sha256(file.read_bytes()).hexdigest()
        kind = _BreaksOff if breaks else Decisions
        return kind(file, self.key, same, "tested/sink", "1124-1405-k7", "tested", LINES)

    def keys(self, frame: pd.DataFrame | None) -> list[tuple[str, ...]]:
        """Return the keys of what stands at the target, sorted; texts, as a file may hold them."""
        if frame is None:
            return []
        return sorted(tuple(map(str, line)) for line in frame[list(self.key)].itertuples(index=False))

    # -- checks ---------------------------------------------------------------------------------------------------

    def test_its_target_has_a_name(self, tmp_path: Path) -> None:
        """A receipt and a terminal name the place; nothing is written for that."""
        context, component = self.context(tmp_path), self.component()
        before, watch = digests(context), Watch(settings=component)
        target = component.target(context)
        named = isinstance(target, str) and bool(target.strip()) and "\n" not in target
        assert named, f"target must return one line of text, and returns {target!r}"
        component.check_target(tuple(self.decisions().columns), context)
        component.check_target(None, context)
        watch.assert_unchanged("check_target")
        assert digests(context) == before, "check_target writes files: it may only look"

    def test_every_decision_arrives(self, tmp_path: Path) -> None:
        """One line for each key, and the receipt says how many."""
        context, frame = self.context(tmp_path), self.decisions()
        before = self.arrived(context)
        assert before is None or len(before) == 0, "the target must be empty before the test"
        receipt = self.deliver(context)
        assert self.keys(self.arrived(context)) == self.keys(frame), "not every decision stands at the target once"
        assert receipt.rows == len(frame), f"the receipt is for {receipt.rows} rows, and {len(frame)} were delivered"
        assert receipt.added in (None, len(frame)), f"all are new, and the receipt says {receipt.added}"

    def test_delivering_again_leaves_one_copy(self, tmp_path: Path) -> None:
        """The same run may be delivered twice, by a nervous finger or after a crash."""
        context, frame = self.context(tmp_path), self.decisions()
        self.deliver(context)
        receipt = self.deliver(context)
        assert self.keys(self.arrived(context)) == self.keys(frame), "delivered twice, the decisions stand there twice"
        counted = (receipt.added, receipt.changed)
        assert set(counted) <= {0, None}, f"nothing is new the second time, and the receipt says {receipt.in_words()}"

    def test_another_decision_on_the_same_key_takes_the_place_of_the_first(self, tmp_path: Path) -> None:
        """The newest decision counts."""
        context, frame = self.context(tmp_path), self.decisions()
        self.deliver(context)
        other = frame.copy()
        column = next(name for name in frame.columns if name not in self.key)
        other.loc[0, column] = frame[column].iloc[-1] if pd.api.types.is_numeric_dtype(frame[column]) else "another"
        receipt = self.deliver(context, other)
        assert self.keys(self.arrived(context)) == self.keys(frame), "a changed decision stands beside the old one"
        assert receipt.changed in (None, 1), f"one decision changed, and the receipt says {receipt.changed}"

    def test_one_that_breaks_off_leaves_nothing_half_written(self, tmp_path: Path) -> None:
        """All or none: what stood there before still does, and the next delivery is whole."""
        context, frame = self.context(tmp_path), self.decisions()
        for before in ([], self.keys(frame)):
            broke_off = False
            try:
                self.deliver(context, frame if not before else frame.iloc[::-1], breaks=True)
            except Exception:  # noqa: BLE001 - a sink may wrap what the source of the lines raises
                broke_off = True
            assert broke_off, "deliver hides that the decisions break off in the middle"
            assert self.keys(self.arrived(context)) == before, "a delivery that breaks off leaves some of its lines"
            self.deliver(context)
            assert self.keys(self.arrived(context)) == self.keys(frame), "a whole delivery after a broken one is not"

    def test_no_decisions_can_be_delivered(self, tmp_path: Path) -> None:
        """A quiet day is no error."""
        context = self.context(tmp_path)
        receipt = self.deliver(context, self.decisions().iloc[:0])
        assert receipt.rows == 0
        assert self.keys(self.arrived(context)) == []

    def test_what_it_is_handed_stays_unchanged(self, tmp_path: Path) -> None:
        """Neither settings nor the recorded decisions change."""
        context, component = self.context(tmp_path), self.component()
        decisions, watch = self.recorded(context), Watch(settings=component)
        before = decisions.file.read_bytes()
        component.deliver(decisions, context)
        watch.assert_unchanged("deliver")
        assert decisions.file.read_bytes() == before, "deliver changes the recorded decisions"


@dataclass(frozen=True)
class _BreaksOff(Decisions):
    """Decisions that end in an error after the first lines, as when a disk fails."""

    def batches(self, columns: tuple[str, ...] | None = None) -> pa.RecordBatchReader:
        import pyarrow as pa

        whole = super().batches(columns)

        def some() -> Any:
            yield whole.read_next_batch()
            raise OSError("the decisions broke off")

        return pa.RecordBatchReader.from_batches(whole.schema, some())
