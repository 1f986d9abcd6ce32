"""QTI 1.2, as cartridges and packages of learning platforms hold it: an ``item`` as a question of a bank."""

import re
from collections.abc import Callable
from fractions import Fraction
from html import escape

from lxml import etree

from mesotrain.core.numbers import decimal_text
from mesotrain.core.questions import ALL_OR_NOTHING
from mesotrain.core.questions.essay import Essay
from mesotrain.formats.exchange.items import Answer, Item, Unfit, Words
from mesotrain.formats.exchange.moodle.questions import exchanged, number
from mesotrain.formats.exchange.notes import CHANGED, DESCRIPTION, GUESSED, LOST, Exchanged, Notes
from mesotrain.formats.exchange.qti.rules import Effort
from mesotrain.formats.exchange.qti12.items import REMARKS, Label, Source, name_of
from mesotrain.formats.exchange.qti12.rules import Rules, ranges_of, rules_of
from mesotrain.formats.exchange.texts import HTML, PLAIN, Figure, words
from mesotrain.formats.lines import NAME

ROOT, ITEM = "questestinterop", "item"
"""How a file begins, and what in it is a question."""
_NUMBERS = {"decimal", "integer", "scientific"}
_REFUSED = {
    "file_upload_question": "a file to be handed in",
    "calculated_question": "a formula",
    "hot_spot_question": "a place on a picture",
    "response_xy": "a place on a picture",
    "response_extension": "an extension of its maker's",
}
_ESSAY, _NUMERICAL, _MATCHING = "essay_question", "numerical_question", "matching_question"
_BLANKS, _DROPDOWNS = "fill_in_multiple_blanks_question", "multiple_dropdowns_question"
_CHOSEN = {"dropdown", "wordbank"}
"""How a blank is answered whose words stand there to be chosen."""


def question_of(element: etree._Element, name: str, notes: Notes, figure: Figure, effort: Effort) -> Exchanged:
    """The question of a bank that an item stands for, by this id. Raises Unfit."""
    item = read(element, notes, effort)
    found = exchanged(item, name, notes, figure)
    if item.kind in ("match", "multianswer") and item.rule:
        found.question.key["rule"] = item.rule
    return found


def read(element: etree._Element, notes: Notes, effort: Effort) -> Item:
    """An item with what it says. Raises Unfit."""
    if element.tag != ITEM:
        raise Unfit(f"a question that stands in another file ({str(element.tag)[:40]}) is not in this one.")
    source = Source(element, notes)
    for kind in (source.type, *(str(one.tag) for one in source.asking)):
        if kind in _REFUSED:
            raise Unfit(f"{_REFUSED[kind]} ({kind}) is not supported.")
    rules = rules_of(element, effort)
    line = element.sourceline if isinstance(element.sourceline, int) else 1
    item = Item(_kind(source), line, " ".join(str(element.get("title", "")).split()))
    said = str(element.get("ident", ""))
    item.named = said if re.fullmatch(NAME, said) else ""
    item.stem = _stem(source, item.kind)
    _READ[item.kind](source, item, rules)
    if points := source.facts.get("points_possible", "") or source.facts.get("qmd_weighting", ""):
        item.points = number(points)
    _told(source, item, rules)
    return item


def _kind(source: Source) -> str:
    """The type of a question by what it asks for; what its maker calls it decides where that does not."""
    tags = {str(one.tag) for one in source.asking}
    if not tags:
        return Essay.name if source.type == _ESSAY else DESCRIPTION
    if tags <= {"response_str", "response_num"}:
        return _typed(source)
    if tags == {"response_grp"}:
        return "match"
    if tags != {"response_lid"}:
        raise Unfit("a question of several kinds of answers is not supported.")
    return {_MATCHING: "match", _BLANKS: "multianswer", _DROPDOWNS: "multianswer"}.get(source.type) or _listing(source)


def _listing(source: Source) -> str:
    """The type of a question that has one list or several."""
    first, text = source.asking[0], words(source.html(source.presentation), HTML)
    if not source.type and all(f"[{_gap_name(one)}]" in text for one in source.asking):
        return "multianswer"
    if len(source.asking) > 1 or (text and source.about(first).text):
        return "match"
    if str(first.get("rcardinality", "")).lower() == "ordered":
        return "ordering"
    return "truefalse" if _is_single(first) and _verdicts(source.labels(first)) else "multichoice"


