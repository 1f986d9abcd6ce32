"""Numbers and measures as authors write them: which say the same, and which share values."""

import re
from dataclasses import dataclass
from fractions import Fraction

from mesotrain.core.quantities import MEASURES

UNIT = "(?:" + "|".join(re.escape(one) for one in sorted(MEASURES, key=len, reverse=True)) + r")(?![^\W\d_])"

_SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_SMALL = {word: number for number, word in enumerate(_SMALL_WORDS.split())}
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * number for number, word in enumerate(_TENS_WORDS.split(), 2)}
_UNDER_TEN = "|".join(list(_SMALL)[1:10])
_SPELT = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<one>{_UNDER_TEN}))?|(?P<small>{'|'.join(_SMALL)}))\b"
    r"(?:[- ](?P<many>hundred|thousand|million)\b)?"
)
_MANY = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_NUMBER = r"(?<![\w.:/])-?\d+(?:\.\d+|/[1-9]\d*(?![\d/]))?(?![\d:]|\.\d)"
_MEASURE = re.compile(rf"(?P<number>{_NUMBER})[ -]?(?P<unit>{UNIT})(?:\s?(?:/|per)\s?(?P<per>{UNIT}))?")


def spelt_out(text: str) -> str:
    """`text` in small letters, every number in digits."""
    text = re.sub(r"(?<=\d)[,\u202f\u00a0 ](?=\d{3}(?!\d))", "", text.lower().replace("per cent", "percent"))
    text = text.replace("\u00bd", "1/2").replace("\u00bc", "1/4").replace("\u00be", "3/4")
    text = re.sub(r"\ban? (?=half|quarter)", "", text)
    text = re.sub(rf"\bhalf (?:an? |of an? )?(?={UNIT})", "1/2 ", text)
    text = re.sub(rf"\bquarter (?:an? |of an? )?(?={UNIT})", "1/4 ", text)
    text = re.sub(rf"\ban? (?=(?:{UNIT}|hundred|thousand|million))", "one ", text)

    def number(found: re.Match[str]) -> str:
        value = (
            _TENS[found["tens"]] + _SMALL.get(found["one"] or "zero", 0) if found["tens"] else _SMALL[found["small"]]
        )
        return str(value * _MANY.get(found["many"] or "", 1))

    return _SPELT.sub(number, text)


_PER_UNIT = rf"[ -]?{UNIT}(?:\s?(?:/|per)\s?{UNIT})?"
_ROUGHLY = "(?:about|around|approximately|approx[.]?|circa|ca[.]?|roughly|nearly|almost)"
_ALONE = re.compile(rf"(?:{_ROUGHLY} {_NUMBER}(?:{_PER_UNIT})?|{_NUMBER}{_PER_UNIT})")
_ONE = re.compile(r"an? (?!half|quarter|hundred|thousand|million)", re.IGNORECASE)
"""What begins so names a thing and counts none."""


def in_words(text: str) -> bool:
    """Whether a text is nothing but a number with its unit, said in words: five mL, half a litre, about 5."""
    return not (text[:1].isdigit() or _ONE.match(text)) and bool(_ALONE.fullmatch(spelt_out(text)))


def _celsius(found: re.Match[str]) -> str:
    return f"{(Fraction(found[1]) - 32) * 5 / 9} \u00b0c"


_NAMES = {
    name: line.split(" = ")[0]
    for line in """
adrenaline = epinephrine
noradrenaline = norepinephrine
paracetamol = acetaminophen
lidocaine = lignocaine
chlorphenamine = chlorpheniramine
salbutamol = albuterol
furosemide = frusemide
saline = normal saline = sodium chloride 0.9%
vitamin c = ascorbic acid
subcutis = hypodermis
intramuscularly = into muscle = into a muscle = into the muscle
intravenously = by vein = into a vein
one time a day = daily
one time a week = weekly
two times a day = every 12 hours
call = phone for = telephone
""".strip().split("\n")
    for name in line.split(" = ")[1:]
}
"""Other names of the same: drugs by their British and American ones, and what is said in two ways every day."""
_NAMED = re.compile(r"(?<![\w.])(?:" + "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)) + r")(?!\w)")


