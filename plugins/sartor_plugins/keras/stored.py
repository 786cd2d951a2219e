"""Networks in a folder: ``network.keras`` as Keras writes it, and JSON beside it.

The network is built anew from the JSON, and only weights are taken from the file of Keras: a class or a function that
such a file names is never looked up.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from sartor.components import Fitted
from sartor.errors import PluginError
from sartor_plugins.keras.runtime import device_of, tensorflow
from sartor_plugins.learn.fitting.stored import damaged, read_json, write_json
from sartor_plugins.learn.fitting.stored import load as load_constant

FORMAT = 1
KIND = "network"
NETWORK = "network.keras"
ABOUT = "network.json"


def save(fitted: Any, folder: Path) -> None:
    """Write a `Network` into an empty folder."""
    write_json(folder, "kind.json", {"format": FORMAT, "kind": KIND})
    about = {
        "shape": fitted.shape.to_json(),
        "inputs": fitted.inputs.to_json(),
        "answer": fitted.answer.to_json(),
        "scale": {"centre": fitted.scale.centre, "spread": fitted.scale.spread},
        "centre": [float(value) for value in fitted.centre],
        "history": fitted.history,
        "spread": fitted.spread.to_json(),
    }
    write_json(folder, ABOUT, about)
    with warnings.catch_warnings():
        # TensorFlow's variables do not know an argument that NumPy 2 hands them.
        warnings.simplefilter("ignore", DeprecationWarning)
        fitted.network.save(folder / NETWORK)


def load(folder: Path, device: str) -> Fitted:
    """Return the fitted network of a folder.

    Raises
    ------
    PluginError
        If it is damaged, or of a newer format than is known here.
    """
    kind = read_json(folder, "kind.json")
    if kind.get("kind") == "alike":
        from sartor_plugins.keras.quantiles import Alike

        return Alike.load(folder)
    if kind.get("kind") != KIND:
        # Where there was nothing to learn, the answer is the same for all.
        return load_constant(folder)
    _refuse_newer(folder, kind.get("format"))
    tf = tensorflow()
    from sartor_plugins.keras.fitted import Network
    from sartor_plugins.keras.inputs import Inputs
    from sartor_plugins.keras.lesson import Scale
    from sartor_plugins.keras.network import Shape, build
    from sartor_plugins.keras.quantiles import Spread
    from sartor_plugins.learn.fitting.answer import Answer

    saved = read_json(folder, ABOUT)
    try:
        shape, inputs = Shape.from_json(saved["shape"]), Inputs.from_json(saved["inputs"])
        answer, scale = Answer.from_json(saved["answer"]), Scale(**saved["scale"])
        centre, history = np.array(saved["centre"], dtype=np.float64), dict(saved["history"])
        spread = Spread.from_json(saved["spread"])
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / ABOUT, error) from error
    with tf.device(device_of("auto" if device == "gpu" else device)):
        network = build(shape, 0, "float64")
        try:
            network.load_weights(folder / NETWORK)
        except Exception as error:  # Keras, h5py and zipfile each have errors of their own
            raise _unreadable(folder / NETWORK, error) from error
    return Network(shape, network, inputs, answer, scale, centre, history, spread)


def _refuse_newer(folder: Path, found: object) -> None:
    if found == FORMAT:
        return
    if isinstance(found, int) and found > FORMAT:
        raise PluginError(
            f"the saved model in {folder.name} is of format {found}, and this sartor reads format {FORMAT}: a newer "
            "one wrote it",
            code="X032",
            hints=(("to mend", "pip install --upgrade sartor, or fit the model again with this one"),),
        )
    raise damaged(folder / "kind.json", f"no format {found!r} is known")


def _unreadable(path: Path, error: Exception) -> PluginError:
    """Return the error for weights that cannot be read; one of a newer Keras says so."""
    import keras

    try:
        with zipfile.ZipFile(path) as archive:
            wrote = str(json.loads(archive.read("metadata.json"))["keras_version"])
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return damaged(path, error)
    if _version(wrote) <= _version(keras.__version__):
        return damaged(path, error)
    return PluginError(
        f"the saved model in {path.parent.name} was written by Keras {wrote}, and Keras {keras.__version__} cannot "
        "read it",
        code="X032",
        hints=(("to mend", f'pip install "keras>={wrote}", or fit the model again'),),
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())
