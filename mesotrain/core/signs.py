"""Signs that nobody sees, which come along when a text is pasted."""

import re
import unicodedata

_JOINERS = "\u200c\u200d"
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
    f"|[{_JOINERS}](?![^\x00-\x7f])|(?<![^\x00-\x7f])[{_JOINERS}]"
)
"""What a reader cannot see though it changes what they read. The joiners are welcome within words that need them."""
_JOINED = re.compile(f"(?<=[\u0600-\u109f\u1780-\u18af])[{_JOINERS}]")
"""In these scripts some names are not written right without them."""
_SELECTORS = re.compile("[\ufe00-\ufe0f]")
"""What chooses how the sign before it looks; in texts, of symbols."""


def seen_words(text: str) -> str:
    """The words of a text a blank apart, without what nobody sees; nothing where there is no more."""
    return " ".join(UNSEEN.sub("", text).split())


def hidden(name: str) -> str:
    """The first sign of a name that nobody sees; nothing where all are seen, so that two that look the same are."""
    bare = _JOINED.sub("", name)
    found = [*UNSEEN.findall(bare), *_SELECTORS.findall(bare), *(sign for sign in bare if not sign.isprintable())]
    return min(found, key=bare.index, default="")


def told(sign: str) -> str:
    """A sign that nobody sees, by its number and the name it has in Unicode."""
    return f"U+{ord(sign):04X}, {unicodedata.name(sign, 'a control character').lower()}"
