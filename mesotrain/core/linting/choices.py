"""Rules over the options of a question. Each gives what it found, or nothing."""

import re
from collections import Counter
from itertools import combinations, permutations
from typing import cast

from mesotrain.core.linting.item import Item, plain, telling, words
from mesotrain.core.linting.quantities import same
from mesotrain.core.linting.stems import negatives
from mesotrain.core.questions.true_false import FALSE, TRUE

_ABOVE = "above(?:-mentioned)?|below|listed|mentioned|aforementioned|named|given|preceding|foregoing|previous|following"
_CHOICES = "options?|answers?|statements?|choices?|responses?|alternatives"
_MANY = "(?:two|three|four|five)"
_OTHERS = (
    rf"(?:of )?(?:the |these |those )?(?:(?:other|first|last) {_MANY}|"
    rf"(?:{_MANY} |other |listed |given )*(?:{_CHOICES}|others?|rest)|"
    rf"(?:{_MANY} |other )?(?:{_ABOVE})(?: \w+)?|\w+ (?:{_ABOVE}))(?: (?:{_ABOVE}|here|together|{_MANY}))*"
)
_THEM = r"of (?:these|those|them)"
_HOLD = r"(?:,? except .*| (?:is|are|may|can|would|will|apply|applies|holds?|true|correct|right|possible)\b.*)?"


def _whole(*shapes: str) -> re.Pattern[str]:
    return re.compile("|".join(shapes))


_TRUE = (
    r"(?: (?:is|are)(?: all| both| equally)? (?:true|correct|right|possible|appropriate|suitable|acceptable)|"
    r" appl(?:y|ies)| holds?| fits?)"
)
_ALL = _whole(
    r"(?:all|any|any one|each|every one|everything|both|either|most|several|some|more than one|"
    rf"(?:the (?:first|last) )?{_MANY})"
    rf"(?: {_MANY})? {_OTHERS}{_HOLD}",
    r"(?:all|any|each|both) of the above(?: .*)?",
    rf"(?:all|any|any one|each|both|either|every one)(?: {_MANY})? {_THEM}(?: \w+)?{_HOLD}",
    rf"the (?:first |last )?{_MANY} (?:{_ABOVE}|{_CHOICES}).*",
    rf"(?:all|both|everything|each one|they all|all {_MANY}|(?:all|both) th[eo]se)(?:{_TRUE}| correct)?|both are",
    rf"in (?:all|any|both|each)(?: of)? (?:the|these|those)(?: {_MANY}| \w+)?(?: (?:{_ABOVE}))?",
    rf"(?:everyone|everybody|anyone) (?:{_ABOVE})(?: (?:{_ABOVE}))?",
    r"(?:(?:all|everything) (?:on|in) )?(?:the|this) (?:whole |entire |full )?list",
    rf"the (?:{_ABOVE}) (?:is|are) (?:all|both)\b.*",
    rf"(?:all|any|any one|each|both) of the \w+ (?:{_ABOVE})(?:,.*)?",
)
_WRONG = r"(?:wrong|false|incorrect|untrue|inappropriate)"
_NONE = _whole(
    rf"(?:none|neither|nothing|not any|not one|no one) {_OTHERS}(?:[ ,].*)?",
    rf"(?:none|neither|not any|not one)(?: (?:{_THEM}(?: \w+)?|of the {_MANY}|of the lot))?"
    rf"(?:{_TRUE}| correct)?",
    rf"(?:none|neither|not one) {_THEM}(?: \w+)?(?: would| will| is| are)\b.*",
    r"(?:there is )?no (?:correct |right |other )?(?:option|answer|statement|choice)(?: (?:above|listed|given|here))?"
    r"(?: (?:is|are)\b.*)?",
    r"(?:no \w+|nobody) (?:above|listed|mentioned|given|named|shown)(?: (?:above|here))?",
    r"(?:none|not one) of the \w+ in th(?:e|is) list",
    r"neither [a-h1-6](?:,? (?:n?or )?[a-h1-6])+",
    rf"neither the first\b.* (?:{_CHOICES})|(?:none|not one) of the \w+ shown(?: (?:is|are)\b.*)?",
    rf"(?:all|any)(?: {_OTHERS}| {_THEM})? (?:is|are) {_WRONG}",
    rf"(?:the |these )?(?:{_CHOICES}) are (?:all|both) {_WRONG}",
    rf"(?:nobody|no one|nothing) {_THEM}(?: \w+)?",
    rf"(?:\w+ )?other than (?:these|those|any {_THEM}|the (?:{_ABOVE}))(?: \w+)?",
    r"(?:the (?:correct |right )?answer is )?not (?:listed|mentioned|given)(?: (?:above|here))?",
    r"something else|another answer|there is no (?:right|correct) \w+(?: (?:here|above|listed))?",
)
_LETTER = r"(?:[a-h]|\d|i{1,3}|iv|v)"
_LETTERS = re.compile(
    rf"(?:both |only |either )?(?:(?:options?|answers?|statements?|choices?|numbers?) )?(?P<named>{_LETTER}"
    rf"(?:(?:,? ?(?:\+|&|and|or) ?|, ?){_LETTER})+)(?: (?:only|together|are|both)\b.*)?"
)
_LABEL = re.compile(r"[a-h][.):] ", re.IGNORECASE)
_AMOUNT = re.compile(
    r"\d|\b(?:half|third|quarter|most|everything|one|two|three|four|five|ten|some|few|little|much)\b", re.I
)
_ABSOLUTE = re.compile(
    r"\b(?:always|never|all|none|only|every|must|completely|impossible|entirely|totally|absolutely|invariably|nobody|"
    r"everybody|everyone|no one|in every case|without exception)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:often|usually|sometimes|frequently|occasionally|rarely|may be|can be|might|significant(?:ly)?|some|"
    r"generally|commonly|possibly|probably|(?<!\bas )many|seldom|normally)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|no|without|cannot|\w+n['\u2019]t)\b", re.IGNORECASE)


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s,&+<>-]", " ", text.lower()).split()).replace(" ,", ",").strip(" ,-")


