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
        "U091",
        "not all workers of a network came together",
        "A network that several workers learn begins when all have found each other. One did not begin within the "
        "time that `join_within` gives, or they do not reach each other at the addresses that the recipe names. On "
        "each other machine somebody begins the worker, with the command that the message shows; it waits for runs.",
        right="models: {network: {use: keras.mlp, with: {workers: 2, join_within: 10 minutes}}}",
    ),
    Code(
        "U092",
        "a worker of a network was lost",
        "A process that learned a network together with others ended before its time: it was killed, as a system does "
        "where memory runs out, its machine went down, or something failed in it, of which the message shows the last "
        "lines. The others cannot go on without it and were ended. The same run, started again, goes on where it was.",
        right="models: {network: {use: keras.mlp, with: {workers: 2, batch: 256}}}",
    ),
    Code(
        "U093",
        "a machine cannot be a worker as the recipe says",
        "The first of a network's workers is the machine that the recipe runs on, at a port that is free. All machines "
        "need the same versions of sartor, TensorFlow and Keras, and a GPU for each of their workers, or none at all.",
        right='models: {network: {use: keras.mlp, with: {workers: ["10.0.0.1:2222", "10.0.0.2:2222"], '
        "shared_folder: /shared/sartor}}}",
    ),
    Code(
        "X032",
        "a saved model is of a newer format",
        "A newer sartor or a newer Keras wrote the files of the model, and what they say is not known here. Upgrade, "
        "or fit the model again.",
    ),
)
