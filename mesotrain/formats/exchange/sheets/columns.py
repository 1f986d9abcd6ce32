"""The columns of a spreadsheet of questions: what each may be called, and what a question says in each."""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from hashlib import sha256
from typing import cast

from mesotrain.core.canonical import Json
from mesotrain.core.courses import Question
from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions.choice import Multiple, Single
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.matching import Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import TrueFalse
from mesotrain.formats.answers import KINDS
from mesotrain.formats.exchange.pasted.keywords import folded

FACTS = ("competency", "level", "section", "safety", "cites", "points", "practice")
TAIL = ("reason", *FACTS, "shuffle", "credit", "bank")
HEADS = {
    "id": "id, question id, identifier, code",
    "type": "type, question type, item type, kind, format, tipo, typ",
    "stem": """stem, question, question text, question stem, text, item, prompt, title, pregunta, enunciado, frage,
        domanda, pergunta, enonce""",
    "key": """key, keys, answer, answers, answer key, correct, correct answer, correct answers, correct option, cop,
        correct options, right answer, solution, respuesta, respuesta correcta, antwort, richtige antwort, losung,
        reponse, bonne reponse, risposta, risposta corretta, resposta, resposta correta, gabarito""",
    "reason": """reason, why, explanation, answer explanation, rationale, feedback, general feedback, exp, comment,
        explicacion, explication, erklarung, begrundung, spiegazione, explicacao""",
    "points": "points, point, marks, mark, score, weight, puntos, punkte, punti, pontos",
    "competency": "competency, competence, competencia, kompetenz",
    "level": "level, bloom, cognitive level",
    "section": "section, sections",
    "safety": "safety, safety point, must pass",
    "cites": "cites, references, citations",
    "practice": "practice",
    "shuffle": "shuffle, shuffled, randomise, randomize",
    "credit": "credit, marking rule",
    "bank": "bank",
}
"""What each column may be called, in any letter case and without its accents."""
_KNOWN = {name.strip(): column for column, names in HEADS.items() for name in names.split(",")}
_OPTION = re.compile(
    r"(?:option|answer|choice|alternative|response|opt|op|ans|opcion|antwort|reponse|risposta|resposta)? ?"
    r"(?:(?P<letter>[a-z])|(?P<number>[0-9]{1,2}))"
)
_REASON = re.compile(r"(?:feedback|reason|explanation|rationale|why)(?: option| answer)? (?P<letter>[a-z]|[0-9]{1,2})")
_WRONG = re.compile(r"(?:wrong|incorrect|distractor|wrong answer|incorrect answer|distractors) ?(?P<number>[0-9]{0,2})")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NAMED = {
    Single.name: "mc, mcq, sba, multiple choice, single choice, single best answer, best answer, one answer",
    Multiple.name: "mr, ma, multiple response, multiple answer, multiple answers, checkbox, checkboxes, select all",
    TrueFalse.name: "tf, t f, true false, true or false, statements, kprim, yes no",
    Numeric.name: "number, numerical, num",
    Text.name: "short answer, short text, sa, fill in, fill in the blank, fib, short",
    Essay.name: "open, open ended, free text, long answer, long text",
    Ordering.name: "order, sequence, ordered",
    Matching.name: "match",
}
_TYPES = {name.strip(): kind for kind, names in NAMED.items() for name in names.split(",")}
_TYPES |= {folded(kind): kind for kind in KINDS}
OFFERED = (Single.name, Multiple.name, TrueFalse.name, Ordering.name, Matching.name, Essay.name)
"""The types whose options, statements, items, pairs or criteria have a column each."""


def type_of(text: str) -> str | None:
    """The type that a word names; “” where it says none."""
    return _TYPES.get(folded(text)) if text else ""


def column_of(head: str) -> str:
    """The column that a head names: ``stem``, ``option A``, ``feedback A``, ``wrong 1``; “” for one that is unknown."""
    word = re.sub(r" (?:max|choose|in seconds)\b.*", "", folded(head))
    if word in _KNOWN:
        return _KNOWN[word]
    if found := _REASON.fullmatch(word):
        return f"feedback {_letter(found['letter'])}"
    if found := _WRONG.fullmatch(word):
        return f"wrong {found['number'] or 1}"
    if found := _OPTION.fullmatch(word):
        return f"option {_letter(found['letter'] or found['number'])}"
    return ""


def _letter(text: str) -> str:
    """The name of an option: A to Z, and numbers above."""
    at = int(text) - 1 if text.isdigit() else LETTERS.index(text.upper())
    return name_of(max(at, 0))


