"""What a change of text touches, and the class that asks for.

A change that touches a number, a unit, a drug, a depth, an obligation or a figure may not be called less than it is
by one person alone. The rule sees words, not meaning: it would rather ask once too often.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction

from mesotrain.core.courses import CHANGE_CLASSES

EDITORIAL, CLARIFYING, SUBSTANTIVE, SAFETY = CHANGE_CLASSES

TOUCHES = {
    "number": "a number",
    "unit": "a unit",
    "drug": "a drug",
    "depth": "a depth or route",
    "must": "a must, a never or a condition",
    "figure": "a figure or an abbreviation",
}
"""What a change may touch, and what a reader calls it."""


def _words(kind: str, table: str) -> dict[str, tuple[str, str]]:
    """Each word of a table, one meaning a line: word -> (kind, the first word of its line)."""
    return {word: (kind, line.split()[0]) for line in table.strip().split("\n") for word in line.split()}


_NUMBERS = _words("number", """
0 zero
1 one once single
2 two twice double both
3 three thrice triple
4 four
5 five
6 six
7 seven
8 eight
9 nine
10 ten
11 eleven
12 twelve dozen
15 fifteen
20 twenty
30 thirty
60 sixty
100 hundred
1000 thousand
1/2 half halve halved
1/3 third
1/4 quarter
1/5 fifth
1/10 tenth
""")  # fmt: skip

_UNITS = _words("unit", """
mg milligram milligrams
micrograms microgram mcg µg μg ug
g gram grams
kg kilogram kilograms
ng nanogram nanograms
ml millilitre millilitres milliliter milliliters cc
l litre litres liter liters
mm millimetre millimetres millimeter millimeters
cm centimetre centimetres centimeter centimeters
iu
units unit
mmhg
mmol millimole millimoles
joules joule
degrees degree °
°c
gauge
% percent
seconds second sec s
minutes minute min
hours hour hourly h hr hrs
days day daily
weeks week weekly fortnight fortnightly
months month monthly
years year yearly
drops drop
""")  # fmt: skip

_DRUGS = _words("drug", """
adrenaline epinephrine
noradrenaline norepinephrine
lidocaine lignocaine
hydrocortisone
hyaluronidase
glyceryl nitroglycerin nitroglycerine gtn
hyaluronic hyaluronan
deoxycholic deoxycholate
phosphatidylcholine
povidone
iodine
alcohol ethanol isopropanol
aspirin
steroid steroids corticosteroid corticosteroids
antihistamine antihistamines
antibiotic antibiotics antimicrobial antimicrobials
antiplatelet antiplatelets
immunosuppressant immunosuppressants
ester esters
amide amides
aqueous
alcoholic
benzodiazepine benzodiazepines
anticoagulant anticoagulants
nsaid nsaids
insulin
botulinum
silicone
saline
water
oxygen
lipid
emulsion
vaccine vaccines
filler fillers
""")  # fmt: skip
_INN = re.compile(
    r"[a-z]{2,}(?:caine|mycin|micin|cillin|floxacin|cycline|azole|prazole|sartan|olol|olone|asone|pril|statin|parin|"
    r"xaban|gatran|barbital|azepam|azolam|dronate|profen|setron|tidine|amine|adine|idine|oxacin|ciclib|fungin|"
    r"hexidine|uronidase|toxin|vir|mab|nib|lukast|phylline|terol|tinoin|vastatin|gliptin|coxib|triptan|formin)"
)
"""Endings of international nonproprietary names (WHO, The use of stems in the selection of INN, 2018)."""
_NOT_DRUGS = frozenset({"examine", "determine", "guideline", "machine", "routine", "vitamine", "contamine", "tamine"})

_DEPTHS = _words("depth", """
intradermal intradermally dermal dermally
intraepidermal intraepidermally epidermal epidermis
subcutaneous subcutaneously hypodermal hypodermis subcutis
intramuscular intramuscularly im
intravenous intravenously iv
intravascular
intraosseous
supraperiosteal periosteal periosteum
retrobulbar peribulbar
dermis
superficial superficially shallow
deep deeply deeper
depth depths
muscle muscles
vein veins
artery arteries arterial
fat
topical topically
oral orally mouth
thigh
arm
deltoid
buttock buttocks
abdomen
angle
bevel
perpendicular
""")  # fmt: skip

_MUSTS = _words("must", """
must shall required requires mandatory obligatory always
should ought
may might could can permitted allowed
not n't no nor neither none never cannot forbidden prohibited without
avoid
contraindicated contraindication contraindications
only solely
unless except
until
if when
before prior
after following
stop
least minimum
most maximum maximal
less fewer lower below under
more greater higher above over exceed exceeds beyond
within
every each
all any
immediately urgent urgently
first
instead
""")  # fmt: skip
_WORDS = _NUMBERS | _UNITS | _DRUGS | _DEPTHS | _MUSTS

_MEANS = (
    (r"\bdo(?:es)? not have to\b|\bneed not\b|\bneedn't\b|\bnot (?:required|mandatory|obligatory)\b", "may"),
    (r"\bha(?:s|ve) to\b|\bneeds? to\b", "must"),
    (r"(?<=[a-z])n[\u2019']t\b", " not"),
    (r"\b(?:must|shall|can|could|do|does) not\b|\bcannot\b", "never"),
    (r"\bnot only\b|\bif in doubt\b", ""),
    (r"\b(?:no|not) (?:more|higher|greater|longer) than\b", "at most"),
    (r"\b(?:no|not) (?:less|fewer|lower) than\b", "at least"),
    (r"\bone(?= (?:of|is|who|learns|in the)\b)", ""),
    (r"\bup to\b", "most"),
    (r"(?<=\d)\s*[-\u2013\u2014]\s*(?=\d)", " to "),
    (r"\bsub-cutaneous", "subcutaneous"),
    (r"\bintra-", "intra"),
    (r"(?<=\d)[ \u00a0\u202f](?=\d{3}\b)", ""),
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"[\u2265]", " at least "),
    (r"[\u2264]", " at most "),
    (r"<", " less than "),
    (r">", " more than "),
)
"""Ways of saying the same, brought to one."""
_MEANS_ONE = [(re.compile(pattern), said) for pattern, said in _MEANS]

_UNSAID = (
    (re.compile(r"(?m)^\[[^\]\n]+\]\(bank\.md#[a-z0-9-]+\)$"), ""),  # the places of questions
    (re.compile(r"(?<!\\)\[[A-Z]{1,3}[0-9]{2,4}(?:,\s*[A-Z]{1,3}[0-9]{2,4})*\]"), ""),  # citations
    (re.compile(r"\[\^[^\]]*\]"), ""),  # marks of footnotes
    (re.compile(r"!\[([^\]]*)\]\([^)\s]*(?:\s+\"([^\"]*)\")?\)"), r"\n\n\1\n\n\2\n\n"),  # of a figure its words
    (re.compile(r"(?<!!)\[([^\]]*)\]\([^)]*\)"), r"\1"),  # of a link its words
    (re.compile(r"(?m)^[ ]*!!! ?(?:note|caution|safety)"), " "),
    (re.compile(r"(?m)^\|"), "\n\n"),  # each row of a table speaks for itself
    (re.compile(r"(?m)^(?:[ ]*[0-9]+[.)]|[ ]*[-*+]|#+)[ ]"), "\n\n"),  # marks of lists and headings
    (re.compile(r"\{#[^}]*\}|[*_`~|\\]"), " "),
)
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+(?=\S)|\n\s*\n")
_TOKEN = re.compile(r"\d+(?:[.:/]\d+)*|[^\W\d_]+(?:/[^\W\d_]+)?|%|°c?")


@dataclass(frozen=True)
class Token:
    """A word on which something rests: what kind it is, and what it means whatever its spelling."""

    kind: str
    means: str


def _said(text: str) -> str:
    """What a reader reads of it, in small letters."""
    for pattern, instead in _UNSAID:
        text = pattern.sub(instead, text)
    return text.lower()


def _plain(text: str) -> str:
    text = _said(text)
    for pattern, instead in _MEANS_ONE:
        text = pattern.sub(instead, text)
    return text


def _token(word: str) -> Iterator[Token]:
    if word[0].isdigit():
        yield Token("number", str(Fraction(word)) if re.fullmatch(r"\d+(\.\d+)?", word) else word)
        return
    for part in word.split("/") if word not in _WORDS else [word]:
        if part in _WORDS:
            yield Token(*_WORDS[part])
        elif _INN.fullmatch(part) and part not in _NOT_DRUGS:
            yield Token("drug", part)


def tokens(text: str) -> list[list[Token]]:
    """The tokens of each sentence that has any."""
    sentences = (
        [token for word in _TOKEN.findall(one) for token in _token(word)] for one in _SENTENCE.split(_plain(text))
    )
    return [sentence for sentence in sentences if sentence]


def touched(before: str, after: str) -> frozenset[str]:
    """The kinds of TOUCHES that differ between two texts, whatever is only said in other words or another order."""
    old, new = tokens(before), tokens(after)
    turned = _turned(before, after) or _reordered(before, after) or _boxes(before) != _boxes(after)
    kinds = {"must"} if turned else set()
    if Counter(map(tuple, old)) == Counter(map(tuple, new)):
        return frozenset(kinds)
    flat_old, flat_new = ([token for sentence in one for token in sentence] for one in (old, new))
    for what, a, b, c, d in SequenceMatcher(None, flat_old, flat_new, autojunk=False).get_opcodes():
        if what != "equal":
            kinds |= {token.kind for token in (*flat_old[a:b], *flat_new[c:d])}
    return frozenset(kinds)


def _turned(before: str, after: str) -> bool:
    """Whether "and" became "or", or the other way round."""
    old, new = (re.findall(r"[^\W_]+", _plain(text)) for text in (before, after))
    return any(
        {tuple(old[a:b]), tuple(new[c:d])} == {("and",), ("or",)}
        for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    )


_STEP = re.compile(r"(?m)^[ ]*[0-9]+[.)][ ]+(.*)")
_BOX = re.compile(r"(?m)^[ ]*!!! ?(caution|safety)")


def _reordered(before: str, after: str) -> bool:
    """Whether steps of a numbered list that stand in both texts stand in another order."""
    old, new = ([_plain(step).strip() for step in _STEP.findall(text)] for text in (before, after))
    return [step for step in old if step in new] != [step for step in new if step in old]


def _boxes(text: str) -> Counter[str]:
    """How many warnings of each kind there are."""
    return Counter(_BOX.findall(text))


_SAFETY_BOX = re.compile(r"(?m)^!!! ?safety[^\n]*\n(?:[ ]{4}[^\n]*\n?|[ ]*\n)*")


def proposed(before: str, after: str, touches: frozenset[str]) -> str:
    """The class a change asks for.

    *safety* where it touches something in a safety box, *substantive* where it does elsewhere, *clarifying* where words
    changed, *editorial* where nothing but spelling marks, spaces, order of citations and layout did.
    """
    if touches:
        boxes = ("".join(_SAFETY_BOX.findall(text + "\n")) for text in (before, after))
        return SAFETY if touched(*boxes) else SUBSTANTIVE
    said = (re.findall(r"[^\W_]+", _said(text)) for text in (before, after))
    return EDITORIAL if len({tuple(words) for words in said}) == 1 else CLARIFYING


def lowered(chosen: str, wanted: str, touches: frozenset[str]) -> bool:
    """Whether `chosen` calls a change that touches something less than what it asks for: two people must say so."""
    return bool(touches) and CHANGE_CLASSES.index(chosen) < CHANGE_CLASSES.index(wanted)
