"""What kind of installation this is: the demo, or a real one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mesotrain.store.db import Base, Moment


class Installation(Base):
    """One row, made with the first organisation. `demo`: everybody in it is invented."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    demo: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(Moment)


_DEMO = select(Installation.demo)


def is_demo(session: Session) -> bool:
    """Whether everybody here is invented."""
    return bool(session.scalar(_DEMO))


def make(session: Session, now: datetime, *, demo: bool) -> None:
    """Says for good what kind of installation this is."""
    session.add(Installation(id=1, demo=demo, made_at=now))
