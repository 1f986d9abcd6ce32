"""What named people say of certificates and of what was learnt elsewhere; reminders of what they said, and of requests.

Both tables take more kinds. SQLite changes no constraint: there a table is made anew and filled.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

SAID = (
    "kind IN ('document', 'prior learning', 'offer', 'use', 'stop', 'transition', 'supervise', 'suspended', 'revoked', "
    "'temporary')"
)
REMINDED = (
    "kind IN ('course', 'ends', 'expired', 'signature', 'stop', 'lapsed', 'document', 'prior learning', 'transition', "
    "'supervise')"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake_assertions()
        _remake_reminders()
        return
    for table, kinds in (("assertions", SAID), ("reminders", REMINDED)):
        op.drop_constraint(f"ck_{table}_kind", table)
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, kinds)


def _remake_assertions() -> None:
    """SQLite changes no constraint: the table is made anew and filled; what refers to it keeps its name."""
    op.drop_index("ix_assertions_person", "assertions")
    op.execute("PRAGMA legacy_alter_table=ON")
    op.rename_table("assertions", "old_assertions")
    op.execute("PRAGMA legacy_alter_table=OFF")
    op.create_table(
        "assertions",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("id", "organisation_id")),
        sa.Column("kind", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("person_id", "clinic_id", "course_id")),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("asserted_by", "sequence")),
        sa.Column("lot", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint(SAID, name=op.f("ck_assertions_kind")),
        _refers("assertions", "person_id", "members.person_id"),
        _refers("assertions", "clinic_id", "clinics.id"),
        _refers("assertions", "asserted_by", "members.person_id"),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_assertions_course_id")),
        sa.ForeignKeyConstraint(["sequence"], ["events.position"], name=op.f("fk_assertions_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assertions")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_assertions_organisation_id_id")),
    )
    op.execute("INSERT INTO assertions SELECT * FROM old_assertions")
    op.drop_table("old_assertions")
    op.create_index("ix_assertions_person", "assertions", ["organisation_id", "person_id"])
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER assertions_keeps_{verb} BEFORE {verb} ON assertions "
            "BEGIN SELECT RAISE(ABORT, 'assertions is append-only'); END"
        )


def _remake_reminders() -> None:
    """SQLite changes no constraint: the table is made anew and filled."""
    op.drop_index("ix_reminders_event_position", "reminders")
    op.rename_table("reminders", "old_reminders")
    op.create_table(
        "reminders",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("organisation_id", "person_id", "about")),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("event_position", sa.Integer(), nullable=False),
        sa.CheckConstraint(REMINDED, name=op.f("ck_reminders_kind")),
        sa.ForeignKeyConstraint(["event_position"], ["events.position"], name=op.f("fk_reminders_event_position")),
        _refers("reminders", "about", "members.person_id"),
        _refers("reminders", "person_id", "members.person_id"),
        sa.PrimaryKeyConstraint(
            "organisation_id", "person_id", "about", "kind", "subject", "day", "stage", name=op.f("pk_reminders")
        ),
    )
    op.execute("INSERT INTO reminders SELECT * FROM old_reminders")
    op.drop_table("old_reminders")
    op.create_index("ix_reminders_event_position", "reminders", ["event_position"])


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    of, _ = to.split(".")
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{of}.organisation_id", to],
        name=op.f(f"fk_{table}_organisation_id_{column}"),
    )
