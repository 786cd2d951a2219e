"""Only lines whose person agreed enter: by what the line says, or by what is said of the person in another table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sartor.errors import PrivacyStop, RecipeError

ASKED = "consent: {column: agreed, value: 'yes'}"
PEOPLE = "customer,name,agreed\n1,Ann,yes\n2,Bob,no\n3,Cid,\n4,Dee,yes\n"
ORDERS = "order,customer,amount\n10,1,5\n11,2,6\n12,3,7\n13,4,8\n14,,9\n15,99,10\n16,1,11\n"
KEYS = {"people": "key: customer", "orders": "key: order"}


class TestByTheLine:
    def test_a_no_a_silence_and_any_other_word_stay_out_and_are_counted(self, guarded):
        found = guarded(f"{{{ASKED}}}", people="id,agreed\n1,yes\n2,no\n3,\n4,Yes\n5,yes \n6,yes\n")
        assert found.table["id"].tolist() == [1, 6]
        assert found.cautions == [
            "people: 3 lines did not enter: who they are about did not agree",
            "people: 1 line did not enter: nothing says that anybody agreed",
        ]
        assert found.stages["guard"]["without_consent"] == 4

    @pytest.mark.parametrize(
        ("value", "written", "kept"),
        [("1", "1,0,1", [0, 2]), ("true", "true,false,true", [0, 2]), ("[a, b]", "a,b,c", [0, 1]),
         ("'1'", "1,0,", []), ("1", "1.0,0.5,1", [0, 2])],
    )  # fmt: skip
    def test_a_yes_is_a_word_a_number_or_a_flag(self, guarded, value, written, kept):
        lines = "".join(f"{number},{said}\n" for number, said in enumerate(written.split(",")))
        privacy = f"{{consent: {{column: agreed, value: {value}}}}}"
        if kept:
            assert guarded(privacy, people=f"id,agreed\n{lines}").table["id"].tolist() == kept
        else:
            with pytest.raises(Exception, match=r"no row of table people is left: of 3 lines 3 without consent"):
                guarded(privacy, people=f"id,agreed\n{lines}")

    def test_the_column_may_be_dropped_and_still_tell(self, guarded):
        found = guarded(f"{{{ASKED}, columns: {{agreed: drop, name: drop}}}}", people=PEOPLE)
        assert found.table.to_dict("list") == {"customer": [1, 4]}

    def test_a_table_without_the_column_lets_nobody_in(self, guarded):
        with pytest.raises(
            PrivacyStop, match=r"table people has no column 'agreed' that says who agreed, so nobody did"
        ):
            guarded(f"{{{ASKED}}}", people="id,agreement\n1,yes\n")

    def test_nothing_of_a_line_that_stays_out_is_told_or_set_aside(self, guarded):
        contract = "key: customer, contract: {columns: {name: {length: [1, 3], otherwise: set_aside}}}"
        found = guarded(f"{{{ASKED}}}", more={"people": contract}, people=PEOPLE.replace("Bob", "Robert"))
        assert found.cautions == [
            "people: 1 line did not enter: who they are about did not agree",
            "people: 1 line did not enter: nothing says that anybody agreed",
        ]
        assert found.quarantine == {}


class TestByThePerson:
    BY = "consent: {column: agreed, value: 'yes', person: customer}"

    def test_lines_of_who_did_not_agree_stay_out_of_the_other_tables_too(self, guarded):
        found = guarded(f"{{{self.BY}}}", more=KEYS, people=PEOPLE, orders=ORDERS)
        assert found.tables["people"]["customer"].tolist() == [1, 4]
        assert found.tables["orders"]["order"].tolist() == [10, 13, 16]
        assert found.cautions[2:] == [
            "orders: 3 lines did not enter: who they are about did not agree",
            "orders: 1 line did not enter: nothing says that anybody agreed",
        ]
        assert found.stages["guard"]["without_consent"] == 6

    def test_the_order_of_tables_and_whether_they_are_named_changes_nothing(self, guarded):
        named = self.BY.replace("}", ", tables: [people]}")
        for privacy in (self.BY, named):
            found = guarded(f"{{{privacy}}}", more=KEYS, orders=ORDERS, people=PEOPLE)
            assert found.tables["orders"]["order"].tolist() == [10, 13, 16]

    def test_whoever_said_no_once_did_not_agree(self, guarded):
        people = "visit,customer,agreed\n1,1,yes\n2,1,no\n3,2,yes\n4,2,yes\n5,3,yes\n6,3,\n"
        found = guarded(f"{{{self.BY}}}", people=people, orders="order,customer\n10,1\n11,2\n12,3\n")
        assert found.tables["orders"]["order"].tolist() == [11]
        assert found.tables["people"]["visit"].tolist() == [1, 3, 4, 5]

    def test_several_tables_may_say_it(self, guarded):
        found = guarded(
            f"{{{self.BY}}}", people="customer,agreed\n1,yes\n2,yes\n",
            letters="letter,customer,agreed\n1,2,no\n2,3,yes\n", orders="order,customer\n10,1\n11,2\n12,3\n",
        )  # fmt: skip
        assert found.tables["orders"]["order"].tolist() == [10, 12]

    def test_a_person_is_one_whether_a_table_holds_numbers_or_texts(self, guarded):
        found = guarded(f"{{{self.BY}}}", people="customer,agreed\n1,yes\n2,no\n",
                        orders="order,customer\n10,1\n11,2\n12,x\n")  # fmt: skip
        assert found.tables["orders"]["order"].tolist() == [10]

    def test_persons_may_be_called_otherwise_by_role(self, guarded):
        privacy = "{consent: {column: agreed, value: 'yes', person: user}}"
        found = guarded(privacy, more={"people": "roles: {user: customer}", "orders": "roles: {user: CustomerID}"},
                        people=PEOPLE, orders=ORDERS.replace("customer", "CustomerID"))  # fmt: skip
        assert found.tables["orders"]["order"].tolist() == [10, 13, 16]

    def test_persons_may_be_dropped_or_have_pseudonyms(self, guarded):
        for treatment in ("drop", "pseudonymise"):
            privacy = f"{{key: secret:GUARD_KEY, {self.BY}, columns: {{customer: {treatment}}}}}"
            found = guarded(privacy, people=PEOPLE, orders=ORDERS)
            assert found.tables["orders"]["order"].tolist() == [10, 13, 16]

    def test_a_table_that_is_about_no_person_is_exempt(self, guarded):
        shops = "shop,customer\n1,2\n"
        privacy = f"{{{self.BY.replace('}', ', exempt: [shops]}')}}}"
        found = guarded(privacy, people=PEOPLE, orders=ORDERS, shops=shops)
        assert len(found.tables["shops"]) == 1
        assert found.tables["orders"]["order"].tolist() == [10, 13, 16]

    def test_lines_keep_the_order_of_the_file_on_several_threads(self, guarded):
        rng = np.random.default_rng(0)
        people = pd.DataFrame({"customer": np.arange(5_000), "agreed": np.where(rng.random(5_000) < 0.5, "yes", "no")})
        orders = pd.DataFrame({"order": np.arange(400_000), "customer": rng.integers(0, 6_000, 400_000)})
        found = guarded(
            f"{{{self.BY}}}", people=people.to_csv(index=False), orders=orders.to_csv(index=False), threads=4
        )
        yes = set(people["customer"][people["agreed"] == "yes"])
        expected = orders[orders["customer"].isin(yes)].reset_index(drop=True)
        pd.testing.assert_frame_equal(found.tables["orders"], expected)


class TestNobodyAsked:
    def test_a_table_that_names_the_persons_of_the_asked_one_is_refused(self, guarded):
        with pytest.raises(PrivacyStop) as stopped:
            guarded(
                "{consent: {column: agreed, value: 'yes', tables: [people]}}", more=KEYS, people=PEOPLE, orders=ORDERS
            )
        (problem,) = stopped.value.problems
        assert problem.code == "P006"
        assert problem.message == (
            "table orders is not asked for consent, and holds 'customer', the key of people, which is asked"
        )
        assert [text for _, text in problem.hints] == [
            "write consent: {person: customer}: lines of persons who did not agree stay out there too",
            "if its lines are about no person: consent: {exempt: [orders]}",
        ]

    def test_by_role_too(self, guarded):
        more = {"people": "key: customer, roles: {user: customer}", "orders": "key: order, roles: {user: who}"}
        with pytest.raises(PrivacyStop, match=r"and holds 'who', the key of people, which is asked  P006"):
            guarded("{consent: {column: agreed, value: 'yes', tables: [people]}}", more=more, people=PEOPLE,
                    orders=ORDERS.replace("customer", "who"))  # fmt: skip

    def test_unless_it_is_exempt(self, guarded):
        privacy = "{consent: {column: agreed, value: 'yes', tables: [people], exempt: [orders]}}"
        found = guarded(privacy, more=KEYS, people=PEOPLE, orders=ORDERS)
        assert len(found.tables["orders"]) == 7

    def test_a_table_without_column_and_person_says_what_would_help(self, guarded):
        with pytest.raises(PrivacyStop, match=r"table shops has no column 'agreed' that says who agreed") as stopped:
            guarded("{consent: {column: agreed, value: 'yes', person: customer}}", people=PEOPLE, shops="shop\n1\n")
        hints = [text for _, text in stopped.value.problems[0].hints]
        assert hints == [
            "say at ingest which column it is: roles: {customer: COLUMN}",
            "if its lines are about no person: consent: {exempt: [shops]}",
        ]

    def test_a_person_that_no_asked_table_knows_is_a_mistake(self, guarded):
        with pytest.raises(
            PrivacyStop, match=r"no table that holds 'agreed' has the column 'client' of the person"
        ) as stopped:
            guarded("{consent: {column: agreed, value: 'yes', person: client, tables: [people]}}", people=PEOPLE,
                    orders=ORDERS)  # fmt: skip
        assert stopped.value.problems[0].code == "P004"

    def test_a_column_that_no_table_has_is_named_with_the_one_that_was_meant(self, guarded):
        with pytest.raises(PrivacyStop, match=r"no table has the column 'agred' that says who agreed") as stopped:
            guarded("{consent: {column: agred, value: 'yes', person: customer}}", more=KEYS, people=PEOPLE,
                    orders=ORDERS)  # fmt: skip
        (problem,) = stopped.value.problems
        assert (problem.code, problem.hints[0]) == ("P004", ("did you mean", "agreed"))

    def test_a_table_cannot_be_asked_and_exempt(self, guarded):
        with pytest.raises(RecipeError, match=r"consent both asks in people and exempts it  R081"):
            guarded("{consent: {column: agreed, value: 'yes', tables: people, exempt: people}}", people=PEOPLE)

    def test_what_only_the_read_tells_stops_too(self, run_toys):
        text = (
            "format: 1\nrecipe: toy/x\ningest:\n"
            "  people: {use: toy.table, key: customer, with: {of: people, known: false}}\n"
            "  orders: {use: toy.table, key: order, with: {of: orders, known: false}}\n"
            "privacy: {consent: {column: agreed, value: 'yes', tables: [people]}}\n"
        )
        tables = {"people": pd.DataFrame({"customer": [1], "agreed": ["yes"]}),
                  "orders": pd.DataFrame({"order": [1], "customer": [2]})}  # fmt: skip
        with pytest.raises(PrivacyStop, match=r"P006"):
            run_toys(text, tables)


class TestWhatIsKept:
    """A table that goes by persons is only found again as long as what persons said is the same."""

    TEXT = (
        "format: 1\nrecipe: demo/kept\ningest:\n"
        "  people: {use: tables.csv, key: customer, with: {path: people.csv}}\n"
        "  orders: {use: tables.csv, key: order, with: {path: orders.csv}}\n"
        "privacy: {consent: {column: agreed, value: 'yes', person: customer}}\n"
    )

    def test_who_withdraws_is_out_of_every_table_at_the_next_run(self, project):
        from sartor.running import run_recipe

        (project / "recipe.yaml").write_text(self.TEXT, encoding="utf-8")
        (project / "people.csv").write_text(PEOPLE, encoding="utf-8")
        (project / "orders.csv").write_text(ORDERS, encoding="utf-8")

        def rows():
            return {
                name: table["rows"] for name, table in run_recipe(project / "recipe.yaml").summary["tables"].items()
            }

        assert rows() == rows() == {"people": 2, "orders": 3}
        assert len(list((project / "runs/.cache/ingest").iterdir())) == 2
        (project / "people.csv").write_text(PEOPLE.replace("1,Ann,yes", "1,Ann,no"), encoding="utf-8")
        assert rows() == {"people": 1, "orders": 1}
