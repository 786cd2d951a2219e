"""Hashes that decide a row's part."""

import hashlib

import numpy as np
import pytest

from sartor.errors import InputError
from sartor.stages.hashing import below_share, key_text, modulo


@pytest.mark.parametrize(
    ("keys", "share", "judged"),
    [(range(1000), 0.3, 298), (range(1, 30_001), 0.3, 9018)],
    ids=["german credit, numbered from 0", "taiwan, ID from 1"],
)
def test_the_published_split_sizes_come_out(keys, share, judged):
    assert below_share(keys, share).sum() == judged


def test_a_share_is_compared_with_the_first_eight_hex_digits():
    digest = int(hashlib.sha1(b"42").hexdigest()[:8], 16)
    assert below_share([42], (digest + 1) / 16**8).tolist() == [True]
    assert below_share([42], digest / 16**8).tolist() == [False]


def test_an_integer_a_float_and_a_text_of_the_same_number_hash_alike_but_leading_zeros_do_not():
    assert key_text(7) == key_text(7.0) == key_text("7") != key_text("007")
    assert below_share([7, 7.0, np.int64(7), "7"], 0.5).tolist() == [below_share(["7"], 0.5)[0]] * 4


def test_a_modulo_takes_the_whole_digest():
    expected = [int(hashlib.md5(str(key).encode()).hexdigest(), 16) % 5 for key in range(20)]
    assert modulo(range(20), 5, digest="md5").tolist() == expected


def test_without_a_digest_the_key_itself_is_taken():
    assert modulo([4, "9", 13.0], 5, digest="none").tolist() == [4, 4, 3]
    with pytest.raises(InputError, match=r"the key 'A7' is not a whole number"):
        modulo(["A7"], 5, digest="none")


def test_another_salt_is_another_split():
    keys = list(range(2000))
    plain, salted = below_share(keys, 0.5), below_share(keys, 0.5, salt="inner 0/")
    assert 0.4 < (plain == salted).mean() < 0.6
