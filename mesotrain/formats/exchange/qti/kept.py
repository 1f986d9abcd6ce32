"""What QTI has no place for: the question as its bank writes it, in the item's own file, where no engine shows it.

The first thing in an item is a processing instruction, which every schema allows and every engine passes by:

    <qti-assessment-item ...><?mesotrain {"bank": "## exm-0001...", "of": "5d41..."}?>

`of` is the digest of all that an engine sees of the item. As long as it is the same, the question is what the bank
says; once somebody has changed the item, it is what the item says, and of the bank's text only the facts are believed
that no item can hold: competency, level, sections, safety, cites, practice, waivers. Whatever takes the instruction
away loses no more than that.

All roots are those that `qti_xml.tree` makes: names as in QTI 2, without namespaces.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from lxml import etree

from mesotrain.core.courses import Question
from mesotrain.formats.bank import read_bank
from mesotrain.formats.lines import Report, cleaned
from mesotrain.formats.printed import write_question

TARGET = "mesotrain"
"""Names the processing instruction."""
_FRONT = "---\nbank: kept\ntitle: Kept\nlanguage: en\ncompetency: ANY\n---\n\n"


@dataclass(frozen=True)
class Kept:
    """The question that stands beside an item; `whole` where nobody has changed the item since."""

    question: Question
    whole: bool


def digest(root: etree._Element) -> str:
    """Changes with everything of an item that an engine sees; not with its indentation, prefixes, name or title."""
    said: list[object] = [root.get("adaptive", "false")]
    for event, one in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            attributes = [] if one is root else sorted((str(name), str(value)) for name, value in one.attrib.items())
            said.append((str(one.tag), attributes, " ".join((one.text or "").split())))
        elif event == "end" or (one.tail or "").strip():
            said.append(" ".join((one.tail or "").split()))
    return sha256(repr(said).encode(errors="replace")).hexdigest()


def instruction(root: etree._Element, question: Question) -> etree._ProcessingInstruction:
    """What stands beside the item with this `root`; the writer puts it in as its first child."""
    text = json.dumps({"of": digest(root), "bank": write_question(question)}, sort_keys=True)
    return etree.ProcessingInstruction(TARGET, text.replace("?>", "?\\u003e"))


def kept(root: etree._Element, pictures: Mapping[str, list[str]]) -> Kept | None:
    """What stands beside an item. `pictures` are the boxes of its files by their path, as `media.boxes` makes them."""
    found = next((one for one in root if isinstance(one, etree._ProcessingInstruction) and one.target == TARGET), None)
    try:
        said = json.loads(found.text or "") if found is not None else None
    except (ValueError, RecursionError):
        return None
    match said:
        case {"of": str(of), "bank": str(text)}:
            bank = read_bank(cleaned(_FRONT + text, report := Report("")), report, pictures)
            if report.faults or len(bank.questions) != 1:
                return None
            (question,) = bank.questions
            own = "\ncompetency: " in text.partition("\n\n")[0]
            return Kept(replace(question, competency=question.competency if own else ""), of == digest(root))
    return None


def with_facts(question: Question, beside: Question) -> Question:
    """`question`, as an item that was changed says it, with the facts of the one that stands `beside` it."""
    return replace(
        question,
        competency=beside.competency,
        level=beside.level,
        sections=beside.sections,
        safety=beside.safety,
        cites=beside.cites,
        practice=beside.practice,
        waived=beside.waived,
    )
