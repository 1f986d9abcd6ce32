"""One window at a time: an attempt's lease, and the answers that came and do not count."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("lease", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "unapplied_answers",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.CheckConstraint("why IN ('late', 'moved', 'newer')", name=op.f("ck_unapplied_answers_why")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_unapplied_answers_organisation_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["attempt_slots.attempt_id", "attempt_slots.position"],
            name=op.f("fk_unapplied_answers_attempt_id_position"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", "operation", name=op.f("pk_unapplied_answers")),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER unapplied_answers_keeps_{verb} BEFORE {verb} ON unapplied_answers "
        "BEGIN SELECT RAISE(ABORT, 'unapplied_answers is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE TRIGGER unapplied_answers_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON unapplied_answers "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    ],
}
