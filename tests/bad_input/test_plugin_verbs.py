"""A plugin that raises in each of its verbs: recipe, step, component and verb are named, with exit code 4."""

import re

import pytest
from bad_recipes import stumbling

from sartor.cli import main
from sartor.components import BASES, Fitted, FittedStep, Settings

MEND = ["to mend: tell its authors; sartor plugins show stumbler", "to see all: add --traceback"]

PLACES = {
    "ingest": ("TABLE", "recipe.yaml:4:17", "ingest.people", "stumbler.table"),
    "task": ("TASK", "recipe.yaml:5:13", "task", "stumbler.question"),
    "feature": ("FEATURE", "recipe.yaml:8:16", "features.twice", "stumbler.build"),
    "model": ("MODEL", "recipe.yaml:10:15", "models.half", "stumbler.learner"),
    "prepare": ("STEP", "recipe.yaml:10:59", "models.half: step 1 of prepare", "stumbler.step"),
    "action": ("ACTION", "recipe.yaml:13:21", "actions.yes_to_all", "stumbler.decide"),
    "sink": ("SINK", "recipe.yaml:16:14", "deliver.out", "stumbler.carry"),
}
"""For each kind of component: what its settings are called in the recipe, where its `use` stands, its step and id."""

VERBS = {
    "ingest": ("read", "columns", "inputs", "fingerprint", "stamp", "places", "origin", "source"),
    "task": ("rows", "trivial", "metrics", "sections", "log_score"),
    "feature": ("build",),
    "model": ("fit", "load", "predict", "explain", "learned", "sections", "save"),
    "prepare": ("fit", "fit_transform", "load", "transform", "sources", "save"),
    "action": ("decide", "value", "policies", "measures", "headline", "sections", "columns"),
    "sink": ("target", "check_target", "deliver"),
}
EACH = [pytest.param(kind, verb, id=f"{kind}.{verb}") for kind, verbs in VERBS.items() for verb in verbs]
RECORDED = (("sink", "deliver"), ("task", "log_score"))
"""The verbs of a run that work when the run is recorded already."""
EXPORTING = {"forms", "export"}
"""The verbs that no run asks, but `sartor export` does."""
EXPLAINING = {"because"}
"""The verbs that no run asks, but `sartor explain` does."""
PREDICTING = {"alone"}
"""The verbs that no run asks, but `sartor predict` does."""


def broken(kind, verb, how="error"):
    """Return a recipe in which one verb of one component raises."""
    place, *_ = PLACES[kind]
    more = ", repeats: true" if verb == "places" else ""
    text = stumbling(**{place: f"at: {verb}, how: {how}{more}"})
    if verb == "log_score":
        text += "information: {private: {x: [x]}}\n"
    if verb in ("explain", "sources"):
        text = text.replace("stumbler.decide, with: {}", "stumbler.decide, with: {explains: true}")
    if verb == "origin":
        text = text.replace("key: id}", "key: id, fresh: 1 day}")
    return text.replace("stumbler.step", "stumbler.crossed") if verb == "fit_transform" else text


def said_of(kind, verb, what):
    _, where, step, use = PLACES[kind]
    use = "stumbler.crossed" if verb == "fit_transform" else use
    return [f"{where} stumbler/all: step {step}: '{use}' failed in {verb}: {what} X020", *MEND]


def test_every_verb_that_a_component_can_have_is_here():
    common = set(dir(Settings)) | {"kind"}
    expected = {
        kind: {name for name, member in vars(base).items() if callable(member) and name not in common}
        for kind, base in BASES.items()
    }
    expected["model"] |= {name for name, member in vars(Fitted).items() if callable(member)}
    expected["model"] -= EXPORTING | EXPLAINING
    expected["feature"] -= PREDICTING
    expected["prepare"] |= {name for name, member in vars(FittedStep).items() if callable(member)}
    assert {kind: sorted(verbs) for kind, verbs in VERBS.items()} == {
        kind: sorted(name for name in names if not name.startswith("_")) for kind, names in expected.items()
    }


