"""What people, clinics and organisations can be called: one rule for every name that somebody types."""

import re
from unicodedata import combining, normalize

from mesotrain.core.errors import Refused
from mesotrain.core.signs import hidden, told

LONGEST = 120
NONE = "There is no name."
LONG = "A name has at most %(most)s characters; this one has %(count)s."
UNSEEN = "This name holds a sign that cannot be seen: %(sign)s. Write it again."
WHOLE = "Whole organisation"
"""What is said of a role that is held in every clinic."""
EVERYWHERE = {"whole organisation", "whole organization", "everywhere"}
"""The same as `bare` words, of which no clinic is called any."""


def tidy(text: str) -> str:
    """The words of a text with one space between them, each letter written in one way."""
    return normalize("NFC", " ".join(text.split()))


def alike(name: str) -> str:
    """A name as it is compared: in any letter case."""
    return tidy(name).casefold()


APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"))
STROKED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "\u0131": "i", "þ": "th", "æ": "ae", "œ": "oe"}
)
"""Letters that Unicode does not take apart, by what they are looked for and sorted as."""


def folded(name: str) -> str:
    """A name as it is looked for and sorted: small letters without their marks, so that Łukasz stands among the L."""
    letters = (char for char in normalize("NFKD", alike(name).translate(APOSTROPHES)) if not combining(char))
    return normalize("NFC", "".join(letters)).translate(STROKED)


def bare(text: str) -> str:
    """A word as it is compared where it stands for something: in any letter case, whatever parts its syllables."""
    return " ".join(re.sub(r"[\W_]+", " ", text).split()).casefold()


def check(name: str) -> str:
    """The name, tidied. Raises Refused for none, for one that is too long, and for one with signs nobody sees."""
    name = tidy(name)
    if not name:
        raise Refused(NONE)
    if len(name) > LONGEST:
        raise Refused(LONG, most=LONGEST, count=len(name))
    if sign := hidden(name):
        raise Refused(UNSEEN, sign=told(sign))
    return name


def of_clinic(name: str) -> str:
    """The name of a clinic, as `check` gives it. Raises Refused as that does, and for what is said of all clinics."""
    name = check(name)
    if bare(name) in EVERYWHERE:
        raise Refused("That is said of whoever works in every clinic. Choose another name.")
    return name
