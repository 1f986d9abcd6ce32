"""Safety questions that were missed are asked again: how much of a paper was handed in before."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("attempts", sa.Column("handed_in", sa.Integer(), server_default="0", nullable=False))
