"""The logbook: cases, who is asked to sign them, what they answer, reminders of it; and that somebody may supervise."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KINDS = "kind IN ('document', 'offer', 'use', 'stop', 'transition', 'supervise')"
REMINDED = "kind IN ('course', 'ends', 'expired', 'signature')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake_assertions()
        _remake_reminders()
    else:
        for table, kinds in (("assertions", KINDS), ("reminders", REMINDED)):
            op.drop_constraint(f"ck_{table}_kind", table)
            op.create_check_constraint(op.f(f"ck_{table}_kind"), table, kinds)
    _cases()
    _requests()
    _signatures()
    for table in ("cases", "signature_requests", "signatures", "signature_withdrawals"):
        _guard(table)


def _remake_assertions() -> None:
    """SQLite changes no constraint: tables are made anew and filled; those that refer to one keep its name."""
    op.drop_index("ix_assertions_person", "assertions")
    _put_by("assertions")
    op.create_table(
        "assertions",
        *_columns("id organisation_id", kind=sa.String()),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("person_id", "clinic_id", "course_id")),
        *_columns(about=sa.String(), start_day=sa.Date()),
        sa.Column("end_day", sa.Date(), nullable=True),
        *_columns(reason=sa.String(), asserted_by=sa.Integer(), sequence=sa.Integer()),
        sa.CheckConstraint(KINDS, name=op.f("ck_assertions_kind")),
        _refers("assertions", "person_id", "members.person_id"),
        _refers("assertions", "clinic_id", "clinics.id"),
        _refers("assertions", "asserted_by", "members.person_id"),
        _plain("assertions", "course_id", "courses.id"),
        *_kept("assertions"),
    )
    _fill("assertions")
    op.create_index("ix_assertions_person", "assertions", ["organisation_id", "person_id"])
    _guard("assertions")


def _remake_reminders() -> None:
    op.drop_index("ix_reminders_event_position", "reminders")
    _put_by("reminders")
    same = ["organisation_id", "person_id", "about", "kind", "subject", "day", "stage"]
    op.create_table(
        "reminders",
        *_columns("organisation_id person_id about", kind=sa.String(), subject=sa.Integer(), day=sa.Date()),
        *_columns("stage", title=sa.String(), event_position=sa.Integer()),
        sa.CheckConstraint(REMINDED, name=op.f("ck_reminders_kind")),
        _plain("reminders", "event_position", "events.position"),
        _refers("reminders", "about", "members.person_id"),
        _refers("reminders", "person_id", "members.person_id"),
        sa.PrimaryKeyConstraint(*same, name=op.f("pk_reminders")),
    )
    _fill("reminders")
    op.create_index("ix_reminders_event_position", "reminders", ["event_position"], unique=False)


def _put_by(table: str) -> None:
    op.execute("PRAGMA legacy_alter_table=ON")
    op.rename_table(table, f"old_{table}")
    op.execute("PRAGMA legacy_alter_table=OFF")


def _fill(table: str) -> None:
    op.execute(f"INSERT INTO {table} SELECT * FROM old_{table}")  # noqa: S608 (a name of ours)
    op.drop_table(f"old_{table}")


def _cases() -> None:
    words = dict.fromkeys(("site", "learnt", "number"), sa.String())
    op.create_table(
        "cases",
        *_columns("id organisation_id person_id clinic_id course_id", procedure=sa.String(), role=sa.String()),
        *_columns("", day=sa.Date(), **words, sequence=sa.Integer()),
        sa.CheckConstraint("role IN ('observed', 'supervised', 'independent')", name=op.f("ck_cases_role")),
        _refers("cases", "person_id", "members.person_id"),
        _refers("cases", "clinic_id", "clinics.id"),
        _plain("cases", "course_id", "courses.id"),
        *_kept("cases"),
    )
    op.create_index("ix_cases_person", "cases", ["organisation_id", "person_id"])


def _requests() -> None:
    op.create_table(
        "signature_requests",
        *_columns(
            "id organisation_id case_id supervisor_id", nonce=sa.String(), ends_on=sa.Date(), sequence=sa.Integer()
        ),
        _refers("signature_requests", "case_id", "cases.id"),
        _refers("signature_requests", "supervisor_id", "members.person_id"),
        *_kept("signature_requests"),
    )
    op.create_index("ix_signature_requests_case", "signature_requests", ["case_id"])
    op.create_index("ix_signature_requests_supervisor", "signature_requests", ["organisation_id", "supervisor_id"])


def _signatures() -> None:
    op.create_table(
        "signatures",
        *_columns("request_id organisation_id", answer=sa.String(), level=sa.Integer(), words=sa.String()),
        *_columns("", proof=sa.String(), record=sa.String(), sequence=sa.Integer()),
        sa.CheckConstraint(
            "answer IN ('confirmed', 'not seen', 'level not reached', 'returned')", name=op.f("ck_signatures_answer")
        ),
        sa.CheckConstraint(
            "level BETWEEN 0 AND 5 AND (answer = 'confirmed') = (level > 0)", name=op.f("ck_signatures_level")
        ),
        _refers("signatures", "request_id", "signature_requests.id"),
        _plain("signatures", "sequence", "events.position"),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_signatures")),
    )
    op.create_table(
        "signature_withdrawals",
        *_columns("request_id organisation_id", reason=sa.String(), withdrawn_by=sa.Integer(), sequence=sa.Integer()),
        _refers("signature_withdrawals", "request_id", "signature_requests.id"),
        _refers("signature_withdrawals", "withdrawn_by", "members.person_id"),
        _plain("signature_withdrawals", "sequence", "events.position"),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_signature_withdrawals")),
    )


def _columns(integers: str = "", **others: sa.types.TypeEngine[Any]) -> list[sa.Column[Any]]:
    types: dict[str, sa.types.TypeEngine[Any]] = {**dict.fromkeys(integers.split(), sa.Integer()), **others}
    return [sa.Column(name, of, nullable=False) for name, of in types.items()]


def _refers(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    """A reference within one organisation."""
    other = there.partition(".")[0]
    name = op.f(f"fk_{table}_organisation_id_{column}")
    return sa.ForeignKeyConstraint(["organisation_id", column], [f"{other}.organisation_id", there], name=name)


def _plain(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [there], name=op.f(f"fk_{table}_{column}"))


def _kept(table: str) -> list[sa.Constraint]:
    """What is recorded has a place in the log, and is referred to within its organisation."""
    return [
        _plain(table, "sequence", "events.position"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f(f"uq_{table}_organisation_id_id")),
    ]


def _guard(table: str) -> None:
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement.format(table=table))


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
