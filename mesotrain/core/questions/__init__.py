"""The question types. A new type is one module, one template, one paragraph in the guide and one line here."""

from mesotrain.core.questions.base import MARKING_RULES, Asked, Fields, Part, QuestionType, Reading, option_id
from mesotrain.core.questions.choice import ALL_OR_NOTHING, PARTIAL, Multiple, Single
from mesotrain.core.questions.numeric import Numeric

TYPES: dict[str, type[QuestionType]] = {kind.name: kind for kind in (Single, Multiple, Numeric)}


def question(taker: Part, key: Part | None = None) -> QuestionType:
    """The question these parts describe; without `key` it can be asked and read, never marked."""
    return TYPES[str(taker["type"])](taker, key)


__all__ = [
    "ALL_OR_NOTHING", "MARKING_RULES", "PARTIAL", "TYPES",
    "Asked", "Fields", "Part", "QuestionType", "Reading", "option_id", "question",
]  # fmt: skip