def _typed(source: Source) -> str:
    if len(source.asking) > 1:
        return "multianswer"
    typed = next(source.element.iter("varequal", "vargte", "varlte", "vargt", "varlt"), None)
    if source.type == _ESSAY or typed is None:
        return Essay.name
    return "numerical" if _is_number(source, source.asking[0]) else "shortanswer"


def _is_number(source: Source, one: etree._Element) -> bool:
    typed = {str(field.get("fibtype", "")).lower() for field in one.iter("render_fib")}
    return one.tag == "response_num" or source.type == _NUMERICAL or bool(typed & _NUMBERS)


def _is_single(asking: etree._Element) -> bool:
    return str(asking.get("rcardinality", "Single")).lower() != "multiple"


def _verdicts(labels: list[Label]) -> bool:
    return sorted(words(one.said.text, one.said.kind).lower() for one in labels) == ["false", "true"]


def _gap_name(asking: etree._Element) -> str:
    return name_of(asking).removeprefix("response_")


def _stem(source: Source, kind: str) -> Words:
    """The text of the question, with a number for each gap that stands in it."""
    if kind != "multianswer":
        said = source.html(source.presentation)
        if not words(said, HTML) and "<img" not in said and len(source.asking) == 1:
            return source.about(source.asking[0])
        return Words(said, HTML)
    if any(one.tag != "response_lid" for one in source.asking):
        places = {one: f" [[{at}]] " for at, one in enumerate(source.asking, 1)}
        return Words(source.html(source.presentation, places), HTML)
    said = source.html(source.presentation)
    for at, one in enumerate(source.asking, 1):
        name = f"[{escape(_gap_name(one), quote=False)}]"
        said = said.replace(name, f"[[{at}]]", 1) if name in said else f"{said} [[{at}]]"
    return Words(said, HTML)


def _told(source: Source, item: Item, rules: Rules) -> None:
    """Feedback that belongs to no single answer."""
    own = {shown for rule in rules.rules for shown in rule.shows if rule.alone and rule.equals}
    used = {one.feedback for one in item.answers}
    for name, said in source.feedback.items():
        if name.lower() in REMARKS:
            item.remarks.append(said)
        elif said in used:
            continue
        elif name not in own and not item.reason.text:
            item.reason = said
        else:
            source.notes.note(LOST, f"the feedback “{words(said.text, said.kind)[:60]}” is left out.")
    if next(source.element.iter("hint"), None) is not None:
        source.notes.note(LOST, "its hints are left out.")


def _choice(source: Source, item: Item, rules: Rules) -> None:
    (asking,) = source.asking
    labels, name = source.labels(asking), name_of(asking)
    item.single = _is_single(asking)
    item.shuffle = any(str(one.get("shuffle", "")).lower() == "yes" for one in asking.iter("render_choice"))
    if item.single:
        earned = [rules.score({name: frozenset([one.name])}) for one in labels]
        full = max(earned, default=Fraction(0))
        shares = [one / full if full > 0 else Fraction(0) for one in earned]
    else:
        shares = _ticked(source, item, rules, labels)
    if not any(share > 0 for share in shares):
        raise Unfit("no answer of it is right.")
    told = source.told(rules)
    item.answers = [
        Answer(one.said, share, told.get((name, one.name), Words())) for one, share in zip(labels, shares, strict=True)
    ]


