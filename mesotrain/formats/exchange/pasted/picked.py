"""Which options of a pasted question are right: by its key, by marks beside them, or by how they look."""

import re
from dataclasses import dataclass

from mesotrain.formats.exchange.notes import GUESSED, Notes
from mesotrain.formats.exchange.pasted.found import Choice, Found
from mesotrain.formats.exchange.pasted.keywords import AND, folded
from mesotrain.formats.exchange.pasted.lines import ticked
from mesotrain.formats.exchange.pasted.looks import BOLD, DISTINCT, Said, paragraphs

_ONE = r"[(\[]?(?:[A-Z]|[ivx]{1,4}|[0-9]{1,2})[)\].]?"
_LETTERS = re.compile(rf"{_ONE}(?:\s*(?:{AND})\s*{_ONE})*\.?", re.IGNORECASE)
_EACH = re.compile(r"(?<![^\W_])(?:[A-Za-z]|[ivxIVX]{1,4}|[0-9]{1,2})(?![^\W_])")
_RUN = re.compile(r"[A-Z]{2,8}\.?")
_WITH_TEXT = re.compile(
    r"[(\[]?(?P<letter>[A-Za-z]|[0-9]{1,2})(?:\s?[)\].:\u2013\u2014-]+|\s(?=\())\s*(?P<text>.+)", re.DOTALL
)


@dataclass
class Picked:
    """The places of the options that are right, the texts of all, and what a key said beside its letter."""

    right: list[int]
    texts: list[list[Said]]
    reason: str = ""


def picked(found: Found, notes: Notes) -> Picked:
    """What says that an option is right; where that is nothing, or not one thing, no option is."""
    read = [_without_mark(one) for one in found.options]
    in_words = any(mark.strip("*") for _, mark in read)
    texts = [
        list(one.text) if in_words and not mark.strip("*") else text
        for one, (text, mark) in zip(found.options, read, strict=True)
    ]
    marks = [mark.strip("*") if in_words else mark for _, mark in read]
    made = Picked([], texts)
    boxes = [at for at, one in enumerate(found.options) if one.ticked and one.box]
    marked = sorted({*boxes, *(at for at, mark in enumerate(marks) if mark)})
    if len(marked) == len(texts):
        texts[:], marked = [list(one.text) for one in found.options], []
    keyed = _keyed(found, made, notes)
    if keyed is not None and marked and keyed != marked:
        notes.note(GUESSED, "its key and the marks beside its options differ; none of them counts.")
    elif keyed is not None:
        made.right = keyed
    elif marked:
        made.right = marked
        if any(mark.startswith("*") for mark in marks):
            notes.note(GUESSED, f"{_named(found, marked)} has an asterisk, and is taken as right.")
    elif not found.keys and not found.listed:
        _looked(found, made, notes)
    made.texts = [[line.without(BOLD) for line in text] if _bold(text) else text for text in made.texts]
    return made


def _without_mark(one: Choice) -> tuple[list[Said], str]:
    """The text of an option without the mark that calls it right, and that mark."""
    first, mark = ticked(one.text[0]) if one.text[0].text else (one.text[0], "")
    last, behind = ticked(one.text[-1]) if len(one.text) > 1 else (first, "")
    text = [first] if len(one.text) == 1 else [first, *one.text[1:-1], last]
    return text, mark or behind or ("*" if one.ticked and not one.box else "")


def _bold(text: list[Said]) -> bool:
    return all(line.has(BOLD) for line in text if line.text)


def _named(found: Found, places: list[int]) -> str:
    labels = [found.options[at].label for at in places]
    names = [label if label.isalnum() else f"number {at + 1}" for at, label in zip(places, labels, strict=True)]
    return f"option {', '.join(names)}"


