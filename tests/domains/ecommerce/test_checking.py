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


LAST = """
format: 1
recipe: changed/last
ingest:
  lines: {use: tables.csv, roles: {user: user, item: item}, with: {path: lines.csv}}
task: {use: ecommerce.recommendation, with: {targets: new%s}}
split: {given: part, train: [train], test: [test]}
features: {history: {use: recommend.history, from: lines}}
models: {popular: {use: recommend.popularity}}
"""


def test_a_split_goes_by_the_part_that_the_task_gives_and_by_none_that_nobody_gives(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sartor.toml").write_text("", encoding="utf-8")
    (tmp_path / "lines.csv").write_text(
        "user,item,position\nann,cup,1\nann,jug,2\nann,mug,3\nbob,cup,1\nbob,mug,2\nbob,jug,3\n", encoding="utf-8"
    )
    (tmp_path / "last.yaml").write_text(LAST % ", leave_last: position", encoding="utf-8")
    assert sartor.check("last.yaml") == []
    run = sartor.run("last.yaml")
    assert run.summary["rows"] == {"gap": 2, "test": 2, "train": 2}
    (tmp_path / "none.yaml").write_text(LAST % "", encoding="utf-8")
    (problem,) = sartor.check("none.yaml")
    assert (problem.code, problem.message) == ("R041", "table lines has no column 'part'")
