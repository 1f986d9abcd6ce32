"""`mesotrain mark`: the exact fraction that each answer earns."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mesotrain.cli import commands
from mesotrain.config import ROOT
from mesotrain.core.errors import BadContent
from mesotrain.core.questions import option_id
from mesotrain.web.examples import BANK

RIGHT, HALF = "Intramuscular adrenaline into the thigh", "Call for help and prepare adrenaline"

CHOOSE = "unread: Choose one of the options shown."
NO_PART = "unread: “{}” is no part of this question."

ANSWERS: list[tuple[str, Any, str]] = [
    ("exm-0001", RIGHT, "1"),
    ("exm-0001", HALF, "1/2"),
    ("exm-0001", [option_id(RIGHT)], "1"),
    ("exm-0001", {"choice": [option_id(HALF)]}, "1/2"),
    ("exm-0001", [RIGHT, HALF], CHOOSE),
    ("exm-0001", "Something else", CHOOSE),
    ("exm-0001", {"choices": [option_id(HALF)]}, "unread: This is no answer to a question like exm-0001."),
    ("exm-0001", {"choice": [""], "flag": ["1"]}, "0"),
    ("exm-0001", 1, CHOOSE),
    ("exm-0007", "itch", "unread: This is no answer to a question like exm-0007."),
    ("exm-0001", None, "0"),
    ("exm-0002", ["Swelling of the tongue", "Sudden hoarseness"], "1"),
    ("exm-0002", ["Swelling of the tongue"], "0"),
    (
        "exm-0004",
        {
            "Adrenaline is given into a muscle": True,
            "Help is called at once": True,
            "A slow pulse rules anaphylaxis out": False,
            "Sitting up is always safe": True,
        },
        "1/2",
    ),
    (
        "exm-0005",
        [["Lie the patient flat", "Stop the injection and call for help"], "Give intramuscular adrenaline"],
        "1",
    ),
    (
        "exm-0005",
        [
            "Lie the patient flat",
            "Stop the injection and call for help",
            "Give intramuscular adrenaline",
            "Give an oral antihistamine",
        ],
        "2/3",
    ),
    ("exm-0006", {"Wheeze and a swollen tongue": "Anaphylaxis"}, "1/2"),
    ("exm-0007", {"late-nodule": "Non-tuberculous mycobacterial infection", "itch": "Contact allergy"}, "1"),
    ("exm-0007", {"itch": "Scurvy"}, "unread: Choose one of the answers of the list for each."),
    ("exm-0007", {"scurvy": "Contact allergy"}, NO_PART.format("scurvy")),
    ("exm-0006", {"Scurvy": "Anaphylaxis"}, NO_PART.format("Scurvy")),
    ("exm-0004", {"Scurvy": True}, NO_PART.format("Scurvy")),
    ("exm-0005", ["Lie the patient flat", "Scurvy"], NO_PART.format("Scurvy")),
    (
        "exm-0005",
        ["Lie the patient flat", ["Lie the patient flat"]],
        "unread: The same stands at two places in this order.",
    ),
    ("exm-0005", [], "0"),
    ("exm-0005", [[]], "0"),
    ("exm-0002", [], "0"),
    ("exm-0010", [], "0"),
    ("exm-0003", 0.5, "1"),
    ("exm-0003", "0,50 mL", "1"),
    ("exm-0003", 0.46, "4/5"),
    ("exm-0003", "a half", "unread: “a half” is not a number. Write digits only, for example 2.5."),
    ("exm-0003", "", "0"),
    ("exm-0008", "Epinephrine.", "1"),
    ("exm-0008", "noradrenaline", "0"),
    ("exm-0009", 300, "1"),
    ("exm-0009", "3000 mg", "0"),
    ("exm-0010", [500, "adrenaline", "anterolateral thigh"], "1"),
    ("exm-0010", ["500 micrograms", None, "upper arm"], "1/3"),
    (
        "exm-0010",
        ["half a mg", "adrenaline", "anterolateral thigh"],
        "2/3, in part unread: “half a mg” is not a number. Write digits only, for example 2.5.",
    ),
    ("exm-0011", "D5", "1"),
    ("exm-0011", {"x": ["150"], "y": ["101"]}, "1"),
    ("exm-0011", "Z5", "unread: Mark one place on the picture."),
    ("exm-0011", ["D5"], "1"),
    ("exm-0015", ["D5", "I5"], "1"),
    ("exm-0015", ["I5"], "1/2"),
    ("exm-0015", {"1.cell": ["D5"], "2.x": ["1"], "2.y": ["1"]}, "0"),
    ("exm-0012", ["Anaphylaxis"], "1/3"),
    ("exm-0012", [], "0"),
    ("exm-0012", ["A faint", ["Oxygen", "A second dose of adrenaline"]], "2/3"),
    ("exm-0014", "The evidence is weak.", "marked by people"),
    ("exm-0014", " ", "0"),
]


def mark(folder: Path, *lines: str, bank: str = BANK, status: int = 0, words: tuple[str, ...] = ()) -> str:
    (folder / "bank.md").write_text(bank)
    (folder / "media").mkdir(exist_ok=True)
    (folder / "media" / "figure.svg").write_bytes((ROOT / "mesotrain/web/static/figure.svg").read_bytes())
    (folder / "answers.jsonl").write_text("\n".join(lines))
    given = ["mark", str(folder / "bank.md"), "--responses", str(folder / "answers.jsonl"), *words]
    made = CliRunner().invoke(commands, given, catch_exceptions=False)
    assert made.exit_code == status
    return made.output


def test_each_line_earns_an_exact_fraction_or_is_unread(tmp_path: Path) -> None:
    lines = [json.dumps({"question": name, "response": answer, "seed": 7}) for name, answer, _ in ANSWERS]
    assert mark(tmp_path, *lines, "", status=3).splitlines() == [credit for _, _, credit in ANSWERS]


def test_programs_are_told_what_is_unread_apart_from_what_is_wrong(tmp_path: Path) -> None:
    given = [
        ("exm-0008", "noradrenaline"),
        ("exm-0003", "a half"),
        ("exm-0014", "Weak."),
        ("exm-0010", ["x", "adrenaline", None]),
    ]
    lines = [json.dumps({"question": name, "response": answer}) for name, answer in given]
    said = json.loads(mark(tmp_path, *lines, status=3, words=("--format", "json")))
    not_a_number = "“{}” is not a number. Write digits only, for example 2.5."
    assert said == {
        "marks": [
            {"line": 1, "question": "exm-0008", "fraction": "0"},
            {"line": 2, "question": "exm-0003", "fraction": None, "unread": not_a_number.format("a half")},
            {"line": 3, "question": "exm-0014", "fraction": None, "by": "people"},
            {"line": 4, "question": "exm-0010", "fraction": "1/3", "unread": not_a_number.format("x")},
        ]
    }


def test_a_calculation_is_marked_with_the_seed_of_its_draw_alone(tmp_path: Path) -> None:
    lines = [json.dumps({"question": "exm-0009", "response": one}) for one in (300, "", None, "x")]
    lines.append('{"question": "exm-0009", "response": 300, "seed": null}')
    asks = 'unread: The values of this question are drawn: say with which seed it was asked, as in "seed": "1".'
    assert mark(tmp_path, *lines, status=3).splitlines() == [asks, "0", "0", asks, asks]


@pytest.mark.parametrize(
    ("said", "decimal", "earned"),
    [("2.500", "", "unread"), ("2.500", ".", "1"), ("2.500", ",", "unread"), ("2,500", ",", "1"), (2.5, ",", "1")],
)
def test_a_number_is_read_as_by_a_page_in_the_takers_language(
    tmp_path: Path, said: Any, decimal: str, earned: str
) -> None:
    bank = BANK.replace("= 0.5 mL\n", "= 2.5 mL\n")
    words = ("--decimal", decimal) if decimal else ()
    line = json.dumps({"question": "exm-0003", "response": said})
    marked = mark(tmp_path, line, bank=bank, words=words, status=0 if earned == "1" else 3)
    assert marked.partition(":")[0].strip() == earned


def test_what_keeps_all_from_being_marked_is_json_for_a_program(tmp_path: Path) -> None:
    twice = [
        '{"question": "exm-0001", "response": null, "response": "x"}',
        '{"question": "exm-0006", "response": {"a": "b", "a": "c"}}',
    ]
    for lines, codes in ((twice, ["twice", "twice"]), (["{"], ["json"])):
        said = json.loads(mark(tmp_path, *lines, status=1, words=("--format", "json")))
        assert (said["marks"], [one["code"] for one in said["faults"]]) == ([], codes)
    spoilt = mark(tmp_path, bank=BANK.replace("- (x)", "- ( )"), status=1, words=("--format", "json"))
    assert {tuple(one) for one in json.loads(spoilt)["faults"]} == {("path", "line", "message", "code", "severity")}


def test_a_file_that_is_missing_is_said_with_the_status_of_nothing_marked(tmp_path: Path) -> None:
    words = ["mark", str(tmp_path / "bank.md"), "--responses", str(tmp_path / "answers.jsonl")]
    with pytest.raises(BadContent) as missing:
        CliRunner().invoke(commands, words, catch_exceptions=False)
    found = [(Path(one.path).name, one.code) for one in missing.value.faults]
    assert found == [("answers.jsonl", "missing"), ("bank.md", "missing")]
    made = CliRunner().invoke(commands, [*words, "--format", "json"], catch_exceptions=False)
    assert (made.exit_code, len(json.loads(made.output)["faults"])) == (1, 2)


def test_a_byte_order_mark_is_no_part_of_the_first_line_and_a_separator_ends_none(tmp_path: Path) -> None:
    line = json.dumps({"question": "exm-0008", "response": "noradrenaline\u2028"}, ensure_ascii=False)
    assert mark(tmp_path, f"\ufeff{line}") == "0\n"


def test_blanks_behind_an_option_are_no_part_of_it(tmp_path: Path) -> None:
    line = json.dumps({"question": "exm-0001", "response": HALF})
    assert mark(tmp_path, line, bank=BANK.replace(HALF, f"{HALF} \u00a0")) == "1/2\n"


def test_where_all_is_read_it_ends_with_nothing(tmp_path: Path) -> None:
    assert mark(tmp_path, json.dumps({"question": "exm-0008", "response": "noradrenaline"})) == "0\n"


ITEM = """<assessmentItem identifier="i" adaptive="false" timeDependent="false">
<responseDeclaration identifier="R" cardinality="single" baseType="float"/>
<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/><itemBody/><responseProcessing>
<setOutcomeValue identifier="SCORE"><divide><variable identifier="R"/><baseValue baseType="float">3</baseValue></divide>
</setOutcomeValue></responseProcessing></assessmentItem>"""


def test_items_of_qti_are_marked_by_their_own_rules(tmp_path: Path) -> None:
    (tmp_path / "item.xml").write_text(ITEM)
    lines = [{"R": 1.5}, {"R": 1}, {"R": "6"}, {"R": None}]
    said = "\n".join(json.dumps({"question": "i", "response": one}) for one in lines)
    (tmp_path / "answers.jsonl").write_text(said)
    words = ["mark", str(tmp_path / "item.xml"), "--responses", str(tmp_path / "answers.jsonl")]
    output = CliRunner().invoke(commands, words, catch_exceptions=False).output
    assert [json.loads(line) for line in output.splitlines()] == [{"SCORE": one} for one in (0.5, "1/3", 2, None)]
    bad = [{"question": "i", "response": one} for one in (1, {"R": "x"}, {"OTHER": "1"})]
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, bad)))
    unread = CliRunner().invoke(commands, words, catch_exceptions=False)
    assert unread.exit_code == 3
    assert [line.partition(":")[0] for line in unread.output.splitlines()] == ["unread"] * 3
    (tmp_path / "answers.jsonl").write_text('{"question": "j", "response": {}}')
    with pytest.raises(BadContent) as wrong:
        CliRunner().invoke(commands, words, catch_exceptions=False)
    assert [(one.line, one.code) for one in wrong.value.faults] == [(1, "question")]


def test_everything_wrong_is_said_and_nothing_is_marked(tmp_path: Path) -> None:
    good = json.dumps({"question": "exm-0001", "response": RIGHT})
    bad = ["{", "[]", '{"question": "exm-0099", "response": 1}', '{"question": "exm-0003", "response": [1]}']
    bad += ['{"question": "exm-0001", "response": {"choice": "a"}}', "[" * 100_000]
    with pytest.raises(BadContent) as said:
        mark(tmp_path, good, *bad, bank=BANK.replace("- (x)", "- ( )"))
    found = [(Path(one.path).name, one.line, one.code) for one in said.value.faults]
    assert found == [
        ("answers.jsonl", 2, "json"),
        ("answers.jsonl", 3, "json"),
        ("answers.jsonl", 4, "question"),
        ("answers.jsonl", 7, "json"),
        ("bank.md", 8, "wrong-key"),
        ("bank.md", BANK[: BANK.index("## exm-0012")].count("\n") + 1, "wrong-key"),
    ]