def _looked(found: Found, made: Picked, notes: Notes) -> None:
    """The one option that looks otherwise than the rest."""
    told: dict[int, list[int]] = {}
    for look in DISTINCT:
        places = [at for at, text in enumerate(made.texts) if text[0].text and all(line.has(look) for line in text)]
        if places and len(places) < len(made.texts):
            told[look] = places
    if not told:
        return
    alone = {places[0] for places in told.values() if len(places) == 1}
    look = next(look for look, places in told.items() if len(places) == 1 or not alone)
    if len(alone) == 1:
        made.right = sorted(alone)
        notes.note(GUESSED, f"{_named(found, made.right)} alone is {DISTINCT[look]}, and is taken as right.")
    elif alone:
        notes.note(GUESSED, "several options look otherwise than the rest, each in its own way; none of them counts.")
    else:
        said = f"{_named(found, told[look])} are {DISTINCT[look]}; which of them is right is not known."
        notes.note(GUESSED, said)


def _keyed(found: Found, made: Picked, notes: Notes) -> list[int] | None:
    """The options that its keys name; None where no key names any."""
    keys = [text for _, text in [*found.keys, *found.listed]]
    sets = [places for text in keys if (places := _named_by(text.strip(), found, made, notes))]
    for line, text in found.keys:
        if text.strip() and not _named_by(text.strip(), found, made, Notes()):
            said = f"its key in line {line}, “{text[:40]}”, names none of its options."
            notes.note(GUESSED, said)
    if found.listed:
        line, text = found.listed[0]
        if not text:
            notes.note(GUESSED, f"the list of keys in line {line} names its number, which several questions have.")
        elif found.number:
            notes.said.append(("kept", f"its key stands in the list in line {line}."))
        else:
            notes.note(GUESSED, f"it has no number; its key is taken from its place in the list in line {line}.")
    if len({tuple(one) for one in sets}) > 1:
        notes.note(GUESSED, "it has keys that differ; none of them counts.")
        return None
    return sets[0] if sets else None


def _named_by(text: str, found: Found, made: Picked, notes: Notes) -> list[int]:
    """The options a key names: by their text, their letters, or their places."""
    texts = [folded(paragraphs(one)) for one in made.texts]
    letter = text.strip(" ().").upper()
    labelled = next((at for at, one in enumerate(found.options) if letter and one.label == letter), None)
    if folded(text) and texts.count(folded(text)) == 1:
        at = texts.index(folded(text))
        if labelled is not None and labelled != at:
            notes.note(GUESSED, f"its key “{text[:20]}” is taken as a letter, and is the text of another option.")
        return [at if labelled is None else labelled]
    if _LETTERS.fullmatch(text):
        return _places(_EACH.findall(_without_and(text)), found, notes)
    if _RUN.fullmatch(text) and list(text.strip(".")) == sorted(set(text.strip("."))):
        return _places(list(text.strip(".")), found, notes)
    if not (both := _WITH_TEXT.fullmatch(text)):
        parts = [folded(one) for one in re.split(r"\s*[,;]\s*", text)]
        return [texts.index(one) for one in parts] if all(texts.count(one) == 1 for one in parts) else []
    places = _places([both["letter"]], found, notes)
    said = folded(both["text"])
    if places and said in texts and texts.index(said) not in places:
        notes.note(GUESSED, f"its key “{text[:40]}” has the letter of one option and the text of another.")
        return []
    if places and said not in texts and not made.reason:
        made.reason = paragraphs([Said(both["text"].strip(), bytes(len(both["text"].strip())))])
        notes.note(GUESSED, "what stands behind its key is taken as its reason.")
    return places


def _without_and(text: str) -> str:
    """The letters of a key without a word such as “y” or “e” between two of them."""
    return re.sub(r"(?<=[\s).])(?:and|y|et|und|e)(?=[\s(])", ",", text, flags=re.IGNORECASE)


def _places(letters: list[str], found: Found, notes: Notes) -> list[int]:
    labels = [one.label.upper() for one in found.options]
    places = []
    for letter in letters:
        if letter.upper() in labels:
            places.append(labels.index(letter.upper()))
            continue
        at = int(letter) - 1 if letter.isdigit() else ord(letter.upper()[0]) - ord("A")
        lettered = letter.isalpha() and any(map(str.isalpha, labels))
        if not 0 <= at < len(labels) or letter[1:].isalpha() or lettered:
            return []
        notes.note(GUESSED, f"its key “{letter}” is taken as option number {at + 1}.")
        places.append(at)
    return sorted(set(places))
