"""What is wrong with a slate's recipe is told before a row is read."""

import sartor

CHANGED = """
format: 1
recipe: changed/shop
extends: ecommerce/shop-simulated
actions:
  slate:
    from: [blend, items]
"""


def test_a_table_that_the_slate_is_not_handed_is_found_by_check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(CHANGED, encoding="utf-8")
    (problem,) = sartor.check("shop.yaml")
    assert problem.code == "R087"
    assert problem.message == "actions.slate is not handed the table 'customers'"
    assert problem.hints == (("to mend", "name it under from: from: [blend, items, customers]"),)
