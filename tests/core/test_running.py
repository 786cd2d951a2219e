"""A run from tables to a recorded, valued decision, and what stops it."""

import json

import numpy as np
import pandas as pd
import pytest

from sartor.errors import InputError, PluginError, RecipeError, UsageError
from sartor.events import Note, StageFinished

PLAIN = """
format: 1
recipe: toy/plain
ingest:
  people: {use: toy.table, key: id, with: {of: people}}
task: {use: learn.classification, with: {outcome: won}}
split: {hash: 0.3}
models:
  tree: {use: learn.tree, with: {depth: 2}}
judge: {redraws: 200}
"""

TIMED = """
format: 1
recipe: toy/timed
ingest:
  events: {use: toy.table, key: id, time: day, with: {of: events}}
task: {use: toy.dated}
split: {time: 2024-06-01}
features:
  seen: {use: toy.seen, from: events}
models:
  tree: {use: learn.tree, with: {depth: 2}}
judge: {redraws: 200}
"""


def people(n=400, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "x": x,
            "colour": rng.choice(["red", "green"], size=n),
            "won": (x + rng.normal(size=n) > 0.5).astype("int64"),
        }
    )


def events(n=300, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "id": np.arange(n),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="D"),
            "x": x,
            "won": (x + rng.normal(size=n) > 0).astype("int64"),
        }
    )


@pytest.fixture
def plain(run_toys):
    return lambda text=PLAIN, **options: run_toys(text, {"people": options.pop("table", people())}, **options)


@pytest.fixture
def timed(run_toys):
    return lambda text=TIMED, **options: run_toys(text, {"events": options.pop("table", events())}, **options)


def notes_of(run):
    return [note["text"] for note in run.summary["notes"]]


def cautions_of(run):
    return [note["text"] for note in run.summary["notes"] if note["caution"]]


