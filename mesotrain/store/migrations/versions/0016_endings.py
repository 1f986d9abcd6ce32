"""Reminders of what named people said, before it ends, and of requests to sign that lapsed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

REMINDED = (
    "kind IN ('course', 'ends', 'expired', 'signature', 'stop', 'lapsed', 'document', 'prior learning', 'transition', "
    "'supervise')"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake_reminders()
    else:
        op.drop_constraint("ck_reminders_kind", "reminders")
        op.create_check_constraint(op.f("ck_reminders_kind"), "reminders", REMINDED)


def _remake_reminders() -> None:
    """SQLite changes no constraint: the table is made anew and filled."""
    op.drop_index("ix_reminders_event_position", "reminders")
    op.rename_table("reminders", "old_reminders")
    op.create_table(
        "reminders",
        *_integers("organisation_id", "person_id", "about"),
        sa.Column("kind", sa.String(), nullable=False),
        *_integers("subject"),
        sa.Column("day", sa.Date(), nullable=False),
        *_integers("stage"),
        sa.Column("title", sa.String(), nullable=False),
        *_integers("event_position"),
        sa.CheckConstraint(REMINDED, name=op.f("ck_reminders_kind")),
        _plain("reminders", "event_position"),
        _member("reminders", "about"),
        _member("reminders", "person_id"),
        sa.PrimaryKeyConstraint(
            "organisation_id", "person_id", "about", "kind", "subject", "day", "stage", name=op.f("pk_reminders")
        ),
    )
    op.execute("INSERT INTO reminders SELECT * FROM old_reminders")
    op.drop_table("old_reminders")
    op.create_index("ix_reminders_event_position", "reminders", ["event_position"])


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _plain(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["events.position"], name=op.f(f"fk_{table}_{column}"))


def _member(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        ["members.organisation_id", "members.person_id"],
        name=op.f(f"fk_{table}_organisation_id_{column}"),
    )
