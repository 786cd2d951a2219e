"""Opens files whatever they are packed with, told by their first bytes and not by their names."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from sartor.errors import InputError

if TYPE_CHECKING:
    from sartor_plugins.tables.files import File

Packing = Literal["none", "gzip", "zstd", "bz2"]
CHUNK = 1 << 18

_PACKED: dict[bytes, Packing] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}
_FOREIGN = {
    b"PAR1": ("a Parquet file", "use: tables.parquet"),
    b"PK\x03\x04": ("a zip archive or an Excel file", "unpack it, or read the sheet with use: tables.excel"),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "use: tables.excel"),
    b"\xfd7zXZ\x00": ("packed with xz", "unpack it with xz -d, or pack it with gzip or zstd"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it"),
    b"Rar!": ("a rar archive", "unpack it"),
    b"SQLite format 3": ("an SQLite database", "export the table as CSV"),
    b"ARROW1": ("an Arrow file", "save it as Parquet"),
    b"%PDF": ("a PDF document", "a table in it must be exported as CSV first"),
}


def packing_of(file: File) -> Packing:
    """Return what a file is packed with.

    Raises
    ------
    InputError
        If it begins like a file of another format.
    """
    with file.path.open("rb") as stream:
        head = stream.read(16)
    for magic, packing in _PACKED.items():
        if head.startswith(magic):
            return packing
    for magic, (what, mend) in _FOREIGN.items():
        if head.startswith(magic):
            raise InputError(f"{file.shown} is {what}", code="D118", hints=(("to mend", mend),))
    return "none"


def unpacked(file: File, packing: Packing, chunk: int = CHUNK) -> Iterator[bytes]:
    """Yield a file's bytes, unpacked, piece by piece.

    Raises
    ------
    InputError
        If it ends in the middle or is damaged. A packed file carries a checksum of its content; it is compared when
        the last piece has been read.
    """
    try:
        with _opened(file, packing) as stream:
            while piece := stream.read(chunk):
                yield piece
    except EOFError as error:
        raise _cut_off(file, packing) from error
    except (zlib.error, OSError) as error:
        if packing == "none":
            raise InputError(f"{file.shown} cannot be read: {error}", code="D104") from error
        if "Truncated" in str(error):
            raise _cut_off(file, packing) from error
        raise InputError(
            f"{file.shown} is damaged: its {packing} content does not unpack",
            code="D115",
            hints=(("to mend", "get the file again from where it came from"),),
        ) from error


def _opened(file: File, packing: Packing) -> Any:
    if packing == "gzip":
        return gzip.open(file.path, "rb")
    if packing == "bz2":
        return bz2.open(file.path, "rb")
    if packing == "zstd":
        import pyarrow as pa

        # A file object of our own: Arrow's own opener takes only names that are UTF-8.
        return pa.CompressedInputStream(file.path.open("rb"), "zstd")
    return file.path.open("rb", buffering=0)


def _cut_off(file: File, packing: Packing) -> InputError:
    return InputError(
        f"{file.shown} ends in the middle: its {packing} content is cut off",
        code="D115",
        hints=(("to mend", "get the file again: a download or a copy was broken off"),),
    )
