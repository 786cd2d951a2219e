"""Files elsewhere, ``s3://...`` and the like: fetched once a run by fsspec, then read like any other."""

from __future__ import annotations

import errno
import glob
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import InputError
from sartor_plugins.tables.nameless import writing

if TYPE_CHECKING:
    from sartor.context import Context

_PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs",
    "http": "aiohttp requests", "https": "aiohttp requests", "sftp": "paramiko", "ssh": "paramiko",
}  # fmt: skip
"""What fsspec needs beside itself."""
_LOGIN = re.compile(r"://[^/@]*:[^/@]*@")


def is_remote(name: str) -> bool:
    """Whether a name is an address rather than a file of this machine.

    Examples
    --------
    >>> is_remote("s3://bucket/loans.csv"), is_remote("data/loans.csv")
    (True, False)
    """
    return "://" in name


def fetched(pattern: str, context: Context) -> list[tuple[Path, str]]:
    """Return the files that an address, or a glob in one, means: their copies, and what they are called.

    Raises
    ------
    InputError
        If fsspec or a package of its is missing, there is no such file, or it cannot be fetched.
    """
    if _LOGIN.search(pattern):
        raise InputError(
            "a path holds a password, which would stand in the recipe and its records",
            code="D240",
            hints=(("to mend", "let the package that fetches it find the login in the environment"),),
        )
    system, path = _opened(pattern)
    protocol = pattern.partition("://")[0]
    try:
        if glob.has_magic(path):
            paths = sorted(system.glob(path))
            if not paths:
                raise InputError(f"no file matches {pattern}", code="D103")
        else:
            paths = [path]
        found = []
        for one in paths:
            shown = pattern if one == path else f"{protocol}://{str(one).lstrip('/')}"
            found.append((_copy(system, one, shown, context), shown))
        return found
    except FileNotFoundError as error:
        raise InputError(f"there is no file {pattern}", code="D101") from error
    except InputError:
        raise
    except Exception as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            # That is our own disk.
            raise
        # What they say may hold a token or a signed address: their kind is all that is told.
        raise InputError(
            f"{pattern} cannot be fetched: {type(error).__name__}",
            code="D241",
            hints=(("to mend", "see that it can be reached from here, and that the environment holds a login to it"),),
        ) from None


def _opened(pattern: str) -> tuple[Any, str]:
    protocol = pattern.partition("://")[0]
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise InputError(
            f"{pattern} needs fsspec, which is not installed",
            code="R024",
            hints=(("to mend", 'pip install "sartor[remote]"'),),
        ) from error
    try:
        system, path = url_to_fs(pattern)
    except ImportError as error:
        package = _PACKAGES.get(protocol, f"what fsspec needs for {protocol}")
        raise InputError(
            f"{pattern} needs {package.replace(' ', ' and ')}, which is not installed",
            code="R024",
            hints=(("to mend", f"pip install {package}"),),
        ) from error
    except ValueError as error:
        raise InputError(f"nothing is known that fetches {protocol}://", code="D240") from error
    return system, str(path)


def _copy(system: Any, path: str, shown: str, context: Context) -> Path:
    """Return the copy of a file, fetched when it is first asked for: a run sees one state of it."""
    copy = context.scratch / "fetched" / hashlib.sha256(shown.encode()).hexdigest()[:32]
    if not copy.exists():
        with writing(copy, context) as stream, system.open(path, "rb") as source:
            while piece := source.read(1 << 20):
                stream.write(piece)
    return copy
