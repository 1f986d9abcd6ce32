"""Privacy: legal holds, erasures; two accounts of one person."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("people", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_legal_holds_organisation_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "placed_by"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_legal_holds_organisation_id_placed_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(
        "uq_legal_holds_open",
        "legal_holds",
        ["organisation_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "erasures",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_erasures_organisation_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_due_on"), "erasures", ["due_on"])
    op.create_table(
        "merges",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["organisation_id", name],
                ["members.organisation_id", "members.person_id"],
                name=op.f(f"fk_merges_organisation_id_{name}"),
            )
            for name in ("person_id", "into_id", "merged_by")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_merges")),
    )
