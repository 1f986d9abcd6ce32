"""Names as they are looked for and sorted, beside those of people and of whoever is invited."""

import sqlalchemy as sa
from alembic import op

from mesotrain.core.names import folded

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_index("ix_people_by_name", "people")
    for name in ("people", "invitations"):
        op.add_column(name, sa.Column("folded", sa.String(), server_default="", nullable=False))
        table = sa.table(name, sa.column("id"), sa.column("name"), sa.column("folded"))
        connection = op.get_bind()
        rows = [{"of": of, "as": folded(said)} for of, said in connection.execute(sa.select(table.c.id, table.c.name))]
        changed = sa.update(table).where(table.c.id == sa.bindparam("of")).values(folded=sa.bindparam("as"))
        if rows:
            connection.execute(changed, rows)
    op.create_index("ix_people_by_name", "people", ["folded", "id"])
