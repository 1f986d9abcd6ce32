"""Foundations: every table of the first version, and what the database itself refuses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = (
    "answer_log",
    "attempt_slots",
    "competency_rules",
    "events",
    "evidence",
    "module_versions",
    "publications",
    "published_modules",
    "published_questions",
    "question_keys",
    "question_versions",
    "section_versions",
    "withdrawals",
)

SQLITE = [
    """
CREATE TRIGGER events_sequence AFTER INSERT ON events
WHEN NEW.position <> 1 + coalesce((SELECT max(position) FROM events WHERE position < NEW.position), 0)
BEGIN SELECT RAISE(ABORT, 'the database gives positions'); END
""",
    *(
        f"CREATE TRIGGER {table}_keeps_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ),
]

POSTGRESQL = [
    """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$
""",
    """
CREATE FUNCTION next_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('mesotrain.events'));
  SELECT position, recorded_at INTO last FROM events ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(last.position, 0) + 1;
  NEW.recorded_at := greatest(NEW.recorded_at, last.recorded_at);
  RETURN NEW;
END $$
""",
    """CREATE TRIGGER events_sequence BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION next_event()""",
    *(
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        for table in APPEND_ONLY
    ),
]


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("commitment", name=op.f("uq_people_commitment")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "clinics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_clinics_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinics")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_clinics_organisation_id_id")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_clinics_organisation_id_name")),
    )
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_courses_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_courses_organisation_id_name")),
    )
    op.create_index(
        "uq_courses_shared_name",
        "courses",
        ["name"],
        unique=True,
        sqlite_where=sa.text("organisation_id IS NULL"),
        postgresql_where=sa.text("organisation_id IS NULL"),
    )

    op.create_table(
        "events",
        sa.Column("position", sa.Integer(), server_default=sa.FetchedValue(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_events_organisation_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    op.create_index("ix_events_recorded_at", "events", ["recorded_at"], unique=False)
    op.create_index("ix_events_subject", "events", ["subject"], unique=False)

    op.create_table(
        "members",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_members_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_members_person_id")),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_person_id", "members", ["person_id"], unique=False)

    op.create_table(
        "competencies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_competencies_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competencies")),
        sa.UniqueConstraint("course_id", "code", name=op.f("uq_competencies_course_id_code")),
        sa.UniqueConstraint("course_id", "id", name=op.f("uq_competencies_course_id_id")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'refused')", name=op.f("ck_mails_state")),
        sa.ForeignKeyConstraint(["event_position"], ["events.position"], name=op.f("fk_mails_event_position")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mails_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("event_position", "person_id", "kind", name=op.f("uq_mails_event_position_person_id_kind")),
    )
    op.create_index("ix_mails_state", "mails", ["state"], unique=False)

    op.create_table(
        "modules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_modules_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_modules")),
        sa.UniqueConstraint("course_id", "id", name=op.f("uq_modules_course_id_id")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_modules_course_id_name")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("reference_list", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_publications_course_id")),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name=op.f("fk_publications_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("course_id", "id", name=op.f("uq_publications_course_id_id")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_publications_course_id_number")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_questions_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("course_id", "id", name=op.f("uq_questions_course_id_id")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_questions_course_id_name")),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("clinic_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("role IN ('trainee', 'educator', 'manager')", name=op.f("ck_roles_known")),
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

    op.create_table(
        "sign_ins",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_sign_ins_organisation_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sign_ins")),
    )
    op.create_index("ix_sign_ins_person_id", "sign_ins", ["person_id"], unique=False)

    op.create_table(
        "competency_rules",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("can", sa.String(), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=False),
        sa.Column("renewal_days", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "competency_id"],
            ["competencies.course_id", "competencies.id"],
            name=op.f("fk_competency_rules_course_id_competency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "publication_id"],
            ["publications.course_id", "publications.id"],
            name=op.f("fk_competency_rules_course_id_publication_id"),
        ),
        sa.PrimaryKeyConstraint("publication_id", "competency_id", name=op.f("pk_competency_rules")),
    )
    op.create_table(
        "module_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.Column("quiz", sa.Text(), nullable=False),
        sa.Column("sign_off", sa.String(), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "competency_id"],
            ["competencies.course_id", "competencies.id"],
            name=op.f("fk_module_versions_course_id_competency_id"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "module_id"],
            ["modules.course_id", "modules.id"],
            name=op.f("fk_module_versions_course_id_module_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_module_versions")),
        sa.UniqueConstraint("course_id", "id", name=op.f("uq_module_versions_course_id_id")),
        sa.UniqueConstraint(
            "course_id", "module_id", "version", name=op.f("uq_module_versions_course_id_module_id_version")
        ),
    )
    op.create_table(
        "question_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("competency", sa.String(), nullable=False),
        sa.Column("points", sa.String(), nullable=False),
        sa.Column("taker", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "question_id"],
            ["questions.course_id", "questions.id"],
            name=op.f("fk_question_versions_course_id_question_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_versions")),
        sa.UniqueConstraint("course_id", "id", name=op.f("uq_question_versions_course_id_id")),
        sa.UniqueConstraint("question_id", "version", name=op.f("uq_question_versions_question_id_version")),
    )
    op.create_table(
        "section_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "module_id"],
            ["modules.course_id", "modules.id"],
            name=op.f("fk_section_versions_course_id_module_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section_versions")),
        sa.UniqueConstraint("module_id", "version", name=op.f("uq_section_versions_module_id_version")),
    )
    op.create_table(
        "standing_spans",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("start_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("up_to", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('not started', 'in progress', 'current', 'renewal open', 'in grace', 'expired')",
            name=op.f("ck_standing_spans_state"),
        ),
        sa.ForeignKeyConstraint(["competency_id"], ["competencies.id"], name=op.f("fk_standing_spans_competency_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_standing_spans_organisation_id_person_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "person_id", "competency_id", "start_day", name=op.f("pk_standing_spans")
        ),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("module_version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("score", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_attempts_ended")),
        sa.CheckConstraint("state IN ('open', 'finished')", name=op.f("ck_attempts_state")),
        sa.CheckConstraint("(ended_at IS NULL) = (score IS NULL)", name=op.f("ck_attempts_scored")),
        sa.ForeignKeyConstraint(
            ["course_id", "module_id"],
            ["modules.course_id", "modules.id"],
            name=op.f("fk_attempts_course_id_module_id"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "module_version_id"],
            ["module_versions.course_id", "module_versions.id"],
            name=op.f("fk_attempts_course_id_module_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "publication_id"],
            ["publications.course_id", "publications.id"],
            name=op.f("fk_attempts_course_id_publication_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_attempts_organisation_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_attempts_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("organisation_id", "id", name=op.f("uq_attempts_organisation_id_id")),
    )
    op.create_index(
        "ix_attempts_due",
        "attempts",
        ["deadline"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_attempts_person_id", "attempts", ["person_id"], unique=False)
    op.create_index(
        "uq_attempts_open",
        "attempts",
        ["organisation_id", "person_id", "module_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "published_modules",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("module_version_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "module_version_id"],
            ["module_versions.course_id", "module_versions.id"],
            name=op.f("fk_published_modules_course_id_module_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "publication_id"],
            ["publications.course_id", "publications.id"],
            name=op.f("fk_published_modules_course_id_publication_id"),
        ),
        sa.PrimaryKeyConstraint("publication_id", "module_version_id", name=op.f("pk_published_modules")),
    )
    op.create_table(
        "question_keys",
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("safety", sa.String(), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("cites", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "question_version_id"],
            ["question_versions.course_id", "question_versions.id"],
            name=op.f("fk_question_keys_course_id_question_version_id"),
        ),
        sa.PrimaryKeyConstraint("question_version_id", name=op.f("pk_question_keys")),
    )
    op.create_table(
        "attempt_slots",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_attempt_slots_organisation_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_version_id"], ["question_versions.id"], name=op.f("fk_attempt_slots_question_version_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_attempt_slots")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("asserted_by", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("rests_on", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('quiz passed', 'quiz not passed')", name=op.f("ck_evidence_kind")),
        sa.ForeignKeyConstraint(["asserted_by"], ["people.id"], name=op.f("fk_evidence_asserted_by")),
        sa.ForeignKeyConstraint(["competency_id"], ["competencies.id"], name=op.f("fk_evidence_competency_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_evidence_organisation_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_evidence_organisation_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["sequence"], ["events.position"], name=op.f("fk_evidence_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_of", "evidence", ["organisation_id", "person_id", "competency_id"], unique=False)

    op.create_table(
        "published_questions",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("module_version_id", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "question_version_id"],
            ["question_versions.course_id", "question_versions.id"],
            name=op.f("fk_published_questions_course_id_question_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["publication_id", "module_version_id"],
            ["published_modules.publication_id", "published_modules.module_version_id"],
            name=op.f("fk_published_questions_publication_id_module_version_id"),
        ),
        sa.PrimaryKeyConstraint(
            "publication_id", "module_version_id", "question_version_id", name=op.f("pk_published_questions")
        ),
    )
    op.create_table(
        "answer_log",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["attempt_slots.attempt_id", "attempt_slots.position"],
            name=op.f("fk_answer_log_attempt_id_position"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "attempt_id"],
            ["attempts.organisation_id", "attempts.id"],
            name=op.f("fk_answer_log_organisation_id_attempt_id"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", "sequence", name=op.f("pk_answer_log")),
        sa.UniqueConstraint("attempt_id", "operation", name=op.f("uq_answer_log_attempt_id_operation")),
    )
    op.create_table(
        "withdrawals",
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("withdrawn_by", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_withdrawals_evidence_id")),
        sa.ForeignKeyConstraint(["sequence"], ["events.position"], name=op.f("fk_withdrawals_sequence")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["people.id"], name=op.f("fk_withdrawals_withdrawn_by")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_withdrawals")),
    )
    op.create_table(
        "answers",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id", "sequence"],
            ["answer_log.attempt_id", "answer_log.sequence"],
            name=op.f("fk_answers_attempt_id_sequence"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_answers")),
    )

    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
