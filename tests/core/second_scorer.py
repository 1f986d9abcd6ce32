"""A second scorer of every type, written apart: slow and obvious, by the words of the author's guide.

It takes the two parts of a question as they are stored, and raw fields, and uses nothing of the first.
"""

import re
import unicodedata
from fractions import Fraction
from typing import Any, NamedTuple

Parts = dict[str, Any]
Raw = dict[str, list[str]]


class Judged(NamedTuple):
    """`said` is whether anything was answered, `read` whether that could be read."""

    said: bool
    read: bool
    credit: Fraction = Fraction(0)
    unsafe: bool = False


NOTHING, UNREADABLE = Judged(False, True), Judged(True, False)


def verdict(taker: Parts, key: Parts, raw: Raw) -> tuple[Fraction, str]:
    """What an answer earns, and what it is called."""
    judged = TYPES[taker["type"]](taker, key, raw)
    if not judged.said:
        return Fraction(0), "unanswered"
    if not judged.read:
        return Fraction(0), "unreadable"
    if judged.unsafe:
        return judged.credit, "unsafe"
    if judged.credit == 1:
        return judged.credit, "right"
    return judged.credit, "partly" if judged.credit > 0 else "wrong"


# What is chosen -------------------------------------------------------------------------------------------------------


def ticks(taker: Parts, raw: Raw) -> tuple[list[str], bool]:
    """What was ticked, and whether all of it was there to be ticked."""
    offered = [option["id"] for option in taker["options"]]
    ticked = [one for one in raw.get("choice", []) if one != ""]
    return ticked, all(one in offered for one in ticked)


def single(taker: Parts, key: Parts, raw: Raw) -> Judged:
    ticked, known = ticks(taker, raw)
    if ticked == []:
        return NOTHING
    if len(ticked) != 1 or not known:
        return UNREADABLE
    return Judged(True, True, Fraction(key["credit"].get(ticked[0], "0")))


def concordance(taker: Parts, key: Parts, raw: Raw) -> Judged:
    most = sorted(key["panel"].values())[-1]
    return single(taker, {"credit": {one: str(Fraction(count, most)) for one, count in key["panel"].items()}}, raw)


def multiple(taker: Parts, key: Parts, raw: Raw) -> Judged:
    ticked, known = ticks(taker, raw)
    if not known:
        return UNREADABLE
    if ticked == []:
        return NOTHING
    credit = Fraction(0)
    if key["rule"] == "sum":
        for option in taker["options"]:
            if option["id"] in ticked:
                credit += Fraction(key["credit"].get(option["id"], "0"))
    else:
        right = wrong = missed = 0
        for option in taker["options"]:
            is_key, is_ticked = option["id"] in key["credit"], option["id"] in ticked
            right += is_key and is_ticked
            wrong += is_ticked and not is_key
            missed += is_key and not is_ticked
        if key["rule"] == "partial":
            credit = Fraction(right - wrong, right + missed)
        elif wrong == 0 and missed == 0:
            credit = Fraction(1)
    return Judged(True, True, sorted([Fraction(0), credit, Fraction(1)])[1])


# Parts ----------------------------------------------------------------------------------------------------------------


def parts(names: list[str], values: list[str], raw: Raw) -> dict[str, str] | None:
    """What is said of each part, "" for nothing; None where it cannot be read."""
    found = {}
    for name in names:
        said = sorted(one for one in set(raw.get(name, [])) if one != "")
        if len(said) > 1 or (said and said[0] not in values):
            return None
        found[name] = said[0] if said else ""
    return found


def true_false(taker: Parts, key: Parts, raw: Raw) -> Judged:
    said = parts([one["id"] for one in taker["statements"]], ["true", "false"], raw)
    if said is None:
        return UNREADABLE
    if not any(said.values()):
        return NOTHING
    wrong = [one for one in said if said[one] != key["verdicts"][one]]
    if key["rule"] == "each":
        return Judged(True, True, 1 - Fraction(len(wrong), len(said)))
    if key["rule"] == "kprim":
        return Judged(True, True, [Fraction(1), Fraction(1, 2), Fraction(0), Fraction(0), Fraction(0)][len(wrong)])
    return Judged(True, True, Fraction(0) if wrong else Fraction(1))


