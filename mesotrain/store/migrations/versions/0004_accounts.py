"""Accounts: invitations, mailed links, second factors, devices, guesses, two more roles; reminders; mail held back."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("members", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("factors", sa.Integer(), server_default="1", nullable=False))
    op.add_column("sign_ins", sa.Column("browser", sa.String(), server_default="", nullable=False))
    if sqlite:
        _remake("roles", _roles)
        _remake("mails", _mails)
    else:
        op.drop_constraint("ck_roles_known", "roles")
        op.create_check_constraint(op.f("ck_roles_known"), "roles", ROLES)
        op.drop_constraint("ck_mails_state", "mails")
        op.create_check_constraint(op.f("ck_mails_state"), "mails", STATES)
        op.alter_column("mails", "person_id", nullable=True)
    _proofs()
    _links()
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.execute(KIND)
    _reminders()
    _team()
    op.create_table(
        "mail_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_holds")),
    )


ROLES = "role IN ('trainee', 'educator', 'manager', 'auditor', 'administrator')"
STATES = "state IN ('waiting', 'sending', 'sent', 'refused', 'dropped')"


KIND = """
INSERT INTO installation (id, demo, made_at)
SELECT 1, EXISTS (SELECT 1 FROM people WHERE email = 'tomasz.trainee@example.org'), min(recorded_at) FROM events
HAVING count(*) > 0
"""
"""Who is there already is the demo's, or real."""


def _remake(name: str, create: Callable[[], None]) -> None:
    """SQLite changes no constraint: the table is made anew and filled from the old one, to which nothing refers."""
    for index in sa.inspect(op.get_bind()).get_indexes(name):
        op.drop_index(str(index["name"]), name)
    op.rename_table(name, f"old_{name}")
    create()
    op.execute(f"INSERT INTO {name} SELECT * FROM old_{name}")  # noqa: S608 (names of this file)
    op.drop_table(f"old_{name}")


def _roles() -> None:
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(ROLES, name=op.f("ck_roles_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "clinic_id"],
            ["clinics.organisation_id", "clinics.id"],
            name=op.f("fk_roles_organisation_id_clinic_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_roles_organisation_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint(
            "organisation_id",
            "person_id",
            "role",
            "clinic_id",
            name=op.f("uq_roles_organisation_id_person_id_role_clinic_id"),
        ),
    )
    op.create_index("ix_roles_clinic", "roles", ["organisation_id", "role", "clinic_id", "person_id"], unique=False)


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_mails_state")),
        sa.ForeignKeyConstraint(["event_position"], ["events.position"], name=op.f("fk_mails_event_position")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mails_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("event_position", "person_id", "kind", name=op.f("uq_mails_event_position_person_id_kind")),
    )
    op.create_index("ix_mails_state", "mails", ["state"], unique=False)


def _proofs() -> None:
    op.create_table(
        "devices",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_devices_person_id")),
        sa.PrimaryKeyConstraint("token_digest", "person_id", name=op.f("pk_devices")),
    )
    op.create_index("ix_devices_person_id", "devices", ["person_id"], unique=False)
    op.create_table(
        "authenticators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=True),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("counter", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('totp', 'passkey')", name=op.f("ck_authenticators_kind")),
        sa.CheckConstraint("(kind = 'totp') = (secret IS NOT NULL)", name=op.f("ck_authenticators_secret")),
        sa.CheckConstraint(
            "(kind = 'passkey') = (credential IS NOT NULL AND public_key IS NOT NULL)",
            name=op.f("ck_authenticators_credential"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_authenticators_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticators")),
        sa.UniqueConstraint("credential", name=op.f("uq_authenticators_credential")),
    )
    op.create_index("ix_authenticators_person_id", "authenticators", ["person_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_codes")),
    )
    op.create_index("ix_recovery_codes_person_id", "recovery_codes", ["person_id"], unique=False)
    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guesses")),
    )
    op.create_index("ix_guesses_about", "guesses", ["about", "at"], unique=False)
    op.create_index("ix_guesses_at", "guesses", ["at"], unique=False)


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('password', 'email')", name=op.f("ck_links_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_links_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index("ix_links_person_id", "links", ["person_id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'accepted', 'withdrawn')", name=op.f("ck_invitations_state")),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_invitations_closed")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_invitations_organisation_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invited_by"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_invitations_organisation_id_invited_by"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
    )
    only_open = sa.text("state = 'open'")
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["organisation_id", "email"],
        unique=True,
        sqlite_where=only_open,
        postgresql_where=only_open,
    )


def _reminders() -> None:
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


SAME = (
    "other.organisation_id = standing_spans.organisation_id AND other.person_id = standing_spans.person_id "
    "AND other.competency_id = standing_spans.competency_id"
)
EXPIRES = """
UPDATE standing_spans SET expires_on = coalesce(
  (SELECT other.start_day FROM standing_spans AS other WHERE {same} AND standing_spans.state = 'expired'
   AND other.state = 'in grace' AND other.end_day = standing_spans.start_day),
  (SELECT min(other.start_day) FROM standing_spans AS other WHERE {same}
   AND other.state IN ('in grace', 'expired') AND other.start_day >= standing_spans.start_day))
WHERE state <> 'in progress'
""".replace("{same}", SAME)
"""When the proof of each span expires."""


def _team() -> None:
    op.add_column("standing_spans", sa.Column("expires_on", sa.Date(), nullable=True))
    op.execute(EXPIRES)
    op.create_index(
        "ix_standing_spans_lapses",
        "standing_spans",
        ["organisation_id", "expires_on", "start_day", "person_id", "competency_id"],
        sqlite_where=sa.text("start_day = expires_on"),
        postgresql_where=sa.text("start_day = expires_on"),
    )
    ended = sa.text("ended_on IS NOT NULL")
    op.create_index(
        "ix_members_ended", "members", ["organisation_id", "person_id"], sqlite_where=ended, postgresql_where=ended
    )
    op.create_index("ix_people_by_name", "people", [sa.text("lower(name)"), "id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
