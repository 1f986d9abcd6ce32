"""Marking by people: attempts that wait for it, the essays in them, and the marks."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

STATES = "state IN ('open', 'marking', 'finished')"
SCORED = "(state = 'finished') = (score IS NOT NULL)"
OPEN, MARKING = sa.text("state = 'open'"), sa.text("state = 'marking'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake_attempts()
    else:
        op.drop_constraint("ck_attempts_state", "attempts")
        op.create_check_constraint(op.f("ck_attempts_state"), "attempts", STATES)
        op.drop_constraint("ck_attempts_scored", "attempts")
        op.create_check_constraint(op.f("ck_attempts_scored"), "attempts", SCORED)
    op.create_index(
        "ix_attempts_marking",
        "attempts",
        ["organisation_id", "ended_at"],
        sqlite_where=MARKING,
        postgresql_where=MARKING,
    )
    op.create_table(
        "essays",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_essays_organisation_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["attempt_slots.attempt_id", "attempt_slots.position"],
            name=op.f("fk_essays_attempt_id_position"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_essays")),
    )
    op.create_table(
        "essay_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_essay_marks_organisation_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "marker_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_essay_marks_organisation_id_marker_id"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["essays.attempt_id", "essays.position"],
            name=op.f("fk_essay_marks_attempt_id_position"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_essay_marks")),
        sa.UniqueConstraint(
            "attempt_id", "position", "marker_id", name=op.f("uq_essay_marks_attempt_id_position_marker_id")
        ),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER essay_marks_keeps_{verb} BEFORE {verb} ON essay_marks "
        "BEGIN SELECT RAISE(ABORT, 'essay_marks is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE TRIGGER essay_marks_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON essay_marks "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    ],
}


def _remake_attempts() -> None:
    """SQLite changes no constraint: the table is made anew and filled; those that refer to it keep its name."""
    for index in ("ix_attempts_due", "ix_attempts_person_id", "uq_attempts_open"):
        op.drop_index(index, "attempts")
    op.execute("PRAGMA legacy_alter_table=ON")
    op.rename_table("attempts", "old_attempts")
    op.execute("PRAGMA legacy_alter_table=OFF")
    _attempts()
    op.execute("INSERT INTO attempts SELECT * FROM old_attempts")
    op.drop_table("old_attempts")
    op.create_index("ix_attempts_due", "attempts", ["deadline"], sqlite_where=OPEN)
    op.create_index("ix_attempts_person_id", "attempts", ["person_id"])
    own = ["organisation_id", "person_id", "module_id"]
    op.create_index("uq_attempts_open", "attempts", own, unique=True, sqlite_where=OPEN)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("organisation_id", "person_id", "course_id", "module_id", "publication_id")
        ),
        sa.Column("module_version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("score", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_attempts_ended")),
        sa.CheckConstraint(STATES, name=op.f("ck_attempts_state")),
        sa.CheckConstraint(SCORED, name=op.f("ck_attempts_scored")),
        *(
            sa.ForeignKeyConstraint(
                [owner, name], [f"{table}.{owner}", f"{table}.{there}"], name=op.f(f"fk_attempts_{owner}_{name}")
            )
            for owner, name, table, there in (
                ("course_id", "module_id", "modules", "id"),
                ("course_id", "module_version_id", "module_versions", "id"),
                ("course_id", "publication_id", "publications", "id"),
                ("organisation_id", "person_id", "members", "person_id"),
            )
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_attempts_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_attempts_organisation_id_id")),
    )
