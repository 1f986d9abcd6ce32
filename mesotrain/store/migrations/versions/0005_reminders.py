"""Assigned courses, reminders, and calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("organisations", sa.Column("reminded_on", sa.Date(), nullable=True))
    op.add_column("people", sa.Column("calendar_nonce", sa.String(), nullable=True))
    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("assigned_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_assignments_course_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assigned_by"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_assignments_organisation_id_assigned_by"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_assignments_organisation_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    only_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_assignments_open",
        "assignments",
        ["organisation_id", "person_id", "course_id"],
        unique=True,
        sqlite_where=only_open,
        postgresql_where=only_open,
    )
    op.create_table(
        "reminders",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("event_position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('course', 'ends', 'expired')", name=op.f("ck_reminders_kind")),
        sa.ForeignKeyConstraint(["event_position"], ["events.position"], name=op.f("fk_reminders_event_position")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "about"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_reminders_organisation_id_about"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_reminders_organisation_id_person_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "person_id", "about", "kind", "subject", "day", "stage", name=op.f("pk_reminders")
        ),
    )
    op.create_index("ix_reminders_event_position", "reminders", ["event_position"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
