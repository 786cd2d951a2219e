"""What is proposed follows from all values: types, codes, keys, and which columns are about persons."""

from __future__ import annotations

import pandas as pd
import pytest

PEOPLE = "customer_id,name,email,phone,date_of_birth,zip,sex,amount\n" + "".join(
    f"C{line % 7},Petra Miller{line},p{line}@example.org,+49 30 {1000 + line},{1950 + line % 40}-0{1 + line % 9}-11,"
    f"{10000 + line * 13},{'mf'[line % 2]},{line % 50}\n"
    for line in range(60)
)


def test_no_value_of_a_column_that_looks_personal_is_shown(proposed, written):
    found, entered = proposed(written("people.csv", PEOPLE))
    assert found.treated == {
        "customer_id": "pseudonymise",
        "name": "drop",
        "email": "drop",
        "phone": "drop",
        "date_of_birth": {"generalise": {"to": "year"}},
        "zip": {"generalise": {"prefix": 2}},
        "sex": "audit_only",
    }
    for value in ("C0", "C6", "Miller", "@", "+49", "1030", "1950", "1989", "10767", "10000", "allowed: [f, m]"):
        assert value not in found.yaml
        assert value not in str(found.plain)
    table = entered.tables["people"]
    assert set(table) >= {"customer_id", "date_of_birth", "zip", "amount"}
    assert not {"name", "email", "phone"} & set(table)
    assert table["customer_id"].nunique() == 7
    assert set(table["zip"].astype(str)) == {"10"}


def test_an_address_is_known_by_its_values_where_its_column_does_not_say_so(profiled, written):
    rows = "".join(f"{line},p{line}@example.org,10.0.0.{line}\n" for line in range(40))
    found = profiled(written("t.csv", f"id,contact,came_by\n{rows}"))
    assert found.treated == {"contact": "drop", "came_by": "drop"}
    assert "example.org" not in found.yaml
    assert "10.0.0." not in found.yaml


def test_a_key_is_a_column_called_like_one_and_no_measure(profiled, written):
    rows = "".join(f"{line / 7:.6f};{line * 3};A{line:03d};{line % 5}\n" for line in range(50))
    found = profiled(written("t.csv", f"weight;amount;invoice_no;kind\n{rows}"))
    assert found.plain["key"] == ["invoice_no"]
    assert found.plain["unique"] == [], "that no amount comes twice is chance"


def test_two_columns_that_together_identify_a_line_are_its_key(proposed, written):
    rows = "".join(f"S{store},2024-01-{day:02d},1\n" for store in range(20) for day in range(1, 29))
    found, entered = proposed(written("t.csv", f"store,day,units\n{rows}"))
    assert found.plain["key"] == ["store", "day"]
    assert len(entered.tables["t"]) == 560


def test_a_name_or_a_birthday_is_no_key_though_none_comes_twice(profiled, written):
    rows = "".join(f"Petra Miller{line},1950-01-{line % 28 + 1:02d},{line % 3}\n" for line in range(28))
    found = profiled(written("t.csv", f"name,birth_date,visits\n{rows}"))
    assert found.plain["key"] == []
    assert "# nothing identifies a line: with: {row_number: line} numbers them" in found.yaml


