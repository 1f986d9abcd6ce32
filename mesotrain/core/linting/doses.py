"""Rules over numbers, units and abbreviations: what a hurried reader takes for ten times as much, or another drug."""

import re
from typing import cast

from mesotrain.core.linting.item import Item, plain
from mesotrain.core.linting.quantities import UNIT

_MEASURED = (
    rf"(?:{UNIT}|[a-z]*(?:gram|litre|liter|metre|meter|mole|unit)s?\b|mol\b|kbq|mbq|kcal|bpm|french|fr\b|mg\b|"
    rf"tablets?|ampoules?|"
    r"vials?|syringes?|cartridges?|puffs?|cm[\u00b2\u00b32-3]|mm[\u00b2\u00b32-3]|mmol|x\s?10)"
)
_NAKED = re.compile(
    rf"(?<![\w.)\]])\.\d+(?!\.?\d|\.\w)[^\s,;)]*|(?<![\w,.)\]]),\d+[ \u00a0]?{_MEASURED}(?!\w)", re.IGNORECASE
)
_ZERO = re.compile(
    rf"(?<![\w.,:/])\d+(?:\.\d*0|,\d?0)(?![\d:]|[.,]\d)(?=[ \u00a0-]?{_MEASURED}|(?: ?(?:-|\u2013|to|and|or|x|\u00d7|"
    rf"/) ?\d+(?:\.\d+)?){{1,2}}[ \u00a0-]?{_MEASURED})",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:version|\bv\.?|section|chapter|release|edition|table|figure|part|rule|paragraph|appendix|step|level|\bph|"
    r"score|ratio(?: of)?|"
    r"software|module|guideline)\s*$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b(?:at|by|from|until|till|before|after|since|around|to)\s*$", re.IGNORECASE)
_DISSOLVED = re.compile(
    r"\b(?:solutions?|concentrations?|strengths?|gel|cream|ointment|lotion|peel|strong|w/v|in alcohol|saline|"
    r"glucose|dextrose|\w+caine|"
    r"chlorhexidine|iodine|alcohol|acid|adrenaline|peroxide|chloride|hydroquinone|polidocanol|phenol|acetate)\b",
    re.IGNORECASE,
)
"""What makes a percentage a strength, not a share of people."""


_REPORTED = re.compile(
    r"\b(?:report\w*|result\w*|laborator\w*|lab)\b[^.?!;]{0,40}$|\b(?:HbA1c|h(?:a)?ematocrit|saturation|SpO2)\b\W*$|"
    r"\b(?:her|his|its|body|core|patient's) temperature\b[^.?!;]{0,20}$|\bblood pressure\b[^.?!;]{0,20}$|"
    r"\b(?:ultrasound|ultrasonograph\w*|sonograph\w*|scans?|imaging|MRI|CT|x-?ray)\b[^.?!;]{0,60}$",
    re.IGNORECASE,
)
_IN_BLOOD = re.compile(r" ?[a-z\u00b5\u03bc]+/d?l\b", re.IGNORECASE)
"""What a laboratory or an image reports, or a patient is found to have, has a zero that says how exact it is."""
_STATISTIC = re.compile(
    r"(?:\b(?:p|r|r2|r\u00b2|rho|kappa|alpha|beta|icc|auc)|[\u03ba\u03c1\u03b1\u03b2])"
    r"(?:[- ]value)?s?(?: (?:of|for|in|between) [\w' ]{1,40})?\s*(?:=|<|>|\u2264|\u2265|of|was|is)\s*[-\u2212]?$",
    re.IGNORECASE,
)
"""What is never above 1 is written without its zero in many journals, and is no dose."""


def naked_decimal(item: Item) -> list[str]:
    found = ((one[0].rstrip(".?!:"), item.whole[: one.start()]) for one in _NAKED.finditer(item.whole))
    return [said for said, before in found if not _STATISTIC.search(before[-60:])]


def trailing_zero(item: Item) -> list[str]:
    found = []
    for one in _ZERO.finditer(item.whole):
        before, after = item.whole[: one.start()].rpartition("\n")[2], item.whole[one.end() :].partition("\n")[0]
        clock = (
            re.fullmatch(r"\d{1,2}\.\d0", one[0]) and re.match(r" ?(?:h|hrs?|hours)\b", after) and _CLOCK.search(before)
        )
        share = re.match(r" ?(?:%|per ?cent)", after) and not _DISSOLVED.search(
            f"{before[-40:]}#{after[:40]} {item.asks}"
        )
        if not (clock or share or _IN_BLOOD.match(after) or _REPORTED.search(before) or _NAMED.search(before)):
            found.append(one[0] + re.split(r"(?<=\w)\b(?!\s?%)", after, maxsplit=1)[0])
    if _COUNTED.search(plain(item.asks)):
        found += [one.text for one in item.options if re.fullmatch(r"\d+\.\d*0", one.text)]
    return list(dict.fromkeys(found))


