"""Clearance: the scheme of a course, what named people say of persons and clinics, and keys of other programs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("publications", sa.Column("scheme", sa.Text(), server_default="{}", nullable=False))
    op.create_table(
        "assertions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asserted_by", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('document', 'offer', 'use', 'stop', 'transition')", name=op.f("ck_assertions_kind")
        ),
        _member("assertions", "person_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "clinic_id"],
            ["clinics.organisation_id", "clinics.id"],
            name=op.f("fk_assertions_organisation_id_clinic_id"),
        ),
        _member("assertions", "asserted_by"),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_assertions_course_id")),
        sa.ForeignKeyConstraint(["sequence"], ["events.position"], name=op.f("fk_assertions_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assertions")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_assertions_organisation_id_id")),
    )
    op.create_index("ix_assertions_person", "assertions", ["organisation_id", "person_id"])
    op.create_table(
        "retractions",
        sa.Column("assertion_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("retracted_by", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assertion_id"],
            ["assertions.organisation_id", "assertions.id"],
            name=op.f("fk_retractions_organisation_id_assertion_id"),
        ),
        _member("retractions", "retracted_by"),
        sa.ForeignKeyConstraint(["sequence"], ["events.position"], name=op.f("fk_retractions_sequence")),
        sa.PrimaryKeyConstraint("assertion_id", name=op.f("pk_retractions")),
    )
    op.create_table(
        "program_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        _member("program_keys", "made_by"),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_program_keys_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_keys")),
    )
    for table in ("assertions", "retractions"):
        for statement in GUARDS[op.get_bind().dialect.name]:
            op.execute(statement.format(table=table))


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
