"""Wisconsin breast cancer (diagnostic): the small real table of healthcare examples; it comes with scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from sartor.components import Ingest

if TYPE_CHECKING:
    import pyarrow as pa

    from sartor.context import Context

FILE = "breast_cancer.csv"
_MEASURED = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)
_COLUMNS = (
    *(f"mean_{name}" for name in _MEASURED),
    *(f"{name}_error" for name in _MEASURED),
    *(f"worst_{name}" for name in _MEASURED),
)


class BreastCancer(Ingest):
    """569 breast masses, 212 of them malignant: cell nuclei measured under the microscope, and the diagnosis.

    Ten measures, each as ``mean_``, as ``_error`` and as ``worst_``; ``diagnosis`` is ``malignant`` or ``benign``;
    ``mass_id`` numbers the masses from 0. No sex, no age and no site: a table to try things on, not a population.

    Examples
    --------
    >>> from sartor.context import Context
    >>> table = BreastCancer().read(Context())
    >>> table.num_rows, table.num_columns, table["diagnosis"].to_pylist().count("malignant")
    (569, 32, 212)
    """

    known_columns: ClassVar[Mapping[str, str]] = {
        "mass_id": "integer",
        **dict.fromkeys(_COLUMNS, "number"),
        "diagnosis": "text",
    }

    def columns(self, context: Context) -> Mapping[str, str]:
        """Return names and types; they never change."""
        return self.known_columns

    def source(self) -> str:
        """Where the rows come from, and their licence."""
        return "UCI Breast Cancer Wisconsin (Diagnostic), W. Wolberg and others, CC BY 4.0, as shipped in scikit-learn"

    def inputs(self, context: Context) -> list[dict[str, Any]]:
        """Return name, size and SHA-256 of the file that comes with scikit-learn."""
        import hashlib

        content = _file().read_bytes()
        return [{"name": FILE, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}]

    def read(self, context: Context) -> pa.Table:
        """Return the masses in the file's order, numbered from 0."""
        import io

        import pyarrow as pa
        from pyarrow import csv

        names = [*_COLUMNS, "benign"]
        table = csv.read_csv(
            io.BytesIO(_file().read_bytes()),
            # The first line counts rows and columns, and names the two classes.
            read_options=csv.ReadOptions(column_names=names, skip_rows=1),
            convert_options=csv.ConvertOptions(column_types={name: pa.float64() for name in _COLUMNS}),
        )
        diagnosis = pa.array(["benign" if benign else "malignant" for benign in table["benign"].to_pylist()])
        numbered = table.select(list(_COLUMNS)).add_column(0, "mass_id", [pa.array(range(table.num_rows), pa.int64())])
        return numbered.append_column("diagnosis", [diagnosis])


def _file() -> Any:
    from importlib.resources import files

    return files("sklearn.datasets.data") / FILE
