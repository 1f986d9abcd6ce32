"""What is searched: the words of the live sections, by SQLite's FTS5 or PostgreSQL's text search."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    UniqueConstraint,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.core.access import Actor
from mesotrain.core.search import indexed, stem, words
from mesotrain.store.catalogue import MAY_READ
from mesotrain.store.courses import Course
from mesotrain.store.db import Base, engine_name

MOST = 10
_SOME = 12
"""Words of a query that count."""


class SectionWords(Base):
    """A live section as it is found: a projection that every publication of its course makes again.

    `found_title` and `found_words` are what is searched, as ``core.search.indexed`` makes it of the others;
    what the engine makes of that is in ``store/guards.py``.
    """

    __tablename__ = "section_words"
    __table_args__ = (UniqueConstraint("course_id", "section"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey(Course.id))
    module: Mapped[str]
    module_title: Mapped[str]
    section: Mapped[str]
    title: Mapped[str]
    words: Mapped[str]
    found_title: Mapped[str]
    found_words: Mapped[str]


def rows(sections: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Sections with what is searched of them."""
    return [{"found_title": indexed(one["title"]), "found_words": indexed(one["words"]), **one} for one in sections]


def project(session: Session, course: int, found: Sequence[dict[str, str]]) -> None:
    """Makes what is searched of a course again, of its `rows`."""
    session.execute(delete(SectionWords).where(SectionWords.course_id == course))
    if found:  # an exam alone has no section
        session.execute(insert(SectionWords), [{"course_id": course, **one} for one in found])
    if engine_name(session) == "sqlite":
        session.execute(text("INSERT INTO section_search (section_search) VALUES ('optimize')"))


def titles(session: Session, course: int) -> dict[str, str]:
    """What each live section of a course is called, by its id."""
    rows = session.execute(select(SectionWords.section, SectionWords.title).where(SectionWords.course_id == course))
    return {row.section: row.title for row in rows}


class Found(NamedTuple):
    """A section that was found, with all its words."""

    course: str
    module: str
    module_title: str
    section: str
    title: str
    words: str


_FTS = table("section_search", column("rowid"))


_COLUMNS: tuple[Any, ...] = (
    Course.name,
    SectionWords.module,
    SectionWords.module_title,
    SectionWords.section,
    SectionWords.title,
    SectionWords.words,
)
_FOUND: Select[Any] = select(*_COLUMNS).join(Course, Course.id == SectionWords.course_id).where(MAY_READ).limit(MOST)


def _sqlite() -> Select[Any]:
    """Ordered by `rank` alone, FTS5 gives its rows in order and stops at the limit."""
    return (
        _FOUND.join(_FTS, _FTS.c.rowid == SectionWords.id)
        .where(text("section_search MATCH :query").bindparams(bindparam("query")), text("rank MATCH 'bm25(4.0, 1.0)'"))
        .order_by(text("rank"))
    )


def _postgresql() -> Select[Any]:
    query = func.to_tsquery(cast("simple", REGCONFIG), bindparam("query"))
    vector: ColumnElement[Any] = literal_column("section_words.searched")
    return _FOUND.where(vector.op("@@")(query)).order_by(func.ts_rank(vector, query).desc(), SectionWords.id)


_SEARCH = {"sqlite": _sqlite(), "postgresql": _postgresql()}


def search(session: Session, actor: Actor, asked: str) -> Sequence[Found]:
    """The live sections that hold every word of `asked`, the best first.

    A word may have another form there; the last may be the beginning of one.
    """
    *rest, last = words(asked)[:_SOME] or [""]
    if not last:
        return []
    connection = session.connection()
    dialect = connection.dialect.name
    query = _QUERY[dialect]([stem(word) for word in rest], stem(last), last)
    rows = connection.execute(_SEARCH[dialect], {"organisation": actor.organisation, "query": query})
    return [Found._make(row) for row in rows]


_QUERY: dict[str, Callable[[list[str], str, str], str]] = {
    "sqlite": lambda rest, end, last: " AND ".join([*(f'"{one}"' for one in rest), f'("{end}" OR "{last}"*)']),
    "postgresql": lambda rest, end, last: " & ".join([*rest, f"({end} | {last}:*)"]),
}
"""How each engine is asked for every word: the stems, and of the last word its stem or its beginning."""
