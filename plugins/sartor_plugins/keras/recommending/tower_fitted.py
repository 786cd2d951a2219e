"""Two towers that have learned: slates for whoever is asked, of items that were sold and of items that never were."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import tensorflow as tf

from sartor_plugins.keras.inputs import Inputs
from sartor_plugins.keras.recommending.towers import Towers, called, user_tower
from sartor_plugins.recommend.names import HISTORY
from sartor_plugins.recommend.recommender import Recommending, load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Judged, Scoring
    from sartor.sections import Caution, Section
    from sartor_plugins.recommend.interactions import Catalogue, Interactions

USERS = "users.keras"
INPUTS = "inputs.json"


class Met(Recommending):
    """Points of items, and the tower that makes points of users.

    Who did nothing yet is answered by what is said of them.
    """

    personal = False

    def __init__(
        self, catalogue: Catalogue, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], network: Any = None
    ) -> None:
        super().__init__(catalogue, settings, arrays)
        self.towers = Towers.from_json(self.settings["towers"])
        self.inputs = Inputs((), ())
        self.network = network
        self._rest: Any = None

    def predict(self, scoring: Scoring) -> pd.DataFrame:
        """Return a slate for each row: items and their scores, the best first."""
        # `Recommending` goes through the rows in order, and hands on their past alone.
        self._rest = self._told(scoring)
        try:
            return super().predict(scoring)
        finally:
            self._rest = None

    def scores_of(self, past: Interactions, scoring: Scoring) -> NDArray[np.float32]:
        """Return a score of every item for each user, told apart by what is said of them as well."""
        self._rest = self._told(scoring)
        try:
            return self.scores(past)
        finally:
            self._rest = None

    def _told(self, scoring: Scoring) -> Any:
        return self.inputs.encode(scoring.X.drop(columns=list(HISTORY), errors="ignore"))

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Return how likely each item is wanted, users being told apart by their past and by what is said of them."""
        numbers, codes = self._of_block(len(past))
        mean, had = mean_of(past, self.arrays["points"], self.settings["longest"])
        tensors = [tf.constant(values) for values in (mean, had, numbers, codes)]
        user = self.network(called(self.towers, *tensors), training=False).numpy()
        found = user @ self.arrays["points"].T.astype(np.float64) / self.towers.temperature
        found += self.settings["lift"] * self.arrays["never_sold"]
        found -= found.max(axis=1, keepdims=True, initial=-np.inf)
        np.exp(found, out=found)
        return np.asarray(found / found.sum(axis=1, keepdims=True), dtype="float32")

    def _of_block(self, count: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Return what is said of the next users; nothing where a past alone is asked."""
        if self._rest is None:
            names = [part.name for part in self.inputs.numbers] + [part.name for part in self.inputs.categories]
            return self.inputs.encode(pd.DataFrame({name: [None] * count for name in names}, index=range(count)))
        numbers, codes = self._rest
        self._rest = numbers[count:], codes[count:]
        return numbers[:count], codes[:count]

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield how learning went."""
        from sartor_plugins.keras.recommending.telling import course

        yield from course(self.settings["history"])

    def save(self, folder: Path) -> None:
        """Write the tower of users as Keras writes it, beside the points of items."""
        super().save(folder)
        (folder / INPUTS).write_text(json.dumps(self.inputs.to_json(), sort_keys=True) + "\n", encoding="utf-8")
        with warnings.catch_warnings():
            # TensorFlow's variables do not know an argument that NumPy 2 hands them.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.network.save(folder / USERS)


def mean_of(
    past: Interactions, points: NDArray[np.float32], longest: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean point of what each user had last, and whether there is anything."""
    counts = np.diff(past.starts)
    to_end = np.repeat(past.starts[1:], counts) - np.arange(len(past.item))
    weight = np.where((to_end <= longest), past.weight, 0.0)
    total = np.bincount(past.user, weights=weight, minlength=len(past))
    mean = np.zeros((len(past), points.shape[1]))
    np.add.at(mean, past.user, weight[:, None] * points[past.item].astype(np.float64))
    return mean / np.maximum(total, 1e-6)[:, None], (total > 0).astype(np.float64)[:, None]


def load_met(folder: Path, device: str) -> Met:
    """Read what `Met.save` wrote; the tower is built anew, and only weights are taken from the file."""
    from sartor_plugins.keras.runtime import device_of
    from sartor_plugins.keras.stored import _unreadable

    found = load(folder, Met)
    found.inputs = Inputs.from_json(json.loads((folder / INPUTS).read_text(encoding="utf-8")))
    with tf.device(device_of("auto" if device == "gpu" else device)):
        found.network = user_tower(found.towers, np.random.default_rng(0), "float64")
        try:
            found.network.load_weights(folder / USERS)
        except Exception as error:  # Keras, h5py and zipfile each have errors of their own
            raise _unreadable(folder / USERS, error) from error
    return found
