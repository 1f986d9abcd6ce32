"""The patterns of QTI that are words and wildcards, as forms of a short text; no pattern is ever run as it is."""

import re
from functools import lru_cache

from mesotrain.core.questions.text import Form
from mesotrain.formats.exchange.items import Unfit

MOST_FORMS = 60
_BOTH = re.compile(r"\[(\w)(\w)\]")
_TOKEN = re.compile(
    r"(?P<any>\.\*|\[\\s\\S\]\*)|(?P<blank>\\s[*+]?)|\\(?P<plain>[^\w\s])|\[(?P<set>[^\]\[\\^-]{1,8})\]|(?P<open>\()"
    r"|(?P<close>\))|(?P<bar>\|)|(?P<char>[^\\.*+?()\[\]{}|^$])"
)


@lru_cache(256)
def forms_of(pattern: str) -> tuple[list[Form], bool]:
    """The forms that fit what a pattern fits as a whole, and whether case counts. Raises Unfit for one that says more.

    Where each letter is written as ``[aA]``, none counts.
    """
    folded = _BOTH.sub(lambda both: both[1] if both[1].casefold() == both[2].casefold() else both[0], pattern)
    letters = re.sub(r"\\.|\[[^\]]*\]", "", _BOTH.sub("", pattern))
    loose = folded != pattern and not any(char.lower() != char.upper() for char in letters)
    found, at = _either(folded if loose else pattern, 0, 0)
    if at < len(folded if loose else pattern):
        raise _unknown(pattern)
    return found, not loose


def _unknown(pattern: str) -> Unfit:
    return Unfit(f"its pattern “{pattern[:60]}” is more than words and “.*”.")


def _either(pattern: str, at: int, depth: int) -> tuple[list[Form], int]:
    """The forms up to the bracket that closes, or the end, and where that is."""
    if depth > 8:
        raise _unknown(pattern)
    done: list[Form] = []
    forms: list[Form] = [[""]]
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise _unknown(pattern)
        if token["close"]:
            break
        at = token.end()
        if token["bar"]:
            done, forms = done + forms, [[""]]
            continue
        if token["open"]:
            parts, at = _either(pattern, at + 2 * pattern.startswith("?:", at), depth + 1)
            if not pattern.startswith(")", at):
                raise _unknown(pattern)
            at += 1
        else:
            parts = _parts(token)
        if pattern.startswith("?", at):
            parts, at = [*parts, [""]], at + 1
        forms = [_joined(one, part) for one in forms for part in parts]
        if len(forms) + len(done) > MOST_FORMS:
            raise _unknown(pattern)
    return done + forms, at


def _parts(token: re.Match[str]) -> list[Form]:
    if token["any"]:
        return [["", ""]]
    if token["blank"]:
        return [[" "], *([[""]] if token["blank"].endswith("*") else [])]
    return [[char] for char in token["set"] or token["plain"] or token["char"]]


def _joined(one: Form, other: Form) -> Form:
    return [*one[:-1], one[-1] + other[0], *other[1:]]


def fits(forms: list[Form], text: str, *, cased: bool) -> bool:
    """Whether one of the forms fits the whole text."""
    text = text if cased else text.casefold()
    return any(_fits(form if cased else [piece.casefold() for piece in form], text) for form in forms)


def _fits(form: Form, text: str) -> bool:
    first, *rest = form
    if not rest:
        return text == first
    *between, last = rest
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in between:
        at = text.find(piece, at, end) + len(piece)
        if at < len(piece):
            return False
    return True
