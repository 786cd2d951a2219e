"""A hash tree has the roots of Certificate Transparency, and a path proves one leaf and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sartor.runs.merkle import SIZE, leads_to, leaf_of, path_of, root_of

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The entries on which implementations of Certificate Transparency are tested."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size):
    assert root_of(map(leaf_of, ENTRIES[:size])).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", [*range(1, 34), 100])
def test_every_leaf_is_proven_by_its_path_and_by_no_other_place(size):
    leaves = [leaf_of(str(number).encode()) for number in range(size)]
    root = root_of(leaves)
    for index, leaf in enumerate(leaves):
        path = path_of(leaves, index)
        assert leads_to(leaf, index, size, path) == root
        assert [place for place in range(size) if leads_to(leaf, place, size, path) == root] == [index]
        assert leads_to(leaf, index, size, [*path, root]) is None
        assert not path or leads_to(leaf, index, size, path[:-1]) is None


@given(st.integers(1, 200), st.data())
def test_a_changed_leaf_or_path_leads_elsewhere(size, data):
    leaves = [leaf_of(str(number).encode()) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = path_of(leaves, index)
    chain = [leaves[index], *path]
    place = data.draw(st.integers(0, len(chain) - 1))
    byte = data.draw(st.integers(0, SIZE - 1))
    changed = bytearray(chain[place])
    changed[byte] ^= 1 << data.draw(st.integers(0, 7))
    chain[place] = bytes(changed)
    assert leads_to(chain[0], index, size, chain[1:]) != root_of(leaves)


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_path(index):
    with pytest.raises(IndexError):
        path_of([leaf_of(b"a")] * 3, index)
    assert leads_to(leaf_of(b"a"), index, 3, []) is None