def matching(taker: Parts, key: Parts, raw: Raw) -> Judged:
    said = parts([one["id"] for one in taker["premises"]], [one["id"] for one in taker["options"]], raw)
    if said is None:
        return UNREADABLE
    if not any(said.values()):
        return NOTHING
    right = [one for one in said if said[one] == key["answers"][one]]
    if key.get("rule") == "all-or-nothing" and len(right) < len(said):
        return Judged(True, True)
    return Judged(True, True, Fraction(len(right), len(said)))


def ordering(taker: Parts, key: Parts, raw: Raw) -> Judged:
    names = [one["id"] for one in taker["items"]]
    said = parts(names, ["-", *(str(place + 1) for place in range(len(names)))], raw)
    if said is None:
        return UNREADABLE
    if not any(said.values()):
        return NOTHING
    right = there_is = 0
    for one in names:
        if one not in key["places"]:
            there_is += 1
            right += said[one] == "-"
        for other in names:
            both = one in key["places"] and other in key["places"]
            if both and int(key["places"][one]) < int(key["places"][other]):
                there_is += 1
                if said[one] not in ("", "-") and said[other] not in ("", "-"):
                    right += int(said[one]) < int(said[other])
    if key["rule"] == "all-or-nothing":
        return Judged(True, True, Fraction(1) if right == there_is else Fraction(0))
    return Judged(True, True, Fraction(right, there_is))


# What is typed --------------------------------------------------------------------------------------------------------


def without_unit(text: str, unit: str) -> str:
    """What is left of the text without its unit; "?" where that is another one."""
    for spelt, known in sorted(SPELT.items(), key=lambda one: -len(one[0])):
        rest = text[: len(text) - len(spelt)].strip()
        if text.lower().endswith(spelt) and rest[-1:].isdigit() and unit != "%":
            own, given = of_unit(SPELT.get(unit.lower(), unit)), of_unit(known)
            return rest if given == own and given.bases == own.bases else "?"
        if text.lower().endswith(spelt) and rest[-1:].isdigit():
            return "?"
    if text.lower()[-len(unit) :] == unit.lower():
        return text[: len(text) - len(unit)].strip()
    return text


def seen(text: str) -> str:
    """A text without the signs that nobody sees."""
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf") or sign in "\t\n")


def typed_number(text: str, unit: str, decimal: str) -> Fraction | str:
    """The number, "" for nothing, or "?" for what is none or may be two."""
    text = seen(text).strip()
    if unit != "":
        text = without_unit(text, unit)
    if text == "":
        return ""
    for minus in "\u2212\u2013":
        text = text.replace(minus, "-")
    text = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    negative = text[:1] == "-"
    if text[:1] in ("-", "+"):
        text = text[1:]
    text, scientific, power = text.replace("E", "e").partition("e")
    digits = power[1:] if power[:1] in ("-", "+") else power
    if scientific and (len(digits) not in (1, 2) or digits.strip("0123456789") != ""):
        return "?"
    marks = [sign for sign in text if sign not in "0123456789"]
    if marks not in ([], ["."], [","]):
        return "?"
    whole, _, after = text.replace(",", ".").partition(".")
    if not 1 <= len(whole) <= 12 or len(after) > 12 or (marks and after == ""):
        return "?"
    if marks and len(after) == 3 and len(whole) <= 3 and whole[0] != "0" and marks != [decimal]:
        return "?"
    value = Fraction(int(whole + after), 10 ** len(after)) * Fraction(10) ** int(power or 0)
    return -value if negative else value


def in_unit(taker: Parts, raw: Raw) -> Fraction | str:
    given = raw.get("number", [])
    decimal = (raw.get("decimal") or [""])[0]
    return typed_number(given[0] if given else "", taker["unit"], decimal)


def numeric(taker: Parts, key: Parts, raw: Raw) -> Judged:
    value = in_unit(taker, raw)
    if isinstance(value, str):
        return UNREADABLE if value else NOTHING
    for row in key["accepted"]:
        if Fraction(row["low"]) <= value <= Fraction(row["high"]):
            return Judged(True, True, Fraction(row["credit"]))
    return Judged(True, True)