@pytest.mark.parametrize(
    ("values", "terms"),
    [
        (["1,5", "2,25", "3,75"], {"type": "number", "decimal": ",", "between": [1.5, 3.8]}),
        (["1.234,5", "2.000,0", "10,25"], {"type": "number", "decimal": ",", "thousands": ".", "between": [10, 2000]}),
        (["1,234.5", "2,000.0", "10.25"], {"type": "number", "thousands": ",", "between": [10, 2000]}),
        (["31.12.2023", "01.02.2024", "05.03.2024"], {"type": "date", "format": "%d.%m.%Y", "at_least": "2023-01-01"}),
        (["31/12/2023", "01/02/2024", "05/03/2024"], {"type": "date", "format": "%d/%m/%Y", "at_least": "2023-01-01"}),
        (["12/31/2023", "01/02/2024", "05/03/2024"], {"type": "date", "format": "%m/%d/%Y", "at_least": "2023-01-01"}),
        (["01/02/2024", "05/03/2024", "07/08/2024"], {"type": "text"}),
        (["true", "false", "True"], {"type": "boolean"}),
        (["007", "012", "130"], {"type": "text"}),
        (["2023-02-28", "2023-02-29", "2023-03-01"], {"type": "text"}),
    ],
)
def test_a_type_is_what_reads_every_value_without_doubt(proposed, written, values, terms):
    rows = "".join(f"{number};{value}\n" for number, value in enumerate(values, 1))
    found, entered = proposed(written("t.csv", f"id;v\n{rows}"))
    assert found.terms["v"] == terms
    assert len(entered.tables["t"]) == len(values)
    assert entered.tables["t"]["v"].notna().all()


def test_the_day_or_the_month_first_is_asked_where_nothing_tells(profiled, written):
    found = profiled(written("t.csv", "id;v\n1;01/02/2024\n2;05/03/2024\n"))
    assert "nothing tells whether the day or the month stands first: format: '%d/%m/%Y', '%m/%d/%Y'" in found.notes["v"]


def test_a_text_that_stands_for_missing_among_numbers_is_a_code(proposed, written):
    rows = "".join(f"{line};{'n.a.' if line % 4 == 0 else line * 1.5}\n" for line in range(1, 41))
    found, entered = proposed(written("t.csv", f"id;income\n{rows}"))
    assert found.terms["income"]["missing_codes"] == ["n.a."]
    assert found.notes["income"].startswith("10 codes for missing")
    assert entered.tables["t"]["income"].isna().sum() == 10


def test_a_number_far_from_all_others_is_a_code(proposed, written):
    rows = "".join(
        f"{line};{-9 if line % 5 == 0 else 20 + line};{9999 if line % 8 == 0 else line}\n" for line in range(1, 41)
    )
    found, entered = proposed(written("t.csv", f"id;weight;height\n{rows}"))
    assert found.terms["weight"] == {"type": "integer", "between": [21, 59], "missing_codes": [-9]}
    assert found.terms["height"]["missing_codes"] == [9999]
    assert entered.tables["t"]["weight"].isna().sum() == 8
    assert entered.tables["t"]["height"].isna().sum() == 5


def test_minus_one_beside_nought_and_one_is_a_kind_of_something(proposed, written):
    rows = "".join(f"{line};{line % 3 - 1};{-1 if line % 5 == 0 else line % 2 * line}\n" for line in range(1, 61))
    found, entered = proposed(written("t.csv", f"id;side;days\n{rows}"))
    assert found.terms["side"] == {"type": "integer", "allowed": [-1, 0, 1]}
    assert found.notes["side"].startswith("20 of -1: perhaps missing_codes: [-1]; -1: 20, 0: 20, 1: 20")
    assert found.terms["days"]["missing_codes"] == [-1]
    assert entered.tables["t"]["side"].notna().all()


def test_numbers_among_which_a_name_with_letters_stands_are_names(proposed, written):
    rows = "".join(f"{line};{'C9600' if line == 500 else line + 90000}\n" for line in range(1, 1001))
    found, entered = proposed(written("t.csv", f"id;procedure\n{rows}"))
    assert found.terms["procedure"] == {"type": "text"}
    assert len(entered.tables["t"]) == 1000


def test_a_few_texts_among_very_many_numbers_are_set_aside(proposed, written):
    rows = "".join(f"{line};{'see file' if line == 500 else line}\n" for line in range(1, 1001))
    found, entered = proposed(written("t.csv", f"id;amount\n{rows}"))
    assert found.terms["amount"]["otherwise"] == {"type": "set_aside"}
    assert found.notes["amount"].startswith("1 cannot be read as whole numbers")
    assert "see file" not in found.yaml
    assert len(entered.tables["t"]) == 999
    assert len(entered.quarantine["t"]) == 1


