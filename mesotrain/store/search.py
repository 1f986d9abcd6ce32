"""What is searched: the words of the live sections, by SQLite's FTS5 or PostgreSQL's text search."""

import re
from collections.abc import Sequence
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
from mesotrain.store.catalogue import MAY_READ
from mesotrain.store.courses import Course
from mesotrain.store.db import Base

MOST = 10
_WORD = re.compile(r"\w+")
_SOME = 12


class SectionWords(Base):
    """A live section as it is found: a projection that every publication of its course makes again.

    What the engine itself makes of it to search in is in ``store/guards.py``.
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


def project(session: Session, course: int, sections: Sequence[dict[str, str]]) -> None:
    """Makes what is searched of a course again."""
    session.execute(delete(SectionWords).where(SectionWords.course_id == course))
    session.execute(insert(SectionWords), [{"course_id": course, **one} for one in sections])
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO section_search (section_search) VALUES ('optimize')"))


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
    query = func.to_tsquery(cast("english", REGCONFIG), bindparam("query"))
    vector: ColumnElement[Any] = literal_column("section_words.searched")
    return _FOUND.where(vector.op("@@")(query)).order_by(func.ts_rank(vector, query).desc(), SectionWords.id)


_SEARCH = {"sqlite": _sqlite(), "postgresql": _postgresql()}


def words_of(asked: str) -> list[str]:
    """The words of a query that count."""
    return _WORD.findall(asked)[:_SOME]


def search(session: Session, actor: Actor, asked: str) -> Sequence[Found]:
    """The live sections that hold every word of `asked`, the best first; the last word may be the beginning of one."""
    if not (words := words_of(asked)):
        return []
    connection = session.connection()
    dialect = connection.dialect.name
    query = " ".join(f'"{word}"' for word in words) + "*" if dialect == "sqlite" else " & ".join(words) + ":*"
    rows = connection.execute(_SEARCH[dialect], {"organisation": actor.organisation, "query": query})
    return [Found._make(row) for row in rows]