def plain(text: str, exact: list[str]) -> str:
    """What of a text counts, but for what stands at its ends."""
    text = unicodedata.normalize("NFKC", text)
    for signs, one in (
        ("\u2018\u2019\u02bc\u2032", "'"),
        ("\u201c\u201d\u201e", '"'),
        ("\u2010\u2012\u2013\u2014\u2212", "-"),
    ):
        for sign in signs:
            text = text.replace(sign, one)
    if "case" not in exact:
        text = text.casefold()
    signs = list(unicodedata.normalize("NFD", text))
    if "accents" not in exact:
        signs = [sign for sign in signs if unicodedata.combining(sign) == 0]
    text = unicodedata.normalize("NFC", "".join(signs))
    blank = False
    found = ""
    for sign in text:
        found += "" if sign.isspace() and blank else " " if sign.isspace() else sign
        blank = sign.isspace()
    return found


def text(taker: Parts, key: Parts, raw: Raw) -> Judged:
    given = seen((raw.get("answer") or [""])[0]).strip()
    if given == "":
        return NOTHING
    if len(given) > 200:
        return UNREADABLE
    for row in key["accepted"]:
        exact = [*taker["exact"], *row.get("exact", [])]
        idle = " " if "punctuation" in exact else " .,;:!?'\""
        answer = plain(given, exact).strip(idle)
        for form in row["forms"]:
            pieces = [plain(piece, exact) for piece in form]
            pieces[0] = pieces[0].lstrip(idle)
            pieces[-1] = pieces[-1].rstrip(idle)
            if re.fullmatch("(?s:.*)".join(re.escape(piece) for piece in pieces), answer):
                return Judged(True, True, Fraction(row["credit"]))
    return Judged(True, True)


def essay(taker: Parts, key: Parts, raw: Raw) -> Judged:
    """`given` of the key is what people gave, each a list of points: of three the two that lie closest count."""
    if (raw.get("answer") or [""])[0].strip() == "":
        return NOTHING
    totals = sorted(sum((Fraction(one) for one in points), Fraction(0)) for points in key["given"])
    if len(totals) == 3 and totals[2] - totals[1] < totals[1] - totals[0]:
        totals = totals[1:]
    elif len(totals) == 3 and totals[2] - totals[1] > totals[1] - totals[0]:
        totals = totals[:2]
    possible = sum(Fraction(row["points"]) for row in key["criteria"])
    return Judged(True, True, sum(totals) / len(totals) / possible)


# Calculations ---------------------------------------------------------------------------------------------------------

SCALES: dict[str, tuple[str, Fraction]] = {
    "kg": ("mass", Fraction(1000)), "g": ("mass", Fraction(1)), "mg": ("mass", Fraction(1, 1000)),
    "micrograms": ("mass", Fraction(1, 10**6)), "L": ("volume", Fraction(1)), "mL": ("volume", Fraction(1, 1000)),
    "min": ("time", Fraction(60)), "h": ("time", Fraction(3600)), "IU": ("activity", Fraction(1)),
}  # fmt: skip


SPELT = {
    **{"microgram": "micrograms", "mcg": "micrograms", "ug": "micrograms", "\u00b5g": "micrograms"},
    **{"mg": "mg", "g": "g", "kg": "kg", "ml": "mL", "l": "L", "mins": "min", "min": "min", "mg/ml": "mg/mL"},
}
"""Units as people write them, in small letters, and how they are called here."""


class Amount:
    """A number of something, which Python's own arithmetic works with; bases are counted, such as mass 1, volume -1."""

    def __init__(self, value: Fraction, bases: dict[str, int]) -> None:
        self.value, self.bases = value, {base: power for base, power in bases.items() if power}

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.value + other.value, self.bases)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.value - other.value, self.bases)

    def __mul__(self, other: "Amount") -> "Amount":
        bases = {base: self.bases.get(base, 0) + other.bases.get(base, 0) for base in self.bases | other.bases}
        return Amount(self.value * other.value, bases)

    def __truediv__(self, other: "Amount") -> "Amount":
        return self * Amount(1 / other.value, {base: -power for base, power in other.bases.items()})

    def __neg__(self) -> "Amount":
        return Amount(-self.value, self.bases)

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Amount) and self.value == other.value

    def __lt__(self, other: "Amount") -> bool:
        return self.value < other.value

    def __gt__(self, other: "Amount") -> bool:
        return self.value > other.value