class TestARun:
    def test_every_model_stands_beside_the_trivial_answer_on_the_same_rows(self, plain):
        run = plain()
        assert set(run.summary["models"]) == {"base rate", "tree"}
        assert run.summary["models"]["base rate"]["trivial"] is True
        assert run.summary["rows"] == {
            "train": 400 - run.summary["rows"]["test"],
            "test": len(run.predictions),
            "gap": 0,
        }

    def test_each_number_has_an_interval_and_a_verdict_against_the_champion(self, plain):
        run = plain()
        auc = run.summary["models"]["tree"]["metrics"]["auc"]
        assert auc["low"] < auc["value"] < auc["high"]
        assert run.summary["models"]["base rate"]["against"]["metrics"]["auc"]["verdict"] == "worse"

    def test_the_metric_is_that_of_scikit_learn_on_the_recorded_predictions(self, plain):
        from sklearn.metrics import brier_score_loss, roc_auc_score

        run = plain()
        truth, scores = run.predictions["truth"], run.predictions["tree: probability"]
        metrics = run.summary["models"]["tree"]["metrics"]
        assert metrics["auc"]["value"] == pytest.approx(roc_auc_score(truth, scores))
        assert metrics["brier"]["value"] == pytest.approx(brier_score_loss(truth, scores))

    def test_two_runs_give_the_same_bytes(self, plain):
        first, second = plain(), plain()
        assert first.run_id != second.run_id
        for name in ("metrics.json", "predictions.parquet"):
            assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()

    def test_another_seed_changes_the_redraws(self, plain):
        first, second = plain(), plain(seed=1)
        auc = [run.summary["models"]["tree"]["metrics"]["auc"] for run in (first, second)]
        assert auc[0]["value"] == auc[1]["value"]
        assert auc[0]["low"] != auc[1]["low"]

    def test_the_order_of_lines_in_the_table_changes_nothing(self, plain):
        shuffled = people().sample(frac=1, random_state=3)
        first, second = plain(), plain(table=shuffled)
        assert (first.folder / "metrics.json").read_bytes() == (second.folder / "metrics.json").read_bytes()

    def test_the_folder_holds_the_recipe_as_written_and_as_resolved(self, plain):
        run = plain()
        assert (run.folder / "recipe.yaml").read_text(encoding="utf-8") == PLAIN
        assert "depth: 2" in (run.folder / "resolved.yaml").read_text(encoding="utf-8")
        record = json.loads((run.folder / "record.json").read_text(encoding="utf-8"))
        assert record["components"]["models.tree"] == "learn.tree"
        assert {"python", "sartor", "scikit-learn"} <= set(record["versions"])

    def test_nothing_is_pickled(self, plain):
        run = plain()
        suffixes = {file.suffix for file in run.folder.rglob("*") if file.is_file()}
        assert suffixes <= {".json", ".jsonl", ".yaml", ".parquet", ".npz", ".txt", ".skops"}

    def test_no_half_written_run_is_left_when_recording_fails(self, plain, project):
        text = PLAIN.replace("models:", "models:\n  broken: {use: toy.raises, with: {at: save}}")
        with pytest.raises(PluginError, match=r"step models.broken: 'toy.raises' failed in save"):
            plain(text)
        assert not (project / "runs" / "toy").exists()

    def test_every_judgement_on_test_rows_is_logged(self, plain, project):
        plain()
        second = plain()
        lines = (project / "runs" / "judgements.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["champion"] for line in lines] == ["tree", "tree"]
        judged = second.summary["rows"]["test"]
        assert f"these {judged} rows have judged once before" in notes_of(second)

    def test_stages_are_told_in_order(self, plain):
        heard = []
        plain(listen=heard.append)
        stages = [event.stage for event in heard if isinstance(event, StageFinished)]
        assert stages == ["ingest", "split", "features", "fit", "judge", "record"]

    def test_select_picks_the_champion_on_inner_rows(self, plain):
        text = PLAIN.replace("models:", "models:\n  flat: {use: learn.base_rate}") + "select: {by: brier}\n"
        run = plain(text)
        assert run.champion == "tree"
        assert "tree has the best Brier score of 2 models on inner rows" in notes_of(run)

    def test_folds_judge_every_row(self, plain):
        run = plain(PLAIN.replace("{hash: 0.3}", "{folds: 4, hash: {digest: md5}}"))
        assert len(run.predictions) == 400
        assert sorted(run.predictions["row"]) == list(range(400))
        assert run.predictions["round"].nunique() == 4

    def test_fewer_folds_than_asked_for_are_told(self, plain):
        text = PLAIN.replace("{hash: 0.3}", "{folds: 5, group: colour}")
        assert "5 folds were asked for, and the rows fall into 2 of them" in notes_of(plain(text))

    def test_the_rows_of_refitted_origins_are_told(self, timed):
        run = timed(TIMED.replace("{time: 2024-06-01}", "{time: 2024-06-01, every: 30 days, origins: 3, refit: each}"))
        line = next(stage["line"] for stage in run.summary["stages"] if stage["stage"] == "split")
        assert line == "212 to learn, 90 to judge, by time, refitted at 3 origins; 58 in the gap"

    def test_averaging_over_folds_is_the_mean_of_their_metrics(self, plain):
        from sklearn.metrics import roc_auc_score

        run = plain(PLAIN.replace("{hash: 0.3}", "{folds: 4, hash: {digest: md5}, average: mean}"))
        folds = [
            roc_auc_score(part["truth"], part["tree: probability"]) for _, part in run.predictions.groupby("round")
        ]
        assert run.summary["models"]["tree"]["metrics"]["auc"]["value"] == pytest.approx(np.mean(folds))

    def test_decisions_are_found_by_the_names_of_their_actions(self, plain):
        one = plain(PLAIN + "actions:\n  act: {use: toy.breaks}\n")
        assert one.decisions_of("act").equals(one.decisions)
        with pytest.raises(UsageError, match=r"the run has no action 'atc'") as caught:
            one.decisions_of("atc")
        assert "did you mean: act" in str(caught.value)
        two = plain(PLAIN + "actions:\n  act: {use: toy.breaks}\n  also: {use: toy.breaks}\n")
        assert len(two.decisions_of("also")) == two.summary["rows"]["test"]
        with pytest.raises(UsageError, match=r"the run has 2 decision tables: act, also"):
            _ = two.decisions

    def test_a_recipe_without_a_task_still_reads_its_tables(self, run_toys):
        text = "format: 1\nrecipe: toy/read\ningest: {people: {use: toy.table, with: {of: people}}}\n"
        run = run_toys(text, {"people": people()})
        assert run.headline == "400 rows read from 1 table."


class TestGates:
    def test_a_gate_within_its_interval_passes_and_says_so(self, plain):
        value = plain().summary["models"]["tree"]["metrics"]["auc"]["value"]
        run = plain(PLAIN + f"gates: [{{metric: auc, at_least: {value + 0.01:.3f}}}]\n")
        assert run.passed
        assert run.summary["gates"][0]["within_interval"] is True

    def test_a_gate_beyond_the_interval_fails_the_run_and_all_is_recorded(self, plain):
        run = plain(PLAIN + "gates: [{metric: auc, at_least: 0.99}]\n")
        assert not run.passed
        assert (run.folder / "metrics.json").exists()

    def test_a_gate_can_hold_another_model_than_the_champion(self, plain):
        text = PLAIN.replace("judge:", "  flat: {use: learn.base_rate}\njudge:")
        assert plain(text + "gates: [{metric: auc, at_most: 0.5, model: flat}]\n").passed
        assert not plain(text + "gates: [{metric: auc, at_most: 0.5}]\n").passed

    def test_a_metric_that_is_not_there_for_these_answers_is_named(self, plain):
        with pytest.raises(RecipeError, match=r"'ac'") as caught:
            plain(PLAIN + "gates: [{metric: ac, at_least: 0.5}]\n")
        assert "did you mean" in str(caught.value)


class TestPrivacy:
    def test_a_dropped_column_and_one_for_audit_only_reach_no_step_and_no_file(self, plain):
        table = people().assign(secret="canary-drop", age=np.arange(400) % 7 + 90_000)
        text = PLAIN + "privacy: {purpose: test, columns: {secret: drop, age: audit_only}}\n"
        run = plain(text, table=table)
        assert run.summary["stages"][1]["line"] == "1 column for audit only, 1 dropped"
        for file in run.folder.rglob("*.parquet"):
            frame = pd.read_parquet(file)
            assert not {"secret", "age"} & set(frame.columns)
        assert all(b"canary-drop" not in file.read_bytes() for file in run.folder.rglob("*") if file.is_file())

    def test_a_key_cannot_be_kept_from_the_steps_that_need_it(self, plain):
        with pytest.raises(RecipeError, match=r"privacy drops 'id', and no step can see it"):
            plain(PLAIN + "privacy: {columns: {id: drop}}\n")


class TestDirt:
    def test_a_key_that_does_not_identify_a_row(self, plain):
        table = pd.concat([people(), people().head(3)])
        with pytest.raises(InputError, match=r"the key id does not identify a row: 403 rows, 400 different keys"):
            plain(table=table)

    def test_a_missing_key(self, plain):
        table = people().astype({"id": "float64"})
        table.loc[[4, 9], "id"] = np.nan
        with pytest.raises(InputError, match=r"the key id is missing in 2 of 400 rows"):
            plain(table=table)

    def test_infinite_values_are_read_as_missing_and_counted(self, plain):
        table = people()
        table.loc[[1, 2, 3], "x"] = [np.inf, -np.inf, np.inf]
        run = plain(table=table)
        assert run.summary["tables"]["people"]["repaired"] == 3
        assert "people: 3 infinite values in x were read as missing" in notes_of(run)

    def test_a_column_all_missing_is_left_out_and_said(self, plain):
        run = plain(table=people().assign(empty=np.nan))
        assert "empty is missing in every training row: left out" in notes_of(run)

    def test_a_date_and_a_text_that_differs_in_every_row_are_left_out_and_said(self, plain):
        table = people().assign(born=pd.Timestamp("2020-01-01"), mail=[f"p{i}@example.org" for i in range(400)])
        notes = notes_of(plain(table=table))
        assert "born is a date; a feature step can build from it: left out" in notes
        assert "mail has a different text in nearly every row: an identifier or free text: left out" in notes

    def test_a_table_without_a_feature_is_told_where_one_could_be_added(self, plain):
        with pytest.raises(InputError, match=r"no feature is left to learn from") as caught:
            plain(table=people()[["id", "won"]])
        assert caught.value.problems[0].where.line == 6

    def test_a_table_without_rows(self, plain):
        with pytest.raises(InputError, match=r"table people has no rows"):
            plain(table=people().head(0))

    def test_one_class_only(self, plain):
        with pytest.raises(InputError, match=r"one class|only '0'|only one"):
            plain(table=people().assign(won=0))

    def test_a_reserved_column_name(self, plain):
        with pytest.raises(InputError, match=r"table people has the column '__row'"):
            plain(table=people().assign(__row=1))

    def test_a_column_said_at_ingest_that_is_not_there(self, run_toys):
        text = PLAIN.replace("with: {of: people}", "with: {of: people, known: false}").replace("key: id", "key: idd")
        with pytest.raises(InputError, match=r"table people has no column 'idd', named under key") as caught:
            run_toys(text, {"people": people()})
        assert "did you mean: id" in str(caught.value)

    def test_a_leak_stops_the_run_and_tells_how_to_declare_an_honest_column(self, plain):
        table = people().assign(paid_back=lambda frame: 1 - frame["won"])
        with pytest.raises(InputError, match=r"feature 'paid_back' tells the outcome by itself") as caught:
            plain(table=table)
        assert caught.value.problems[0].where.line == 5
        text = PLAIN.replace("key: id,", "key: id, expected_strong: [paid_back],")
        assert plain(text, table=table).passed

    @pytest.mark.parametrize("ids", [np.arange(400) + 10**12, np.arange(400) * 1.0, [f"{i:05d}" for i in range(400)]])
    def test_ids_may_be_large_whole_floats_or_text_with_leading_zeros(self, plain, ids):
        run = plain(table=people().assign(id=ids))
        assert run.summary["rows"]["train"] + run.summary["rows"]["test"] == 400
        assert set(run.predictions["row"]) < set(ids)


class TestTime:
    def test_a_feature_of_the_past_passes_the_future_check(self, timed):
        run = timed()
        line = next(stage["line"] for stage in run.summary["stages"] if stage["stage"] == "features")
        assert line == "2: 1 of the row itself, 1 built; 3 rows rebuilt without their future"

    def test_a_feature_that_sees_the_future_is_named(self, timed):
        text = TIMED.replace(
            "{use: toy.seen, from: events}", "{use: toy.seen, from: events, with: {all_of_time: true}}"
        )
        with pytest.raises(
            InputError, match=r"feature 'mean_x' saw the future: without what came at or after"
        ) as caught:
            timed(text)
        assert "known_ahead: [COLUMN]" in str(caught.value)
        assert caught.value.problems[0].where.line == 9

    def test_what_is_declared_known_ahead_may_be_used(self, timed):
        text = TIMED.replace(
            "{use: toy.seen, from: events}", "{use: toy.seen, from: events, with: {all_of_time: true}}"
        )
        assert timed(text.replace("time: day,", "time: day, known_ahead: [x],")).passed

    def test_label_delay_leaves_a_gap(self, timed):
        run = timed(TIMED.replace("{use: toy.dated}", "{use: toy.dated, with: {delay: 30 days}}"))
        assert run.summary["rows"] == {"train": 123, "test": 148, "gap": 29}

    def test_as_of_reads_nothing_from_that_moment_on(self, timed):
        run = timed(as_of="2024-07-01")
        assert run.summary["tables"]["events"]["rows"] == 182
        with pytest.raises(UsageError, match=r"--as-of takes a date, got 'yesterday'"):
            timed(as_of="yesterday")

    def test_as_of_says_from_which_tables_it_takes_nothing_away(self, timed, plain):
        said = "--as-of takes nothing away from what has no time, and {} none: say at ingest which column holds"
        assert any(note.startswith(said.format("table people has")) for note in cautions_of(plain(as_of="2024-07-01")))
        two = PLAIN.replace("task:", "  towns: {use: toy.table, key: id, with: {of: people}}\ntask:", 1)
        two = two.replace("with: {outcome: won}", "with: {outcome: won, table: people}", 1)
        assert any(
            note.startswith(said.format("tables people and towns have"))
            for note in cautions_of(plain(two, as_of="2024-07-01"))
        )
        assert not any("--as-of" in note for note in [*notes_of(timed(as_of="2024-07-01")), *notes_of(plain())])

    def test_parts_of_a_key_of_several_columns_are_told_to_be_no_features(self, plain):
        text = PLAIN.replace("key: id", "key: [store, product]")
        table = people().drop(columns="id").assign(store=np.arange(400) // 8, product=np.arange(400) % 8)
        run = plain(text, table=table)
        told = "{} the key of people, and no {}; a feature step may build columns of other names from {}"
        assert told.format("store and product are parts of", "features by themselves", "them") in notes_of(run)
        again = plain(text.replace("{hash: 0.3}", "{group: store, test: 0.3}"), table=table)
        assert told.format("product is a part of", "feature by itself", "it") in notes_of(again)
        assert not any("of the key of" in note for note in notes_of(plain()))

    def test_groups_on_both_sides_of_the_split_are_warned_of(self, run_toys):
        table = people().assign(household=np.arange(400) // 4)
        text = PLAIN.replace("outcome: won", "outcome: won, group: household")
        run = run_toys(text, {"people": table})
        assert any("groups have rows on both sides of the split" in note for note in notes_of(run))


class TestBrokenPlugins:
    @pytest.mark.parametrize(
        ("at", "message"),
        [
            ("fit", r"toy/plain: step models.bad: 'toy.raises' failed in fit: ZeroDivisionError: no luck today"),
            ("predict", r"'toy.raises' failed in predict: ZeroDivisionError: no luck today"),
            ("save", r"'toy.raises' failed in save: ZeroDivisionError: no luck today"),
            ("load", r"'toy.raises' failed in load: ZeroDivisionError: no luck today"),
            ("short", r"breaks the contract of predict: \d+ predictions for \d+ rows"),
            ("nan", r"breaks the contract of predict: \d+ predictions are not finite numbers"),
            ("high", r"breaks the contract of predict: a probability lies outside 0 to 1"),
            ("named", r"breaks the contract of predict: columns chance where probability are due"),
            ("list", r"breaks the contract of predict: it returned list where a DataFrame is due"),
        ],
    )
    def test_a_model_that_fails_is_named_with_recipe_step_plugin_and_verb(self, plain, project, at, message):
        text = PLAIN.replace("models:", f"models:\n  bad: {{use: toy.raises, with: {{at: {at}}}}}")
        with pytest.raises(PluginError, match=message):
            plain(text)
        assert not list((project / "runs").rglob("summary.json"))

    @pytest.mark.parametrize(
        ("at", "message"),
        [
            ("decide", r"step actions.act: 'toy.breaks' failed in decide: ZeroDivisionError"),
            ("value", r"step actions.act: 'toy.breaks' failed in value: ZeroDivisionError"),
            ("order", r"breaks the contract of decide: its lines are not the \d+ rows in their order"),
            ("headline", r"breaks the contract of headline: it returned NoneType where a sentence is due"),
            ("worth", r"breaks the contract of value: one finite amount is due for each of \d+ rows"),
        ],
    )
    def test_an_action_that_fails_is_named(self, plain, at, message):
        text = PLAIN + f"actions:\n  act: {{use: toy.breaks, with: {{at: {at}}}}}\n"
        with pytest.raises(PluginError, match=message):
            plain(text)

    def test_the_traceback_of_the_plugin_is_kept(self, plain):
        with pytest.raises(PluginError) as caught:
            plain(PLAIN.replace("models:", "models:\n  bad: {use: toy.raises}"))
        assert isinstance(caught.value.__cause__, ZeroDivisionError)


class TestKeeping:
    """A second run redoes only what changed."""

    @staticmethod
    def kept(run):
        return {stage["stage"] for stage in run.summary["stages"] if "kept)" in stage["line"]}

    def test_a_second_run_takes_everything_up_and_gives_the_same_bytes(self, plain):
        first, second = plain(), plain()
        assert self.kept(first) == set()
        assert self.kept(second) == {"split", "features", "fit"}
        for name in ("metrics.json", "predictions.parquet"):
            assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()

    def test_notes_are_told_again(self, plain):
        table = people().assign(empty=np.nan)
        assert set(notes_of(plain(table=table))) <= set(notes_of(plain(table=table)))

    def test_another_setting_of_one_model_fits_that_model_only(self, plain):
        text = PLAIN.replace("judge:", "  flat: {use: learn.base_rate}\njudge:")
        plain(text)
        run = plain(text.replace("depth: 2", "depth: 3"))
        line = next(stage["line"] for stage in run.summary["stages"] if stage["stage"] == "fit")
        assert line == "base rate, tree, flat (1 kept)"

    @pytest.mark.parametrize(
        ("before", "after", "still"),
        [
            ("hash: 0.3", "hash: 0.4", set()),
            ("recipe: toy/plain", "recipe: toy/plain\nseed: 1", set()),
            ("redraws: 200", "redraws: 300", {"split", "features", "fit"}),
        ],
        ids=["split", "seed", "judge"],
    )
    def test_a_stage_is_redone_when_what_it_stands_on_changes(self, plain, before, after, still):
        plain()
        assert self.kept(plain(PLAIN.replace(before, after))) == still

    def test_another_value_in_the_table_redoes_all(self, plain):
        plain()
        table = people()
        table.loc[7, "x"] += 1e-9
        assert self.kept(plain(table=table)) == set()

    def test_threads_asked_for_are_part_of_the_key(self, plain):
        plain()
        assert self.kept(plain(threads=1)) == set()

    def test_from_redoes_a_stage_and_all_behind_it(self, plain):
        plain()
        assert self.kept(plain(from_stage="fit")) == {"split", "features"}
        assert self.kept(plain(from_stage="features")) == set()
        with pytest.raises(UsageError, match=r"no run can begin from 'fitt'"):
            plain(from_stage="fitt")

    def test_a_killed_fit_leaves_no_entry_behind(self, plain, project):
        with pytest.raises(PluginError):
            plain(PLAIN.replace("judge:", "  bad: {use: toy.raises}\njudge:"))
        assert not list((project / "runs" / ".cache" / "parts").iterdir())
        assert self.kept(plain()) == {"split", "features", "fit"}


def test_memory_is_given_from_python_as_on_the_command_line(project):
    import duckdb

    import sartor

    people().to_csv(project / "people.csv", index=False)
    file = project / "plain.yaml"
    file.write_text(PLAIN.replace("toy.table", "tables.csv").replace("of: people", "path: people.csv"), "utf-8")
    limits = set()

    def hear(event):
        if isinstance(event, StageFinished):
            asked = duckdb.default_connection().cursor().execute("SELECT current_setting('memory_limit')")
            limits.add(asked.fetchall()[0][0])

    sartor.run(file, memory="512 MiB", listen=hear)
    assert limits == {"512.0 MiB"}
    with pytest.raises(UsageError, match=r"memory must be a number and a unit, got 'much'  U024") as caught:
        sartor.run(file, memory="much")
    assert caught.value.exit_code == 2
    assert len(list((project / "runs" / "toy" / "plain").iterdir())) == 1


def test_a_note_is_told_once():
    from sartor.session import Session

    heard = []
    session = Session(None, None, None, "", 0, 1, None, None, heard.append)
    for _ in range(2):
        session.tell(Note("ingest", "one", caution=True))
    assert len(session.notes) == 1


def test_a_truth_that_cannot_be_squared_stops_the_run_before_anything_learns(plain):
    table = people().assign(paid=1.0)
    table.loc[3, "paid"] = -1e300
    text = PLAIN.replace("learn.classification, with: {outcome: won}", "learn.regression, with: {outcome: paid}")

    with pytest.raises(InputError, match=r"'paid' is larger than 1e\+150 in 1 row: no number holds its square  D050"):
        plain(text, table=table)