def _ticked(source: Source, item: Item, rules: Rules, labels: list[Label]) -> list[Fraction]:
    """What each answer of several earns: a share of its own, or all that are right together everything."""
    scoring, name = rules.scoring, name_of(source.asking[0])
    each = [sum((rule.worth for rule in scoring if rule.about(one.name)), Fraction(0)) for one in labels]
    sums = all(rule.alone for rule in scoring)
    if sums and source.facts.get("scoring_algorithm", "").lower() != "allornothing":
        full = sum((share for share in each if share > 0), Fraction(0))
        if rules.low is None and any(share < 0 for share in each):
            source.notes.note(CHANGED, "less than nothing counts as nothing.")
        return [share / full if full else Fraction(0) for share in each]
    item.rule = ALL_OR_NOTHING
    best = max(scoring, key=lambda rule: rule.worth, default=None)
    right = {one.name for one, share in zip(labels, each, strict=True) if share > 0 and (sums or best)}
    if not sums and best is not None:
        right = {said for _, said, _ in best.equals}
        beside = {one.name for one in labels} - right
        if len(scoring) > 1:
            source.notes.note(CHANGED, "only what earns the most counts.")
        if any(rules.score({name: frozenset({*right, one})}) for one in beside):
            source.notes.note(CHANGED, "a wrong answer ticked beside the right ones makes it worth nothing here.")
    return [Fraction(one.name in right) for one in labels]


def _true_false(source: Source, item: Item, rules: Rules) -> None:
    _choice(source, item, rules)
    item.answers.sort(key=lambda one: words(one.said.text, one.said.kind).lower(), reverse=True)
    if sorted(one.fraction for one in item.answers) != [0, 1]:
        item.kind = "multichoice"


def _short(source: Source, item: Item, rules: Rules) -> None:
    (asking,) = source.asking
    _accepted(source, item, rules, asking)
    if not item.answers:
        raise Unfit("it has no answers.")


def _accepted(source: Source, item: Item, rules: Rules, asking: etree._Element) -> None:
    """The texts that are right, each with its share."""
    here = name_of(asking)
    full, told = rules.most(here), source.told(rules)
    cased: set[bool] = set()
    for rule in rules.scoring:
        for response, said, exact in rule.equals:
            if response == here and said:
                cased.add(exact)
                share = rule.worth / full if full > 0 else Fraction(0)
                item.answers.append(
                    Answer(Words(said.replace("*", "\\*"), PLAIN), share, told.get((here, said), Words()))
                )
    item.exact_case = cased == {True}
    if len(cased) > 1:
        source.notes.note(CHANGED, "case counts in some of its answers there, and in none here.")
    item.answers = _once(item)


def _once(item: Item) -> list[Answer]:
    """The answers, each text once: where case does not count, in whatever case it is said."""
    found: dict[str, Answer] = {}
    for one in item.answers:
        found.setdefault(one.said.text if item.exact_case else one.said.text.casefold(), one)
    return [*found.values()]


def _numerical(source: Source, item: Item, rules: Rules) -> None:
    full = max((rule.worth for rule in rules.scoring), default=Fraction(0))
    for rule in rules.scoring:
        share, told = rule.worth / full if full > 0 else Fraction(0), source.feedback
        feedback = next((told[one] for one in rule.shows if one in told and one.lower() not in REMARKS), Words())
        for value, low, high, beside in ranges_of(rule.condition):
            if beside:
                source.notes.note(CHANGED, "the ends of a range are accepted here, and not there.")
            if value - low != high - value:
                source.notes.note(CHANGED, "the middle of what is accepted stands for the right number.")
            middle = Words(decimal_text((low + high) / 2), PLAIN)
            item.answers.append(Answer(middle, share, feedback, (high - low) / 2))


def _match(source: Source, item: Item, rules: Rules) -> None:
    if source.asking[0].tag == "response_grp":
        _grouped(source, item, rules)
        return
    texts: dict[str, Words] = {}
    right: dict[str, str] = {}
    _together(item, rules, source.notes)
    for rule in rules.scoring:
        right |= {response: said for response, said, _ in rule.equals if rule.worth > 0}
    for asking in source.asking:
        texts |= {one.name: one.said for one in source.labels(asking) if one.said.text}
        answer = right.get(name_of(asking), "")
        if not (about := source.about(asking)).text:
            continue
        if answer not in texts:
            raise Unfit("something that is to be matched has no right answer.")
        item.pairs.append((about, texts[answer]))
    used = {one.text for _, one in item.pairs}
    item.pairs += [(Words("", PLAIN), one) for one in texts.values() if one.text not in used]


def _together(item: Item, rules: Rules, notes: Notes) -> bool:
    """Whether a rule asks for several parts at once; where it is the only one, they earn all or nothing."""
    several = any(len({response for response, _, _ in rule.equals}) > 1 for rule in rules.scoring)
    if several and len(rules.scoring) == 1:
        item.rule = ALL_OR_NOTHING
    elif several:
        notes.note(CHANGED, "each part counts by itself here.")
    return several


