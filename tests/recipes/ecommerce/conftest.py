"""One run of the simulated shop, looked at by many tests."""

import json

import pytest

import sartor


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """The simulated shop, run once."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "sartor.toml").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        sets = ["params.customers=300", "params.items=120", "judge.redraws=100", "gates=[]"]
        yield sartor.run("ecommerce/shop-simulated", sets=sets)


@pytest.fixture(scope="session")
def told(shop):
    """What the report of the shop has to say, by the sections' names."""
    sections = json.loads((shop.folder / "sections.json").read_text(encoding="utf-8"))["sections"]
    return {section["id"]: section for section in sections}
