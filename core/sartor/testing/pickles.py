"""Finds pickles in a folder without opening one: a saved model is data, and loading it must run no code."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickletools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

_SUFFIXES = frozenset({".pkl", ".pickle", ".joblib", ".dill", ".cloudpickle", ".pt", ".pth"})
_BINARY_PICKLE = re.compile(rb"\x80[\x02-\x05]")
# The first bytes of protocols 2 to 5, 80 02 to 80 05, as base64 spells them.
_BASE64_PICKLE = re.compile(rb"(?<![A-Za-z0-9+/])gA[JNRSVW][A-Za-z0-9+/]{16,}")
_OBJECT_ARRAY = re.compile(rb"\x93NUMPY.{2,6}\{'descr': '\|O'", re.DOTALL)
_UNPACK: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"\x78\x01": zlib.decompress,
    b"\x78\x5e": zlib.decompress,
    b"\x78\x9c": zlib.decompress,
    b"\x78\xda": zlib.decompress,
}


def pickles_in(folder: Path) -> list[str]:
    """Name what is pickled in a folder, archives and compressed files looked into.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of str
        ``weights.bin: a pickle``, in the order of file names; empty where nothing is pickled.

    Examples
    --------
    >>> import json, pickle, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "model.json").write_text(json.dumps({"base_rate": 0.3}))
    >>> pickles_in(folder)
    []
    >>> _ = (folder / "model.bin").write_bytes(pickle.dumps({"base_rate": 0.3}))
    >>> pickles_in(folder)
    ['model.bin: a pickle']
    """
    found: list[str] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        found += _pickled(file.relative_to(folder).as_posix(), file.read_bytes())
    return found


def _pickled(name: str, content: bytes) -> Iterator[str]:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _pickled(f"{name}/{member}", archive.read(member))
        return
    for magic, unpack in _UNPACK.items():
        if content.startswith(magic):
            try:
                unpacked = unpack(content)
            except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error):
                break
            yield from _pickled(f"{name} (unpacked)", unpacked)
            return
    said = _what_is_pickled(name, content)
    if said:
        yield f"{name}: {said}"


def _what_is_pickled(name: str, content: bytes) -> str | None:
    if _BINARY_PICKLE.match(content) or _is_text_pickle(content):
        return "a pickle"
    if _OBJECT_ARRAY.match(content):
        return "a NumPy array of objects, which is a pickle inside"
    if _BASE64_PICKLE.search(content):
        return "a pickle in base64"
    if Path(name.removesuffix(" (unpacked)")).suffix.lower() in _SUFFIXES:
        return "a kind of file that is loaded by unpickling"
    return None


def _is_text_pickle(content: bytes) -> bool:
    """Tell whether the whole content is a pickle of the oldest protocol, which looks like text."""
    if not content.endswith(b".") or len(content) < 4:
        return False
    try:
        last = list(pickletools.genops(content))[-1]
    except (ValueError, IndexError):
        return False
    return last[0].name == "STOP" and last[2] == len(content) - 1
