"""What is arranged for a person, and done by whoever invigilates; attempts that are paused or void."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


WERE, ARE = (f"state IN ('open', 'marking', 'finished'{more})" for more in ("", ", 'void'"))
PAUSED = "state = 'open' OR paused_at IS NULL"


def upgrade() -> None:
    for name in ("heard_at", "paused_at"):
        op.add_column("attempts", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _remake_attempts()
    else:
        op.drop_constraint("ck_attempts_state", "attempts")
        op.create_check_constraint(op.f("ck_attempts_state"), "attempts", ARE)
        op.create_check_constraint(op.f("ck_attempts_paused"), "attempts", PAUSED)
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("extra BETWEEN 0 AND 300", name=op.f("ck_adjustments_extra")),
        *(
            sa.ForeignKeyConstraint(
                ["organisation_id", name],
                ["members.organisation_id", "members.person_id"],
                name=op.f(f"fk_adjustments_organisation_id_{name}"),
            )
            for name in ("person_id", "set_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustments")),
    )
    op.create_index("ix_adjustments_person", "adjustments", ["organisation_id", "person_id", "id"])
    op.create_table(
        "interventions",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("organisation_id", "attempt_id")),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('pause', 'resume', 'extend', 'void')", name=op.f("ck_interventions_kind")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_interventions_organisation_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "made_by"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_interventions_organisation_id_made_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interventions")),
    )
    op.create_index("ix_interventions_attempt", "interventions", ["attempt_id", "id"])
    for table in ("adjustments", "interventions"):
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


def _remake_attempts() -> None:
    """SQLite changes no constraint: the table is made anew by its own words; what refers to it keeps its name."""
    known = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'attempts'")
    words = {name: sql for name, sql in known if sql}
    state, anew = f"CHECK ({WERE})", f"CHECK ({ARE}), CONSTRAINT ck_attempts_paused CHECK ({PAUSED})"
    table = words.pop("attempts")
    if state not in table:
        raise RuntimeError("the table of attempts is not as 0007 left it")
    for index in words:
        op.drop_index(index, "attempts")
    op.execute("PRAGMA legacy_alter_table=ON")
    op.rename_table("attempts", "old_attempts")
    op.execute("PRAGMA legacy_alter_table=OFF")
    op.execute(table.replace(state, anew))
    op.execute("INSERT INTO attempts SELECT * FROM old_attempts")
    op.drop_table("old_attempts")
    for sql in words.values():
        op.execute(sql)
