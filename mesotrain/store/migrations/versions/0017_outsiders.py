"""Who is asked from outside to be the second person of one proposal."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "outsiders",
        *_integers("id", "organisation_id", "proposal_id"),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("email", "nonce")),
        *_integers("asked_by"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_outsiders_person_id")),
        _within("asked_by", "members.person_id"),
        _within("proposal_id", "proposals.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outsiders")),
    )
    op.create_index("ix_outsiders_proposal", "outsiders", ["proposal_id"])


def _integers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _within(column: str, to: str) -> sa.ForeignKeyConstraint:
    of, _ = to.split(".")
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{of}.organisation_id", to],
        name=op.f(f"fk_outsiders_organisation_id_{column}"),
    )
