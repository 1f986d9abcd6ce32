"""Rosters as hands write them: what is read, and every fault at its line and column, all of them at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesotrain.core import names
from mesotrain.core.access import ADMINISTRATOR, EDUCATOR, EVERYWHERE, IN_A_CLINIC, MANAGER, ROLES, TRAINEE
from mesotrain.core.signs import hidden
from mesotrain.formats import rosters, sheets
from mesotrain.formats.rosters import MOST_PEOPLE, WRONG, Row
from tests.formats.test_tables import one_sentence

HEAD = "Name,E-mail address,Role,Clinic"
GOOD = f"{HEAD}\nAnn Lee,Ann@Example.org,trainee,Quay\nBob,bob@example.org,Educator,\n"


def rows(text: str) -> list[tuple[str, ...]]:
    found = rosters.read(text)
    assert not found.wrong, found.wrong
    return [row[1:] for row in found.rows]


def test_a_roster_is_read() -> None:
    assert rows(GOOD) == [("Ann Lee", "ann@example.org", TRAINEE, "Quay"), ("Bob", "bob@example.org", EDUCATOR, None)]


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("ROLE;clinic;Full name;E-Mail", "Trainee clinician;Quay;Ann Lee;ann@example.org"),
        ("Site\tMail\tMember\tRoles", "Quay\tann@example.org\tAnn Lee\tlearner"),
        ("\ufeff name , e_mail , Role , Clinic name , ,", "Ann Lee , ann@example.org , TRAINEE , Quay , ,"),
    ],
)
def test_columns_stand_in_any_order_and_case_and_have_other_names(head: str, line: str) -> None:
    assert rows(f"{head}\n{line}\n") == [("Ann Lee", "ann@example.org", TRAINEE, "Quay")]


def test_the_words_of_a_reader_are_known() -> None:
    more = {"nomo": "name", "adreso": "email", "rolo": "role", "kliniko": "clinic", "lernanto": TRAINEE}
    found = rosters.read("Nomo,Adreso,Rolo,Kliniko\nAnn,ann@example.org,Lernanto,Quay\n", more)
    assert (found.wrong, found.rows) == ([], [Row(2, "Ann", "ann@example.org", TRAINEE, "Quay")])


def test_several_lines_give_a_person_several_roles() -> None:
    text = f"{GOOD}Ann Lee,ann@example.org,manager,Quay\nAnn Lee,ann@example.org,auditor,Whole organisation\n"
    assert [role for _, email, role, _ in rows(text) if email == "ann@example.org"] == ["trainee", "manager", "auditor"]


def test_a_line_with_neither_a_name_nor_an_address_is_passed_over() -> None:
    assert len(rows(GOOD + ",,trainee,Quay\n")) == 2


def test_a_text_behind_an_apostrophe_is_the_text() -> None:
    assert rows(f"{HEAD}\n'=Ann,ann@example.org,trainee,'@Quay\n")[0][0::3] == ("=Ann", "@Quay")


def test_a_file_of_either_kind_says_the_same() -> None:
    lines = [HEAD.split(","), ["Ann", "ann@example.org", "trainee", "Quay"], ["=Bob", "?", "x", None]]
    found = [rosters.read(write(lines)) for write in (sheets.csv, sheets.xlsx)]
    assert found[0][:2] == found[1][:2]
    assert rosters.read(found[1].table.text)[:2] == found[1][:2]


def test_a_formula_is_not_taken_for_a_name_and_not_forgotten_when_it_is_corrected() -> None:
    found = rosters.read(f"{HEAD}\n=A1,ann@example.org,trainee,Quay\n")
    assert rosters.read(found.table.text).wrong == found.wrong != []


# Faults ---------------------------------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    "no heads": ("Ann,ann@example.org,trainee,Quay\n", [(1, "", "columns")]),
    "another sign parts the columns": ("Name|E-mail|Role|Clinic\n", [(1, "", "columns")]),
    "a column is missing": ("Name,E-mail,Clinic\nAnn,ann@example.org,Quay\n", [(1, "role", "missing column")]),
    "two columns are missing": (
        "Name,Role\nAnn,trainee\n",
        [(1, "email", "missing column"), (1, "clinic", "missing column")],
    ),
    "a column nobody knows": (f"{HEAD},Phone\nAnn,ann@example.org,trainee,Quay,1\n", [(1, "", "unknown column")]),
    "a column without a name": (f"{HEAD},\nAnn,ann@example.org,trainee,Quay,1\n", [(1, "", "unnamed column")]),
    "a column twice": (f"{HEAD},Mail\nAnn,ann@example.org,trainee,Quay,\n", [(1, "email", "double column")]),
    "nobody": (f"{HEAD}\n,,trainee,Quay\n", [(0, "", "nobody")]),
    "only heads": (f"{HEAD}\n", [(0, "", "nobody")]),
    "an unquoted comma": (f"{HEAD}\nLee,Ann,ann@example.org,trainee,Quay\n", [(2, "", "cells")]),
    "a formula": (f"{HEAD}\n=A1&B1,ann@example.org,trainee,Quay\n", [(2, "name", "formula")]),
    "a formula for an address": (f"{HEAD}\nAnn,=A1,trainee,Quay\n", [(2, "email", "formula")]),
    "an error": (f"{HEAD}\nAnn,#N/A,trainee,#REF!\n", [(2, "email", "error"), (2, "clinic", "error")]),
    "no name": (f"{HEAD}\n,ann@example.org,trainee,Quay\n", [(2, "name", "no name")]),
    "a long name": (f"{HEAD}\n{'x' * 121},ann@example.org,trainee,Quay\n", [(2, "name", "long name")]),
    "a hidden sign": (f"{HEAD}\nAnn\u202eLee,ann@example.org,trainee,Quay\n", [(2, "name", "signs")]),
    "no address": (f"{HEAD}\nAnn,,trainee,Quay\n", [(2, "email", "no address")]),
    "no at": (f"{HEAD}\nAnn,ann.example.org,trainee,Quay\n", [(2, "email", "address")]),
    "no domain": (f"{HEAD}\nAnn,ann@example,trainee,Quay\n", [(2, "email", "address")]),
    "two addresses": (f"{HEAD}\nAnn,ann@example.org bob@example.org,trainee,Quay\n", [(2, "email", "address")]),
    "a name with the address": (f"{HEAD}\nAnn,Ann <ann@example.org>,trainee,Quay\n", [(2, "email", "address")]),
    "a letter that only looks the same": (
        f"{HEAD}\nAnn,\u0430nn@example.org,trainee,Quay\n",
        [(2, "email", "address")],
    ),
    "a long address": (f"{HEAD}\nAnn,{'a' * 250}@x.org,trainee,Quay\n", [(2, "email", "long address")]),
    "another name": (f"{GOOD}Anna,ann@example.org,manager,Quay\n", [(4, "name", "other name")]),
    "the same line twice": (f"{GOOD}Ann Lee,ANN@example.org,Trainee clinician,QUAY\n", [(4, "", "twice")]),
    "no role": (f"{HEAD}\nAnn,ann@example.org,,Quay\n", [(2, "role", "no role")]),
    "a role nobody knows": (f"{HEAD}\nAnn,ann@example.org,nurse,Quay\n", [(2, "role", "role")]),
    "a column's word for a role": (f"{HEAD}\nAnn,ann@example.org,clinic,Quay\n", [(2, "role", "role")]),
    "a trainee of no clinic": (f"{HEAD}\nAnn,ann@example.org,trainee,\n", [(2, "clinic", "no clinic")]),
    "a trainee of all": (f"{HEAD}\nAnn,ann@example.org,trainee,Whole organisation\n", [(2, "clinic", "whole")]),
    "a manager of who knows what": (f"{HEAD}\nAnn,ann@example.org,manager,\n", [(2, "clinic", "where")]),
    "an educator of one clinic": (f"{HEAD}\nAnn,ann@example.org,educator,Quay\n", [(2, "clinic", "not there")]),
    "too many people": (
        HEAD + "".join(f"\nAnn,ann{number}@example.org,educator," for number in range(MOST_PEOPLE + 2)),
        [(MOST_PEOPLE + 2, "", "people")],
    ),
    "everything at once": (
        f"{HEAD},Phone\n,?,nurse,,1\n\nAnn,ann@example.org,trainee,\nBob,bob@example.org,educator,Quay\n",
        [
            (1, "", "unknown column"),
            (2, "name", "no name"),
            (2, "email", "address"),
            (2, "role", "role"),
            (4, "clinic", "no clinic"),
            (5, "clinic", "not there"),
        ],
    ),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_every_fault_is_said_at_its_line_and_column(text: str, said: list[tuple[int, str, str]]) -> None:
    found = rosters.read(text.encode())
    assert [one[:3] for one in found.wrong] == [(line, column, WRONG[what]) for line, column, what in said]
    for one in found.wrong:
        assert "%(" not in one_sentence(one)


def test_every_sentence_has_an_example() -> None:
    assert {what for _, said in BROKEN.values() for _, _, what in said} == set(WRONG)


def test_what_is_wrong_with_a_line_does_not_hide_its_clinic() -> None:
    row = rosters.read(f"{HEAD}\n,?,nurse,Nowhere\n").rows[0]
    assert row == Row(2, "", "", "", "Nowhere")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_held_where_it_can_be(role: str) -> None:
    for clinic, where in (("Quay", IN_A_CLINIC), ("Whole organisation", EVERYWHERE)):
        assert bool(rosters.read(f"{HEAD}\nAnn,ann@example.org,{role},{clinic}\n").wrong) == (role not in where)


def test_as_many_people_as_there_may_be_are_read() -> None:
    assert len(rows(HEAD + "".join(f"\nAnn,ann{at}@example.org,educator," for at in range(MOST_PEOPLE)))) == MOST_PEOPLE
    assert rows(f"{HEAD}\n{'x' * names.LONGEST},ann@example.org,educator,\n")


SEEN = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9).filter(
    lambda name: not hidden(name)
)

RISKY = st.sampled_from(["=1+1", "''=1", "@x", "-x", "'x"])


@given(st.lists(st.tuples(SEEN | RISKY, SEEN | RISKY), min_size=1, max_size=4))
def test_a_roster_that_is_carried_is_read_again(given_: list[tuple[str, str]]) -> None:
    people = [
        Row(at, names.tidy(name), f"ann{at}@example.org", MANAGER, names.tidy(clinic))
        for at, (name, clinic) in enumerate(given_, 2)
        if not rosters.ERROR.fullmatch(name) and rosters.bare(clinic) not in rosters.ENGLISH
        if sheets.plain(name) == name and sheets.plain(clinic) == clinic  # else it is not what is read
    ]
    people.append(Row(len(people) + 2, "Bob", "bob@example.org", ADMINISTRATOR, None))
    found = rosters.read(rosters.roster(people, "Everywhere"))
    assert found.wrong == []
    assert [row[1:] for row in found.rows] == [row[1:] for row in people]


@given(st.text(max_size=80))
def test_nothing_that_is_pasted_breaks_it(text: str) -> None:
    rosters.read(text)
    rosters.read(f"{HEAD}\n{text}")