_KIND = (
    r"(?:doses?|dosage|rate|volume|depth|length|weight|mass|concentration|strength|time|duration|temperature|distance|"
    r"thickness|height|width|diameter|amount|quantity|interval|period|half-life|bolus|radius|circumference|age|"
    r"pressure|limit|speed)\b"
)
_OTHER = (
    r"(?:number|percentage|ratio|factor|fraction|proportion|score|of|to|after|before|in|for|with|by|from|on|did|does|do)"
    r"\b"
)
_NOUNS = rf"(?: (?!{_OTHER})[\w'-]+){{0,7}}?"
_IS = r"(?: (?:is|are|was|were|will|would|should|must|may|can))"
_MEASURES = re.compile(
    r"\bwhat does\b[^.?]* hold\b|\bhow (?:much|fast|long|deep(?:ly)?|far|soon|heavy|tall|thick|wide|hot|warm|cold|"
    r"strong|(?:large|high|low) an?)\b|"
    rf"\b(?:what|which)(?: of (?:these|the following))?"
    rf"(?:{_IS}{_NOUNS}|(?: (?!{_OTHER}|the\b|an?\b)[\w'-]+){{0,4}}?) {_KIND}"
    r"(?! (?:form|number|ratio|factor|point|level|class|unit|regimen|error))|"
    rf"\b(?:calculate|work out|give|state|find|determine|write|enter|estimate|name|compute){_NOUNS} {_KIND}|"
    rf"\b(?:the|an?|its|his|her)(?: [\w'-]+){{0,4}} {_KIND}[^.?]*"
    r"\b(?:is|are|equals|should be|must be|would be|lasts?|of|about|will be|to)\s*(?:_+|:|\.{3}|\u2026)?$",
    re.IGNORECASE,
)
_NOT_MEASURED = re.compile(
    r"\bhow many times\b|\bby (?:what|which) (?:factor|number)\b|\bhow (?:much|far) (?:more|less|faster|larger)\b", re.I
)
_ASKS_UNIT = re.compile(
    rf"(?:\b(?:in|as|into|how many|number of|to the nearest|answer:?|nearest)(?: (?:whole|full|a|the|"
    rf"decimal|completed))? |"
    rf"\(\s*(?:in )?|_{{2,}}\s?|\.{{3}}\s?|\u2026\s?|, ){_MEASURED}(?![\w'\u2019-])|\bpercentage\b|"
    rf"\b(?:as|in)(?: a)? per ?cent\b|\bunit: ",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\bhow many (?!of\b)\w+", re.IGNORECASE)


_OF_A_KIND = r"\[\[%s\]\] of (?!the\b|these\b|those\b|them\b|its?\b|his\b|her\b|\d|all\b|every\b|each\b)(?=\w)"


def missing_unit(item: Item) -> list[str]:
    ask = plain(item.asks)
    if item.kind == "cloze":
        gaps = cast(list[dict[str, str]], item.question.taker["gaps"])
        names = [one["id"] for one in gaps if one["type"] == "numeric" and not one["unit"]]
        return [ask] if any(re.search(_OF_A_KIND % name, item.markdown) for name in names) else []
    if not _MEASURES.search(ask) or _NOT_MEASURED.search(ask) or _ASKS_UNIT.search(item.stem):
        return []
    if _COUNTED.search(ask) and not re.search(r"\bhow (?:much|long|deep)\b", ask, re.IGNORECASE):
        return []
    if item.kind in ("numeric", "calculated"):
        return [] if item.question.taker["unit"] else [ask]
    bare = [one is not None and not one.kind and not one.rest for one in item.spans]
    return [ask] if bare and all(bare) else []


_ROUTE = (
    r"(?:injections?|injected|route|doses?|bolus|boluses|infusions?|needle|adrenaline|heparin|insulin|lidocaine|"
    r"administration|use)"
)
_COUNT = "one|two|three|four|five|ten|twenty"
_ABBREVIATIONS = (
    re.compile(r"(?<![\w.])\d[\d.,]*\s?[Uu](?![\w'\u2019-])(?! ?(?:-?shaped|waves?|tubes?|bends?|turns?|boats?))"),
    re.compile(r"\b[Uu]/(?:kg|ml|mL|l|L|h|hr|hour|day|min|d|dose|site)\b"),
    re.compile(rf"\b(?:in|per|of|many|as|{_COUNT}) U\b(?![- ](?:shape|wave|tube|turn))"),
    re.compile(r"(?<![\w-])(?:\d[\d.,]*\s?)?(?:IU|IUs|I\.U\.)(?![\w-])|\d\s?iu\b"),
    re.compile(r"(?<![^\W\d_])(?:\d[\d.,]*\s?)?(?:[\u00b5\u03bc]g|ug)(?!\w)"),
    re.compile(
        r"(?:\d[\d.,]*|[\u00bd\u00bc\u00be]|"
        rf"\b(?:{_COUNT}|a|half a|few|per|several|many)) ?(?:cc|CC)(?:'?s)?(?![\w:-])|/cc\b"
    ),
    re.compile(r"\b(?:how many|in|of) (?:cc|CC)s?\b(?![:'\u2019])"),
    re.compile(r"\b(?:QD|qd|Qd|q\.d\.|Q\.D\.|QOD|qod|q\.o\.d\.?|Q\.O\.D\.?)(?!\w)"),
    re.compile(r"\bM(?:g)?SO(?:4|\u2084|~4~)(?!\w)"),
    re.compile(
        r"\bMS,? (?:\d[\d.]*\s?(?:mg|micrograms?|mcg|g)\b|IV\b|IM\b|PO\b|SC\b|bolus|infusion|injection|ampoules?|"
        r"tablets?|intravenous)"
        r"|\b(?:mg|micrograms?|mcg|g)(?: of)?(?: IV| IM)? MS\b|\b(?:give|gave|given|giving|administer(?:ed)?|"
        r"inject(?:ed)?|titrated?|"
        r"prescribed?|order(?:ed)?|draws? up|receive[sd]?|doses? of|bolus of|ampoules? of|IV|IM|"
        r"intravenous)(?: IV| IM)? MS\b"
        r"(?! (?:patient|relapse|lesion|clinic|nurse))"
    ),
    re.compile(
        r"(?<![\w,.&/-])(?:SC|SQ)(?![\w&-])(?!,? (?:joint|ligament|junction|dislocation|disease|trait|cell))|"
        r"/(?:SC|SQ)(?!\w)"
    ),
    re.compile(
        rf"\b(?:sc|sq|s\.c\.|s/c) {_ROUTE}\b|(?:\d ?(?:mg|mL|ml|micrograms?|units?)|by|given|inject(?:ed)?) (?:sc|"
        rf"sq|s\.c\.|s/c)(?!\w)"
    ),
    re.compile(r"\b[Ss]ub-?[Qq]\b|\bsub q\b"),
    re.compile(r"(?<![\w.])(?:s\.c\.|S\.C\.)(?! ?(?:joint|ligament))"),
    re.compile(r"\b(?:qhs|QHS|q\.h\.s\.?|Q\.H\.S\.?|BIW|TIW|biw|tiw|D/C)(?!\w)"),
    re.compile(
        r"\b(?:mg|[Dd]rops?|[Tt]ablets?|[Pp]uffs?|ointment|mL)\b[^.;?]{0,30}?"
        r"\b(?:O[DSU]|A[DU]|HS|O\.[DSU]\.|H\.S\.)(?!\w)"
    ),
    re.compile(r"\b(?:APAP|AZT|CPZ|HCTZ|MTX|PTU|TAC|TNK)\b"),
)
_OTHERWISE = {
    "MS": re.compile(r"multiple sclerosis|mitral stenosis|mass spectrometry|Master of Science", re.IGNORECASE),
    "SC": re.compile(
        r"(?-i:[A-Z][a-z]+, SC)\b(?! or)|stratum corneum|spinal cord|secondary care|sickle|sternoclavicular|"
        r"South Carolina|SC, USA|Hb ?SC|haemoglobin SC|subcommittee|steering committee|supreme court",
        re.IGNORECASE,
    ),
    "QD": re.compile(r"quantum dot", re.IGNORECASE),
    "CC": re.compile(r"copied in|carbon copy|chief complaint", re.IGNORECASE),
}
"""What an abbreviation stands for elsewhere; where a text says so it is no dose."""


def _quoted(text: str, found: re.Match[str]) -> bool:
    """Whether an abbreviation is only spoken of."""
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    return bool(re.fullmatch("[\"\u201c'\u2018][\"\u201d'\u2019]", before + after))


def error_prone_abbreviation(item: Item) -> list[str]:
    matches = (one for pattern in _ABBREVIATIONS for one in pattern.finditer(item.whole))
    found = [one[0].strip() for one in matches if not _quoted(item.whole, one)]
    meant = [name for name, pattern in _OTHERWISE.items() if found and pattern.search(item.whole)]
    return [one for one in dict.fromkeys(found) if not any(re.search(rf"\b{name}", one.upper()) for name in meant)]
