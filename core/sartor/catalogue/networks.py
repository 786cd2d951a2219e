"""What goes wrong with networks: the machine, the course of learning, the file."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D310",
        "a network's loss is not a number",
        "While a network learned, its loss grew beyond all bounds, and what it had learned was lost. The message names "
        "the column that is far larger than all others, or the layer whose weights ran away. Numbers are brought to "
        "one scale unless `scale: none` leaves them alone; a high `rate` makes steps too long.",
        right="models: {network: {use: keras.mlp, with: {scale: standard, rate: 0.001}}}",
    ),
    Code(
        "D311",
        "there is no window of readings among the features",
        "`keras.cnn`, `keras.rnn` and `keras.transformer` read windows: for each channel the columns `NAME: 0 before` "
        "to `NAME: 29 before`, as many for one channel as for every other. A feature step builds them.",
        right="features: {window: {use: manufacturing.sensor_window, with: {readings: 30}}}",
    ),
    Code(
        "D312",
        "a catalogue is too large for a network",
        "The table of items, with what learning keeps beside it, needs more memory than `memory` allows. It was "
        "reckoned before anything was learned. A smaller width makes the table smaller.",
        right="models: {next: {use: keras.transformer, with: {width: 16, memory: 8}}}",
    ),
    Code(
        "R090",
        "Keras runs on another backend",
        "The networks of sartor learn with TensorFlow, and Keras can have one backend in a process. It was imported "
        "before, with another one, by code of yours.",
        right="KERAS_BACKEND=tensorflow",
    ),
    Code(
        "U090",
        "there is no GPU",
        "`device: gpu` asks for one, and TensorFlow finds none: the machine has none, its driver is missing, or the "
        "TensorFlow that is installed is made for processors only, as that of `sartor[keras]` on Linux is.",
        right="models: {network: {use: keras.mlp, with: {device: auto}}}",
    ),
    Code(
        "X032",
        "a saved model is of a newer format",
        "A newer sartor or a newer Keras wrote the files of the model, and what they say is not known here. Upgrade, "
        "or fit the model again.",
    ),
)
