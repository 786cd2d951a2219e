"""What enters of a column that privacy treats."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

import pandas as pd
import pytest

from sartor.guard.pseudonyms import Key

KEY = b"a key of more than sixteen bytes"


def pseudonym(text):
    """RFC 2104 from the standard library: the engine calculates its own."""
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def values(column):
    return [None if pd.isna(value) else value for value in column]


def days(column):
    return [None if pd.isna(value) else value.date().isoformat() for value in column]


class TestDrop:
    def test_the_column_is_not_there(self, guarded):
        found = guarded("{columns: {name: drop}}", people="id,name,age\n1,Ann,44\n")
        assert found.table.columns.tolist() == ["id", "age"]
        assert found.stages["guard"] == {"audit_only": 0, "dropped": 1}

    def test_nothing_is_told_of_its_values_even_where_they_could_not_be_read(self, guarded):
        lines = "".join(f"{number},{number or 'x'},44\n" for number in range(50))
        found = guarded("{columns: {name: drop}}", people=f"id,name,age\n{lines}")
        assert found.notes == []


class TestAuditOnly:
    def test_no_step_sees_it(self, guarded):
        found = guarded("{columns: {sex: audit_only}}", people="id,sex\n1,f\n2,m\n")
        assert found.table.columns.tolist() == ["id"]
        assert found.stages["guard"] == {"audit_only": 1, "dropped": 0}


class TestPseudonymise:
    def test_a_value_has_one_pseudonym_in_every_table_and_column_whatever_its_type(self, guarded):
        found = guarded(
            "{key: secret:GUARD_KEY, columns: {person: pseudonymise, by: pseudonymise}}",
            people="person,age\n7,44\n8,45\n",
            visits="visit,person,by\n1,7.0,8\n2,,x\n",
            notes="person\n7\nx\n007\n",
        )
        assert values(found.tables["people"]["person"]) == [pseudonym("7"), pseudonym("8")]
        assert values(found.tables["visits"]["person"]) == [pseudonym("7"), None]
        assert values(found.tables["visits"]["by"]) == [pseudonym("8"), pseudonym("x")]
        assert values(found.tables["notes"]["person"]) == [pseudonym("7"), pseudonym("x"), pseudonym("007")]

    def test_tables_still_join(self, guarded):
        found = guarded(
            "{key: secret:GUARD_KEY, columns: {person: pseudonymise}}",
            people="person,age\n7,44\n8,45\n", visits="visit,person\n1,8\n2,8\n3,7\n",
        )  # fmt: skip
        joined = found.tables["visits"].merge(found.tables["people"], on="person")
        assert joined.set_index("visit")["age"].to_dict() == {1: 45, 2: 45, 3: 44}

    def test_another_key_gives_others(self, guarded, monkeypatch):
        privacy = "{key: secret:GUARD_KEY, columns: {person: pseudonymise}}"
        first = guarded(privacy, people="person\n7\n").table["person"][0]
        monkeypatch.setenv("GUARD_KEY", "another key of more than sixteen bytes")
        assert guarded(privacy, people="person\n7\n").table["person"][0] != first

    @pytest.mark.parametrize("length", [1, 63, 64, 65, 200])
    def test_keys_of_any_length_are_used_as_the_standard_says(self, guarded, monkeypatch, length):
        secret = "ä" + "k" * (length - 1)
        monkeypatch.setenv("GUARD_KEY", secret)
        found = guarded("{key: secret:GUARD_KEY, columns: {person: pseudonymise}}", people="person\nAnn\n")
        assert found.table["person"][0] == hmac.new(secret.encode(), b"Ann", hashlib.sha256).hexdigest()

    def test_a_short_key_is_told(self, guarded, monkeypatch):
        monkeypatch.setenv("GUARD_KEY", "short")
        found = guarded("{key: secret:GUARD_KEY, columns: {person: pseudonymise}}", people="person\n7\n")
        assert found.cautions == ["the key of pseudonyms is so short that it can be guessed: 32 random bytes cannot"]

    def test_the_check_of_the_key_that_a_run_notes_holds_the_recipe_to_it(self, guarded):
        privacy = "{key: secret:GUARD_KEY, CHECKcolumns: {person: pseudonymise}}"
        (note,) = guarded(privacy.replace("CHECK", ""), people="person\n7\n").notes
        check = note.removeprefix("the check of the key is ")
        assert check == Key(KEY).check
        assert len(guarded(privacy.replace("CHECK", f"key_check: '{check}', "), people="person\n7\n").table) == 1


class TestGeneralise:
    def test_bands_of_numbers_become_words(self, guarded):
        found = guarded("{columns: {age: {generalise: {bands: [18, 30, 65]}}}}",
                        people="id,age\n1,17\n2,18\n3,29.9\n4,30\n5,65\n6,\n")  # fmt: skip
        assert values(found.table["age"]) == [
            "below 18", "18 to below 30", "18 to below 30", "30 to below 65", "65 and above", None,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("width", "written", "edges"),
        [("5", "0,4,5,-1,-5,123", [0, 0, 5, -5, -5, 120]), ("0.1", "0.3,0.35,-0.05,1", [0.3, 0.3, -0.1, 1.0]),
         ("1000", "999.9,1000,12345.6", [0, 1000, 12000])],
    )  # fmt: skip
    def test_a_width_gives_the_lower_edge(self, guarded, width, written, edges):
        lines = "".join(f"{number},{value}\n" for number, value in enumerate(written.split(",")))
        found = guarded(f"{{columns: {{v: {{generalise: {{width: {width}}}}}}}}}", t=f"id,v\n{lines}")
        assert found.table["v"].tolist() == pytest.approx(edges)

    def test_a_prefix_keeps_the_first_characters(self, guarded):
        found = guarded("{columns: {zip: {generalise: {prefix: 2}}}}", people="id,zip\n1,01067\n2,Öä9\n3,\n4,A\n")
        assert values(found.table["zip"]) == ["01", "Öä", None, "A"]

    @pytest.mark.parametrize(
        ("to", "first"),
        [("day", "2024-05-17"), ("week", "2024-05-13"), ("month", "2024-05-01"), ("quarter", "2024-04-01"),
         ("year", "2024-01-01")],
    )  # fmt: skip
    def test_dates_and_moments_become_the_first_day_of_their_period(self, guarded, to, first):
        found = guarded(f"{{columns: {{d: {{generalise: {{to: {to}}}}}, m: {{generalise: {{to: {to}}}}}}}}}",
                        t="id,d,m\n1,2024-05-17,2024-05-17 23:59:59\n2,,\n")  # fmt: skip
        assert days(found.table["d"]) == days(found.table["m"]) == [first, None]

    def test_the_edge_of_what_a_type_holds_ends_no_run(self, guarded):
        found = guarded("{columns: {v: {generalise: {width: 7}}}}", t="id,v\n1,-9223372036854775808\n2,15\n")
        assert values(found.table["v"]) == [None, 14]


class TestShiftDates:
    VISITS = "person,seen,left\n7,2024-01-31,2024-02-03 10:30:00\n7,2024-02-29,\n8,2024-01-31,2024-01-31 08:00:00\n"
    BY = "{key: secret:GUARD_KEY, columns: {seen: {shift_dates: {by: person}}, left: {shift_dates: {by: person}}}}"

    def test_all_dates_of_a_person_move_alike_so_that_intervals_stay(self, guarded):
        table = guarded(self.BY, visits=self.VISITS).table
        move = Key(KEY).days("7", 180)
        assert move != 0
        assert days(table["seen"][:2]) == [str(date.fromordinal(date(2024, 1, 31).toordinal() + move)),
                                           str(date.fromordinal(date(2024, 2, 29).toordinal() + move))]  # fmt: skip
        assert (table["seen"][1] - table["seen"][0]).days == 29
        assert str(table["left"][0] - table["seen"][0]) == "3 days 10:30:00"

    def test_another_person_moves_otherwise_and_nobody_stays(self, guarded):
        lines = "".join(f"{person},2024-01-31,2024-02-01\n" for person in range(500))
        table = guarded(self.BY, visits=f"person,seen,left\n{lines}").table
        moved = (table["seen"] - pd.Timestamp("2024-01-31")).dt.days
        assert moved.tolist() == [Key(KEY).days(str(person), 180) for person in range(500)]
        assert (moved != 0).all()
        assert (moved.min(), moved.max()) >= (-180, 150)
        assert moved.abs().max() <= 180

    def test_within_as_many_days_as_the_recipe_says(self, guarded):
        lines = "".join(f"{person},2024-01-31\n" for person in range(60))
        privacy = "{key: secret:GUARD_KEY, columns: {seen: {shift_dates: {by: person, within_days: 1}}}}"
        table = guarded(privacy, visits=f"person,seen\n{lines}").table
        assert set((table["seen"] - pd.Timestamp("2024-01-31")).dt.days) == {-1, 1}

    def test_a_person_moves_alike_in_all_tables_even_where_the_person_is_dropped_or_has_a_pseudonym(self, guarded):
        for treatment in ("", "person: drop, ", "person: pseudonymise, "):
            columns = f"{treatment}seen: {{shift_dates: {{by: person}}}}, died: {{shift_dates: {{by: person}}}}"
            found = guarded(f"{{key: secret:GUARD_KEY, columns: {{{columns}}}}}",
                            visits="person,seen\n7,2024-01-31\n", deaths="died,person\n2024-03-01,7\n")  # fmt: skip
            assert (found.tables["deaths"]["died"][0] - found.tables["visits"]["seen"][0]).days == 30
            assert ("person" in found.tables["visits"]) == (treatment != "person: drop, ")

    def test_dates_of_nobody_do_not_enter_and_are_counted(self, guarded):
        found = guarded(self.BY, visits="person,seen,left\n7,2024-01-31,\n,2024-01-31,2024-01-31 08:00:00\n")
        assert found.table["seen"].isna().tolist() == [False, True]
        assert found.cautions == [
            "visits: 1 date of nobody in seen was read as missing",
            "visits: 1 date of nobody in left was read as missing",
        ]


class TestMask:
    def test_only_the_ends_stay_and_length_is_not_told(self, guarded):
        found = guarded("{columns: {phone: {mask: {keep_last: 2}}, card: {mask: {keep_first: 1, keep_last: 1}}}}",
                        t="id,phone,card\n1,+41 79 123 45 67,ABCDEFG\n2,12345,ab\n3,,abcd\n")  # fmt: skip
        assert values(found.table["phone"]) == ["***67", "***45", None]
        assert values(found.table["card"]) == ["A***G", "***", "a***d"]

    def test_a_text_of_which_the_ends_are_most_is_hidden_whole(self, guarded):
        found = guarded("{columns: {v: {mask: {keep_first: 2, keep_last: 2}}}}", t="id,v\n1,abcdefg\n2,abcdefgh\n")
        assert values(found.table["v"]) == ["***", "ab***gh"]

    def test_numbers_and_dates_are_texts_for_it(self, guarded):
        found = guarded("{columns: {v: {mask: {keep_last: 1}}, d: {mask: {keep_first: 4}}}}",
                        t="id,v,d\n1,4711,2024-05-17\n")  # fmt: skip
        assert (found.table["v"][0], found.table["d"][0]) == ("***1", "2024***")


class TestWithTheContract:
    """Rules judge the value as it was read; what leaves, and what is told, is the treated one."""

    CONTRACT = "contract: {columns: {phone: {pattern: '[0-9]{6}', otherwise: set_aside}}}"

    def test_a_rule_judges_before_the_treatment_and_shows_nothing_of_it(self, guarded):
        found = guarded("{columns: {phone: {mask: {keep_last: 1}}}}", more={"t": self.CONTRACT},
                        t="id,phone\n1,123456\n2,secret-number\n")  # fmt: skip
        assert values(found.table["phone"]) == ["***6"]
        assert found.cautions == ["t: 1 line was set aside, phone is not of the pattern '[0-9]{6}': t.csv:3"]
        aside = found.quarantine["t"]
        assert aside["phone"].tolist() == ["***r"]
        assert "__as_read" not in aside or aside["__as_read"].isna().all()

    def test_what_is_for_audit_only_stays_out_of_the_quarantine(self, guarded):
        contract = "contract: {columns: {age: {at_most: 120, otherwise: set_aside}}}"
        found = guarded("{columns: {sex: audit_only, name: drop}}", more={"t": contract},
                        t="id,sex,name,age\n1,f,Ann,44\n2,m,Bob,440\n")  # fmt: skip
        aside = found.quarantine["t"]
        assert [name for name in aside if not name.startswith("__")] == ["id", "age"]

    def test_a_code_for_missing_is_missing_before_it_is_generalised(self, guarded):
        contract = "contract: {columns: {age: {type: integer, missing_codes: [-9]}}}"
        found = guarded("{columns: {age: {generalise: {bands: [18]}}}}", more={"t": contract}, t="id,age\n1,-9\n2,20\n")
        assert values(found.table["age"]) == [None, "18 and above"]

    def test_a_pseudonym_is_of_the_value_as_the_contract_reads_it(self, guarded):
        contract = "contract: {columns: {email: {tidy: [strip, lower]}}}"
        found = guarded("{key: secret:GUARD_KEY, columns: {email: pseudonymise}}", more={"t": contract},
                        t="id,email\n1, Ann@Example.org \n2,ann@example.org\n")  # fmt: skip
        assert values(found.table["email"]) == [pseudonym("ann@example.org")] * 2
