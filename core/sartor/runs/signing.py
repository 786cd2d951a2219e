"""Signs the heads of ledgers with a key that the project names, and tells whether a signature holds.

Ed25519 (RFC 8032). What is signed is the head as JSON with sorted keys and no spaces, without the signature itself,
behind one line that says what it is, so that the signature can stand for nothing else.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sartor.errors import UsageError
from sartor.recipe.project import Project
from sartor.recipe.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_TITLE = b"sartor: head of a ledger, 1\n"
_BY_NAME = "secret:"
_EXTRA = (("to install", "pip install 'sartor[trust]'"),)


def check_key(project: Project) -> None:
    """See to it that what a run will sign with is there, before the run begins.

    Raises
    ------
    UsageError
        If the project names a key that cannot be used.
    """
    if project.settings.signing_key is not None:
        _private(project)


def sealed(said: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return a head with the signature of the project that a folder belongs to; as it is where it signs nothing.

    Parameters
    ----------
    said : dict
    folder : Path
        The project's folder of runs.
    """
    project = Project.at(folder)
    if project.settings.signing_key is None:
        return said
    key = _private(project)
    said = {**said, "key": _text(key.public_key())}
    return {**said, "signature": base64.b64encode(key.sign(_message(said))).decode()}


def signed_by(said: Mapping[str, Any]) -> str | None:
    """Return the public key by which a head is rightly signed, as `public_key` writes it; None where it is unsigned.

    Raises
    ------
    ValueError
        If the signature is not one of this head.
    UsageError
        If signatures cannot be checked here.
    """
    if "signature" not in said:
        return None
    _needed()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(said["key"], validate=True))
        signature = base64.b64decode(said["signature"], validate=True)
        # Base64 has several texts for the same bytes; one of them was written.
        if base64.b64encode(signature).decode() != said["signature"]:
            raise ValueError("another text of the same signature")
        key.verify(signature, _message(said))
    except (InvalidSignature, KeyError, TypeError, ValueError) as error:
        raise ValueError("its signature is not one of what it says") from error
    return _text(key)


def public_key(file: Path) -> str:
    """Return the public key in a PEM file, 32 bytes in Base64; that of a private key is its public half.

    Raises
    ------
    UsageError
        If the file cannot be read or holds no Ed25519 key.
    """
    _needed()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = _read(file)
    if b"PRIVATE KEY" in content:
        return _text(_private_of(content, str(file)).public_key())
    try:
        key = load_pem_public_key(content)
    except ValueError as error:
        raise _refused(f"{file} holds no public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _refused(f"{file} holds no Ed25519 key")
    return _text(key)


def new_key(file: Path) -> Path:
    """Write a new private key to a file that only its owner may read, and its public half beside it.

    Returns
    -------
    Path
        The file of the public half: the name with ``.pub`` behind it.

    Raises
    ------
    UsageError
        If one of the files is already there or cannot be written.
    """
    _needed()
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    public = key.public_key().public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    beside = file.with_name(file.name + ".pub")
    for path, content, mode in ((file, private, 0o600), (beside, public, 0o644)):
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
                opened.write(content)
        except FileExistsError:
            raise _refused(f"{path} is already there, and a key is never written over", "name another file") from None
        except OSError as error:
            raise _refused(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from error
    return beside


def _private(project: Project) -> Ed25519PrivateKey:
    named = str(project.settings.signing_key)
    _needed()
    if named.startswith(_BY_NAME):
        return _private_of(Secret(named.removeprefix(_BY_NAME)).reveal(os.environ).encode(), named)
    return _private_of(_read(project.root / Path(named).expanduser()), named)


def _private_of(content: bytes, name: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(content, password=None)
    except TypeError as error:
        raise _refused(f"{name} is locked with a password, and a run cannot ask for it") from error
    except ValueError as error:
        raise _refused(f"{name} holds no private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _refused(f"{name} holds no Ed25519 key")
    return key


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise _refused(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error


def _refused(why: str, mend: str = "sartor ledger key FILE makes a pair of keys") -> UsageError:
    return UsageError(f"the signing key cannot be used: {why}", code="U066", hints=(("to mend", mend),))


def _needed() -> None:
    from importlib.util import find_spec

    if find_spec("cryptography") is None:
        raise UsageError("signatures need cryptography, which is not installed", code="U066", hints=_EXTRA)


def _message(said: Mapping[str, Any]) -> bytes:
    body = {name: value for name, value in said.items() if name != "signature"}
    return _TITLE + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _text(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes_raw()).decode()
