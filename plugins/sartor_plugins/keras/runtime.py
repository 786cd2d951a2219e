"""TensorFlow and Keras, imported once, quietly, and with as many threads as the run may use."""

from __future__ import annotations

import importlib
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from sartor.context import Context, say
from sartor.errors import SettingError

_ENVIRONMENT = {
    "KERAS_BACKEND": "tensorflow",
    # Keras writes a file of settings into the home folder, and reads one that may ask for another precision.
    "KERAS_HOME": f"{os.devnull}/keras",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Its kernels add up in another order from one machine to the next.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
_threads: list[int] = []


def tensorflow(context: Context | None = None) -> Any:
    """Return TensorFlow, ready to work.

    Parameters
    ----------
    context : Context, optional
        Its threads are TensorFlow's, from the first call on.

    Raises
    ------
    SettingError
        If the extra is not installed, or Keras was imported before with another backend.
    """
    wanted = context.threads if context is not None else 1
    if not _threads:
        with _environment(), _generators_kept():
            tf, keras = _import("tensorflow"), _import("keras")
        if keras.config.backend() != "tensorflow":
            raise SettingError(
                f"Keras was imported before with the backend {keras.config.backend()}, and a network of sartor needs "
                "TensorFlow",
                code="R090",
                hints=(("to mend", "set KERAS_BACKEND=tensorflow before Keras is imported"),),
            )
        _threads.append(_limit(tf, wanted))
    elif context is not None and _threads[0] != wanted:
        say(f"TensorFlow began with {_threads[0]} threads in this process and keeps them; {wanted} were asked for")
    return importlib.import_module("tensorflow")


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name:
            raise
        raise SettingError(
            f"a network needs {name}, which is not installed",
            code="R024",
            hints=(("to mend", 'pip install "sartor[keras]"'),),
        ) from error


def _limit(tf: Any, threads: int) -> int:
    """Set the threads; where TensorFlow is at work already it keeps what it has."""
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        found = int(tf.config.threading.get_intra_op_parallelism_threads())
        return found or threads
    return threads


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update({name: value for name, value in _ENVIRONMENT.items() if name != "KERAS_BACKEND"})
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _generators_kept() -> Iterator[None]:
    """Leave the global random generators as they are: an import may draw from them."""
    plain, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002 - kept, not used
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(arrays)  # noqa: NPY002


def device_of(wanted: str) -> str:
    """Return the name of the device to learn on.

    Parameters
    ----------
    wanted : {"auto", "cpu", "gpu"}

    Raises
    ------
    SettingError
        If a GPU is asked for and there is none.
    """
    found = tensorflow().config.list_physical_devices("GPU") if wanted != "cpu" else []
    if wanted == "gpu" and not found:
        raise SettingError(
            "the recipe asks for a GPU, and TensorFlow finds none on this machine",
            code="U090",
            hints=(
                ("to mend", "leave `device` out, which takes a GPU where there is one; or install TensorFlow for GPUs"),
                ("to look", 'python -c "import tensorflow; print(tensorflow.config.list_physical_devices())"'),
            ),
        )
    return "/GPU:0" if found else "/CPU:0"
