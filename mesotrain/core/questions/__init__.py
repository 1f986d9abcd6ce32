"""The question types. A new type is one module, one template, one paragraph in the guide and one line here."""

from mesotrain.core.questions.base import (
    ALL_OR_NOTHING,
    BLOCKS,
    DECIMAL,
    FIELD_NAME,
    FLAG,
    MARKING_RULES,
    RULES,
    SEEN,
    Fields,
    Part,
    QuestionType,
    Reading,
    fields_of,
    is_option_id,
    option_id,
    with_texts,
)
from mesotrain.core.questions.calculated import Calculated
from mesotrain.core.questions.choice import PARTIAL, SUM, Multiple, Single
from mesotrain.core.questions.cloze import Cloze
from mesotrain.core.questions.concordance import Concordance
from mesotrain.core.questions.essay import Essay
from mesotrain.core.questions.hotspot import Hotspot
from mesotrain.core.questions.matching import ExtendedMatching, Matching
from mesotrain.core.questions.numeric import Numeric
from mesotrain.core.questions.ordering import Ordering
from mesotrain.core.questions.staged import Staged
from mesotrain.core.questions.text import Text
from mesotrain.core.questions.true_false import TrueFalse

KINDS = (
    *(Single, Multiple, TrueFalse, Ordering, Matching, ExtendedMatching),
    *(Numeric, Text, Calculated, Cloze, Hotspot, Staged, Concordance, Essay),
)
TYPES: dict[str, type[QuestionType]] = {kind.name: kind for kind in KINDS}


def question(taker: Part, key: Part | None = None) -> QuestionType:
    """The question these parts describe; without `key` it can be asked and read, never marked."""
    return TYPES[str(taker["type"])](taker, key)


__all__ = [
    "ALL_OR_NOTHING", "BLOCKS", "DECIMAL", "FIELD_NAME", "FLAG", "MARKING_RULES", "PARTIAL", "RULES", "SEEN", "SUM",
    "TYPES", "Fields", "Part", "QuestionType", "Reading", "fields_of", "is_option_id", "option_id", "question",
    "with_texts",
]  # fmt: skip