def test_a_text_that_hardly_any_line_has_is_not_told(profiled, written):
    rows = "".join(f"{line};{'Mr Miller called' if line == 7 else 'abc'[line % 3]}\n" for line in range(60))
    found = profiled(written("t.csv", f"id;how\n{rows}"))
    assert found.terms["how"] == {"type": "text"}
    assert found.notes["how"] == "4 different texts, 1 of them in fewer than 3 lines and not told"


def test_texts_with_markup_quotes_and_line_ends_stand_in_the_proposal_as_they_are(proposed, written):
    rows = "".join(
        f'{line},"<b>{"ab"[line % 2]}</b> # x: y","<script>f({line})</script>\nnew, ""line"""\n' for line in range(40)
    )
    found, entered = proposed(written("t.csv", f"id,<i>{{note}}</i>,comment\n{rows}"))
    assert found.terms["<i>{note}</i>"]["allowed"] == ["<b>a</b> # x: y", "<b>b</b> # x: y"]
    assert found.treated == {"comment": "drop"}
    assert "script" not in found.yaml
    assert len(entered.tables["t"]) == 40


def test_a_column_without_any_value_is_a_text_that_is_not_required(proposed, written):
    found, _ = proposed(written("t.csv", "id;gone;here\n1;;a\n2; ;a\n"))
    assert found.notes["gone"] == "missing in 2"
    assert "required: [id, here]" in found.yaml


@pytest.mark.parametrize("columns", [120, pytest.param(500, marks=pytest.mark.slow)])
def test_many_columns_are_looked_at_in_several_queries(proposed, written, columns):
    head = ",".join(f"c{place}" for place in range(columns))
    rows = "".join(",".join(str(line + place) for place in range(columns)) + "\n" for line in range(1, 51))
    found, entered = proposed(written("wide.csv", f"{head}\n{rows}"))
    assert len(found.terms) == columns
    # 119 + 1 to 119 + 50, each bound to two digits outwards.
    assert found.terms["c119"]["between"] == [120, 170]
    assert entered.tables["wide"].shape[0] == 50


def test_a_glob_is_profiled_as_one_table(proposed, written, project):
    written("sales-1.csv", "id;n\n1;5\n2;6\n")
    written("sales-2.csv", "id;n\n3;7\n")
    found, entered = proposed(project / "sales-*.csv")
    assert found.plain["lines"] == 3
    assert found.plain["table"] == "sales"
    assert entered.tables["sales"]["n"].tolist() == [5, 6, 7]


def test_the_same_file_has_the_same_proposal_byte_for_byte(profiled, written):
    file = written("people.csv", PEOPLE)
    assert profiled(file).plain == profiled(file).plain


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_columns_that_are_looked_at_under_each_other_are_seen_as_beside_each_other(
    profiled, project, monkeypatch, form
):
    from sartor.profiling import first_look, second_look

    lines = range(1, 81)
    table = pd.DataFrame(
        {
            "code": [f"A{line:03d}" for line in lines],
            "patient_id": [f"P{line % 9}" for line in lines],
            **{f"gene_{place}": [(line * place) % 97 - 20 for line in lines] for place in range(3, 9)},
            "dose": [None if line % 7 == 0 else line / 4 for line in lines],
            "weight": [-9 if line % 5 == 0 else 40 + line for line in lines],
            "seen": [f"2024-03-{line % 28 + 1:02d}" for line in lines],
            "mail": [f"p{line}@example.org" for line in lines],
            "kind": ["new" if line % 3 else "old" for line in lines],
            "never": [None for _ in lines],
        }
    )
    file = project / f"t.{form}"
    table.to_csv(file, index=False) if form == "csv" else table.to_parquet(file)
    beside = profiled(file)
    monkeypatch.setattr(first_look, "WIDE", 3)
    monkeypatch.setattr(second_look, "WIDE", 3)
    assert profiled(file) == beside
    assert beside.plain["key"] == ["code"]
    assert beside.terms["weight"]["missing_codes"] == [-9]
    assert beside.treated == {"patient_id": "pseudonymise", "mail": "drop"}
