"""Rules over what a question asks. Each gives what it found, or nothing."""

import re
from typing import cast

from mesotrain.core.linting.item import COMMAND, Item, is_open, listed, plain, words

_NEGATIVE = re.compile(
    r"\b(?:not|cannot|\w+n['\u2019]t|never|except(?:ing)?|exception|least|incorrect|false|untrue|wrong|"
    r"unlikely|fails? to|no longer|neither|other than|apart from|excluding|(?:but|save) (?:one|which)|odd one out|"
    r"unnecessary|inappropriate|(?<=\bis )no|(?<=\bare )no|no(?= (?:place|part|role|use) (?:in|for|when)\b))\b(?!-)",
    re.IGNORECASE,
)
_ADJECTIVES = ("incorrect", "false", "untrue", "wrong", "unnecessary", "inappropriate")
_SAYINGS = listed("""
statement option one answer item claim sentence step measure action advice response reply assertion combination pair
pairing match those these point which conclusion interpretation description way
""")
_AUXILIARY = listed("""
is are was were be do does did has have had can could may might must should shall will would ought needs need
""")
_RELATIVE = listed("""
if unless because although though while whereas when where who whom whose that which whether why how so until since
suggests suggest shows show means mean proves prove indicates indicate confirms confirm says say implies imply tell
""")
_WITH_CLAUSE = listed("after before as without despite")
_TRUTHS = ("true", "correct", "right", "accurate")
_AFTER_TRUTH = listed("about of in for before after when regarding concerning here that or and")
_BEFORE_GERUND = listed("for of after despite by about from in or if whether than but and")
_PERSON = re.compile(
    r"patients?|wom[ae]n|m[ae]n|child(?:ren)?|persons?|people|adults?|someone|somebody|anybody|infants?|reasons?"
)
_OF_A_PERSON = re.compile(rf"(?:{_PERSON.pattern}) (?:that|which|who)\b")
_BEGINS = re.compile(
    r"(?:^|[,;:\u2013\u2014]\s*|\b(?:and|then|so|but)\s+)(?=(?:(?:at|in|to|for|of|on|by|from|under|with|about)\s+)?"
    r"(?:which|what|whom?|whose|why|how|all of|(?:when|where|who)\s+(?:is|are|do|does|should|must|may|can|would|"
    r"will|was|were|"
    r"did)|is|are|do|does|should|must|can|may)\b)",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(?<![\w*_])([*_]{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*_])")
_MERELY = listed("""
pain bleeding bruising discomfort harm risk damage amount volume time dose number distance pressure trauma swelling
effort waste cost delay disruption tissue resistance force side
painful expensive invasive toxic harmful dangerous traumatic costly irritating
""")
"""Of what the least is asked for itself."""
_OF_ALL = ("other than", "apart from", "excluding", "but one", "but which", "save one", "save which")
"""What turns a question round that speaks of all."""


_MAKING = listed("make makes made making render renders rendered")
"""What is asked for makes something else unlikely, which turns nothing round."""


def negatives(ask: str) -> list[tuple[str, bool]]:
    """The words that turn a question round, each with whether it is in capitals or emphasised."""
    emphasised = [one.span() for one in _EMPHASIS.finditer(ask)]
    bare = re.sub(r"[*_]", " ", ask)
    begins = [one.end() for one in _BEGINS.finditer(bare)] if "?" in ask else []
    begins = [at for at in begins if len(words(bare[at:])) > 2]
    begin = begins[-1] if begins else 0
    if "?" not in ask and not is_open(ask) and not COMMAND.match(bare.strip()):
        begin = 0 if re.search(r"\b(?:following|these|below)\b", bare, re.IGNORECASE) else len(bare)
    found = []
    ends = is_open(ask) and re.search(r"\b(?:is|are|was|were|includes?)\W*$", bare)
    completes = ends or COMMAND.match(bare.strip())
    for one in _NEGATIVE.finditer(bare, begin):
        before, after = words(bare[begin : one.start()]), words(bare[one.end() :])
        if completes:
            before = re.split(r" (?:that|which) ", re.sub(_OF_A_PERSON, "if", " ".join(before)))[-1].split()
        if _turns(one[0].lower().replace("\u2019", "'"), before, after):
            marked = one[0].upper() == one[0] or any(low <= one.start() < high for low, high in emphasised)
            found.append((one[0], marked))
    return found


def _turns(word: str, before: list[str], after: list[str]) -> bool:
    """Whether `word` stands in the clause that asks, and turns it round."""
    last, then = (before or [""])[-1], (after or [""])[0]
    if ({"why", "how"} & set(before[:2]) and "how many of" not in " ".join(before)) or (
        word == "never" and then in ("event", "events")
    ):
        return False
    if word == "least":
        return last not in ("at", "not") and then not in _MERELY
    if word.startswith("except"):
        return word == "exception" or then not in ("in", "when", "if", "during", "after", "where", "as")
    if word in (*_OF_ALL, "unlikely"):
        made = word == "unlikely" and (_MAKING & set(before) or _PERSON.fullmatch(last) or _within(before))
        return not made and (word == "unlikely" or bool({"all", "each", "every"} & set(before)))
    if word in _ADJECTIVES or (word == "not" and then in _TRUTHS):
        return _denies(word, before, last, then)
    helping = word.endswith("n't") or word == "cannot"
    of_them = _PERSON.fullmatch(last) and not helping
    follows = last in _BEFORE_GERUND or of_them or then in ("only", "more", "less", "later", "than")
    shortened = word == "not" and _AUXILIARY & set(before) and not _AUXILIARY & set(before[-3:])
    whole = [*before, "do"] if helping else before
    return not (follows or shortened or _within(whole))


def _denies(word: str, before: list[str], last: str, then: str) -> bool:
    """Whether something is called untrue, not only spoken of as such."""
    spoken_of = last == "a" and then == "one"
    saying = not spoken_of and (then in _SAYINGS or then.removesuffix("s") in _SAYINGS)
    predicate = last in ("is", "are", "be") and (not then or then in _AFTER_TRUTH or then in _TRUTHS)
    asks_what = before[:1] == ["what"] and word == "wrong"
    return (saying or (predicate and not asks_what)) and not _within([one for one in before if one != "who"])


def _within(before: list[str]) -> bool:
    """Whether the next word stands in a clause that only describes: one that opened before it and has not ended."""
    for place, word in enumerate(before):
        relative = word in _RELATIVE and place > (before[0] in ("in", "at", "to", "of", "for", "with", "from", "on"))
        if word in ("that", "which") and place and before[place - 1].removesuffix("s") in _SAYINGS:
            continue
        led = _AUXILIARY & set(before[:place])
        if (relative or (word in _WITH_CLAUSE and led)) and place:
            held = sum(one in _AUXILIARY for one in before[place + 1 :])
            if led or held < 2:
                return True
    return False


def unmarked_negative(item: Item) -> list[str]:
    if item.kind == "essay":  # it may well ask why something is not done
        return []
    return [word for word, marked in negatives(item.asks) if not marked]


_TRUTH = r"(?:true|correct|false|incorrect|right|wrong|accurate|untrue|\*\*\w+\*\*)"
WHICH_TRUE = re.compile(
    r"\W*which(?: one)?(?: of (?:the following|these|the|those))?(?: ?(?:statements?|answers?|options?|"
    r"assertions?|claims?))*"
    rf"(?: below| here)? (?:is|are) (?:\**not\** )?{_TRUTH}\b",
    re.IGNORECASE,
)


def unfocused_stem(item: Item) -> list[str]:
    if not item.options:
        return []
    ask = plain(item.asks)
    asked = "?" in item.stem or is_open(item.asks) or COMMAND.search(ask)
    if len(item.stem.split()) < 4 or not asked or WHICH_TRUE.match(item.asks):
        return [ask]
    return []


_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|may|should|must|does|do|will|causes?|needs?|occurs?|lies?|contains?|"
    r"\w{3,}(?:es|ses))\b",
    re.IGNORECASE,
)


