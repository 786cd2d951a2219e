"""Files are encrypted in chunks that can be neither changed nor moved, lost or put under another name."""

from __future__ import annotations

import os
from io import BytesIO

import pytest

pytest.importorskip("cryptography")

from sartor.sealing import streaming
from sartor.sealing.streaming import MAGIC, Broken, open_stream, seal, seal_stream, unseal

pytestmark = pytest.mark.needs("cryptography")
KEY = bytes(range(32))
HEADER = len(MAGIC) + 16 + 7


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(streaming, "CHUNK", 10)


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 25])
def test_comes_back_whatever_its_size(small_chunks, size):
    plain = os.urandom(size)
    sealed = seal(plain, KEY, "run\0file")
    # A header, a tag a chunk; and what is full leaves no empty chunk behind it.
    assert len(sealed) == HEADER + size + 16 * max(1, -(-size // 10))
    assert unseal(sealed, KEY, "run\0file") == plain


def test_every_changed_byte_is_found(small_chunks):
    sealed = seal(b"thirty-five bytes of a plain text..", KEY, "a")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Broken):
            unseal(bytes(changed), KEY, "a")


def test_every_cut_is_found(small_chunks):
    sealed = seal(bytes(40), KEY, "a")
    for end in range(len(sealed)):
        with pytest.raises(Broken):
            unseal(sealed[:end], KEY, "a")


def test_chunks_cannot_be_exchanged_repeated_or_left_out(small_chunks):
    sealed = seal(b"0123456789" * 4, KEY, "a")
    head, *chunks = [sealed[:HEADER], *(sealed[at : at + 26] for at in range(HEADER, len(sealed), 26))]
    first, second, third, last = chunks
    for order in (
        [second, first, third, last],
        [first, first, third, last],
        [first, third, last],
        [first, second, third],
        [first, second, third, last, last],
        [last],
        [],
    ):
        with pytest.raises(Broken, match="changed, cut off or moved"):
            unseal(head + b"".join(order), KEY, "a")


def test_a_file_opens_under_no_other_name_and_with_no_other_key():
    sealed = seal(b"secret", KEY, "run\0a")
    for key, name in ((KEY, "run\0b"), (bytes(32), "run\0a")):
        with pytest.raises(Broken):
            unseal(sealed, key, name)


def test_the_same_file_is_another_one_each_time():
    assert seal(b"secret", KEY, "a") != seal(b"secret", KEY, "a")


def test_passes_through_as_much_memory_as_a_chunk(small_chunks):
    sealed = BytesIO()
    seal_stream(BytesIO(bytes(1000)), sealed, KEY, "a")
    sealed.seek(0)
    assert {len(chunk) for chunk in open_stream(sealed, KEY, "a")} == {10}