def _grouped(source: Source, item: Item, rules: Rules) -> None:
    """Labels that name in ``match_group`` what they may be matched with."""
    (asking, *more) = source.asking
    labels = {one.name: one for one in source.labels(asking)}
    pairs = {
        said.partition(",")[0].strip(): said.partition(",")[2].strip()
        for rule in rules.scoring
        for _, said, _ in rule.equals
        if rule.worth > 0
    }
    if more or not pairs or not {*pairs, *pairs.values()} <= labels.keys():
        raise Unfit("how its groups are matched is not known.")
    item.pairs = [(labels[one].said, labels[other].said) for one, other in pairs.items()]
    spare = [one for one in labels.values() if one.name not in {*pairs, *pairs.values()}]
    item.pairs += [(Words("", PLAIN), one.said) for one in spare if not one.element.get("match_group")]


def _gaps(source: Source, item: Item, rules: Rules) -> None:
    worth = [rules.most(name_of(one)) for one in source.asking]
    if _together(item, rules, source.notes):
        worth = [Fraction(1)] * len(worth)
    for asking, share in zip(source.asking, worth, strict=True):
        part = Item("shortanswer", item.line)
        if asking.tag == "response_lid":
            _listed(source, part, rules, asking)
        elif _is_number(source, asking):
            raise Unfit("a text with several numbers to be typed is not supported.")
        else:
            _accepted(source, part, rules, asking)
        if not part.answers:
            raise Unfit("a gap of it has no right answer.")
        item.parts.append((share, part))
    if len({round(share, 1) for share, _ in item.parts}) == 1:
        item.parts = [(Fraction(1), part) for _, part in item.parts]
    elif any(share.denominator > 1 or share <= 0 for share, _ in item.parts):
        source.notes.note(CHANGED, "its gaps count alike here.")
        item.parts = [(Fraction(1), part) for _, part in item.parts]


def _listed(source: Source, part: Item, rules: Rules, asking: etree._Element) -> None:
    """A gap with a list: of words to choose among, or of all that may be typed into it."""
    labels, here = source.labels(asking), name_of(asking)
    right = {said for rule in rules.scoring for response, said, _ in rule.equals if response == here}
    chosen = source.type == _DROPDOWNS or {str(one.element.get("answer_type", "")).lower() for one in labels} & _CHOSEN
    alike = len({words(one.said.text, one.said.kind).casefold() for one in labels}) == 1
    if not source.type and not chosen and not alike:
        source.notes.note(GUESSED, "the words of a gap stand there to be chosen.")
        chosen = {_DROPDOWNS}
    if chosen:
        part.kind = "multichoice"
        part.answers = [Answer(one.said, Fraction(one.name in right)) for one in labels]
        part.answers = part.answers if right else []
        return
    part.answers = [
        Answer(Words(words(one.said.text, one.said.kind).replace("*", "\\*"), PLAIN), Fraction(1)) for one in labels
    ]
    part.answers = _once(part)


def _ordering(source: Source, item: Item, rules: Rules) -> None:
    (asking,) = source.asking[:1]
    labels = {one.name: one.said for one in source.labels(asking)}
    best = max(rules.scoring, key=lambda rule: rule.worth, default=None)
    order = [said for _, said, _ in best.equals] if best else []
    if sorted(order) != sorted(labels):
        raise Unfit("its right order does not name each thing once.")
    item.rule = ALL_OR_NOTHING
    item.answers = [Answer(labels[one]) for one in order]


def _alone(source: Source, item: Item, rules: Rules) -> None:
    """A text that asks nothing, or what people mark."""
    item.points = Fraction(item.kind != DESCRIPTION)


_READ: dict[str, Callable[[Source, Item, Rules], None]] = {
    "multichoice": _choice,
    "truefalse": _true_false,
    "shortanswer": _short,
    "numerical": _numerical,
    "match": _match,
    "multianswer": _gaps,
    "ordering": _ordering,
    Essay.name: _alone,
    DESCRIPTION: _alone,
}