def hidden_true_false(item: Item) -> list[str]:
    if not WHICH_TRUE.match(item.asks) or item.kind != "single":
        return []
    sentences = all(len(one.text.split()) > 3 and _VERB.search(one.text) for one in item.options)
    return [plain(item.asks)] if sentences else []


_TEACHING = re.compile(
    r"\b(?:remember(?: that|:)|note that|is defined as|as we have seen|recall that|as you know|it is well known|"
    r"as (?:was )?(?:explained|taught|described) (?:above|in the lesson|earlier)|keep in mind|bear in mind|"
    r"don['\u2019]t forget)",
    re.IGNORECASE,
)


def teaching_stem(item: Item) -> list[str]:
    if found := _TEACHING.search(item.stem):
        return [found[0]]
    many = len(item.stem.split())
    return [f"{many} words"] if many > 120 else []


_MIDDLE = re.compile(r"(?:_{2,}|(?<=\s)(?:\.{3}|\u2026)(?=\s))(?=.*[^\W_].*[^\W_])", re.DOTALL)


def blank_in_the_middle(item: Item) -> list[str]:
    stem = plain(re.sub(r"\"[^\"]*\"", "", item.markdown))
    return [stem] if item.options and _MIDDLE.search(stem) else []


_OPINION = re.compile(
    r"\b(?:do you (?:think|believe|feel|consider|prefer|like)|in your (?:opinion|view)|would you (?:feel|prefer|"
    r"like)|"
    r"your (?:opinion|preference)|how do you feel)\b",
    re.IGNORECASE,
)


def opinion(item: Item) -> list[str]:
    return [found[0]] if (found := _OPINION.search(plain(item.asks))) else []


def unexplained(item: Item) -> list[str]:
    if item.stages:
        return []  # each of them is looked at
    if item.options:
        return [one.text for one in item.options if not one.explained]
    key = item.question.key
    return [] if key.get("reason") or key.get("reasons") else [plain(item.asks)]


def uncited(item: Item) -> list[str]:
    return [] if item.question.cites else [""]


def no_level(item: Item) -> list[str]:
    return [] if item.question.level else [""]


def untaught(item: Item) -> list[str]:
    return [] if item.question.sections else [""]


def small_panel(item: Item) -> list[str]:
    members = sum(cast(dict[str, int], item.question.key.get("panel", {})).values())
    return [str(members)] if item.kind == "concordance" and members <= 10 else []