def of_unit(name: str) -> Amount:
    if name == "%w/v":
        return Amount(Fraction(10), {"mass": 1, "volume": -1})
    found = Amount(Fraction(1), {})
    for place, one in enumerate(name.split("/") if name else []):
        base, scale = SCALES[one]
        amount = Amount(scale, {base: 1})
        found = found / amount if place else found * amount
    return found


def nearest(amount: Amount, step: Amount) -> Amount:
    steps = amount.value / step.value
    return Amount((steps + Fraction(1, 2)).__floor__() * step.value, amount.bases)


def worked(expression: str, values: dict[str, Amount]) -> Any:
    """An expression by Python itself, each number an amount: the tests' own expressions, from nowhere else."""

    def number(found: re.Match[str]) -> str:
        return f"(n('{found[1]}') * u('{(found[2] or '').strip()}'))"

    python = re.sub(
        r"(?<![a-z_0-9])([0-9]+(?:\.[0-9]+)?)\s*(?:\[([^\]]*)\])?", number, re.sub("(?<![<>!])=", "==", expression)
    )
    names: dict[str, Any] = {"n": lambda text: Amount(Fraction(text), {}), "u": of_unit, "min": min, "max": max}
    return eval(python, {"__builtins__": {}}, {**names, "round": nearest, **values})


def calculated(taker: Parts, key: Parts, raw: Raw) -> Judged:
    value = in_unit(taker, raw)
    if isinstance(value, str):
        return UNREADABLE if value else NOTHING
    values = {name: Amount(Fraction(row["value"]), {}) * of_unit(row["unit"]) for name, row in taker["values"].items()}
    answer = worked(key["answer"], values)

    def near(amount: Amount) -> bool:
        middle = (amount / of_unit(taker["unit"])).value
        below = above = abs(middle) * Fraction(key["accept"].get("share", "0"))
        below = Fraction(key["accept"].get("below", below))
        above = Fraction(key["accept"].get("above", above))
        return middle - below <= value <= middle + above

    if near(answer):
        return Judged(True, True, Fraction(1))
    values["answer"] = answer
    for error in key["errors"]:
        if (error["when"] == "" or worked(error["when"], values)) and near(worked(error["value"], values)):
            return Judged(True, True, Fraction(0), error["unsafe"])
    return Judged(True, True)


# Places, gaps and stages ----------------------------------------------------------------------------------------------


def zone_at(zones: list[Parts], x: Fraction, y: Fraction) -> int:
    """The first zone round a point, or -1."""
    for place, zone in enumerate(zones):
        corners = [(Fraction(a), Fraction(b)) for a, b in zone["points"]]
        if "radius" in zone:
            (a, b), radius = corners[0], Fraction(zone["radius"])
            if (x - a) * (x - a) + (y - b) * (y - b) <= radius * radius:
                return place
            continue
        crossed = 0
        for number, (ax, ay) in enumerate(corners):
            bx, by = corners[(number + 1) % len(corners)]
            between = min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
            if between and (bx - ax) * (y - ay) == (by - ay) * (x - ax):
                return place
            if (ay <= y < by or by <= y < ay) and ax + (y - ay) / (by - ay) * (bx - ax) > x:
                crossed += 1
        if crossed % 2 == 1:
            return place
    return -1


