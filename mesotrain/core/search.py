"""Words as they are searched: without accents or case, each with the form its other forms share.

The same on every database, so that what is found does not depend on the engine.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|ions?|ed|es|e|s|ly|y)$")


def words(text: str) -> list[str]:
    """The words of a text, in small letters and without accents; a number's parts are words of their own."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _WORD.findall(plain.lower())


def stem(word: str) -> str:
    """What the forms of an English word share: inject, injected, injection; at least three letters stay."""
    return _ENDING.sub("", word)


def indexed(text: str) -> str:
    """Every word of a text, and its stem beside it where that differs."""
    return " ".join(word if stem(word) == word else f"{word} {stem(word)}" for word in words(text))
