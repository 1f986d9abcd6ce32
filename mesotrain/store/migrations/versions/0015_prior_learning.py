"""What named people say somebody learnt elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

KINDS = (
    "kind IN ('document', 'prior learning', 'offer', 'use', 'stop', 'transition', 'supervise', 'suspended', 'revoked', "
    "'temporary')"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _remake_assertions()
    else:
        op.drop_constraint("ck_assertions_kind", "assertions")
        op.create_check_constraint(op.f("ck_assertions_kind"), "assertions", KINDS)


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
        sa.CheckConstraint(KINDS, name=op.f("ck_assertions_kind")),
        _refers("person_id", "members.person_id"),
        _refers("clinic_id", "clinics.id"),
        _refers("asserted_by", "members.person_id"),
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


def _refers(column: str, to: str) -> sa.ForeignKeyConstraint:
    table, _ = to.split(".")
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{table}.organisation_id", to],
        name=op.f(f"fk_assertions_organisation_id_{column}"),
    )
