"""Words as they are searched: without accents or case, each with the form its other forms share.

The same on every database, so that what is found does not depend on the engine.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?<=\w{3})(?:ie[sd]|ings?|ions?|ed|es|e|s|ly|y)$")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


def words(text: str) -> list[str]:
    """The words of a text, in small letters and without accents; a number's parts are words of their own."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _WORD.findall(plain.lower())


def stem(word: str) -> str:
    """What the forms of an English word share: inject, injected, injection; stop, stopped; injury, injuries.

    At least three letters stay.
    """
    shared = _ENDING.sub("", word)
    return shared if shared == word else _DOUBLED.sub(r"\1", shared)


def indexed(text: str) -> str:
    """Every word of a text, and its stem beside it where that differs."""
    return " ".join(word if stem(word) == word else f"{word} {stem(word)}" for word in words(text))


def letter(char: str) -> str:
    """A character without its accents, and one still."""
    plain = unicodedata.normalize("NFKD", char)
    return plain[0] if len(plain) > 1 and unicodedata.combining(plain[1]) else char
