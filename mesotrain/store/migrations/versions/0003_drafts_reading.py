"""Drafts and their signatures, reading and notes, practice, and what is searched."""

import re
import unicodedata
from html import unescape
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KEPT = ("practice_log",)
SQLITE = [
    "CREATE VIRTUAL TABLE section_search USING fts5(found_title, found_words, content='section_words', "
    "content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER section_words_found AFTER INSERT ON section_words BEGIN "
    "INSERT INTO section_search (rowid, found_title, found_words) "
    "VALUES (NEW.id, NEW.found_title, NEW.found_words); END",
    "CREATE TRIGGER section_words_lost AFTER DELETE ON section_words BEGIN "
    "INSERT INTO section_search (section_search, rowid, found_title, found_words) "
    "VALUES ('delete', OLD.id, OLD.found_title, OLD.found_words); END",
    *(
        f"CREATE TRIGGER {table}_keeps_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in KEPT
        for verb in ("UPDATE", "DELETE")
    ),
]
POSTGRESQL = [
    "ALTER TABLE section_words ADD COLUMN searched tsvector GENERATED ALWAYS AS "
    "(setweight(to_tsvector('simple', found_title), 'A') || setweight(to_tsvector('simple', found_words), 'B')) STORED",
    "CREATE INDEX ix_section_words_searched ON section_words USING gin (searched)",
    *(
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        for table in KEPT
    ),
]


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    _columns(sqlite)
    _drafts()
    _reading()
    _practice()
    op.create_table(
        "section_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("module", sa.String(), nullable=False),
        sa.Column("module_title", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("found_title", sa.String(), nullable=False),
        sa.Column("found_words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_section_words_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section_words")),
        sa.UniqueConstraint("course_id", "section", name=op.f("uq_section_words_course_id_section")),
    )
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)
    _words()


def _columns(sqlite: bool) -> None:
    def add(table: str, column: sa.Column[Any], key: str | None = None) -> None:
        """SQLite adds a column with its reference in one statement, and so leaves table and triggers as they are."""
        if sqlite and key:
            said = f"CONSTRAINT fk_{table}_{column.name} REFERENCES {key} (id)"
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.name} INTEGER {said}")
            return
        op.add_column(table, column)
        if key:
            op.create_foreign_key(op.f(f"fk_{table}_{column.name}"), table, key, [str(column.name)], ["id"])

    add("courses", sa.Column("kept_by", sa.Integer(), nullable=True), "organisations")
    add("publications", sa.Column("lowered", sa.Text(), server_default="{}", nullable=False))
    add("publications", sa.Column("signed_by", sa.Integer(), nullable=True), "people")
    add("publications", sa.Column("reason", sa.String(), server_default="", nullable=False))
    add("question_versions", sa.Column("practice", sa.Boolean(), server_default=sa.false(), nullable=False))


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(proposed_by IS NULL) = (proposal IS NULL)", name=op.f("ck_drafts_proposed")),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_drafts_closed")),
        sa.CheckConstraint("state IN ('open', 'published', 'replaced', 'discarded')", name=op.f("ck_drafts_state")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_drafts_course_id")),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_drafts_made_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_drafts_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_drafts_course_id_number")),
    )
    only_open = sa.text("state = 'open'")
    op.create_index(
        "uq_drafts_open", "drafts", ["course_id"], unique=True, sqlite_where=only_open, postgresql_where=only_open
    )


def _reading() -> None:
    op.create_table(
        "readings",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_version", sa.String(), nullable=True),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "module_id"],
            ["modules.course_id", "modules.id"],
            name=op.f("fk_readings_course_id_module_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_readings_organisation_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", "course_id", "section", name=op.f("pk_readings")),
    )


def _practice() -> None:
    op.create_table(
        "practice_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("question_version_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["members.organisation_id", "members.person_id"],
            name=op.f("fk_practice_log_organisation_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["question_version_id"], ["question_versions.id"], name=op.f("fk_practice_log_question_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_log")),
        sa.UniqueConstraint(
            "organisation_id",
            "person_id",
            "question_version_id",
            "day",
            name=op.f("uq_practice_log_once_a_day"),
        ),
    )


ENDING = re.compile(r"(?<=\w{3})(?:ie[sd]|ings?|ions?|ed|es|e|s|ly|y)$")
DOUBLED = re.compile(r"([bdgmnprt])\1$")
LIVE = """
SELECT p.course_id, m.name AS module, v.title AS module_title, s.name AS section, s.title, s.html, s.version, v.sections
FROM publications p
JOIN published_modules pm ON pm.publication_id = p.id
JOIN module_versions v ON v.id = pm.module_version_id
JOIN modules m ON m.id = v.module_id
JOIN section_versions s ON s.module_id = m.id
WHERE p.id = (SELECT max(id) FROM publications WHERE course_id = p.course_id)
ORDER BY s.id
"""
INSERT = """
INSERT INTO section_words (course_id, module, module_title, section, title, words, found_title, found_words)
VALUES (:course_id, :module, :module_title, :section, :title, :words, :found_title, :found_words)
"""


def _words() -> None:
    """What is live can be searched at once. Where two lessons used one id, the first is found."""
    connection, used = op.get_bind(), set()
    for row in connection.execute(sa.text(LIVE)).mappings().all():
        if row["version"] not in row["sections"] or (row["course_id"], row["section"]) in used:
            continue
        used.add((row["course_id"], row["section"]))
        html = re.sub(r'<sup[ >].*?</sup>|\[<a class="cite"[^\]]*\]', " ", row["html"], flags=re.DOTALL)
        words = re.sub(r" (?=[.,;:!?)])", "", " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split()))
        names = ("course_id", "module", "module_title", "section", "title")
        found = {"found_title": _found(row["title"]), "found_words": _found(words)}
        connection.execute(sa.text(INSERT), {**{name: row[name] for name in names}, "words": words, **found})


def _found(text: str) -> str:
    """Each word without accents or case, and its stem beside it where that differs."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    cut = [(word, ENDING.sub("", word)) for word in re.findall(r"[^\W_]+", plain.lower())]
    pairs = [(word, stem if stem == word else DOUBLED.sub(r"\1", stem)) for word, stem in cut]
    return " ".join(word if stem == word else f"{word} {stem}" for word, stem in pairs)


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
