"""What a driver's errors mean, said without a password, an address or a value in it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sartor.errors import InputError, SartorError, UsageError

if TYPE_CHECKING:
    from sartor_plugins.databases.address import Address

Hints = tuple[tuple[str, str], ...]

_AGAIN: Hints = (("to mend", "run it again; what was kept is not done again"),)
_REACH: Hints = (("to mend", "see whether the server runs, and whether its host and port can be reached from here"),)
_LOGIN: Hints = (("to mend", "see user, password and database in the address"),)
_QUERY: Hints = (("to mend", "try it in the database's own shell first"),)
_DIGITS: Hints = (("to mend", "types: {COLUMN: text} keeps all its digits, types: {COLUMN: number} some 16"),)

# What libpq says when it cannot connect; it gives no code then.
_CONNECTING = (
    ("could not translate host name", "D200", "its host is not known", _REACH),
    ("Connection refused", "D200", "nothing answers there", _REACH),
    ("timeout expired", "D200", "it does not answer in time", _REACH),
    ("No such file or directory", "D200", "nothing answers there", _REACH),
    ("No route to host", "D200", "there is no way to its host", _REACH),
    ("Network is unreachable", "D200", "there is no way to its host", _REACH),
    ("password authentication failed", "D201", "user or password is wrong", _LOGIN),
    ("no password supplied", "D201", "it asks for a password", _LOGIN),
    ("pg_hba.conf", "D201", "it lets nobody in from here so", _LOGIN),
    ("role ", "D201", "there is no such user", _LOGIN),
    ("database ", "D201", "there is no such database", _LOGIN),
    ("connection slots", "D200", "it has too many connections already", _AGAIN),
    ("too many clients", "D200", "it has too many connections already", _AGAIN),
    ("starting up", "D200", "it is starting", _AGAIN),
    ("shutting down", "D200", "it is shutting down", _AGAIN),
)
_GONE = re.compile(
    r"server closed the connection|terminating connection|SSL connection has been closed|could not receive data"
    r"|could not send data|connection to server was lost|no connection to the server|PQgetCopyData\(\) failed: $"
)
_OF_VALUES = re.compile(r"out of range|invalid input syntax|division by zero|invalid byte sequence")
_SAID = re.compile(r"(?:ERROR|FATAL|PANIC):\s*(?P<said>[^\n]*)")
_STATE = re.compile(r"SQLSTATE: (\w{5})")
# PostgreSQL puts the value it could not read at the end, in quotes.
_VALUE = re.compile(r": \".*\"\s*$", re.DOTALL)


def of_postgresql(error: BaseException, address: Address, what: str) -> SartorError:
    """Return what an error of the PostgreSQL driver means.

    Parameters
    ----------
    error : exception
        The driver's, or the one that Arrow makes of it while batches stream.
    address : Address
    what : str
        What was being done: ``table loans``, ``the query``.
    """
    text = str(error)
    state = getattr(error, "sqlstate", None) or (match[1] if (match := _STATE.search(text)) else "")
    if "Failed to connect" in text:
        return _not_connected(text, address)
    found = _SAID.search(text)
    said = address.scrubbed(_VALUE.sub("", (found["said"] if found else text.partition("\n")[0]).strip()))
    if _GONE.search(text) or state[:2] == "08" or state in ("57P01", "57P02", "57P03"):
        return InputError(f"{address.shown} went away while {what} was worked on", code="D204", hints=_AGAIN)
    if state == "42P01":
        return InputError(f"{what}: {said}", code="D202", hints=_QUERY)
    if state in ("42501", "25006") or "read-only transaction" in said or said.startswith("permission denied"):
        return InputError(f"{address.shown} does not allow it: {said}", code="D208")
    if state in ("55P03", "40001", "40P01"):
        return InputError(f"{address.shown} is locked by others: {said}", code="D205", hints=_AGAIN)
    if state == "57014":
        return InputError(f"{address.shown} gave up on {what}: {said}", code="D205", hints=_AGAIN)
    if "bigint out of range" in said:
        return InputError(f"{what}: a whole number does not fit into 64 bits", code="D207", hints=_DIGITS)
    if state[:2] == "22" or _OF_VALUES.search(said):
        return InputError(f"{what}: {said}", code="D207")
    if state[:2] == "23":
        return InputError(f"{what}: {said}", code="D223")
    if state[:2] in ("42", "26", "0A"):
        return InputError(f"{what} cannot be run: {said}", code="D206", hints=_QUERY)
    return InputError(f"{address.shown} failed at {what}: {said}", code="D211")


def _not_connected(text: str, address: Address) -> SartorError:
    for words, code, why, hints in _CONNECTING:
        if words in text:
            verb = "cannot be reached" if code == "D200" else "refuses the login"
            return InputError(f"{address.shown} {verb}: {why}", code=code, hints=hints)
    first = text.partition("Failed to connect: ")[2].strip().partition("\n")[0]
    if "invalid" in first or "missing" in first:
        # The driver quotes the address in such a message.
        return UsageError(f"{address.shown} does not hold an address that can be used", code="D209", hints=_LOGIN)
    return InputError(f"{address.shown} cannot be reached: {address.scrubbed(first)}", code="D200", hints=_REACH)


def of_sqlite(error: sqlite3.Error, address: Address, what: str) -> SartorError:
    """Return what an error of SQLite means; parameters as in `of_postgresql`."""
    name = str(getattr(error, "sqlite_errorname", ""))
    said = str(error)
    said = f"{said[:1].lower()}{said[1:]}" if said[1:2].islower() else said
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        mend = (("to mend", "wait until whoever writes to it has ended, then run it again"),)
        return InputError(f"{address.shown} is locked: somebody else writes to it", code="D205", hints=mend)
    if name.startswith("SQLITE_NOTADB") or "file is not a database" in said:
        return InputError(f"{address.shown} is not an SQLite database", code="D209")
    if name.startswith("SQLITE_CORRUPT"):
        mend = (("to mend", "get the file again from where it came from"),)
        return InputError(f"{address.shown} is damaged: {said}", code="D211", hints=mend)
    if name.startswith("SQLITE_READONLY"):
        return InputError(f"{address.shown} does not allow it: it is read-only", code="D208")
    if name.startswith("SQLITE_FULL"):
        return UsageError(f"{address.shown} cannot be written: the disk is full", code="U043")
    if name.startswith("SQLITE_CANTOPEN"):
        return InputError(f"{address.shown} cannot be opened", code="D208")
    if name.startswith("SQLITE_CONSTRAINT"):
        return InputError(f"{what}: {said}", code="D223")
    if said.startswith("no such table"):
        return InputError(f"{what}: {said}", code="D202", hints=_QUERY)
    if name == "SQLITE_ERROR" or isinstance(error, sqlite3.ProgrammingError):
        return InputError(f"{what} cannot be run: {said}", code="D206", hints=_QUERY)
    return InputError(f"{address.shown} failed at {what}: {said}", code="D211")


@contextmanager
def told(address: Address, what: str) -> Iterator[None]:
    """Say of a driver's error inside what it means.

    The driver's own error is left out of the chain, as it may hold the address with its password.
    """
    try:
        yield
    except SartorError:
        raise
    except sqlite3.Error as error:
        failure = of_sqlite(error, address, what)
    except Exception as error:
        if not is_a_drivers(error):
            raise
        failure = of_postgresql(error, address, what)
    else:
        return
    raise failure


def is_a_drivers(error: BaseException) -> bool:
    """Whether an error comes from an ADBC driver, or from Arrow that streams what it gives."""
    modules = {cls.__module__.partition(".")[0] for cls in type(error).__mro__}
    streamed = isinstance(error, OSError) or "pyarrow" in modules
    return "adbc_driver_manager" in modules or (streamed and "[libpq]" in str(error))
