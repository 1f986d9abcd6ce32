"""Stops of products, by lot; whom a stop concerns, and who has acknowledged it; reminders of that."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

REMINDED = "kind IN ('course', 'ends', 'expired', 'signature', 'stop')"


def upgrade() -> None:
    op.add_column("assertions", sa.Column("lot", sa.String(), server_default="", nullable=False))
    if op.get_bind().dialect.name == "sqlite":
        _remake_reminders()
    else:
        op.drop_constraint("ck_reminders_kind", "reminders")
        op.create_check_constraint(op.f("ck_reminders_kind"), "reminders", REMINDED)
    op.create_table(
        "stop_notices",
        *_integers("organisation_id", "person_id", "stop"),
        _plain("stop_notices", "stop"),
        _member("stop_notices", "person_id"),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", "stop", name=op.f("pk_stop_notices")),
    )
    op.create_table(
        "acknowledgements",
        *_integers("organisation_id", "person_id", "stop", "sequence"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id", "stop"],
            ["stop_notices.organisation_id", "stop_notices.person_id", "stop_notices.stop"],
            name=op.f("fk_acknowledgements_organisation_id_person_id_stop"),
        ),
        _plain("acknowledgements", "sequence"),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", "stop", name=op.f("pk_acknowledgements")),
    )
    for table in ("stop_notices", "acknowledgements"):
        for statement in GUARDS[op.get_bind().dialect.name]:
            op.execute(statement.format(table=table))


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


GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER {{table}}_keeps_{verb} BEFORE {verb} ON {{table}} "
        "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    ],
}
