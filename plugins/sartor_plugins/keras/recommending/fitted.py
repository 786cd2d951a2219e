"""A network that has learned what comes next: slates as any recommender gives them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from sartor_plugins.keras.recommending.network import Order, build
from sartor_plugins.keras.recommending.sequences import asked, telling
from sartor_plugins.recommend.recommender import Recommending, load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sartor.context import Context
    from sartor.rows import Judged
    from sartor.sections import Caution, Section
    from sartor_plugins.recommend.interactions import Catalogue, Interactions

NETWORK = "network.keras"


class NextItem(Recommending):
    """Sequences of items, and the network that tells what comes next.

    Who did nothing yet is answered by what people begin with.
    """

    personal = False

    def __init__(
        self, catalogue: Catalogue, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], network: Any = None
    ) -> None:
        super().__init__(catalogue, settings, arrays)
        self.order = Order.from_json(self.settings["order"])
        self.network = network

    def scores(self, past: Interactions) -> NDArray[np.float32]:
        """Return how likely each item comes next."""
        tokens, last = asked(telling(past), self.order.items, self.order.longest)
        steps = np.broadcast_to(np.arange(tokens.shape[1], dtype=np.int32), tokens.shape)
        flow = self.network([tf.constant(tokens), tf.constant(steps)], training=False).numpy()
        points = flow[np.arange(len(last)), last]
        found = points @ self._items().T
        found -= found.max(axis=1, keepdims=True, initial=-np.inf)
        np.exp(found, out=found)
        found /= found.sum(axis=1, keepdims=True)
        return np.asarray(found, dtype="float32")

    def _items(self) -> NDArray[np.float64]:
        return np.asarray(self.network.get_layer("item").embeddings.numpy()[1 : self.order.items + 1])

    def sections(self, judged: Judged, context: Context) -> Iterable[Section | Caution]:
        """Yield how learning went."""
        from sartor_plugins.keras.recommending.telling import course

        yield from course(self.settings["history"])

    def save(self, folder: Path) -> None:
        """Write the network as Keras writes it, beside what every recommender writes."""
        super().save(folder)
        with warnings.catch_warnings():
            # TensorFlow's variables do not know an argument that NumPy 2 hands them.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.network.save(folder / NETWORK)


def load_next_item(folder: Path, device: str) -> NextItem:
    """Read what `NextItem.save` wrote; the network is built anew, and only weights are taken from the file."""
    from sartor_plugins.keras.runtime import device_of
    from sartor_plugins.keras.stored import _unreadable

    found = load(folder, NextItem)
    with tf.device(device_of("auto" if device == "gpu" else device)):
        found.network = build(found.order, 0, "float64")
        try:
            found.network.load_weights(folder / NETWORK)
        except Exception as error:  # Keras, h5py and zipfile each have errors of their own
            raise _unreadable(folder / NETWORK, error) from error
    return found
