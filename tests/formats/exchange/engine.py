"""A small engine of QTI, written apart from all that reads and writes it: what a response earns, in floating point.

Names are those of QTI 2, without namespaces. Of the specification it knows what our items use, and nothing else.
"""

import re
from collections.abc import Callable
from typing import Any

from lxml.etree import _Element

TEMPLATES = {
    "match_correct": lambda one: float(one.evaluated("match", ["RESPONSE"], one.right("RESPONSE"))),
    "map_response": lambda one: one.mapped("RESPONSE"),
    "map_response_point": lambda one: one.mapped_point("RESPONSE"),
}


class Engine:
    """One item, and one response to it: what is given for each interaction, NULL where there is nothing."""

    def __init__(self, root: _Element, given: dict[str, Any]) -> None:
        self.root = root
        self.declared = {str(one.get("identifier")): one for one in root.iter("responseDeclaration")}
        found = {name: given.get(name) for name in self.declared}
        self.values: dict[str, Any] = {name: None if one in ("", []) else one for name, one in found.items()}
        assert given.keys() <= self.declared.keys(), given
        for one in root.iter("outcomeDeclaration"):
            usual = one.findtext("defaultValue/value")
            self.values[str(one.get("identifier"))] = None if usual is None else float(usual)

    def run(self) -> dict[str, Any]:
        rules = self.root.find("responseProcessing")
        if rules is not None and rules.get("template"):
            name = str(rules.get("template")).rpartition("/")[2].removesuffix(".xml")
            empty = self.values["RESPONSE"] is None
            self.values["SCORE"] = 0.0 if empty else float(TEMPLATES[name](self))
        elif rules is not None:
            self._rules(rules)
        return self.values

    def _rules(self, parent: _Element) -> None:
        for one in parent:
            if one.tag == "setOutcomeValue":
                self.values[str(one.get("identifier"))] = self.value(one[0])
            elif one.tag == "responseCondition":
                branch = next((each for each in one if each.tag == "responseElse" or self.value(each[0]) is True), None)
                if branch is not None:
                    self._rules(branch)
            elif one.getparent() is not None and one is not parent[0]:
                raise AssertionError(one.tag)

    def right(self, name: str) -> Any:
        values = [one.text for one in self.declared[name].iterfind("correctResponse/value")]
        return self._shaped(name, values)

    def _shaped(self, name: str, values: list[Any]) -> Any:
        kind = self.declared[name].get("baseType")
        values = [float(one) if kind == "float" else one for one in values]
        return values[0] if self.declared[name].get("cardinality") == "single" and values else values or None

    def value(self, one: _Element) -> Any:
        if one.tag in SOURCES:
            return SOURCES[one.tag](self, one)
        inner = [self.value(child) for child in one]
        if one.tag in OF_NULL:
            return OF_NULL[one.tag](inner)
        return None if None in inner else OPERATORS[str(one.tag)](one, *inner)

    def evaluated(self, tag: str, names: list[str], *more: Any) -> Any:
        return OPERATORS[tag](self.root, *(self.values[name] for name in names), *more)

    def mapped(self, name: str) -> float:
        given, mapping = self.values[name], self.declared[name].find("mapping")
        assert mapping is not None
        entries = mapping.findall("mapEntry")
        total = 0.0
        for said in set(given) if isinstance(given, list) else [given]:
            found = (float(one.get("mappedValue", "")) for one in entries if _same(said, one))
            total += next(found, float(mapping.get("defaultValue", "0")))
        low, high = mapping.get("lowerBound"), mapping.get("upperBound")
        total = max(total, float(low)) if low is not None else total
        return min(total, float(high)) if high is not None else total

    def mapped_point(self, name: str) -> float:
        """Of an area that holds several points only one counts; of areas that hold a point all do."""
        mapping, given = self.declared[name].find("areaMapping"), self.values[name]
        assert mapping is not None
        points = given if isinstance(given, list) else [given] if given else []
        hit = [one for one in mapping if any(inside(one, point) for point in points)]
        beside = [point for point in points if not any(inside(one, point) for one in mapping)]
        total = sum(float(str(one.get("mappedValue"))) for one in hit)
        total += len(beside) * float(mapping.get("defaultValue", "0"))
        total = max(total, float(str(mapping.get("lowerBound", total))))
        return min(total, float(str(mapping.get("upperBound", total))))


def _same(said: str, entry: _Element) -> bool:
    key = str(entry.get("mapKey"))
    return said == key if entry.get("caseSensitive", "true") == "true" else said.casefold() == key.casefold()


def inside(one: _Element, point: str | list[str]) -> bool:
    """Whether a point, or one of several, lies in a shape, by the winding of its corners; on a border it does."""
    if isinstance(point, list):
        return any(inside(one, each) for each in point)
    x, y = map(float, point.split())
    numbers = [float(number) for number in str(one.get("coords")).split(",")]
    if one.get("shape") == "circle":
        return (x - numbers[0]) ** 2 + (y - numbers[1]) ** 2 <= numbers[2] ** 2
    assert one.get("shape") == "poly"
    corners = [*zip(numbers[::2], numbers[1::2], strict=True)]
    odd = False
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        across = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if across == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay > y) != (by > y):
            odd ^= x < (bx - ax) * (y - ay) / (by - ay) + ax
    return odd


def _match(one: _Element, left: Any, right: Any) -> bool:
    ordered = one.find("ordered") is not None or getattr(left, "ordered", False)
    if isinstance(left, list) and isinstance(right, list) and not ordered:
        return sorted(left) == sorted(right)
    return bool(left == right)


class Ordered(list[str]):
    """A response in which the order counts."""

    ordered = True


SOURCES: dict[str, Callable[[Engine, _Element], Any]] = {
    "variable": lambda self, one: self.values[str(one.get("identifier"))],
    "correct": lambda self, one: self.right(str(one.get("identifier"))),
    "baseValue": lambda self, one: float(one.text or "") if one.get("baseType") == "float" else one.text,
    "mapResponse": lambda self, one: self.mapped(str(one.get("identifier"))),
    "mapResponsePoint": lambda self, one: self.mapped_point(str(one.get("identifier"))),
}
OF_NULL: dict[str, Callable[[list[Any]], Any]] = {
    "multiple": lambda inner: [each for one in inner for each in (one if isinstance(one, list) else [one]) if each],
    "isNull": lambda inner: inner[0] is None,
    "and": lambda inner: all(one is True for one in inner),
    "or": lambda inner: any(one is True for one in inner),
}
"""The operators for which NULL is a value like another."""
OPERATORS: dict[str, Callable[..., Any]] = {
    "match": _match,
    "equal": lambda one, left, right: left == right,
    "gte": lambda one, left, right: left >= right,
    "lt": lambda one, left, right: left < right,
    "lte": lambda one, left, right: left <= right,
    "not": lambda one, value: not value,
    "member": lambda one, value, among: value in among,
    "delete": lambda one, value, among: Ordered(each for each in among if each != value) or None,
    "ordered": lambda one, *values: Ordered(values),
    "sum": lambda one, *values: sum(values),
    "divide": lambda one, left, right: left / right,
    "inside": inside,
    "stringMatch": lambda one, left, right: (
        left == right if one.get("caseSensitive") == "true" else left.lower() == right.lower()
    ),
    "patternMatch": lambda one, value: re.fullmatch(str(one.get("pattern")), value, re.DOTALL) is not None,
}
