"""A fitted recommender: scores of a block of users at a time, and the slates made of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from sartor.components import Fitted
from sartor_plugins.recommend.interactions import Catalogue, check_history, past_of
from sartor_plugins.recommend.names import ITEMS, NEW, REPEAT, SCORES, WANTED
from sartor_plugins.recommend.ranking import best, block_size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from sartor.components import Because
    from sartor.rows import Scoring
    from sartor_plugins.recommend.base import Recommender
    from sartor_plugins.recommend.interactions import Interactions

ARRAYS, SETTINGS, CATALOGUE = "arrays.npz", "recommender.json", "catalogue.parquet"
R = TypeVar("R", bound="Recommending")


class Recommending(Fitted):
    """A recommender that has learned.

    Parameters
    ----------
    catalogue : Catalogue
    settings : mapping
        What predicting asks for: ``candidates``, ``weights``, and what the model adds.
    arrays : mapping of name to ndarray
        What was learned.
    """

    personal: ClassVar[bool] = True
    """Whether somebody without a past gets no answer of their own."""

    def __init__(self, catalogue: Catalogue, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
        self.catalogue, self.settings, self.arrays = catalogue, dict(settings), dict(arrays)

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Return a score of every item for each user, shape (n_users, n_items)."""
        raise NotImplementedError

    def scores_of(self, past: Interactions, scoring: Scoring) -> NDArray[np.float32]:
        """Return a score of every item for each user; for models that look at more of a row than its past."""
        return self.scores(past)

    def because(self, scoring: Scoring) -> Because:
        """Return what somebody did before that speaks for each item of their slate."""
        from sartor_plugins.recommend.explaining import by_leaving_out

        return by_leaving_out(self, scoring)

    def past(self, scoring: Scoring) -> Interactions:
        """Return what the users of some rows did, as this model weighs it."""
        check_history(scoring, type(self).__name__)
        return past_of(scoring, self.catalogue, self.settings["weights"])

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return a slate for each row: items and their scores, the best first."""
        past = self.past(scoring)
        wanted = scoring.rows[WANTED].to_numpy() if WANTED in scoring.rows else np.full(len(scoring), "all")
        items: list[Any] = []
        scores: list[Any] = []
        step = block_size(len(self.catalogue))
        names = np.asarray(self.catalogue.items.to_pylist(), dtype=object)
        for first in range(0, len(scoring), step):
            last = min(first + step, len(scoring))
            block = past.part(first, last)
            offered = self.offered(self.scores(block), block, wanted[first:last])
            places, values = best(offered, int(self.settings["candidates"]))
            for line, value in zip(places, values, strict=True):
                kept = int(np.isfinite(value).sum())
                items.append(names[line[:kept]])
                scores.append(value[:kept].astype("float64"))
        made = pd.DataFrame(index=range(len(scoring)))
        made[ITEMS] = pd.Series(items, index=made.index, dtype=object)
        made[SCORES] = pd.Series(scores, index=made.index, dtype=object)
        return made

    def offered(self, scores: NDArray[np.float32], past: Interactions, wanted: NDArray[Any]) -> NDArray[np.float32]:
        """Take out of scores what must not be offered: what nobody ever bought, and what is not asked for."""
        allowed = np.broadcast_to(self.catalogue.offered, scores.shape)
        if (wanted != "all").any():
            owned = past.owned(len(self.catalogue)).toarray() > 0
            fresh, again = (wanted == NEW)[:, None], (wanted == REPEAT)[:, None]
            allowed = allowed & ~(fresh & owned) & ~(again & ~owned)
        return np.where(allowed, scores, np.float32(-np.inf))

    def learned(self) -> dict[str, Any]:
        """Return how many items it knows, and what was chosen."""
        return {"items": int(self.catalogue.offered.sum()), **self.settings.get("told", {})}

    def save(self, folder: Path) -> None:
        """Write arrays, settings and catalogue."""
        import pyarrow.parquet as pq

        np.savez(folder / ARRAYS, allow_pickle=False, **self.arrays)
        (folder / SETTINGS).write_text(json.dumps(self.settings, sort_keys=True, indent=1) + "\n", encoding="utf-8")
        pq.write_table(
            pa.table({"item": self.catalogue.items, "offered": pa.array(self.catalogue.offered)}), folder / CATALOGUE
        )


def load(folder: Path, kind: type[R]) -> R:
    """Read what `Recommending.save` wrote."""
    import pyarrow.parquet as pq

    with np.load(folder / ARRAYS, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    table = pq.read_table(folder / CATALOGUE)
    names = table["item"].combine_chunks()
    return kind(Catalogue(names, table["offered"].to_numpy()), settings, arrays)


def shared(model: Recommender, **more: Any) -> dict[str, Any]:
    """Return the settings of a model that predicting asks for."""
    return {"candidates": model.candidates, "weights": dict(model.weights), **more}
