"""A sound ingest, and ingests that break the contract in one way each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from sartor.components import FileName, Ingest
from sartor.errors import InputError


class SoundIngest(Ingest):
    path: FileName = "orders.csv"

    def read(self, context):
        file = context.path(self.path)
        if not file.is_file():
            raise InputError(f"there is no file '{self.path}'", code="D001")
        return pd.read_csv(file, parse_dates=["day"])

    def columns(self, context):
        return {"order": "integer", "shop": "text", "amount": "number", "paid": "boolean", "day": "datetime"}


class OptionalFileIngest(SoundIngest):
    path: FileName | None = "orders.csv"

    def read(self, context):
        return pd.read_csv(context.path(self.path), parse_dates=["day"])


class EmptyIngest(SoundIngest):
    def read(self, context):
        return super().read(context).iloc[:0]


class NamelessIngest(SoundIngest):
    def read(self, context):
        return super().read(context).rename(columns={"shop": " "})


class ReservedNameIngest(SoundIngest):
    def read(self, context):
        return super().read(context).rename(columns={"order": "__row"})


class ReadsAListIngest(SoundIngest):
    def read(self, context):
        return [1, 2, 3]


class OtherTypeIngest(SoundIngest):
    def columns(self, context):
        return {**super().columns(context), "amount": "integer"}


class OtherOrderIngest(SoundIngest):
    def columns(self, context):
        return dict(reversed(super().columns(context).items()))


class OwnTypeNamesIngest(SoundIngest):
    def columns(self, context):
        return {**super().columns(context), "amount": "float64"}


class UnseededIngest(SoundIngest):
    def read(self, context):
        return super().read(context).assign(amount=np.random.default_rng().uniform(0, 1, 3))


class WritesBesideIngest(SoundIngest):
    def read(self, context):
        table = super().read(context)
        context.path(self.path).with_suffix(".cache").write_text(table.to_csv())
        return table


class NumpySeedIngest(SoundIngest):
    def read(self, context):
        np.random.seed(0)  # noqa: NPY002
        return super().read(context)


class ForgivingIngest(SoundIngest):
    def read(self, context):
        file = context.path(self.path)
        return pd.read_csv(file, parse_dates=["day"]) if file.is_file() else pd.DataFrame({"order": [0]})


class VagueIngest(SoundIngest):
    def read(self, context):
        if not context.path(self.path).is_file():
            raise InputError("cannot read")
        return super().read(context)


class NoSourceIngest(SoundIngest):
    def source(self):
        return None


class SimulatedTextIngest(SoundIngest):
    simulated: ClassVar = "yes"
