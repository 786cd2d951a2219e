from __future__ import annotations

import sys

import pytest

from sartor import entry_points
from sartor.entry_points import offers_of


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return a function that puts a distribution's metadata on the path."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])

    def install(name, text, metadata="Metadata-Version: 2.1\nName: {0}\nVersion: 0.7\n\nName: of the README\n"):
        folder = tmp_path / f"{name}-0.7.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(metadata.format(name))
        (folder / "entry_points.txt").write_text(text)

    return install


def test_an_offer_names_its_distribution_as_the_head_of_the_metadata_does(site):
    site("acme", "[sartor.plugins]\nacme = acme_hooks\n[console_scripts]\nacme = acme:main\n")
    (offer,) = [offer for offer in offers_of("sartor.plugins") if offer.point.name == "acme"]
    assert (offer.distribution, offer.version, offer.origin) == ("acme", "0.7", "acme 0.7")
    assert offer.point.value == "acme_hooks"


def test_what_is_installed_meanwhile_is_found(site):
    assert "late" not in [offer.point.name for offer in offers_of("sartor.observers")]
    site("late", "[sartor.observers]\nlate = late_hooks\n")
    assert [offer.origin for offer in offers_of("sartor.observers") if offer.point.name == "late"] == ["late 0.7"]


def test_nothing_is_read_twice_as_long_as_nothing_is_installed(monkeypatch):
    # However lately the folders were changed.
    monkeypatch.setattr(entry_points, "_FRESH", -(10**18))
    offers_of("sartor.plugins")
    monkeypatch.setattr(entry_points, "distributions", lambda: pytest.fail("the path is searched again"))
    assert "learn" in [offer.point.name for offer in offers_of("sartor.plugins")]
