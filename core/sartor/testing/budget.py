"""The import budget: which heavy libraries come in when a module is imported in a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable

HEAVY = (
    "catboost", "duckdb", "jax", "keras", "lightgbm", "matplotlib", "narwhals", "numba", "numpy", "pandas", "polars",
    "pyarrow", "scipy", "sklearn", "skops", "tensorflow", "torch", "xgboost",
)  # fmt: skip
"""Libraries that a module with settings must not import: ``sartor check`` and ``sartor list`` import such modules."""

_PROGRAM = """
import sys
before = set(sys.modules)
names, heavy = sys.argv[1].split(","), sys.argv[2].split(",")
for name in names:
    __import__(name)
print(",".join(library for library in heavy if library in sys.modules and library not in before))
"""


def heavy_imports(modules: Iterable[str], heavy: Iterable[str] = HEAVY) -> list[str]:
    """Import modules in a fresh interpreter and return the heavy libraries that came in with them.

    Parameters
    ----------
    modules : iterable of str
        Names of modules; they are looked for where this interpreter looks.
    heavy : iterable of str
        Top-level names to look out for.

    Returns
    -------
    list of str

    Raises
    ------
    ImportError
        If one of the modules cannot be imported.

    Examples
    --------
    >>> heavy_imports(["sartor.components"])
    []
    >>> heavy_imports(["sartor.testing.comparing"], heavy=["pandas", "tensorflow"])
    ['pandas']
    """
    command = [sys.executable, "-c", _PROGRAM, ",".join(modules), ",".join(heavy)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own program, and names of modules
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ImportError(f"{' and '.join(modules)} cannot be imported afresh:\n{done.stderr.strip()}")
    return [library for library in done.stdout.strip().split(",") if library]
