"""An item of each interaction, in the words of QTI 2; those of QTI 3 are made of them."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

NAMESPACES = {
    "2.1": "http://www.imsglobal.org/xsd/imsqti_v2p1",
    "2.2": "http://www.imsglobal.org/xsd/imsqti_v2p2",
    "3.0": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
}
XHTML = {"p", "div", "img", "object", "b", "blockquote"}
SCORE = "<outcomeDeclaration identifier='SCORE' cardinality='single' baseType='float'/>"
FEEDBACK = "<outcomeDeclaration identifier='FEEDBACK' cardinality='single' baseType='identifier'/>"
TEMPLATE = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"


def item(declared: str, body: str, rules: str, version: str = "2.1", feedback: str = "") -> str:
    """An item of this version. `rules` are those that are written out, or the name of a template."""
    processing = f"<responseProcessing>{rules}</responseProcessing>" if rules.startswith("<") else ""
    if rules and not processing:
        processing = f"<responseProcessing template='{TEMPLATE}{rules}'/>"
    whole = (
        f"<assessmentItem identifier='i' title='T' adaptive='false' timeDependent='false'>{declared}{SCORE}{FEEDBACK}"
        f"<itemBody>{body}</itemBody>{processing}{feedback}</assessmentItem>"
    )
    if version == "3.0":
        whole = re.sub(r"(</?)(\w+)", lambda found: found[1] + named(found[2]), whole)
        whole = re.sub(r" (\w+)='", lambda found: f" {kebab(found[1])}='", whole)
    return whole.replace(" identifier=", f" xmlns='{NAMESPACES[version]}' identifier=", 1)


def kebab(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name)


def named(name: str) -> str:
    return name if name in XHTML else f"qti-{kebab(name)}"


@dataclass(frozen=True)
class Sample:
    """An item, the type it becomes, and what answers to that earn, each as `formats.responses` reads it."""

    declared: str
    body: str
    rules: str
    kind: str
    earns: list[tuple[Any, Fraction | int]]
    feedback: str = ""

    def item(self, version: str) -> str:
        return item(self.declared, self.body, self.rules, version, self.feedback)


def response(cardinality: str, base: str, inside: str = "", name: str = "RESPONSE") -> str:
    said = f"identifier='{name}' cardinality='{cardinality}' baseType='{base}'"
    return f"<responseDeclaration {said}>{inside}</responseDeclaration>"


def right(*values: str) -> str:
    return "<correctResponse>" + "".join(f"<value>{one}</value>" for one in values) + "</correctResponse>"


def mapping(attributes: str = "", **worth: str) -> str:
    entries = "".join(f"<mapEntry mapKey='{key.replace('_', ' ')}' mappedValue='{one}'/>" for key, one in worth.items())
    return f"<mapping {attributes}>{entries}</mapping>"


def choices(tag: str, **texts: str) -> str:
    return "".join(f"<{tag} identifier='{name}' matchMax='1'>{text}</{tag}>" for name, text in texts.items())


def when(condition: str, *then: str) -> str:
    return f"<responseCondition><responseIf>{condition}{''.join(then)}</responseIf></responseCondition>"


def scores(number: str) -> str:
    return f"<setOutcomeValue identifier='SCORE'><baseValue baseType='float'>{number}</baseValue></setOutcomeValue>"


def adds(number: str) -> str:
    more = f"<sum><variable identifier='SCORE'/><baseValue baseType='float'>{number}</baseValue></sum>"
    return f"<setOutcomeValue identifier='SCORE'>{more}</setOutcomeValue>"


def value(text: str, base: str = "string") -> str:
    return f"<baseValue baseType='{base}'>{text}</baseValue>"


def variable(name: str = "RESPONSE") -> str:
    return f"<variable identifier='{name}'/>"


FEEDS = f"<setOutcomeValue identifier='FEEDBACK'>{variable()}</setOutcomeValue>"
MODAL = "<modalFeedback outcomeIdentifier='FEEDBACK' identifier='B' showHide='show'><p>Not so.</p></modalFeedback>"
PLAYS = (
    choices("simpleAssociableChoice", C="Capulet", P="Prospero"),
    choices("simpleAssociableChoice", R="Romeo", T="Tempest", M="Macbeth"),
)
MATCH = (
    "<matchInteraction responseIdentifier='RESPONSE' maxAssociations='2'><prompt>Match.</prompt>{}</matchInteraction>"
)
PICTURE = "<object data='a.png' type='image/png' width='200' height='100'>An arm</object>"

SAMPLES = {
    "choice": Sample(
        response("single", "identifier", right("A")),
        "<p>Which?</p><choiceInteraction responseIdentifier='RESPONSE' maxChoices='1' shuffle='true'>"
        + choices("simpleChoice", A="One", B="Two", C="Three")
        + "</choiceInteraction>",
        when(f"<match>{variable()}<correct identifier='RESPONSE'/></match>", scores("2"))
        + when(f"<match>{variable()}{value('C', 'identifier')}</match>", scores("-1"))
        + FEEDS,
        "single",
        [("One", 1), ("Two", 0), ("Three", Fraction(-1, 2)), (None, 0)],
        MODAL,
    ),
    "choices, all or nothing": Sample(
        response("multiple", "identifier", right("A", "B")),
        "<choiceInteraction responseIdentifier='RESPONSE' maxChoices='0'><prompt>Which?</prompt>"
        + choices("simpleChoice", A="One", B="Two", C="Three")
        + "</choiceInteraction>",
        "match_correct",
        "multiple",
        [(["One", "Two"], 1), (["One"], 0), (["One", "Two", "Three"], 0)],
    ),
    "choices, a sum": Sample(
        response(
            "multiple", "identifier", mapping("lowerBound='0' upperBound='3' defaultValue='-2'", A="1", B="2", C="1")
        ),
        "<choiceInteraction responseIdentifier='RESPONSE' maxChoices='4'><prompt>Which?</prompt>"
        + choices("simpleChoice", A="One", B="Two", C="Three", D="Four")
        + "</choiceInteraction>",
        "map_response",
        "multiple",
        [(["One", "Two"], 1), (["One"], Fraction(1, 3)), (["Two", "Three", "One"], 1), (["Two", "Four"], 0)],
    ),
    "match": Sample(
        response("multiple", "directedPair", right("C R", "P T")),
        MATCH.format("".join(f"<simpleMatchSet>{one}</simpleMatchSet>" for one in PLAYS)),
        "match_correct",
        "matching",
        [
            ({"Capulet": "Romeo", "Prospero": "Tempest"}, 1),
            ({"Capulet": "Romeo"}, 0),
            ({"Capulet": "Romeo", "Prospero": "Macbeth"}, 0),
        ],
    ),
    "match, uneven": Sample(
        response("multiple", "directedPair", mapping("defaultValue='-1' lowerBound='0'", C_R="1", P_T="3")),
        MATCH.format("".join(f"<simpleMatchSet>{one}</simpleMatchSet>" for one in PLAYS)),
        "map_response",
        "cloze",
        [
            (["Romeo", "Tempest"], 1),
            (["Romeo", None], Fraction(1, 4)),
            (["Macbeth", "Tempest"], Fraction(1, 2)),
            (["Romeo", "Macbeth"], 0),
        ],
    ),
    "associate": Sample(
        response("multiple", "pair", mapping("defaultValue='0'", A_P="1", M_C="1")),
        "<associateInteraction responseIdentifier='RESPONSE' maxAssociations='2'><prompt>Pair them.</prompt>"
        + choices("simpleAssociableChoice", A="Antonio", C="Capulet", M="Montague", P="Prospero")
        + "</associateInteraction>",
        "map_response",
        "matching",
        [({"Antonio": "Prospero", "Capulet": "Montague"}, 1), ({"Capulet": "Montague"}, Fraction(1, 2))],
    ),
    "order": Sample(
        response("ordered", "identifier", right("B", "A", "C")),
        "<orderInteraction responseIdentifier='RESPONSE'><prompt>In order.</prompt>"
        + choices("simpleChoice", A="Second", B="First", C="Third")
        + "</orderInteraction>",
        "match_correct",
        "ordering",
        [(["First", "Second", "Third"], 1), (["First", "Third", "Second"], 0)],
    ),
    "inline choice": Sample(
        response("single", "identifier", right("A"), "R1") + response("single", "identifier", right("D"), "R2"),
        "<p>It <inlineChoiceInteraction responseIdentifier='R1'>"
        + choices("inlineChoice", A="rises", B="falls")
        + "</inlineChoiceInteraction> when <inlineChoiceInteraction responseIdentifier='R2'>"
        + choices("inlineChoice", C="cold", D="warm")
        + "</inlineChoiceInteraction>.</p>",
        when(f"<match>{variable('R1')}<correct identifier='R1'/></match>", adds("1"))
        + when(f"<match>{variable('R2')}<correct identifier='R2'/></match>", adds("2")),
        "cloze",
        [(["rises", "warm"], 1), (["rises", None], Fraction(1, 3)), (["falls", "warm"], Fraction(2, 3))],
    ),
    "text": Sample(
        response(
            "single",
            "string",
            "<mapping defaultValue='0'><mapEntry mapKey='Heart' mappedValue='2' caseSensitive='true'/>"
            "<mapEntry mapKey='heart' mappedValue='1' caseSensitive='false'/></mapping>",
        ),
        "<p>What beats?</p><p><textEntryInteraction responseIdentifier='RESPONSE'/></p>",
        "<setOutcomeValue identifier='SCORE'><mapResponse identifier='RESPONSE'/></setOutcomeValue>"
        + when(
            f"<and><equal>{variable('SCORE')}{value('0', 'float')}</equal>"
            f"<patternMatch pattern='heart.*'>{variable()}</patternMatch></and>",
            scores("0.5"),
        ),
        "text",
        [("Heart", 1), ("HEART", Fraction(1, 2)), ("hearty", Fraction(1, 4)), ("Hearty", 0), ("liver", 0)],
    ),
    "number": Sample(
        response("single", "float", right("0.5")),
        "<p>How much?</p><p><textEntryInteraction responseIdentifier='RESPONSE'/> mL</p>",
        when(
            f"<equal toleranceMode='absolute' tolerance='0.1 0.2' includeUpperBound='false'>"
            f"<correct identifier='RESPONSE'/>{variable()}</equal>",
            scores("1"),
        )
        + when(
            f"<and><equal>{variable('SCORE')}{value('0', 'float')}</equal>"
            f"<equal toleranceMode='relative' tolerance='100'>{value('0.5', 'float')}{variable()}</equal></and>",
            scores("0.25"),
        ),
        "numeric",
        [("0.4 mL", 1), ("0.69", 1), ("0.7", Fraction(1, 4)), ("1", Fraction(1, 4)), ("1.01", 0)],
    ),
    "rounded": Sample(
        response("single", "float", right("3.14")),
        "<p>What is pi?</p><p><textEntryInteraction responseIdentifier='RESPONSE'/></p>",
        when(
            f"<equalRounded roundingMode='decimalPlaces' figures='2'>{variable()}"
            "<correct identifier='RESPONSE'/></equalRounded>",
            scores("1"),
        ),
        "numeric",
        [("3.14159", 1), ("3.1351", 1), ("3.1449", 1), ("3.1453", 0), ("3.1", 0)],
    ),
    "two entries, all or nothing": Sample(
        response("single", "string", right("3"), "R1") + response("single", "integer", right("4"), "R2"),
        "<p><textEntryInteraction responseIdentifier='R1'/> and "
        "<textEntryInteraction responseIdentifier='R2'/> fit.</p>",
        when(
            "<and>"
            + "".join(f"<match>{variable(name)}<correct identifier='{name}'/></match>" for name in ("R1", "R2"))
            + "</and>",
            scores("1"),
        ),
        "cloze",
        [(["3", "4"], 1), (["3", "5"], 0), (["3", None], 0)],
    ),
    "essay": Sample(
        response("single", "string"),
        "<rubricBlock view='scorer'><p>Names a harm.</p></rubricBlock>"
        "<extendedTextInteraction responseIdentifier='RESPONSE'><prompt>Why?</prompt></extendedTextInteraction>",
        "",
        "essay",
        [],
    ),
    "gap match": Sample(
        response("multiple", "directedPair", mapping("lowerBound='0' defaultValue='-1'", W_G1="1", S_G2="2")),
        "<gapMatchInteraction responseIdentifier='RESPONSE'><prompt>Fill in.</prompt>"
        + choices("gapText", W="winter", S="summer", A="autumn")
        + "<blockquote><p>Now is the <gap identifier='G1'/> made <gap identifier='G2'/>.</p></blockquote>"
        "</gapMatchInteraction>",
        "map_response",
        "cloze",
        [
            (["winter", "summer"], 1),
            (["winter", None], Fraction(1, 3)),
            (["autumn", "summer"], Fraction(1, 3)),
            (["autumn", None], 0),
        ],
    ),
    "hotspot": Sample(
        response("single", "identifier", right("vein")),
        f"<hotspotInteraction responseIdentifier='RESPONSE' maxChoices='1'><prompt>Where?</prompt>{PICTURE}"
        "<hotspotChoice identifier='vein' shape='circle' coords='50,50,20'/>"
        "<hotspotChoice identifier='bone' shape='poly' coords='100,10,190,10,190,90'/></hotspotInteraction>",
        "match_correct",
        "hotspot",
        [({"x": ["60"], "y": ["50"]}, 1), ({"x": ["180"], "y": ["20"]}, 0), ({"x": ["5"], "y": ["5"]}, 0)],
    ),
    "select point": Sample(
        response(
            "single",
            "point",
            "<areaMapping defaultValue='0'><areaMapEntry shape='rect' coords='10,10,60,60' mappedValue='1'/>"
            "<areaMapEntry shape='default' mappedValue='0'/></areaMapping>",
        ),
        f"<selectPointInteraction responseIdentifier='RESPONSE' maxChoices='1'><prompt>Where?</prompt>{PICTURE}"
        "</selectPointInteraction>",
        "map_response_point",
        "hotspot",
        [({"x": ["10"], "y": ["60"]}, 1), ({"x": ["61"], "y": ["60"]}, 0)],
    ),
    "hottext": Sample(
        response("single", "identifier", right("B")),
        "<hottextInteraction responseIdentifier='RESPONSE' maxChoices='1'><prompt>Which word is wrong?</prompt>"
        "<p>The <hottext identifier='A'>heart</hottext> is a <hottext identifier='B'>bone</hottext>.</p>"
        "</hottextInteraction>",
        "match_correct",
        "single",
        [("bone", 1), ("heart", 0)],
    ),
    "slider": Sample(
        response("single", "integer", right("40")),
        "<sliderInteraction responseIdentifier='RESPONSE' lowerBound='0' upperBound='100'><prompt>How many?</prompt>"
        "</sliderInteraction>",
        "match_correct",
        "numeric",
        [("40", 1), ("41", 0)],
    ),
}