def _coded(flat: str, many: int) -> bool:
    """Whether an option names others by their letters or numbers, of which there are so many."""
    found = _LETTERS.fullmatch(flat)
    letters = re.findall(r"\b[a-h]\b", found["named"]) if found else []
    return bool(found) and all(ord(one) - ord("a") < many for one in letters)


def all_of_the_above(item: Item) -> list[str]:
    labelled = all(_LABEL.match(one.text) for one in item.options)
    texts = {_flat(one.text[3:] if labelled else one.text): one.text for one in item.options}
    found = [whole for flat, whole in texts.items() if _ALL.fullmatch(flat) and not _NONE.fullmatch(flat)]
    coded = [flat for flat in texts if _coded(flat, len(texts))]
    if len(texts) - len(coded) >= 2:
        found += [texts[one] for one in coded]
    joined = {f"{one} and {other}" for one, other in permutations([flat.replace(",", "") for flat in texts], 2)}
    for flat, whole in texts.items():
        parts = [one.strip() for one in re.split(r",? and |, | & | \+ ", flat.removeprefix("both "))]
        several = len(parts) > 1 and all(part in texts and part != flat for part in parts)
        if several or flat.removeprefix("both ").replace(",", "") in joined:
            found.append(whole)
    return list(dict.fromkeys(found))


def none_of_the_above(item: Item) -> list[str]:
    labelled = all(_LABEL.match(one.text) for one in item.options)
    flat = {one.text: _flat(one.text[3:] if labelled else one.text) for one in item.options}
    asked = re.search(r"\bhow (?:many|much|often)\b", item.asks, re.IGNORECASE)
    amount = asked or any(_AMOUNT.search(one) for one in flat.values())
    return [
        text for text, one in flat.items() if _NONE.fullmatch(one) and not (amount and one in ("none", "none of them"))
    ]


