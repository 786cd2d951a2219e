"""What is installed of sartor's own requirements, read from its package metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution, requires, version

FOR_DEVELOPERS = ("all", "dev", "docs", "test")
"""Extras that bring nothing of their own, or only tools."""

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)(?:;\s*(.*))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


@dataclass(frozen=True)
class Requirement:
    """One line of the metadata.

    Parameters
    ----------
    name : str
        The distribution.
    least : tuple of int
        The lowest version that will do; empty if any will.
    extra : str
        The extra that asks for it; empty for the base.
    conditional : bool
        Asked for on some platforms only.
    """

    name: str
    least: tuple[int, ...]
    extra: str
    conditional: bool


@dataclass(frozen=True)
class Extra:
    """An extra and what of it is there.

    Parameters
    ----------
    name : str
    versions : tuple of str
        ``lightgbm 4.7.0``.
    missing : tuple of str
        Distributions that are not installed.
    """

    name: str
    versions: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Base:
    """The libraries without which nothing works.

    Parameters
    ----------
    versions : tuple of str
    troubles : tuple of (what, how to mend)
    """

    versions: tuple[str, ...]
    troubles: tuple[tuple[str, str], ...]


def parsed(line: str) -> Requirement:
    """Read a line of the metadata.

    Examples
    --------
    >>> parsed("lightgbm>=4.6; extra == 'boost'")
    Requirement(name='lightgbm', least=(4, 6), extra='boost', conditional=False)
    >>> parsed("numba>=0.62; (sys_platform != 'darwin') and extra == 'fast'").conditional
    True
    """
    match = _REQUIREMENT.fullmatch(line)
    assert match is not None, f"not a requirement: {line}"
    name, bounds, marker = match[1], match[2], match[3] or ""
    extra = _EXTRA.search(marker)
    rest = _EXTRA.sub("", marker).replace("and", "").strip(" ()")
    least = re.search(r">=\s*([0-9.]+)", bounds)
    return Requirement(name, _numbers(least[1]) if least else (), extra[1] if extra else "", bool(rest))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text.partition("+")[0])[:3])


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return everything that sartor's metadata asks for; nothing where it is not installed."""
    try:
        return tuple(parsed(line) for line in requires("sartor") or ())
    except PackageNotFoundError:
        return ()


def extras() -> list[Extra]:
    """Return the extras that bring something for users.

    What an extra asks for on some platforms only counts as one thing: `keras` is one package or the other.
    """
    found: dict[str, list[Requirement]] = {}
    for requirement in requirements():
        if requirement.extra and requirement.extra not in FOR_DEVELOPERS:
            found.setdefault(requirement.extra, []).append(requirement)
    return [_state(name, asked) for name, asked in found.items()]


def _state(name: str, asked: Iterable[Requirement]) -> Extra:
    there = {one.name: _version(one.name) for one in asked}
    conditional = [one.name for one in asked if one.conditional]
    missing = [one for one in there if there[one] is None and one not in conditional]
    if conditional and all(there[one] is None for one in conditional):
        missing += conditional
    return Extra(name, tuple(f"{one} {found}" for one, found in there.items() if found), tuple(missing))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@cache
def base_state() -> Base:
    """Return the libraries of the base, each imported once: a broken build shows only then."""
    versions = [f"sartor {_version('sartor') or 'is not installed as a package'}"]
    troubles: list[tuple[str, str]] = []
    for one in requirements():
        if one.extra or one.conditional:
            continue
        found = _version(one.name)
        if found is None:
            troubles.append((f"{one.name} is not installed", f"pip install {one.name}"))
            continue
        versions.append(f"{one.name} {found}")
        if _numbers(found) < one.least:
            wanted = ".".join(map(str, one.least))
            troubles.append((f"{one.name} {found} is older than {wanted}", f'pip install "{one.name}>={wanted}"'))
        for module in _modules(one.name):
            try:
                import_module(module)
            except Exception as error:  # noqa: BLE001 - whatever a broken library raises is what is looked for
                said = f"{one.name} {found} cannot be imported: {type(error).__name__}: {error}"
                troubles.append((said, f"pip install --force-reinstall {one.name}"))
    return Base(tuple(versions), tuple(troubles))


def _modules(name: str) -> list[str]:
    """Return the modules to import from a distribution, as its own metadata tells."""
    lines = distribution(name).read_text("top_level.txt") or ""
    named = [line.strip() for line in lines.splitlines() if line.strip() and not line.startswith("_")]
    if not named:
        files = distribution(name).files or []
        named = sorted({file.parts[0] for file in files if file.name == "__init__.py" and len(file.parts) == 2})
    # A package may carry doors for others (duckdb: a driver for ADBC), which need what is not asked for here.
    own = name.lower().replace("-", "_")
    return [own] if own in named else [one for one in named if one.isidentifier() and not one.startswith("_")]