def test_the_plugin_runs_when_nothing_in_it_stumbles(stumbler, done):
    out, _ = done(stumbling(), "--live")
    assert out.startswith("Yes to everybody.\n")


@pytest.mark.parametrize(("kind", "verb"), [case for case in EACH if tuple(case.values) not in RECORDED])
def test_a_verb_that_raises_is_named_with_recipe_step_and_component(stumbler, refused, kind, verb):
    assert refused(broken(kind, verb), "--live", code=4) == said_of(kind, verb, "ZeroDivisionError: no luck today")


@pytest.mark.parametrize(("kind", "verb"), RECORDED)
def test_what_raises_behind_the_record_is_named_and_the_run_is_there(stumbler, project, capsys, kind, verb):
    (project / "recipe.yaml").write_text(broken(kind, verb), encoding="utf-8")

    assert main(["run", "recipe.yaml", "--quiet", "--live"]) == 4

    said = capsys.readouterr().err
    first = " ".join(said.splitlines()[0].split())
    assert first == said_of(kind, verb, "ZeroDivisionError: no luck today")[0]
    (folder,) = project.glob("runs/stumbler/all/*")
    assert f"the run:      is recorded in {folder.relative_to(project)}\n" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("kind", "verb"),
    [("ingest", "read"), ("ingest", "columns"), ("model", "fit"), ("prepare", "transform"), ("sink", "target")],
)
@pytest.mark.parametrize(
    ("how", "what"),
    [("exit", "SystemExit: 3"), ("halt", "Halt: unwind"), ("silent", "ZeroDivisionError")],
    ids=["SystemExit", "no Exception", "nothing to say"],
)
def test_whatever_a_verb_raises_it_is_named(stumbler, refused, kind, verb, how, what):
    assert refused(broken(kind, verb, how), code=4) == said_of(kind, verb, what)


@pytest.mark.parametrize(("kind", "verb"), [("ingest", "columns"), ("model", "fit"), ("prepare", "save")])
def test_who_wants_to_stop_is_let_go(stumbler, refused, kind, verb):
    assert refused(broken(kind, verb, "interrupt"), code=130) == ["interrupted"]


@pytest.mark.parametrize(("kind", "verb"), [("ingest", "columns"), ("ingest", "read"), ("prepare", "transform")])
def test_the_traceback_is_kept_in_a_file_and_shown_when_it_is_asked_for(stumbler, project, capsys, kind, verb):
    (project / "recipe.yaml").write_text(broken(kind, verb), encoding="utf-8")
    (project / "runs").mkdir()

    assert main(["run", "recipe.yaml"]) == 4
    (file,) = project.glob("runs/plugin-failure-*.txt")
    assert f"traceback:    {file.relative_to(project)}\n" in capsys.readouterr().err
    assert "raise failure" in file.read_text(encoding="utf-8")

    assert main(["run", "recipe.yaml", "--traceback"]) == 4
    said = capsys.readouterr().err
    assert "Traceback (most recent call last):" in said
    assert "ZeroDivisionError: no luck today\nand none tomorrow\n" in said


@pytest.mark.parametrize("verb", sorted(PREDICTING))
def test_a_verb_that_raises_for_new_data_is_named(stumbler, project, done, capsys, verb):
    done(broken("feature", verb))
    (project / "new.csv").write_text("id,x\n1,2\n", encoding="utf-8")

    assert main(["predict", "@last", "--data", "new.csv"]) == 4

    said = capsys.readouterr().err
    assert f"'stumbler.build' failed in {verb}: ZeroDivisionError: no luck today  X020\n" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("verb", sorted(EXPORTING))
def test_an_export_that_raises_is_named_and_writes_nothing(stumbler, project, done, capsys, monkeypatch, verb):
    def fail(*_):
        raise ZeroDivisionError("no luck today")

    done(re.sub(r", prepare: \[.*\]", "", stumbling()))
    monkeypatch.setattr(stumbler.Learned, "forms", lambda self: {"txt": "one half"})
    monkeypatch.setattr(stumbler.Learned, verb, fail)

    assert main(["export", "@last", "--to", "half.txt"]) == 4

    said = capsys.readouterr().err
    assert said.startswith(
        f"model 'half': 'stumbler.learner' failed in {verb}: ZeroDivisionError: no luck today  X020\n"
    )
    assert "Traceback" not in said
    assert not (project / "half.txt").exists()