def same(text: str) -> str:
    """What a text says, so that two which say the same are equal: case, articles, marks, digits, units, names aside."""
    text = re.sub(r"\bonce\b", "one time", re.sub(r"\btwice\b", "two times", text.lower()))
    text = re.sub(r"(?<=[a-z])?(?:ae|oe)(?=[dmst])", "e", _NAMED.sub(lambda one: _NAMES[one[0]], text))
    text = re.sub(r"(?<=\w)['\u2019](?=\w)", "", text).replace("\u00d7", "x")
    text = re.sub(r"(?<=\d),(?=\d\d?(?!\d))", ".", text)
    text = re.sub(r"(?<=\d) ?(?:to|-|\u2013|\u2014) ?(?=\d)", " to ", spelt_out(text))
    text = re.sub(r"(-?\d+(?:\.\d+)?) ?(?:\u00b0 ?f\b|degrees fahrenheit)", _celsius, text)
    text = re.sub(r"\b1 in ([1-9]\d*)\b", lambda one: f"{Fraction(100, int(one[1]))}%", text)
    text = re.sub(r"\b1 ?: ?([1-9]\d{2,})\b", lambda one: f"{Fraction(1000, int(one[1]))} mg/ml", text)

    def measure(found: re.Match[str]) -> str:
        kind, factor = MEASURES[found["unit"]]
        value = Fraction(found["number"]) * factor
        per = MEASURES.get(found["per"] or "")
        if per:
            kind, value = f"{kind} a {per[0]}", value / per[1]
        if kind == "share":
            kind, value = "mass a volume", value * 1000
        return f" \x01{value} {kind}\x01 "

    text = _MEASURE.sub(measure, text)
    text = re.sub(_NUMBER, lambda one: str(Fraction(one[0])), text)
    text = re.sub(
        r"\b(?:the|an?|of|1(?= [a-z]))\b(?![+-])", " ", text.replace("<", " less than ").replace(">", " more than ")
    )
    text = re.sub(r"(?<=\w)[-\u2010\u2011](?=\w)", " ", text)
    return " ".join(re.sub(r"[^\w\s/%\x01+\u2212-]|(?<![\d/])/(?!\d)", " ", text).split())


@dataclass(frozen=True)
class Span:
    """The values an option stands for, in the first unit of their kind; `rest` are its other words."""

    low: Fraction | None
    high: Fraction | None
    open: bool
    kind: str
    rest: str

    @property
    def single(self) -> bool:
        return self.low is not None and self.low == self.high

    def shares(self, other: "Span") -> bool:
        """Whether one value lies in both, where they measure the same."""
        if (self.kind, self.rest) != (other.kind, other.rest):
            return False
        for one, two in ((self, other), (other, self)):
            if one.high is not None and two.low is not None:
                touching = one.high == two.low and (one.open or two.open)
                if one.high < two.low or touching:
                    return False
        return True


_N, _U = rf"({_NUMBER})", rf"(?:[ -]?({UNIT}))?"
_BELOW = (
    r"less than|fewer than|under|below|<|up to|at most|no more than|not more than|a maximum of|maximum of|\u2264|"
    r"within|"
    r"shorter than|lower than|smaller than|younger than|lighter than"
)
_ABOVE = (
    r"more than|over|above|>|greater than|at least|no less than|not less than|no fewer than|a minimum of|"
    r"minimum of|\u2265|"
    r"longer than|older than|higher than|larger than|exceeding|heavier than|from"
)
_OPENS = re.compile(r"less than|fewer than|under|below|<|more than|over|above|>|\w+er than|exceeding")
_CLOSED = re.compile(r"no |not |at |\u2264|\u2265")
_RANGE = re.compile(
    rf"(?:\bbetween |\bfrom )?{_N}{_U}\s?(?:-|\u2013|\u2014|to|and|or|through|up to)\s?{_N.replace('-?', '')}{_U}"
)
_LEAST = re.compile(rf"(?<!\w)({_BELOW}|{_ABOVE}) ?{_N}{_U}")
_OR_LESS = re.compile(rf"{_N}{_U} (?:or|and) (?:less|fewer|under|below|lower|shorter|younger|smaller)\b")
_OR_MORE = re.compile(
    rf"{_N}{_U}(?: (?:or|and) (?:more|over|above|longer|greater|higher|older|larger|upwards)\b| ?\+| upwards)"
)
_EXACT = re.compile(rf"{_N}{_U}")
_FILLER = re.compile(
    r"\b(?:about|approximately|roughly|around|some|a|an|the|only|of age|old|exactly|in|every)\b|[^\w/%]"
)


def span(text: str) -> Span | None:
    """The values that an option stands for; None where it is no single number, bound or range."""
    text = spelt_out(text.strip(" ."))
    for pattern, said in ((_RANGE, "range"), (_LEAST, "bound"), (_OR_LESS, "less"), (_OR_MORE, "more"), (_EXACT, "is")):
        if found := pattern.search(text):
            rest = f"{text[: found.start()]}#{text[found.end() :]}"
            return (
                None
                if re.search(r"\d", rest) or "/0" in found[0]
                else _span(found, said, " ".join(_FILLER.sub(" ", rest).split()))
            )
    return None


def _span(found: re.Match[str], said: str, rest: str) -> Span | None:
    if said == "range":
        first, one, second, two = found.groups()
        (kind, low), (same_kind, high) = _value(first, one or two), _value(second, two or one)
        return Span(low, high, False, kind, rest) if kind == same_kind and low <= high else None
    word, number, unit = found.groups() if said == "bound" else (said, *found.groups())
    kind, value = _value(number, unit)
    if word == "over" and kind == "time":
        return None
    below = said == "less" or bool(re.fullmatch(_BELOW, word))
    if said == "is":
        return Span(value, value, False, kind, rest)
    is_open = bool(_OPENS.match(word)) and not _CLOSED.match(word)
    return Span(None if below else value, value if below else None, is_open, kind, rest)


def _value(number: str, unit: str | None) -> tuple[str, Fraction]:
    kind, factor = MEASURES[unit] if unit else ("", Fraction(1))
    return kind, Fraction(number) * factor