def marked_zone(taker: Parts, key: Parts, raw: Raw) -> int | str | None:
    """The place of the zone that one mark lies in, -1 outside; None for no mark, "?" for what is none."""
    cell, x, y = ([*(one.strip() for one in raw.get(name, []) if one.strip()), ""][0] for name in ("cell", "x", "y"))
    if cell + x + y == "":
        return None
    left, top, width, height = (Fraction(one) for one in taker["box"])
    columns, rows = taker["grid"]
    if cell:
        names = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[a] + str(b + 1) for b in range(rows) for a in range(columns)]
        if cell not in names:
            return "?"
        down, at = divmod(names.index(cell), columns)
        counted = [0] * len(key["zones"])
        for i in range(10):
            for j in range(10):
                across = left + width * (10 * at + i + Fraction(1, 2)) / (10 * columns)
                zone = zone_at(key["zones"], across, top + height * (10 * down + j + Fraction(1, 2)) / (10 * rows))
                if zone >= 0:
                    counted[zone] += 1
        return counted.index(max(counted)) if counted and max(counted) >= 10 else -1
    if not all(re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", one) for one in (x, y)):
        return "?"
    over, down_to = Fraction(x) - left, Fraction(y) - top
    if over < 0 or down_to < 0 or over > width or down_to > height:
        return "?"
    return zone_at(key["zones"], Fraction(x), Fraction(y))


def hotspot(taker: Parts, key: Parts, raw: Raw) -> Judged:
    if "marks" in taker:
        said = [marked_zone(taker, key, within(raw, str(number))) for number in range(1, taker["marks"] + 1)]
    else:
        said = [marked_zone(taker, key, raw)]
    marks = [one for one in said if isinstance(one, int)]
    if not marks:
        return UNREADABLE if "?" in said else NOTHING
    zones = key["zones"]
    if any(one >= 0 and zones[one]["counts"] == "unsafe" for one in marks):
        return Judged(True, True, Fraction(0), True)
    if "marks" not in taker or any("credit" in zone for zone in zones):
        total = Fraction(0)
        for one in {one for one in marks if one >= 0}:
            total += Fraction(zones[one].get("credit", int(zones[one]["counts"] == "right")))
        return Judged(True, True, total if "marks" not in taker else max(Fraction(0), min(Fraction(1), total)))
    wanted, found = set(), set()
    for number, zone in enumerate(zones):
        if zone["counts"] == "right":
            wanted.add(zone.get("place", -1 - number))
    wrong = marks.count(-1)
    for one in {one for one in marks if one >= 0}:
        name = zones[one].get("place", -1 - one)
        if zones[one]["counts"] == "wrong" or name in found:
            wrong += 1
        else:
            found.add(name)
    if "rule" in key:
        return Judged(True, True, Fraction(max(0, len(found) - wrong), len(wanted)))
    return Judged(True, True, Fraction(int(len(found) == len(wanted) and wrong == 0)))


def within(raw: Raw, part: str) -> Raw:
    found = {name[len(part) + 1 :]: values for name, values in raw.items() if name[: len(part) + 1] == part + "."}
    return {"decimal": raw.get("decimal", []), **found} if found else {}


def together(judged: list[tuple[Judged, Fraction]]) -> Judged:
    """Parts that are questions of their own, each with its weight."""
    read = [one for one, _ in judged if one.said and one.read]
    if not read:
        return UNREADABLE if any(one.said for one, _ in judged) else NOTHING
    earned = sum((one.credit * weight for one, weight in judged if one.said and one.read), Fraction(0))
    credit = earned / sum(weight for _, weight in judged)
    return Judged(True, True, credit, any(one.unsafe for one in read))


def cloze(taker: Parts, key: Parts, raw: Raw) -> Judged:
    judged = together(
        [
            (
                TYPES[gap["type"]]({"exact": taker["exact"], **gap}, key["gaps"][gap["id"]], within(raw, gap["id"])),
                Fraction(gap.get("weight", 1)),
            )
            for gap in taker["gaps"]
        ]
    )
    if (key.get("rule") == "all-or-nothing" and judged.credit != 1) or (key.get("rule") and judged.credit < 0):
        return judged._replace(credit=Fraction(0))
    return judged


def staged(taker: Parts, key: Parts, raw: Raw) -> Judged:
    opened = [int(one) for one in raw.get("stage", []) if re.fullmatch("[1-9][0-9]?", one, re.ASCII)]
    reached = max(opened) if opened else 1
    judged = []
    for number, (stage, answers) in enumerate(zip(taker["stages"], key["stages"], strict=True), 1):
        one = TYPES[stage["type"]]({"exact": taker["exact"], **stage}, answers, within(raw, str(number)))
        judged.append((one if number <= reached else NOTHING, Fraction(key["points"][number - 1])))
    return together(judged)


TYPES = {
    "single": single, "multiple": multiple, "true-false": true_false, "matching": matching,
    "extended-matching": matching, "ordering": ordering, "numeric": numeric, "text": text, "calculated": calculated,
    "hotspot": hotspot, "cloze": cloze, "staged": staged, "concordance": concordance, "essay": essay,
}  # fmt: skip
