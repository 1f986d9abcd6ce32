"""What is proposed to be taken from somebody, how that was decided, and who confirmed what was said."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "proposals",
        *_integers("id", "organisation_id"),
        sa.Column("kind", sa.String(), nullable=False),
        *_integers("person_id", "course_id"),
        *_words("about", "reason"),
        sa.Column("ends_on", sa.Date(), nullable=False),
        *_integers("proposed_by", "sequence"),
        sa.CheckConstraint("kind IN ('suspended', 'revoked')", name=op.f("ck_proposals_kind")),
        _refers("proposals", "course_id", "courses.id"),
        _refers("proposals", "sequence", "events.position"),
        _within("proposals", "person_id", "members.person_id"),
        _within("proposals", "proposed_by", "members.person_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_proposals_organisation_id_id")),
    )
    op.create_index("ix_proposals_person", "proposals", ["organisation_id", "person_id"])
    op.create_table(
        "decisions",
        *_integers("proposal_id", "organisation_id"),
        *_words("decision", "words"),
        *_integers("decided_by"),
        *_words("proof"),
        *_integers("sequence"),
        sa.CheckConstraint(
            "decision IN ('confirmed', 'refused', 'withdrawn', 'alone')", name=op.f("ck_decisions_decision")
        ),
        _refers("decisions", "decided_by", "people.id"),
        _refers("decisions", "sequence", "events.position"),
        _within("decisions", "proposal_id", "proposals.id"),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_decisions")),
    )
    for table in ("proposals", "decisions"):
        for statement in GUARDS["sqlite" if sqlite else "postgresql"]:
            op.execute(statement.format(table=table))
    if sqlite:  # a column with its reference in one statement leaves table and triggers as they are
        said = "CONSTRAINT fk_assertions_confirmed_by REFERENCES people (id)"
        op.execute(f"ALTER TABLE assertions ADD COLUMN confirmed_by INTEGER {said}")
    else:
        op.add_column("assertions", sa.Column("confirmed_by", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f("fk_assertions_confirmed_by"), "assertions", "people", ["confirmed_by"], ["id"])
    op.add_column("assertions", sa.Column("alone", sa.Boolean(), server_default=sa.false(), nullable=False))


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def _within(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    of, _ = to.split(".")
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{of}.organisation_id", to],
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