_SAME = re.compile(r"\b(?:same|equal|equivalent|identical)\b", re.IGNORECASE)
"""What is asked where two options are to say the same."""
_PAIR = re.compile(r"^(?!.*\b(?:between|from)\b).*\d.* and .*\d", re.IGNORECASE)
"""Two numbers side by side, which are no range."""


def two_keys(item: Item) -> list[str]:
    if item.kind == "multiple" and _SAME.search(item.asks):
        return []
    said: dict[str, str] = {}
    found = []
    for one in item.options:
        other = said.setdefault(same(one.text), one.text)
        if other is not one.text:
            found.append(f"{other}\u201d and \u201c{one.text}")
    return found


def overlapping_numbers(item: Item) -> list[str]:
    spans = [
        (one.text, found)
        for one, found in zip(item.options, item.spans, strict=True)
        if found and not _PAIR.search(one.text)
    ]
    return [
        f"{one}\u201d and \u201c{other}"
        for (one, first), (other, second) in combinations(spans, 2)
        if not (first.single and second.single) and first.shares(second)
    ]


def longest_key(item: Item) -> list[str]:
    if not item.key:
        return []
    own, most = len(item.key.text.split()), max((len(one.text.split()) for one in item.others), default=0)
    return [item.key.text] if own >= most + 3 and own >= most * 1.5 else []


def _holding(item: Item, pattern: re.Pattern[str]) -> list[str]:
    """The words of a pattern, each once, in options that do not speak of the other options."""
    aside = {*all_of_the_above(item), *none_of_the_above(item)}
    found = [word.lower() for one in item.options if one.text not in aside for word in pattern.findall(one.text)]
    return list(dict.fromkeys(found))


def absolute_term(item: Item) -> list[str]:
    return _holding(item, _ABSOLUTE)


_SAYING = re.compile('"[^"]*"|\u201c[^\u201d]*\u201d')
"""What a statement only speaks of."""


def absolute_statement(item: Item) -> list[str]:
    """Of statements the absolute words that stand in false ones alone: a true one with such a word tells nothing."""
    verdicts = cast(dict[str, str], item.question.key.get("verdicts", {}))
    said: dict[str, list[str]] = {TRUE: [], FALSE: []}
    for one in cast(list[dict[str, str]], item.question.taker.get("statements", [])):
        words_of = _SAYING.sub("", plain(one["text"]))
        said[verdicts[one["id"]]] += [word.lower() for word in _ABSOLUTE.findall(words_of)]
    return [] if said[TRUE] else list(dict.fromkeys(said[FALSE]))


_STANDS_OUT = re.compile(
    r"(?<![\w*])\*{1,3}(?=[^\s*])[^*]+\*{1,3}(?!\w)|(?<!\w)_{1,3}(?=[^\s_])[^_]+_{1,3}(?!\w)|"
    r"(?<!\\)\[(?:[A-Z]{1,3}\d{2,4}(?:,\s*[A-Z]{1,3}\d{2,4})*|\d{1,3})\](?!\()|\]\(https?:|\[\^\w+\]|"
    r"\((?=[^()]*[A-Z])[^()]*\b(?:19|20)\d\d[a-z]?\)"
)
"""Bold, italics, a citation, a link or a footnote."""


def marked_key(item: Item) -> list[str]:
    """What is right, where each of it stands out by a mark that nothing wrong has."""
    if not item.options:
        return []
    texts = [one["text"] for one in cast(list[dict[str, str]], item.question.taker["options"])]
    marked = [bool(_STANDS_OUT.search(text)) for text in texts]
    alone = marked == [one.right if item.kind == "multiple" else one.best for one in item.options]
    return [one.text for one, is_so in zip(item.options, marked, strict=True) if is_so and alone]


