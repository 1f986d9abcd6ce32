"""What people, clinics and organisations can be called: one rule for every name that somebody types."""

from collections.abc import Mapping
from functools import cache
from unicodedata import normalize

from mesotrain.core.errors import Refused
from mesotrain.core.signs import all_seen

LONGEST = 120
NONE = "There is no name."
LONG = "A name has at most %(most)s characters; this one has %(count)s."
UNSEEN = "This name holds a sign that cannot be seen. Write it again."


def tidy(text: str) -> str:
    """The words of a text with one space between them, each letter written in one way."""
    return normalize("NFC", " ".join(text.split()))


def alike(name: str) -> str:
    """A name as it is compared: in any letter case."""
    return tidy(name).casefold()


def small(text: str) -> str:
    """A text in small letters, as many as it has: one that is small as two, such as İ, stays."""
    folded = (next(filter(lambda one: len(one) == 1, (char.casefold(), char.lower())), char) for char in text)
    return "".join(folded)


def forms(text: str) -> Mapping[str, str]:
    """Every other form of the small letters of a text, with the letter; none of ASCII, which each engine knows."""
    return {form: char for char in text if char in _forms() for form in _forms()[char]}


@cache
def _forms() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for char in map(chr, range(0x80, 0x10000)):
        letter = small(char)
        if letter != char and not letter.isascii():
            found[letter] = found.get(letter, "") + char
    return found


def check(name: str) -> str:
    """The name, tidied. Raises Refused for none, for one that is too long, and for one with signs nobody sees."""
    name = tidy(name)
    if not name:
        raise Refused(NONE)
    if len(name) > LONGEST:
        raise Refused(LONG, most=LONGEST, count=len(name))
    if not all_seen(name):
        raise Refused(UNSEEN)
    return name
