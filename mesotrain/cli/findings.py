"""What `mesotrain doctor` can find: what is wrong, why it matters, and what to do."""

import re
from dataclasses import dataclass
from typing import Any

AREAS = ("settings", "database", "mail", "disk", "clock", "keys", "jobs")

FINDINGS: dict[str, tuple[str, str, str, str]] = {
    "settings-refused": (
        "settings",
        "%(why)s",
        "Nothing starts with these settings.",
        "Correct them where the service gets its environment; `mesotrain settings` says what each is for.",
    ),
    "address-local": (
        "settings",
        "PUBLIC_URL is %(url)s, which is this machine only.",
        "Nobody else can open the service, and links in mail lead nowhere.",
        "Set MESOTRAIN_PUBLIC_URL to the address people use, with https.",
    ),
    "proxy-unknown": (
        "settings",
        "PUBLIC_URL is https, and TRUSTED_PROXIES is 0.",
        "The proxy that speaks https is taken for the reader: every request seems to come from one address.",
        "Set MESOTRAIN_TRUSTED_PROXIES to how many proxies stand in front, most often 1.",
    ),
    "database-away": (
        "database",
        "The database at %(url)s does not answer: %(why)s.",
        "Nothing can be read or kept.",
        "Start it, or correct MESOTRAIN_DATABASE_URL; `systemctl status postgresql` says more on a PostgreSQL server.",
    ),
    "database-unsafe": ("database", "%(why)s", "What is acknowledged may not be kept.", "Do as the sentence says."),
    "database-damaged": (
        "database",
        "The database file is damaged: %(why)s.",
        "Pages will fail, and what is written may be lost.",
        "Stop the service, keep a copy of the file, and restore the newest backup that verifies.",
    ),
    "schema-missing": (
        "database",
        "The database has no tables yet.",
        "No page is served until it has.",
        "Run: flask --app app db upgrade",
    ),
    "schema-behind": (
        "database",
        "The database stands at revision %(found)s, and this program needs %(head)s.",
        "No page is served until they agree.",
        "Make a backup, then run: flask --app app db upgrade",
    ),
    "schema-newer": (
        "database",
        "The database stands at revision %(found)s, which this program does not know.",
        "A newer Mesotrain has upgraded it; this one would misread it.",
        "Install the newer version again.",
    ),
    "guards-missing": (
        "database",
        "These guards are missing, switched off or changed: %(names)s.",
        "What is append-only could be changed, and the record could not be relied on.",
        "Find out who took them away and what was changed since; then restore a backup into an empty database.",
    ),
    "rights-missing": (
        "database",
        "The application's role may not do what it must: %(names)s.",
        "Actions will fail.",
        "Run as the owner: flask --app app db upgrade",
    ),
    "rights-too-many": (
        "database",
        "The application's role could change what is append-only: %(names)s.",
        "Only the triggers are left to keep the record from being changed.",
        "Give the application a role of its own in MESOTRAIN_DATABASE_URL and the owner's in "
        "MESOTRAIN_OWNER_DATABASE_URL, then run: flask --app app db upgrade",
    ),
    "statistics-missing": (
        "database",
        "PostgreSQL has never counted what is in these tables: %(names)s.",
        "It plans by guesses, and pages that read them may take a hundred times as long.",
        "Run in the database: ANALYZE; and see that autovacuum is on, which does so by itself from then on.",
    ),
    "references-off": (
        "database",
        "References of these tables are not checked: %(names)s.",
        "Rows can come to point at nothing.",
        "As the owner: ALTER TABLE ... ENABLE TRIGGER ALL, for each.",
    ),
    "references-broken": (
        "database",
        "Rows point at rows that are not there: %(names)s.",
        "Pages about them will fail, and a backup of them cannot be restored.",
        "Restore the newest backup from before it happened.",
    ),
    "signatures-altered": (
        "database",
        "%(count)s [signature does|signatures do] not say what was signed.",
        "Somebody changed a case of the logbook or an answer behind the service's back, and clearance rests on it.",
        "Find out who could; restore the newest backup from before it happened.",
    ),
    "observations-altered": (
        "database",
        "%(count)s [observation does|observations do] not say what was signed.",
        "Somebody changed what was marked by a form behind the service's back, and clearance rests on it.",
        "Find out who could; restore the newest backup from before it happened.",
    ),
    "mail-unset": (
        "mail",
        "No mail server is set.",
        "Mail waits for ever: no invitation, result or reminder leaves.",
        "Set MESOTRAIN_SMTP_URL.",
    ),
    "mail-away": (
        "mail",
        "The mail server does not take us: %(why)s.",
        "Mail waits until it does.",
        "Correct MESOTRAIN_SMTP_URL, or ask who runs the mail server.",
    ),
    "sender-local": (
        "mail",
        "MAIL_FROM is %(sender)s, an address on no mail server.",
        "Others will refuse the mail, and nobody can answer it.",
        "Set MESOTRAIN_MAIL_FROM to an address of yours.",
    ),
    "mail-held": (
        "mail",
        "Mail is held back since the restore of %(since)s UTC; %(count)s [waits|wait].",
        "No mail leaves until somebody says so; what waits may have left before the machine was lost.",
        "Run: mesotrain mail release, with --drop where it did leave.",
    ),
    "mail-waits": (
        "mail",
        "%(count)s [mail waits|mails wait], the oldest since %(since)s UTC.",
        "[It|They] should leave within seconds.",
        "Look at what else is said here of mail and jobs; then at the worker's log.",
    ),
    "mail-put-off": (
        "mail",
        "%(count)s [mail waits|mails wait]: the mail server said to try later.",
        "[It is|They are] tried again after minutes, then each hour, and refused after two days.",
        "Wait, if it is about few: some servers put off whom they do not know. Else ask who runs the mail server; "
        "the worker's log and the administrator's page “Jobs and mail” have its code.",
    ),
    "mail-refused": (
        "mail",
        "%(count)s [mail was|mails were] refused in the last %(days)s days.",
        "[This person was|These people were] not told.",
        "Correct [the address|their addresses]; the mail server's log says why.",
    ),
    "mail-in-doubt": (
        "mail",
        "%(count)s [mail|mails] of the last %(days)s days may have left or not: the worker ended "
        "while it sent [it|them].",
        "[It is|They are] not sent again unasked, so that nobody is told twice.",
        "The mail server's log says what left. An administrator's page “Jobs and mail” settles each mail or sends it "
        "again; one about an account is not listed there: its person asks again.",
    ),
    "disk-full": (
        "disk",
        "%(folder)s has %(free)s MB left.",
        "When the disk is full nothing more is kept.",
        "Make room, or move it to a larger disk.",
    ),
    "instance-unwritable": (
        "disk",
        "Nothing can be written in %(folder)s: %(why)s.",
        "The embedded database and the signing key live there.",
        "Give the folder to the user that runs the service, or set MESOTRAIN_INSTANCE.",
    ),
    "database-open": (
        "disk",
        "Others on this machine can read %(path)s.",
        "It holds people's records.",
        "Run: chmod 700 %(folder)s",
    ),
    "clock-apart": (
        "clock",
        "This machine's clock and the database's are %(seconds)s seconds apart.",
        "Deadlines and the record go by one of them, and nobody can say which is right.",
        "Keep both by NTP; `timedatectl` shows whether this one is.",
    ),
    "event-ahead": (
        "clock",
        "The last event was recorded at %(moment)s UTC, which is still to come.",
        "A clock was wrong then, or is now; until that moment all events are recorded as of it.",
        "Correct the clock. If it is right, the record catches up by itself.",
    ),
    "key-missing": (
        "keys",
        "There is no signing key in %(folder)s, and none is set.",
        "The next start makes a new one: everybody is signed out, and what the old one sealed stays shut.",
        "If there was one, put it back from a backup before the next start.",
    ),
    "key-weak": (
        "keys",
        "A signing key is made of few different characters.",
        "Whoever guesses it can sign in as anybody.",
        "Put a new one first: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
    ),
    "key-wrong": (
        "keys",
        "%(count)s of %(all)s sealed secrets of second factors [does|do] not open: [its|their] key is not in the ring.",
        "The codes of [this person|these people] are refused, and links that were mailed with that key lead nowhere.",
        "Put the right key back; a backup that is restored into another INSTANCE brings its own as %(file)s. Where a "
        "newer key is to stay, set both in MESOTRAIN_SECRET_KEYS, the newer first.",
    ),
    "key-open": (
        "keys",
        "Others on this machine can read %(path)s.",
        "Whoever has the key can sign in as anybody.",
        "Run: chmod 700 %(folder)s; chmod 600 %(path)s; then make a new key if others use this machine.",
    ),
    "worker-away": (
        "jobs",
        "No worker is at work%(since)s.",
        "Attempts past their deadline stay open, and no mail leaves.",
        "`mesotrain serve` starts one beside it; with another server run: mesotrain worker",
    ),
    "lease-ahead": (
        "jobs",
        "A worker leads until %(moment)s UTC, longer than any may.",
        "It was at work while a clock was wrong; no other can lead before then.",
        "Stop every worker, run in the database: UPDATE leases SET until = '2000-01-01'; and start them again.",
    ),
    "attempts-overdue": (
        "jobs",
        "%(count)s [attempt is past its|attempts are past their] deadline and still open.",
        "[It|They] should end within seconds; [this person has|these people have] no result.",
        "The worker's log says what keeps it from ending [it|them].",
    ),
    "attempts-paused": (
        "jobs",
        "%(count)s [attempt has|attempts have] been paused for more than a day.",
        "[Its clock stands|Their clocks stand], and nothing ends [it|them]; [it has|they have] no result.",
        "Ask the managers of [its clinic|their clinics] to open “Exams”, and to resume [it|them] or make [it|them] "
        "void with a reason.",
    ),
    "attempts-unmarked": (
        "jobs",
        "%(count)s [attempt has|attempts have] waited for more than %(days)s days for people to mark [it|them].",
        "[This taker has|These takers have] no result and no status, and cannot sit the quiz again.",
        "Ask the organisation's educators to open “To mark”; where there are too few, an administrator gives more "
        "people that role.",
    ),
}
"""Code -> (area, what, why it matters, what to do); of `[one|many]` counts say which is said."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in sentences."""

    about: str
    code: str
    what: str
    why: str
    do: str


def finding(code: str, **facts: Any) -> Finding:
    about, *sentences = FINDINGS[code]
    counted = [re.sub(r"\[(.+?)\|(.+?)\]", r"\1" if facts.get("count") == 1 else r"\2", one) for one in sentences]
    return Finding(about, code, *(one % facts if facts else one for one in counted))
