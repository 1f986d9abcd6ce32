"""What an answer is known by: the id of an option, made of its words or of the name behind them."""

import re

from mesotrain.core.questions import is_option_id, option_id
from mesotrain.formats.lines import Report, shown_line

_TOLD = re.compile(r"(?<=\S)\s*(?:\((?:the )?(?:correct|right)(?: answer| one)?\)|\s\*)$", re.IGNORECASE)
"""How other places say that an option is right."""
IDENTITY = re.compile(r"\s*\{#([A-Za-z0-9_-]{1,40})\}\s*\Z")
"""What keeps the id of an option when its text changes: a name, or an id that an option had by its text."""

_TELLING = re.compile(
    "[a-z]|[0-9]+|right|wrong|correct|incorrect|true|false|yes|no|good|bad|best|keyed?|answer|distractor|lure|credit|"
    "safe|unsafe|harmful|dangerous|fatal|first|second|third|fourth|fifth|sixth|last|none|all"
)
"""In an id they would tell the key, or a place: a page shows a digest of it, and a word is soon tried."""


def telling(name: str) -> bool:
    """Whether whoever tries likely ids would learn from this one what is right, or which comes first."""
    words = re.findall(r"[a-z]+|[0-9]+", name.lower())
    return not is_option_id(name) and any(map(_TELLING.fullmatch, words))


def identified(whole: str, line: int, report: Report) -> tuple[str, str, str]:
    """Id and text of an option, and the name or the id behind it, where there is one."""
    text, named = IDENTITY.sub("", whole), IDENTITY.search(whole)
    if not text:
        report.say("option", line, "this option has no text.")
    if "Why:" in text:
        report.say("why", line, "Why: begins its own line, indented under the option.")
    if told := _TOLD.search(text):
        report.say("option", line, f"“{told[0].strip()}” would tell takers what is right; take it away.")
    if "{#" in text:
        report.say("identity", line, "an id is one word in braces at the end of its option, such as {#sure}.")
    name = named[1] if named else ""
    if telling(name):
        said = f"the id “{name}” would tell takers what is right, or where it stands; name it after what it says."
        report.say("identity", line, said)
    return name if is_option_id(name) else option_id(name or text), text, name


_BRACES = re.compile(r"(?<!\\)\{#[^}]*\}?")


def no_identity(text: str, line: int, report: Report) -> None:
    """Reports an id of what keeps none: it would be a part of the text."""
    if found := _BRACES.search(text):
        said = f"only options, statements and what is put in order keep an id; take “{shown_line(found[0])}” away."
        report.say("identity", line, said)
