"""Turns bytes into characters, and says where a file is not in the encoding that it should be in."""

from __future__ import annotations

import codecs
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING

from sartor.errors import InputError

if TYPE_CHECKING:
    from sartor_plugins.tables.files import File

UTF8 = "utf-8"
AUTO = "auto"

_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LIKELY = ("cp1252", "cp850", "mac_roman", "cp1251")
"""What files that are not UTF-8 are mostly in: Windows, DOS, old Macs, Windows in Cyrillic."""


def known_encoding(name: str) -> str:
    """Return an encoding's own name, ``auto`` left as it is.

    Raises
    ------
    ValueError
        If Python knows no encoding of text by that name.

    Examples
    --------
    >>> known_encoding("Windows-1252"), known_encoding("UTF8"), known_encoding("auto")
    ('cp1252', 'utf-8', 'auto')
    """
    if name == AUTO:
        return name
    try:
        found = codecs.lookup(name).name
        "a".encode(found)
    except LookupError:
        raise ValueError(f"no encoding is called '{name}'; known are utf-8, utf-16, cp1252, latin-1, ...") from None
    return UTF8 if found in (UTF8, "utf-8-sig", "ascii") else found


def encoding_of(head: bytes, wanted: str) -> tuple[str, int]:
    """Return the encoding of a file that begins with these bytes, and how many of them are its mark.

    A mark at the beginning counts more than what was asked for: no text begins with one by chance.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return (UTF8 if wanted == AUTO else wanted), 0


class Lines:
    """Counts the lines that pass by, whichever way they end."""

    def __init__(self) -> None:
        self.ended = 0
        self._after_return = False

    def add(self, text: str | bytes) -> None:
        """Count the line ends of the next piece of a text."""
        if not text:
            return
        if isinstance(text, str):
            ends = text.count("\n") + text.count("\r") - text.count("\r\n")
            first, last = text[0] == "\n", text[-1] == "\r"
        else:
            # Most files have no return, and looking for it costs less than counting pairs.
            returns = text.count(b"\r") - text.count(b"\r\n") if b"\r" in text else 0
            ends = text.count(b"\n") + returns
            first, last = text[:1] == b"\n", text[-1:] == b"\r"
        self.ended += ends - (first and self._after_return)
        self._after_return = last

    @property
    def line(self) -> int:
        """Number of the line that the next character stands in, from 1."""
        return self.ended + 1


def decoded(pieces: Iterable[bytes], file: File, encoding: str, mark: int) -> Generator[str]:
    """Yield a file's text, piece by piece, without its byte order mark.

    Raises
    ------
    InputError
        At the first byte that is not of the encoding, with its line and the encodings that it may be of.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = Lines()
    try:
        for piece in pieces:
            text = decoder.decode(piece[mark:])
            mark = max(0, mark - len(piece))
            lines.add(text)
            yield text
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        lines.add(error.object[: error.start].decode(encoding, errors="ignore"))
        raise _not_encoded(file, encoding, lines.line, error) from None


def _not_encoded(file: File, encoding: str, line: int, error: UnicodeDecodeError) -> InputError:
    bad = error.object[error.start]
    if "unexpected end" in error.reason or "truncated" in error.reason:
        what = f"{file.shown}:{line} ends in the middle of a character of {encoding}"
    else:
        what = f"{file.shown}:{line} holds the byte 0x{bad:02X}, which is not {encoding.upper()} there"
    return InputError(what, code="D114", hints=(("to mend", _encodings_for(bad, encoding)),))


def _encodings_for(bad: int, encoding: str) -> str:
    options = []
    for name in _LIKELY:
        try:
            if name != encoding:
                options.append(f"{name} (reads the byte as {bytes([bad]).decode(name)!r})")
        except UnicodeDecodeError:
            continue
    return f"say which encoding it is in, such as encoding: {', '.join(options[:-1])} or {options[-1]}"


def refuse_nul(head: bytes, file: File, line: int) -> InputError:
    """Return the error for a file with NUL bytes; `head` is what was read when the first one came."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) // 8 and min(even, odd) <= max(even, odd) // 16:
        wide = "utf-16-le" if odd > even else "utf-16-be"
        hint = f"every other byte is NUL, as in UTF-16 without a mark; say encoding: {wide}"
    else:
        hint = "it may be a binary file, or was broken when it was copied; get it again, or remove the NUL bytes"
    return InputError(
        f"{file.shown}:{line} holds a NUL byte, which no text has", code="D113", hints=(("to mend", hint),)
    )