class TestAModelInsideAnother:
    @pytest.mark.parametrize("verb", ["fit", "save", "load"])
    def test_that_raises_is_named_itself(self, stumbler, refused, verb):
        first, *hints = refused(stumbling(INNER=f"at: {verb}"), code=4)

        assert first == (
            "recipe.yaml:11:10 stumbler/all: step models.other.inner: 'stumbler.learner' "
            f"failed in {verb}: ZeroDivisionError: no luck today X020"
        )
        assert hints == MEND

    def test_that_raises_when_it_is_asked_is_told_with_the_model_around_it(self, stumbler, refused):
        first, *_ = refused(stumbling(INNER="at: predict"), code=4)

        assert first == (
            "recipe.yaml:11:16 stumbler/all: step models.other: 'stumbler.around' "
            "failed in predict: ZeroDivisionError: no luck today X020"
        )


RETURNED = {
    "ingest.read": "recipe.yaml:4:17 ingest.people: 'stumbler.table' breaks the contract of read: it returned NoneType "
    "where a table is due X021",
    "task.rows": "recipe.yaml:5:13 task: 'stumbler.question' breaks the contract of rows: it returned NoneType "
    "where Rows are due X021",
    "feature.build": "recipe.yaml:8:16 features.twice: 'stumbler.build' breaks the contract of build: it returned "
    "NoneType where a table is due X021",
    "model.fit": "recipe.yaml:10:15 stumbler/all: step models.half: Learner breaks the contract of fit: it returned "
    "NoneType where a fitted model is due X021",
    "model.load": "recipe.yaml:10:15 stumbler/all: step models.half: Learner breaks the contract of load: it returned "
    "NoneType where a fitted model is due X021",
    "model.predict": "recipe.yaml:10:15 models.half: 'stumbler.learner' breaks the contract of predict: it returned "
    "NoneType where a DataFrame is due X021",
    "prepare.transform": "recipe.yaml:10:59 stumbler/all: step models.half: step 1 of prepare: 'stumbler.step' breaks "
    "its contract: it made NoneType where a DataFrame is due X021",
    "action.decide": "recipe.yaml:13:21 actions.yes_to_all: 'stumbler.decide' breaks the contract of decide: it "
    "returned NoneType where a DataFrame is due X021",
    "action.headline": "recipe.yaml:13:21 actions.yes_to_all: 'stumbler.decide' breaks the contract of headline: it "
    "returned NoneType where a sentence is due X021",
}


@pytest.mark.parametrize(("case", "expected"), RETURNED.items(), ids=RETURNED)
def test_a_verb_that_gives_back_nothing_is_named_with_step_and_component(stumbler, refused, case, expected):
    kind, verb = case.split(".")

    first, *_ = refused(stumbling(**{PLACES[kind][0]: f"gives: {verb}"}), code=4)

    assert first == expected


@pytest.mark.parametrize(
    ("owner", "verb", "expected"),
    [
        ("Learner", "load", "model 'half': 'stumbler.learner' failed in load"),
        ("Learned", "predict", "model 'half': 'stumbler.learner' failed in predict"),
        ("Stepped", "transform", "model 'half': step 1 of prepare: 'stumbler.step' failed in transform"),
    ],
)
def test_a_recorded_model_that_raises_is_named_when_it_answers_new_data(
    stumbler, project, done, capsys, monkeypatch, owner, verb, expected
):
    def fail(*_):
        raise ZeroDivisionError("no luck today")

    done(stumbling())
    (project / "new.csv").write_text("id,x\n1000,0.5\n", encoding="utf-8")
    monkeypatch.setattr(getattr(stumbler, owner), verb, fail)

    assert main(["predict", "@last", "--data", "new.csv"]) == 4

    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert " ".join(said.err.splitlines()[0].split()) == f"{expected}: ZeroDivisionError: no luck today X020"
