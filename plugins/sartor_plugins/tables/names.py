"""Says which names columns may have: present, unlike each other, and not the core's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sartor.errors import InputError, Problem, nearest
from sartor.rows import RESERVED
from sartor_plugins.tables.kinds import Kind, shape_of

RENAME = "give the columns other names in the file"
_HEADER = (("perhaps", "the first line holds values and no names: header: false, names: [NAME, ...]"),)
LOOK_AT_IT = (("to mend", "look at what wrote it, or read another file"),)
"""What is said of a file in which there is nothing."""


def checked_names(names: Sequence[str], shown: str, mend: str = RENAME) -> list[str]:
    """Return a file's column names, spaces around them set aside.

    Parameters
    ----------
    names : sequence of str
    shown : str
        What the user calls the file.
    mend : str
        How names are changed in files of its kind.

    Raises
    ------
    InputError
        With every name that is missing, used twice, unlike another only by capital letters, or the core's own.
    """
    stripped = [name.strip() for name in names]
    rename = (("to mend", mend),)
    problems = [
        Problem("D108", f"column {place} of {shown} has no name", hints=rename)
        for place, name in enumerate(stripped, 1)
        if not name
    ]
    problems += [
        Problem(
            "D005",
            f"column '{name}' of {shown} begins with '{RESERVED}', which is kept for the columns that sartor adds",
            hints=rename,
        )
        for name in stripped
        if name.startswith(RESERVED)
    ]
    problems += _alike(stripped, shown, rename)
    if problems:
        raise InputError(problems)
    return stripped


def _alike(names: Sequence[str], shown: str, rename: tuple[tuple[str, str], ...]) -> list[Problem]:
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names, 1):
        if name:
            places.setdefault(name.lower(), []).append(place)
    problems = []
    for same in (same for same in places.values() if len(same) > 1):
        used = list(dict.fromkeys(names[place - 1] for place in same))
        if any(shape_of(name, ".") is not Kind.OTHER or "@" in name for name in names):
            # The first line looks like values: nobody shall read them in a message.
            message = f"columns {', '.join(map(str, same))} of {shown} have one name"
            problems.append(Problem("D004", message, hints=(*rename, *_HEADER)))
            continue
        where = ", ".join(str(place) for place in same[:-1]) + f" and {same[-1]}"
        if len(used) == 1:
            message, code = f"columns {where} of {shown} are all called '{used[0]}'", "D004"
            message = message.replace("are all", "are both") if len(same) == 2 else message
        else:
            said = " and ".join(f"'{name}'" for name in used)
            message, code = f"columns {where} of {shown} differ only by capital letters: {said}", "D110"
        problems.append(Problem(code, message, hints=rename))
    return problems


def check_settings(columns: Sequence[str], shown: str, types: Iterable[str], row_number: str | None) -> None:
    """Check the names in the settings against the columns that the file has.

    Raises
    ------
    InputError
        If `types` speaks of a column that is not there, or `row_number` takes the name of one that is.
    """
    some = any(name in columns for name in types)
    problems = [
        Problem(
            "D119",
            f"types names column '{name}', which {shown} does not have",
            # Where none of them is there, the first line may hold values and no names.
            hints=tuple(hint for hint in nearest(name, columns) if some or hint[0] == "did you mean") or _HEADER,
        )
        for name in types
        if name not in columns
    ]
    if row_number is not None and row_number.lower() in {name.lower() for name in columns}:
        hints = (("to mend", "choose another name for the row number, or use the column that is there"),)
        problems.append(Problem("D119", f"row_number is '{row_number}', and {shown} has such a column", hints=hints))
    if problems:
        raise InputError(problems)


def same_columns(first: Sequence[str], other: Sequence[str], first_shown: str, other_shown: str) -> None:
    """Check that two files of one table have the same columns, in whatever order.

    Raises
    ------
    InputError
        Naming the columns that one of them lacks.
    """
    if not set(first) & set(other):
        # What stands there may be values: nobody shall read them in a message.
        raise InputError(
            f"{other_shown} has no column of {first_shown}",
            code="D116",
            hints=(("to mend", "give both a header, or read the other one as a table of its own"),),
        )
    problems = []
    for has, lacks, owner, without in (
        (first, other, first_shown, other_shown),
        (other, first, other_shown, first_shown),
    ):
        missing = [name for name in has if name not in lacks]
        if missing:
            what = f"column '{missing[0]}'" if len(missing) == 1 else f"columns {', '.join(map(repr, missing[:5]))}"
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            hint = (("to mend", "files of one table have the same columns; give the others a table of their own"),)
            problems.append(Problem("D116", f"{without} lacks {what}{more} of {owner}", hints=hint))
    if problems:
        raise InputError(problems)


def some_row(filled: Sequence[bool], shown: Sequence[str], head: str = "a header") -> None:
    """Check that one of the files at least has a row; `head` is what they have instead.

    Raises
    ------
    InputError
        If all of them have names of columns and nothing else.
    """
    if not any(filled):
        what = (
            f"{shown[0]} has {head} and no row"
            if len(shown) == 1
            else (f"{len(shown)} files have {head} and no row, the first is {shown[0]}")
        )
        raise InputError(what, code="D002", hints=LOOK_AT_IT)
