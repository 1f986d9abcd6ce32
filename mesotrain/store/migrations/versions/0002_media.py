"""Files that figures show."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = [
    f"CREATE TRIGGER media_keeps_{verb} BEFORE {verb} ON media BEGIN SELECT RAISE(ABORT, 'media is append-only'); END"
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    "CREATE TRIGGER media_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON media "
    "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
]


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_media_course_id")),
        sa.PrimaryKeyConstraint("course_id", "digest", name=op.f("pk_media")),
    )
    op.create_index(op.f("ix_media_digest"), "media", ["digest"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