def vague_term(item: Item) -> list[str]:
    return _holding(item, _VAGUE)


def convergence(item: Item) -> list[str]:
    """Options are built of the same elements where at least half the words of each stand in another."""
    if not item.key or len(item.options) < 3:
        return []
    elements = {one: telling(one.text) for one in item.options}
    times = Counter(word for own in elements.values() for word in own)
    shared = {one: sum(times[word] - 1 for word in own) for one, own in elements.items()}
    if any(len(own) < 2 or 2 * sum(times[word] > 1 for word in own) < len(own) for own in elements.values()):
        return []
    most = max(shared[one] for one in item.others)
    return [item.key.text] if shared[item.key] >= most + 2 else []


def _fits(ending: str, text: str) -> bool:
    first = text.lower().lstrip("\"\u201c'(")
    if ending in ("a", "an"):
        vowel = bool(re.match(r"[aeio]|u(?!ni|se|ro)|hour|honest|heir|[fhlmnrsx](?:[A-Z\d]|$)", first))
        return not re.match(r"(?:an?|the)\b", first) and vowel == (ending == "an")
    head = (re.split(r"\b(?:of|in|on|at|with|from|for|to|that|which|by)\b", first)[0].split() or [""])[-1]
    plural = " and " in first or bool(re.search(r"[^sui]s$", head))
    return plural == (ending == "are")


def grammatical_cue(item: Item) -> list[str]:
    found = re.search(r"\b(an?|is|are)\s*(?:_+|\.{3}|\u2026|:)?$", item.stem, re.IGNORECASE)
    if not found or not item.key:
        return []
    ending = found[1].lower()
    fitting = [one for one in item.options if _fits(ending, one.text)]
    return [ending] if item.key in fitting and len(fitting) < len(item.options) else []


def repeated_word(item: Item) -> list[str]:
    if not item.key or len(item.options) < 3:
        return []
    elsewhere = {word for one in item.others for word in telling(one.text)}
    shared = telling(item.stem) & telling(item.key.text) - elsewhere
    return sorted({word for word in words(item.stem) if len(word) > 4 and telling(word) & shared})


def option_count(item: Item) -> list[str]:
    many = len(item.options)
    return [str(many)] if item.kind == "single" and not 3 <= many <= 5 else []


def double_negative(item: Item) -> list[str]:
    if not negatives(item.asks):
        return []
    return [one.text for one in item.options if _NOT.search(one.text) and not none_of_the_above(item)]


_THING = re.compile(r"an? (?!half|quarter|hundred|thousand|million)", re.IGNORECASE)


def mixed_options(item: Item) -> list[str]:
    pairs = [(one.text, found) for one, found in zip(item.options, item.spans, strict=True)]
    measured = [text for text, found in pairs if found and found.kind and not found.rest and not _THING.match(text)]
    worded = [text for text, found in pairs if not re.search(r"\d", text) and (not found or found.rest)]
    worded = [text for text in worded if text not in none_of_the_above(item)]
    return [f"{measured[0]}\u201d and \u201c{worded[0]}"] if measured and worded else []


def unordered_numbers(item: Item) -> list[str]:
    if not item.fixed or len(item.options) < 3:
        return []
    spans = [found for found in item.spans if found]
    if len(spans) < len(item.options) or len({(one.kind, one.rest) for one in spans}) > 1:
        return []
    values = [one.low if one.low is not None else one.high or 0 for one in spans]
    return (
        []
        if values in (sorted(values), sorted(values, reverse=True))
        else [", ".join(one.text for one in item.options)]
    )


def common_beginning(item: Item) -> list[str]:
    begun = [words(one.text) for one in item.options]
    if len(begun) < 3 or len({tuple(one[:3]) for one in begun}) > 1 or len(begun[0]) < 3:
        return []
    return [" ".join(item.options[0].text.split()[:3])]


def long_option(item: Item) -> list[str]:
    return [one.text for one in item.options if len(one.text.split()) > 25]
