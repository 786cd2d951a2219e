"""`sartor privacy scan` proposes treatments from names, forms, check digits, and from what stands inside texts."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sartor.cli.endings import call
from sartor.profiling.identifiers import KINDS, in_name, inside, is_card, is_iban
from sartor.profiling.scanning import kind_of_values

# Published examples, each with its check digits.
EXAMPLES = {
    "the number of a payment card": ["4539 5787 6362 1486", "371449635398431", "6011000990139424"],
    "the number of an account (IBAN)": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "NO9386011117947"],
    "a Swiss social insurance number": ["756.9217.0769.85"],
    "an Italian tax code": ["RSSMRA85T10A562S"],
    "a French social security number": ["255081416802538"],
    "a Finnish personal identity code": ["131052-308T"],
    "a Spanish identity number": ["12345678Z", "X1234567L"],
    "a Swedish personal number": ["811218-9876"],
    "a German tax number": ["86095742719"],
    "a Polish personal number": ["44051401359"],
    "a British health number": ["943 476 5919"],
    "a Dutch citizen number": ["111222333"],
    "a social security number": ["078-05-1120"],
    "an e-mail address": ["ada.lovelace+x@mail.example.org"],
    "a telephone number": ["+49 30 5550123", "(212) 555-0199", "030 / 5550123"],
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.why.replace(" ", "-"))
def test_a_number_is_known_by_its_check_digits_and_not_with_another_one(kind):
    for text in EXAMPLES[kind.why]:
        assert kind.tells(text), text
        if kind.chance:
            other = [
                text[:-1] + last for last in ("0123456789" if text[-1].isdigit() else "BCDEFGHJ") if last != text[-1]
            ]
            assert sum(map(kind.tells, other)) <= 1


def test_numbers_in_a_row_are_no_identifiers():
    for begin in (10**8, 10**9, 10**10, 10**12, 4 * 10**15):
        assert kind_of_values([str(begin + n) for n in range(500)]) is None


def test_what_stands_inside_a_text_is_found():
    assert [kind.why for kind in inside("refund to DE89 3704 0044 0532 0130 00 please")] == [
        "the number of an account (IBAN)"
    ]
    assert [kind.why for kind in inside("card 4539 5787 6362 1486, paid")] == ["the number of a payment card"]
    assert list(inside("1234567890123456 pieces, 2024-01-01 12:30:00, 3.14159265358979")) == []
    assert not is_card("0000000000000000")
    assert not is_iban("DE00370400440532013000")


def test_names_of_files_are_looked_at():
    assert in_name("scans_078-05-1120.pdf.csv") == ["a social security number"]
    assert in_name("orders_2024-05-12_v2.parquet") == []


@pytest.fixture
def people(project):
    frame = pd.DataFrame({
        "ref": [f"ada{n}@example.org" for n in range(40)],
        "konto": ["DE89370400440532013000", "GB82WEST12345698765432"] * 20,
        "born": [f"{1890 + n}-05-01" for n in range(40)],
        "remark": ["call back"] * 39 + ["write to eve@example.org, she moved"],
        "age": range(20, 60),
        "amount": [12.5 + n for n in range(40)],
        "kind": ["a", "b"] * 20,
    })  # fmt: skip
    frame.to_csv(project / "people_eve@example.org.csv", index=False)
    return "people_eve@example.org.csv"


def test_the_verb_writes_lines_to_paste_and_shows_no_value(people, capfd):
    assert call(["privacy", "scan", people]) == 0
    out = capfd.readouterr().out
    assert out.splitlines()[:3] == ["# 5 columns of 7 tell of persons", "privacy:", "  columns:"]
    for line in (
        "ref: drop ", "konto: drop ", "born: {generalise: {to: year}} ", "remark: drop ", "age: audit_only ",
        "# an e-mail address inside 1 text of 40", "# the name of a file of",
    ):  # fmt: skip
        assert line in out
    assert "eve@" not in out.replace(people, "")
    assert "ada0" not in out


def test_a_recipe_is_told_only_what_it_does_not_treat_yet(people, project, capfd):
    (project / "r.yaml").write_text(
        f"format: 1\nrecipe: a/b\ningest: {{people: {{use: tables.csv, with: {{path: {people}}}}}}}\n"
        "privacy: {columns: {ref: drop, konto: drop, born: drop, age: audit_only}}\n"
    )
    assert call(["privacy", "scan", "r.yaml", "--json"]) == 0
    table = json.loads(capfd.readouterr().out)["tables"][0]
    assert [one["column"] for one in table["personal"] if not one["treated"]] == ["remark"]
    assert table["file_names"] == ["an e-mail address"]


def test_a_table_alone_is_held_to_anonymity(project, capfd):
    pd.DataFrame({"zip": ["07", "07", "7"], "ill": ["flu", "flu", "cold"]}).to_csv(project / "t.csv", index=False)
    assert call(["privacy", "check", "t.csv", "--by", "zip", "-k", "2"]) == 3
    assert "t.csv is not 2-anonymous by zip: 1 class of 2 with 1 line is too small, the smallest of 1 and 2 lines" in (
        capfd.readouterr().err
    )
    assert call(["privacy", "check", "t.csv", "--by", "zip", "-k", "1"]) == 0
    assert "it is 1-anonymous" in capfd.readouterr().out
    assert call(["privacy", "check", "t.csv", "--by", "zpi"]) == 2
    assert "t.csv has no column 'zpi'" in capfd.readouterr().err