def name_of(place: int) -> str:
    """How the option at a place, from 0, is called."""
    return LETTERS[place] if place < len(LETTERS) else str(place + 1)


def digest(cells: Mapping[str, str]) -> str:
    """Changes with everything that the columns say of a question itself."""
    told = sorted((name, text) for name, text in cells.items() if text and name not in (*FACTS, "id", "bank"))
    return sha256(repr(told).encode(errors="replace")).hexdigest()[:16]


# What a question says in each --------------------------------------------------------------------------------------


def cells_of(one: Question) -> dict[str, str]:
    """What the columns say of a question; a type that has no options has its stem there to be read."""
    kind = str(one.taker["type"])
    rule = str(one.key.get("rule", ""))
    cells = {
        "id": one.name,
        "type": kind,
        "stem": str(one.taker["stem"]),
        "reason": str(one.key["reason"]),
        "competency": one.competency,
        "level": one.level,
        "section": ", ".join(one.sections),
        "safety": one.safety,
        "cites": ", ".join(one.cites),
        "points": decimal_text(one.points),
        "practice": "yes" if one.practice else "",
        "shuffle": "no" if one.taker.get("shuffle") is False else "",
        "credit": rule if rule in KINDS[kind].credit else "",
    }
    write = KINDS[kind].write
    if kind in OFFERED:
        _offered(cells, one)
    elif kind in (Numeric.name, Text.name) and write:
        lines = write(one.taker, {**one.key, "reasons": {}})
        cells["key"] = "\n".join(line.removeprefix("= ") for line in lines)
        for place, text in cast(dict[str, str], one.key["reasons"]).items():
            cells[f"feedback {name_of(int(place))}"] = text
    return {name: text for name, text in cells.items() if text}


def _offered(cells: dict[str, str], one: Question) -> None:
    """The options with their reasons, and how the key writes them."""
    kind, key = str(one.taker["type"]), one.key
    name = {TrueFalse.name: "statements", Ordering.name: "items", Matching.name: "premises"}.get(kind, "options")
    given = key["criteria"] if kind == Essay.name else one.taker[name]
    members = [{"id": str(place), **member} for place, member in enumerate(cast(list[dict[str, str]], given))]
    names = cast(dict[str, str], key.get("names", {}))
    answers = _matched(one) if kind == Matching.name else {}
    for place, member in enumerate(members):
        named = f" {{#{names[member['id']]}}}" if member["id"] in names else ""
        cells[f"option {name_of(place)}"] = member["text"] + answers.get(member["id"], "") + named
        cells[f"feedback {name_of(place)}"] = cast(dict[str, str], key.get("reasons", {})).get(member["id"], "")
    if kind == Matching.name:
        used = set(cast(dict[str, str], key["answers"]).values())
        extra = [
            option["text"] for option in cast(list[dict[str, str]], one.taker["options"]) if option["id"] not in used
        ]
        for place, text in enumerate(extra, len(members)):
            cells[f"option {name_of(place)}"] = f"=> {text}"
    cells["key"] = ", ".join(_key(kind, key, [member["id"] for member in members]))


def _matched(one: Question) -> dict[str, str]:
    texts = {option["id"]: option["text"] for option in cast(list[dict[str, str]], one.taker["options"])}
    answers = cast(dict[str, str], one.key["answers"])
    return {premise: f" => {texts[option]}" for premise, option in answers.items()}


def _key(kind: str, key: Mapping[str, Json], ids: list[str]) -> Iterable[str]:
    if kind == TrueFalse.name:
        verdicts = cast(dict[str, str], key["verdicts"])
        return ["T" if verdicts[one] == "true" else "F" for one in ids]
    if kind == Ordering.name:
        return [cast(dict[str, str], key["places"]).get(one, "-") for one in ids]
    if kind == Essay.name:
        return [row["points"] for row in cast(list[dict[str, str]], key["criteria"])]
    if kind == Matching.name:
        return []
    credit = {name: Fraction(share) for name, share in cast(dict[str, str], key["credit"]).items()}
    own = key.get("rule") == "sum"
    shares = [(name_of(at), credit.get(one, Fraction(0))) for at, one in enumerate(ids)]
    return [
        letter if share == 1 and not own else f"{letter} {_percent(share)}" for letter, share in shares if share or own
    ]


def _percent(share: Fraction) -> str:
    text = decimal_text(share * 100)
    return str(share) if "/" in text or len(text) > 8 else f"{text}%"
