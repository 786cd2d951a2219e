"""What `IngestTests` finds: a sound ingest passes, and each way to break the contract is told in words."""

from __future__ import annotations

import pytest

from sartor.testing import ComponentTests, IngestTests

ORDERS = "order,shop,amount,paid,day\n1,a,9.5,True,2024-01-01\n2,b,3.0,False,2024-01-02\n3,b,,True,2024-01-03\n"
TABLE = "test_it_reads_a_table"
COLUMNS = "test_columns_agree_with_what_is_read"
SEED = "test_the_same_seed_reads_the_same_lines"
UNCHANGED = "test_what_it_is_handed_stays_unchanged"
MISSING = "test_a_missing_file_is_named"
SOURCE = "test_it_says_where_its_rows_come_from"

FAULTS = [
    ("EmptyIngest", TABLE, "the table has no line"),
    ("NamelessIngest", TABLE, r"every column needs a name, and there are \['order', ' ', "),
    ("ReservedNameIngest", TABLE, "two underscores are sartor's own, and the table has '__row'"),
    ("ReadsAListIngest", TABLE, "a table that Narwhals or DuckDB takes, and returns list"),
    (
        "OtherTypeIngest",
        COLUMNS,
        r"says that 'amount' is integer, and read gives Float64",
    ),
    ("OtherOrderIngest", COLUMNS, r"says \['day', .*, and read gives \['order'"),
    ("OwnTypeNamesIngest", COLUMNS, r"may say text, .*, and says {'amount': 'float64'}"),
    (
        "UnseededIngest",
        SEED,
        r"read twice with one seed, the table\['amount'\] differs in 3 of 3 lines, .*; take context.rng\(\)",
    ),
    (
        "WritesBesideIngest",
        UNCHANGED,
        "read changes files, .*orders.cache.*context.scratch",
    ),
    ("NumpySeedIngest", UNCHANGED, "read uses or seeds the global random generator"),
    (
        "ForgivingIngest",
        MISSING,
        "'path' names a file that is not there, and read finds nothing",
    ),
    ("VagueIngest", MISSING, "the error must name the missing file, and says: cannot read"),
    ("OptionalFileIngest", MISSING, "must end in an InputError, and ends in FileNotFoundError"),
    ("NoSourceIngest", SOURCE, r"source\(\) must return a text, and returns NoneType"),
    ("SimulatedTextIngest", SOURCE, "simulated must be True or False"),
]
INHERITED = {name for name in dir(ComponentTests) if name.startswith("test_")}
CHECKS = sorted(name for name in dir(IngestTests) if name.startswith("test_"))


def with_orders(self, folder):
    (folder / "orders.csv").write_text(ORDERS)


@pytest.mark.parametrize(("component", "name", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_an_ingest_that_breaks_the_contract_is_found_out(check, component, name, message):
    with pytest.raises(AssertionError, match=f"(?s){message}"):
        check(IngestTests, component, name, prepare_folder=with_orders)


@pytest.mark.parametrize("name", [name for name in CHECKS if "heavy" not in name])
def test_a_sound_ingest_passes(check, name):
    check(IngestTests, "SoundIngest", name, prepare_folder=with_orders)


def test_every_check_that_is_not_inherited_has_an_ingest_that_fails_it():
    assert {name for _, name, _ in FAULTS} == set(CHECKS) - INHERITED


def test_settings_and_the_folder_are_the_authors(check):
    def elsewhere(self, folder):
        (folder / "deep").mkdir(exist_ok=True)
        (folder / "deep" / "sold.csv").write_text(ORDERS)

    check(
        IngestTests,
        "SoundIngest",
        TABLE,
        settings={"path": "deep/sold.csv"},
        prepare_folder=elsewhere,
    )
