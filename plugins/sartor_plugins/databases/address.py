"""The address of a database: what it says, what of it may be shown, and what must never be."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator

from sartor.errors import SettingError, UsageError
from sartor.recipe.secret import Secret

if TYPE_CHECKING:
    from sartor.context import Context

Engine = Literal["sqlite", "postgresql"]
HIDDEN = "***"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?://|(?=/))")
# As libpq reads it: what stands between the first colon and the last @ before the path.
_LOGIN = re.compile(r"://(?P<user>[^:@/?#]*)(?::(?P<password>[^/?#]*))?@")
_OPTIONS = re.compile(r"[?&](?P<name>password|sslpassword|passfile)=(?P<value>[^&]*)", re.IGNORECASE)
_ENGINES: dict[str, Engine] = {
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
}
_EXAMPLE = ("to mend", "write url: secret:NAME, sqlite:///shop.db or postgresql://HOST/DATABASE")


def _checked(url: Secret | str) -> Secret | str:
    if isinstance(url, Secret):
        return url
    if passwords_in(url):
        raise SettingError(
            "url holds a password, which would stand in the recipe and its records",
            hints=(("to mend", "put the whole address into an environment variable, and write url: secret:NAME"),),
        )
    engine_of(url)
    return url


Url = Annotated[Secret | str, AfterValidator(_checked)]
"""``secret:NAME``, a path of an SQLite file, ``sqlite:///PATH`` or ``postgresql://...`` without a password."""


def engine_of(url: str) -> Engine:
    """Return what kind of database an address leads to.

    Raises
    ------
    SettingError
        If it is none that is known; nothing of the address is in the message but its scheme.

    Examples
    --------
    >>> engine_of("shop.db"), engine_of("sqlite:///shop.db"), engine_of("postgres://db.example/shop")
    ('sqlite', 'sqlite', 'postgresql')
    """
    scheme = _SCHEME.match(url)
    if scheme is None:
        if not url.strip():
            raise SettingError("url must not be empty", hints=(_EXAMPLE,))
        return "sqlite"
    # SQLAlchemy names its driver too: postgresql+psycopg.
    engine = _ENGINES.get(scheme[1].lower().partition("+")[0])
    if engine is None:
        raise SettingError(f"there is no driver for '{scheme[1]}': SQLite and PostgreSQL are known", hints=(_EXAMPLE,))
    return engine


def passwords_in(url: str) -> list[str]:
    """Return the passwords that stand in an address, as they are written and as they are meant.

    Examples
    --------
    >>> passwords_in("postgresql://me:s%23cret@db/shop"), passwords_in("postgresql://me@db/shop")
    (['s%23cret', 's#cret'], [])
    """
    from urllib.parse import unquote

    login = _LOGIN.search(url)
    found = [login["password"]] if login and login["password"] else []
    found += [option["value"] for option in _OPTIONS.finditer(url) if option["name"].lower() != "passfile"]
    return list(dict.fromkeys(text for written in found for text in (written, unquote(written)) if text))


def without_password(url: str) -> str:
    """Return an address without its passwords.

    Examples
    --------
    >>> without_password("postgresql://me:hush@db:5433/shop?sslmode=require&password=hush")
    'postgresql://me@db:5433/shop?sslmode=require'
    """
    url = _LOGIN.sub(lambda login: f"://{login['user']}@", url)
    return _OPTIONS.sub("", url)


@dataclass(frozen=True)
class Address:
    """A database.

    Parameters
    ----------
    engine : {"sqlite", "postgresql"}
    shown : str
        What messages call it: the name of the secret, or the address without user and options.
    url : str
        With everything in it; never shown.
    file : Path
        Of an SQLite database.
    """

    engine: Engine
    shown: str
    url: str = field(default="", repr=False)
    file: Path = Path()

    def scrubbed(self, text: str) -> str:
        """Return a text, such as a driver's message, without what must not be shown.

        Examples
        --------
        >>> Address("postgresql", "secret:DB", "postgresql://me:hush@db/shop").scrubbed("no, not with hush")
        'no, not with ***'
        """
        hidden = [self.url, *passwords_in(self.url)] if self.engine == "postgresql" else []
        login = _LOGIN.search(self.url)
        hidden += [login[0].removeprefix("://")] if login else []
        for secret in sorted(filter(None, hidden), key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text


def address_of(url: Secret | str, context: Context) -> Address:
    """Return the database that a setting names; a secret is looked up now.

    Raises
    ------
    UsageError
        If the secret is not set, or does not hold the address of a database.
    """
    if not isinstance(url, Secret):
        return _address(url, shown_of(url), context)
    value = url.reveal(os.environ).strip()
    try:
        return _address(value, str(url), context)
    except SettingError:
        # Even what looks like a scheme may be the beginning of a password that was put into the wrong variable.
        raise UsageError(
            f"{url} does not hold the address of a database",
            code="D209",
            hints=(("to mend", f"set {url.name} to an address such as postgresql://USER:PASSWORD@HOST/DATABASE"),),
        ) from None


def _address(url: str, shown: str, context: Context) -> Address:
    engine = engine_of(url)
    if engine == "postgresql":
        # What SQLAlchemy adds to the scheme libpq does not know.
        return Address(engine, shown, re.sub(r"^[^:]*", "postgresql", url, count=1))
    path = re.sub(r"^sqlite3?(\+\w+)?:(//)?", "", url, flags=re.IGNORECASE).partition("?")[0]
    # sqlite:///a.db is a file beside the recipe, sqlite:////a.db one at the root.
    path = path.removeprefix("/") if path != url else path
    if path in ("", ":memory:"):
        raise SettingError("a database in memory is empty: name a file", hints=(_EXAMPLE,))
    return Address(engine, shown, url, context.path(path))


def shown_of(url: Secret | str) -> str:
    """Return what may be shown of an address: the name of its secret, or all but user and options."""
    if isinstance(url, Secret):
        return str(url)
    return re.sub(r"://[^@/?#]*@", "://", url.partition("?")[0])
