"""Searching what is taught: SQLite's FTS5, or PostgreSQL's text search, over the sections that are live."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, cast, column, func, literal_column, table, text
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.orm import Session

from mesotrain.core.access import Actor
from mesotrain.store.catalogue import live_sections
from mesotrain.store.courses import SEARCHED, Course, Module, ModuleVersion, SectionVersion, SectionWords

MOST = 20
BEGINS, ENDS = "\ue000", "\ue001"
"""What stands around a word that was found, in an excerpt."""
_WORD = re.compile(r"\w+")
_SOME = 12
"""Words of a query that count."""


class Found(NamedTuple):
    """A section that was found; `excerpt` is plain text with BEGINS and ENDS around the words."""

    course: str
    module: str
    module_title: str
    section: str
    title: str
    excerpt: str


_COLUMNS = (Course.name, Module.name, ModuleVersion.title, SectionVersion.name, SectionWords.title)
_FTS = table("section_search", column("rowid"), column("section_search"))


def _sqlite() -> Select[Any]:
    excerpt = func.snippet(literal_column("section_search"), 1, BEGINS, ENDS, "…", 28)
    return (
        live_sections(*_COLUMNS, excerpt)
        .join(SectionWords, SectionWords.section_version_id == SectionVersion.id)
        .join(_FTS, _FTS.c.rowid == SectionWords.section_version_id)
        .where(text("section_search MATCH :query").bindparams(bindparam("query")))
        .order_by(None)
        .order_by(text("bm25(section_search, 4.0, 1.0)"), SectionVersion.id)
        .limit(MOST)
    )


def _postgresql() -> Select[Any]:
    """The vector is spelled as the index is, its columns named by their table."""
    english = cast("english", REGCONFIG)
    query = func.to_tsquery(english, bindparam("query"))
    vector: ColumnElement[Any] = literal_column(f"({SEARCHED})")
    options = f"StartSel={BEGINS}, StopSel={ENDS}, MaxWords=34, MinWords=16, MaxFragments=1"
    excerpt = func.ts_headline(english, SectionWords.words, query, options)
    return (
        live_sections(*_COLUMNS, excerpt)
        .join(SectionWords, SectionWords.section_version_id == SectionVersion.id)
        .where(vector.op("@@")(query))
        .order_by(None)
        .order_by(func.ts_rank(vector, query).desc(), SectionVersion.id)
        .limit(MOST)
    )


_SEARCH = {"sqlite": _sqlite(), "postgresql": _postgresql()}


def search(session: Session, actor: Actor, asked: str) -> Sequence[Found]:
    """The live sections that hold every word of `asked`, the best first; the last word may be the beginning of one."""
    words = _WORD.findall(asked)[:_SOME]
    if not words:
        return []
    dialect = session.get_bind().dialect.name
    query = " ".join(f'"{word}"' for word in words) + "*" if dialect == "sqlite" else " & ".join(words) + ":*"
    rows = session.execute(_SEARCH[dialect], {"organisation": actor.organisation, "query": query})
    return [Found._make(row) for row in rows]
