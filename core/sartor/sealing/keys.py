"""The keys of encrypted folders: a project's own key, and each folder's data key, which only that key opens.

A folder's data key lies beside its files, in ``keys.json``, encrypted with the project's key. To change the project's
key, the data keys are encrypted anew and no file is: see `sartor.sealing.rotating`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sartor.errors import InputError, PrivacyStop, UsageError
from sartor.recipe.project import Project
from sartor.recipe.secret import Secret
from sartor.sealing.streaming import KEY_BYTES, Broken, seal, unseal

FILE = "keys.json"
FORMAT = 1
_BY_NAME = "secret:"
_EXTRA = (("to install", "pip install 'sartor[trust]'"),)
_MAKE = ("to mend", "sartor keys new FILE makes one")


@dataclass(frozen=True)
class Key:
    """A project's key.

    Parameters
    ----------
    name : str
        Where it was found: ``secret:NAME``, or a file.
    content : bytes
        Its 32 bytes; never shown.
    """

    name: str
    content: bytes

    def __repr__(self) -> str:
        return f"<Key {self.id} of {self.name}>"

    @property
    def id(self) -> str:
        """What tells it from others and tells nothing of it: 16 digits of a SHA-256."""
        return hashlib.sha256(b"sartor key id 1\0" + self.content).hexdigest()[:16]


def needed() -> None:
    """See to it that there is something to encrypt with.

    Raises
    ------
    UsageError
    """
    from importlib.util import find_spec

    if find_spec("cryptography") is None:
        raise UsageError("encryption needs cryptography, which is not installed", code="U120", hints=_EXTRA)


def load_key(named: str, folder: Path) -> Key:
    """Return the key that is named: ``secret:NAME``, or a file, relative to a folder.

    Raises
    ------
    PrivacyStop
        If it is missing, or is none.
    """
    needed()
    if named.startswith(_BY_NAME):
        variable = named.removeprefix(_BY_NAME)
        if not os.environ.get(variable):
            mend = ("to mend", f"set the environment variable {variable} to the key")
            raise _missing(f"the key {named} is missing: the environment variable is not set", mend)
        text = Secret(variable).reveal(os.environ)
    else:
        try:
            text = (folder / Path(named).expanduser()).read_text(encoding="ascii")
        except OSError as error:
            said = (error.strerror or str(error)).lower()
            raise _missing(f"the key file {named} cannot be read: {said}", _MAKE) from None
        except UnicodeDecodeError:
            raise _no_key(named) from None
    return Key(named, _content(text.strip(), named))


def _content(text: str, named: str) -> bytes:
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text)
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if len(content) != KEY_BYTES:
        raise _no_key(named)
    return content


def new_key(file: Path) -> Key:
    """Write a new key to a file that only its owner may read.

    Raises
    ------
    UsageError
        If the file is there, or cannot be written.
    """
    text = base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
            opened.write(text)
    except FileExistsError:
        mend = ("to mend", "name another file")
        raise UsageError(
            f"{file} is already there, and a key is never written over", code="U121", hints=(mend,)
        ) from None
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise UsageError(f"{file} cannot be written: {said}", code="U121") from error
    return Key(str(file), _content(text.strip(), str(file)))


def _missing(why: str, *hints: tuple[str, str]) -> PrivacyStop:
    return PrivacyStop(why, code="P043", hints=hints)


def _no_key(named: str) -> PrivacyStop:
    return PrivacyStop(f"{named} holds no key: 32 random bytes, in Base64 or as 64 digits", code="P043", hints=(_MAKE,))


# ---------------------------------------------------------------------------------------------------------------
# A folder's data key
# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DataKey:
    """What the files of a folder are encrypted with.

    Parameters
    ----------
    of : str
        Whose it is: a run's recipe and name, or an entry of the cache.
    content : bytes
    """

    of: str
    content: bytes

    def __repr__(self) -> str:
        return f"<DataKey of {self.of}>"

    @classmethod
    def new(cls, of: str) -> DataKey:
        """Return a random one."""
        return cls(of, os.urandom(KEY_BYTES))

    def wrapped(self, key: Key) -> bytes:
        """Return the file ``keys.json``: who it is for, and the data key, which only `key` opens."""
        said = {
            "format": FORMAT,
            "of": self.of,
            "key": key.name,
            "key_id": key.id,
            "data_key": base64.b64encode(seal(self.content, key.content, _wrap_name(self.of, key.id))).decode(),
        }
        return (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()


def _wrap_name(of: str, key_id: str) -> str:
    return f"data key\0{of}\0{key_id}"


def is_sealed(folder: Path) -> bool:
    """Tell whether a folder is encrypted."""
    return (folder / FILE).is_file()


def said_of(folder: Path) -> Mapping[str, Any]:
    """Return what a folder says of its key, without opening it.

    Raises
    ------
    InputError
        If it is damaged.
    """
    try:
        said = json.loads((folder / FILE).read_bytes())
        texts = all(isinstance(said[part], str) for part in ("of", "key", "key_id", "data_key"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        said, texts = {}, False
    if not texts or said.get("format") != FORMAT:
        raise tampered(folder, FILE, "it is damaged")
    return dict(said)


def data_key(folder: Path, keys: Iterable[Key]) -> DataKey:
    """Return the data key of a folder.

    Raises
    ------
    PrivacyStop
        If none of the keys is the one that opens it.
    InputError
        If what the folder keeps of it was changed.
    """
    said, keys = said_of(folder), list(keys)
    key = next((one for one in keys if one.id == said["key_id"]), None)
    if key is None:
        there = " and ".join(f"{one.name} is {one.id}" for one in keys) or "none is given"
        raise PrivacyStop(
            f"{said['of']} is encrypted with key {said['key_id']} ({said['key']}): {there}",
            code="P044",
            hints=(
                ("to mend", "give that key: set the secret, or name it in sartor.toml: encryption_keys"),
                ("after a rotation", "sartor keys rotate --old OLD --new NEW finishes one that was broken off"),
            ),
        )
    try:
        wrapped = base64.b64decode(said["data_key"], validate=True)
        return DataKey(said["of"], unseal(wrapped, key.content, _wrap_name(said["of"], key.id)))
    except (Broken, binascii.Error, ValueError):
        raise tampered(folder, FILE, "it was changed since it was written") from None


def keys_for(folder: Path, project: Project) -> list[Key]:
    """Return the keys that may open a folder: the one that it names, and those of ``sartor.toml``.

    Raises
    ------
    PrivacyStop
        If there is none.
    """
    named = [str(said_of(folder)["key"]), *(project.settings.encryption_keys or ())]
    found, problems = [], []
    for name in dict.fromkeys(named):
        try:
            found.append(load_key(name, project.root))
        except PrivacyStop as error:
            problems.append(error)
    if not found:
        raise problems[0]
    return found


def tampered(folder: Path, name: str, why: str) -> InputError:
    """Return the error that says that a file of an encrypted folder is not what was written."""
    return InputError(
        f"{name} of run {folder.name} cannot be decrypted: {why}",
        code="D155",
        hints=(
            ("to see all", f"sartor verify {folder.name}"),
            ("to mend", "take the folder from a copy that is untouched, or run the recipe again"),
        ),
    )
