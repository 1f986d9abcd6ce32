"""The rules of good writing in one table: what each says to do, and who says so."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mesotrain.core.linting import banks, choices, doses, stems
from mesotrain.core.linting.item import Item

SOURCES = {
    "Haladyna 2002": "Haladyna, T. M., Downing, S. M. & Rodriguez, M. C. (2002). A review of multiple-choice "
    "item-writing "
    "guidelines for classroom assessment. Applied Measurement in Education 15(3), 309-333.",
    "Haladyna 2013": "Haladyna, T. M. & Rodriguez, M. C. (2013). Developing and Validating Test Items.",
    "Rodriguez 2005": "Rodriguez, M. C. (2005). Three options are optimal for multiple-choice items. Educational "
    "Measurement: Issues and Practice 24(2), 3-13.",
    "Tarrant 2006": "Tarrant, M., Knierim, A., Hayes, S. K. & Ware, J. (2006). The frequency of item writing "
    "flaws in "
    "multiple-choice questions used in high stakes nursing assessments. Nurse Education Today 26(8), 662-671.",
    "Gagnon 2005": "Gagnon, R., Charlin, B., Coletti, M., Sauvé, E. & van der Vleuten, C. (2005). Assessment in the "
    "context of uncertainty: how many members are needed on the panel of reference of a script concordance test? "
    "Medical Education 39(3), 284-291.",
    "Downing 2005": "Downing, S. M. (2005). The effects of violating standard item writing principles on tests "
    "and students. "
    "Advances in Health Sciences Education 10, 133-143.",
    "NBME": "NBME. Constructing Written Test Questions for the Basic and Clinical Sciences.",
    "ISMP": "ISMP. List of Error-Prone Abbreviations, Symbols, and Dose Designations.",
}
"""Each source by the name the table has for it."""

ERROR, WARNING = "error", "warning"
BANK, COURSE = "bank", "course"
"""What a rule may count in."""
UNUSED = "idle-waiver"
"""The code of a waiver that silences nothing; no rule of its own, for nothing waives it."""


@dataclass(frozen=True)
class Rule:
    """`sentence` says what is found, which stands for its braces, and what to do. A rule has one of the two checks.

    `lists`, it looks at what is chosen from in a gap, or for several stories, too. `counts` names what has to be read
    whole before the rule speaks, for what is missing would be found wanting.
    """

    id: str
    severity: str
    source: str
    sentence: str
    check: Callable[[Item], Sequence[str]] | None = None
    across: Callable[[Sequence[banks.Bank]], Iterable[banks.Found]] | None = None
    lists: bool = False
    counts: str = ""


_TABLE = (
    Rule("all-of-the-above", ERROR, "Haladyna 2002",
         "“{}” speaks of the other options; write an answer of its own, or ask for all that apply.",
         choices.all_of_the_above, lists=True),
    Rule("none-of-the-above", ERROR, "Haladyna 2002",
         "“{}” only says that the other options are wrong; write an answer of its own.",
         choices.none_of_the_above, lists=True),
    Rule("unmarked-negative", ERROR, "Haladyna 2002",
         "“{}” turns the question round and is easily missed; ask the other way, or write it in capitals.",
         stems.unmarked_negative),
    Rule("two-keys", WARNING, "Haladyna 2002",
         "two options say the same: “{}”; make them different.", choices.two_keys, lists=True),
    Rule("overlapping-numbers", ERROR, "Haladyna 2002",
         "one number fits two options: “{}”; let each end before the next begins.",
         choices.overlapping_numbers, lists=True),
    Rule("naked-decimal", ERROR, "ISMP",
         "“{}” is read as a whole number when its point is missed; write a 0 before the point.", doses.naked_decimal),
    Rule("trailing-zero", ERROR, "ISMP",
         "“{}” is read as ten times as much when its point is missed; take off the zero at its end.",
         doses.trailing_zero),
    Rule("missing-unit", ERROR, "ISMP",
         "“{}” asks for a measure, and no unit is said; write one beside the answer.", doses.missing_unit),
    Rule("error-prone-abbreviation", ERROR, "ISMP",
         "“{}” is often misread; write units, micrograms, mL, daily, subcutaneous, or the drug's name, in full.",
         doses.error_prone_abbreviation),
    Rule("single-safety-item", ERROR, "Haladyna 2013",
         "the safety point {} has fewer than two questions a quiz may draw; write another.",
         across=banks.single_safety_item, counts=COURSE),
    Rule("longest-key", WARNING, "NBME",
         "the right answer is much longer than all others: “{}”; make them alike.", choices.longest_key),
    Rule("absolute-term", WARNING, "NBME",
         "“{}” in an option gives away that it is wrong; say it without.", choices.absolute_term),
    Rule("absolute-statement", WARNING, "Haladyna 2002",
         "“{}” stands in false statements alone, which gives them away; say it without, or of what is true too.",
         choices.absolute_statement),
    Rule("marked-key", WARNING, "Haladyna 2002",
         "“{}” is right, and stands out alone by bold, italics or a citation; mark all alike, or none.",
         choices.marked_key),
    Rule("vague-term", WARNING, "NBME",
         "“{}” in an option means another thing to each reader; say how often or how much.", choices.vague_term),
    Rule("convergence", WARNING, "NBME",
         "“{}” shares most with the other options, which gives it away; spread the elements evenly.",
         choices.convergence),
    Rule("grammatical-cue", WARNING, "NBME",
         "the “{}” at the end fits the right answer and not every other; let every option follow.",
         choices.grammatical_cue),
    Rule("repeated-word", WARNING, "NBME",
         "“{}” stands in the question and in the right answer alone; use it in others too, or not at all.",
         choices.repeated_word),
    Rule("unfocused-stem", WARNING, "NBME",
         "“{}” cannot be answered without reading the options; ask one clear question.", stems.unfocused_stem),
    Rule("hidden-true-false", WARNING, "NBME",
         "“{}” makes each option a true or false of its own; ask what the options answer.", stems.hidden_true_false),
    Rule("option-count", WARNING, "Rodriguez 2005",
         "it has {} options; three good ones are enough, and more than five only take time.", choices.option_count),
    Rule("teaching-stem", WARNING, "Haladyna 2002",
         "it teaches, or tells more than it needs to: {}; leave that to the lesson.", stems.teaching_stem),
    Rule("double-negative", WARNING, "Haladyna 2002",
         "a negative question has the negative option “{}”; ask the other way.", choices.double_negative),
    Rule("mixed-options", WARNING, "Haladyna 2002",
         "some options are measures and others words: “{}”; make them one kind.", choices.mixed_options),
    Rule("unordered-numbers", WARNING, "Haladyna 2002",
         "the numbers neither rise nor fall: {}; put them in order.", choices.unordered_numbers),
    Rule("common-beginning", WARNING, "Haladyna 2002",
         "every option begins with “{}”; move that into the question.", choices.common_beginning),
    Rule("long-option", WARNING, "Haladyna 2002",
         "an option has more than 25 words: “{}”; shorten it.", choices.long_option),
    Rule("blank-in-the-middle", WARNING, "Haladyna 2013",
         "“{}” has its gap in the middle; ask a question, or put the gap at the end.", stems.blank_in_the_middle),
    Rule("opinion", WARNING, "Haladyna 2002",
         "“{}” asks for an opinion, which is never wrong; ask what the sources say.", stems.opinion),
    Rule("unexplained", WARNING, "Haladyna 2013",
         "no reason is given for “{}”; write Why: under it.", stems.unexplained),
    Rule("uncited", WARNING, "Haladyna 2013",
         "it cites nothing; write cites: and the facts behind its key.", stems.uncited),
    Rule("no-level", WARNING, "Haladyna 2013",
         "it has no level; write recall, apply or judge.", stems.no_level),
    Rule("untaught", WARNING, "Haladyna 2013",
         "it names no section that teaches it; write section: and its id.", stems.untaught),
    Rule("small-panel", WARNING, "Gagnon 2005",
         "its panel has {} members; ask more than ten.", stems.small_panel),
    Rule("key-position", WARNING, "Haladyna 2002",
         "the right answer stands in one place too often: {}; vary it, or let the options be shuffled.",
         across=banks.key_position, counts=BANK),
    Rule("near-duplicate", WARNING, "Haladyna 2013",
         "it is nearly the same as {}; retire one, or ask something else.", across=banks.near_duplicate),
    Rule("answers-another", WARNING, "Haladyna 2002",
         "it tells the answer of {}; change one of the two.", across=banks.answers_another),
    Rule("thin-competency", WARNING, "Haladyna 2013",
         "{}; write at least twice as many as it draws.", across=banks.thin_competency, counts=BANK),
)  # fmt: skip

RULES = {one.id: one for one in _TABLE}
