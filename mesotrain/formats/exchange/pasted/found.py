"""What belongs to one pasted question, before anything is decided of its type or key."""

from dataclasses import dataclass, field

from mesotrain.formats.exchange.pasted.looks import Said, said


@dataclass
class Choice:
    """An option as it is written: its lines, its letter if it has one, and whether a mark calls it right.

    `whole` is its first line with its mark.
    """

    line: int
    label: str
    text: list[Said]
    ticked: bool = False
    box: bool = False
    reason: list[Said] = field(default_factory=list)
    whole: Said = field(default_factory=lambda: said(""))


@dataclass
class Found:
    """What belongs to one question. A key is a text with its line; `listed` ones stand in a list of all keys.

    An empty text parts paragraphs. `lost` are sentences of what has no place, `told` what happened to its lines.
    """

    line: int
    number: str = ""
    named: str = ""
    title: str = ""
    points: str = ""
    stem: list[Said] = field(default_factory=list)
    options: list[Choice] = field(default_factory=list)
    keys: list[tuple[int, str]] = field(default_factory=list)
    listed: list[tuple[int, str]] = field(default_factory=list)
    reason: list[Said] = field(default_factory=list)
    below: bool = False
    lost: list[str] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    characters: int = 0
