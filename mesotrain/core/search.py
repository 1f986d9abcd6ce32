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
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _WORD.findall(bare.lower())


def stem(word: str) -> str:
    """What the forms of an English word share: inject, injected, injection; stop, stopped; injury, injuries.

    At least three letters stay.
    """
    shared = _ENDING.sub("", word)
    return shared if shared == word else _DOUBLED.sub(r"\1", shared)


def indexed(text: str) -> str:
    """Every word of a text, and its stem beside it where that differs."""
    return " ".join(word if stem(word) == word else f"{word} {stem(word)}" for word in words(text))


def plain(text: str) -> str:
    """A text without accents, character by character as long as it was."""
    return _BEYOND.sub(_bare, text)


_BEYOND = re.compile("[^\\x00-\\x7f]")


def _bare(char: re.Match[str]) -> str:
    parts = unicodedata.normalize("NFKD", char[0])
    return parts[0] if len(parts) > 1 and unicodedata.combining(parts[1]) else char[0]
