"""Prints what pages, saves and handing in cost, each beside its goal."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median

import click
import psycopg
from sqlalchemy import text

from mesotrain.store.db import open_engine
from mesotrain.store.guards import grant
from tests.bench import clinics, crowd
from tests.bench.cold import visit
from tests.bench.exchange import exchange_rows
from tests.bench.importing import MANY, import_row
from tests.bench.load import Client, Sample, Server, http, sample
from tests.bench.questions import question_rows
from tests.bench.served import SAVES
from tests.bench.stage import ITEMS, MOST_COLD, MOST_QUERIES, MOST_QUERIES_FINISHING, PEOPLE, Page, Stage
from tests.bench.texts import check_row, module_rows
from tests.databases import APPLICATION_ROLE, postgresql_address
from tests.world import Browser, Engine, postgresql_engine, sqlite_engine

ROUNDS, SECONDS = 15, 0.12
GROWN, TIMES = 1000, 10
CLIENTS = 8
CROWD, MORE = 1000, 9000
SAMPLE = 200
MOST_GROWN = 1.3
CLINICS = {"sqlite": 20, "postgresql": 200}
CLINIC, PIECES = 50, 200
"""People of a clinic, and pieces of evidence of each."""
MOST_CLEARANCE, MOST_QUERIES_CLEARANCE = 3, 21
FINISHES = 20
MOST_SAVE, LEAST_RATE = 1.5, 600 / 700

HEADING = f"""\
CPU is that of one worker process of granian with one blocking thread, the database server's not counted: median of
{ROUNDS} rounds in which page and bare page take turns. A bare page has the same server, session and user lookup, one
ORM query and an 8 KB template; a bare save the same, the CSRF check and one Core insert-and-commit. Queries are all
statements, with {PEOPLE} people and with {GROWN} who sat {TIMES} times as often. Cold is all a first visit fetches."""


def main() -> None:
    begun = time.perf_counter()
    click.echo("## Texts\n")
    table("Modules|Questions|Check, s|Goal", [check_row()])
    table("Module|Words|Minutes|Quiz|Practice|Words a sentence|Reading ease", module_rows())
    with tempfile.TemporaryDirectory() as folder:
        click.echo("\n## Questions a second, and times the cost of json.loads of the same\n")
        rows = question_rows(sqlite_engine(Path(folder)).world().app)
        table("Type|json.loads|Read|Checked|Marked|Printed|Rendered", rows)
    click.echo("\n## Formats: questions a second, and times the cost of json.loads of the same\n")
    table("Format|Questions|json.loads|Read|Made a bank and checked|Written", exchange_rows())
    with tempfile.TemporaryDirectory() as folder:
        click.echo(f"\n## {MANY:,} questions of GIFT into the database: a second, and times the cost of json.loads\n")
        heading = "json.loads|Read and checked|Handed over|Looked at|Stored|All|All, by the clock|Goal"
        table(heading, [import_row(sqlite_engine(Path(folder)).world())])
    click.echo(HEADING)
    with tempfile.TemporaryDirectory() as folder:
        run(sqlite_engine(Path(folder)))
        try:
            engine = postgresql_engine(Path(folder))
        except psycopg.OperationalError as error:
            click.echo(f"\nPostgreSQL does not answer at {postgresql_address()} (TEST_DATABASE_URL): {error}")
        else:
            try:
                run(engine)
            finally:
                engine.copies.drop()
    click.echo(f"\nTook {time.perf_counter() - begun:.0f} s.")


def run(engine: Engine) -> None:
    """Measures everything on one engine."""
    stage = Stage(engine.world())
    settings = stage.world.environment
    make_bare_saves(settings["MESOTRAIN_OWNER_DATABASE_URL"])
    few = stage.counts()
    cold = {page.name: visit(stage.browsers[page.who], page.url) for page in stage.pages()}
    with Server("tests.bench.served:bare", settings) as bare, Server("tests.bench.served:mesotrain", settings) as own:
        pages = {page.name: page_samples(stage, page, bare, own) for page in stage.pages()}
        saves = [save_samples(stage, clients, bare, own) for clients in (1, CLIENTS)]
        finish = finish_samples(stage, bare, own)
    stage.grow(GROWN, TIMES - 1)
    many = stage.counts()
    click.echo(f"\n## {engine.name}\n")
    rows = [page_row(page, pages[page.name], (few, many), cold[page.name]) for page in stage.pages()]
    table("Page|CPU ms|Bare ms|Ratio|Goal|Queries|Grown|Goal|HTML bytes|Cold bytes|Goal|Elsewhere|Goal", rows)
    table("Act|CPU ms|Bare ms|Ratio|Goal|Queries|Grown|Goal", act_rows(saves[0], finish, (few, many)))
    table("Saves a second|Mesotrain|Bare|Share|Goal", rate_rows(saves, LEAST_RATE if engine.name == "sqlite" else None))
    crowded(engine)
    cleared(engine)


def cleared(engine: Engine) -> None:
    """A question about clearance beside a bare reply to a key, in a large organisation and in one of a tenth."""
    begun, tenth = time.perf_counter(), CLINICS[engine.name] // 10
    few, many = Stage(engine.world()), Stage(engine.world())
    for stage, number in ((few, tenth), (many, 10 * tenth)):
        clinics.grow(stage, number, CLINIC * number, PIECES)
        analyse(stage.world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    sizes = " and ".join(
        "{:,} clinics, {:,} people, {:,} pieces of evidence".format(*stage.world.do(clinics.size))
        for stage in (few, many)
    )
    click.echo(f"\n{sizes}; made in {time.perf_counter() - begun:.0f} s.\n")
    (url, key), (large_url, large_key) = (clinics.asked(stage) for stage in (few, many))
    with (
        Server("tests.bench.served:bare", many.world.environment) as bare,
        Server("tests.bench.served:mesotrain", few.world.environment) as own,
        Server("tests.bench.served:mesotrain", many.world.environment) as large,
    ):
        of_large = calling(large, large_url, large_key)
        pairs = rounds(calling(bare, "/reply", large_key), of_large)
        grown = rounds(calling(own, url, key), of_large)
    counts = [{"clearance": stage.asked(at, of)} for stage, at, of in ((few, url, key), (many, large_url, large_key))]
    row = ["clearance", *cpu_cells(pairs, MOST_CLEARANCE), *cpu_cells(grown, MOST_GROWN)[1:]]
    heading = "Question|CPU ms|Bare ms|Ratio|Goal|Of a tenth, ms|Ratio|Goal|Queries|Grown|Goal"
    table(heading, [[*row, *query_cells("clearance", counts, MOST_QUERIES_CLEARANCE)]])


def calling(server: Server, url: str, key: str) -> tuple[Server, list[Client]]:
    request = http("GET", url, "", Authorization=f"Bearer {key}")
    return server, [Client(server, lambda: request)]


def crowded(engine: Engine) -> None:
    """The manager's pages among 1,000 people with 100,000 answers, and among 10,000 people."""
    begun = time.perf_counter()
    few, many = Stage(engine.world()), Stage(engine.world())
    for stage in (few, many):
        crowd.grow(stage, CROWD)
    crowd.grow(many, MORE, 1)
    for stage in (few, many):
        analyse(stage.world.environment["MESOTRAIN_OWNER_DATABASE_URL"])
    settings = few.world.environment
    sizes = [stage.world.do(crowd.size) for stage in (few, many)]
    strays = [
        pair for stage in (few, many) for pair in stage.world.do(lambda session: crowd.stray_spans(session, SAMPLE))
    ]
    (people, answers), (more, _) = sizes
    click.echo(
        f"\n{people:,} people, {answers:,} answers; {more:,} people; made in {time.perf_counter() - begun:.0f} s."
    )
    click.echo(f"Spans that the rule does not give, among {2 * SAMPLE} histories: {judge(not strays)} {len(strays)}\n")
    pages = [*few.manager_pages(), *(replace(page, goal=None) for page in few.manager_views())]
    rows = []
    with (
        Server("tests.bench.served:bare", settings) as bare,
        Server("tests.bench.served:mesotrain", settings) as own,
        Server("tests.bench.served:mesotrain", many.world.environment) as large,
    ):
        for page in pages:
            pairs = page_samples(few, page, bare, own)
            grown = rounds(asking(own, few, page, page.url), asking(large, many, page, page.url))
            counts = [stage.count(page) for stage in (few, many)]
            goal = MOST_GROWN if page.goal else None
            rows.append(
                [page.name, *cpu_cells(pairs, page.goal), *cpu_cells(grown, goal)[::2], *cpu_cells(grown, goal)[3:]]
            )
            rows[-1] += [
                f"{median(1000 / pair[1].rate for pair in grown):.1f}",
                *query_cells(page.name, counts, MOST_QUERIES),
            ]
    heading = "Page|CPU ms|Bare ms|Ratio|Goal|Of 10,000, ms|Ratio|Goal|Wall ms|Queries|Grown|Goal"
    table(heading, rows)


def analyse(address: str) -> None:
    """What PostgreSQL does by itself soon after so many rows have come; the planner knows nothing of them before."""
    with open_engine(address).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))


def asking(server: Server, stage: Stage, page: Page, url: str) -> tuple[Server, list[Client]]:
    request = http("GET", url, cookie_of(stage.browsers[page.who]))
    return server, [Client(server, lambda: request)]


def make_bare_saves(owner: str) -> None:
    with open_engine(owner).begin() as connection:
        SAVES.metadata.create_all(connection)
        if connection.dialect.name == "postgresql":
            grant(connection, APPLICATION_ROLE)


Pairs = list[tuple[Sample, Sample]]
"""(bare, own) of each round."""


def rounds(bare: tuple[Server, list[Client]], own: tuple[Server, list[Client]]) -> Pairs:
    for server, clients in (bare, own):
        sample(server, clients, SECONDS / 2)
    return [(sample(*bare, SECONDS), sample(*own, SECONDS)) for _ in range(ROUNDS)]


def page_samples(stage: Stage, page: Page, bare: Server, own: Server) -> Pairs:
    return rounds(asking(bare, stage, page, page.bare), asking(own, stage, page, page.url))


def save_samples(stage: Stage, clients: int, bare: Server, own: Server) -> Pairs:
    """Each client is somebody with an attempt of their own."""
    takers = [(stage.browser_of(actor), stage.sit(actor)) for actor in stage.people[2 : clients + 2]]
    return rounds(
        (bare, [Client(bare, saving(browser, lambda _: "/save")) for browser, _ in takers]),
        (
            own,
            [Client(own, saving(browser, f"/attempts/{attempt}/answers/{{}}".format)) for browser, attempt in takers],
        ),
    )


def saving(browser: Browser, url: Callable[[int], str]) -> Callable[[], bytes]:
    """Makes saves to one slot after the other, each an operation of its own."""
    token, cookie, numbers = browser.token("/account"), cookie_of(browser), count()
    headers = {"Content_Type": "application/json", "X_CSRFToken": token}

    def request() -> bytes:
        number = next(numbers)
        body = json.dumps(
            {"op": f"{time.time_ns()}-{number}", "fields": {"choice": ["0123456789"]}, "lease": 0}
        ).encode()
        return http("PUT", url(number % ITEMS + 1), cookie, body, **headers)

    return request


def finish_samples(stage: Stage, bare: Server, own: Server) -> Pairs:
    """Handing in one attempt each of some people, beside bare pages."""
    found = []
    for actor in stage.people[2 : FINISHES + 2]:
        browser, attempt = stage.browser_of(actor), stage.sit(actor)
        cookie, token = cookie_of(browser), browser.token("/account")
        finish = http("POST", f"/attempts/{attempt}/finish", cookie, X_CSRFToken=token)
        page = http("GET", "/page", cookie)
        pair = [
            sample(server, [Client(server, lambda one=one: one)], 0) for server, one in ((bare, page), (own, finish))
        ]
        found.append((pair[0], pair[1]))
    return found


def cookie_of(browser: Browser) -> str:
    browser.token("/account")
    cookie = browser.client.get_cookie("mesotrain")
    assert cookie
    return f"mesotrain={cookie.value}"


def cpu_cells(pairs: Pairs, goal: float | None) -> list[str]:
    bare, own = (median(pair[which].cpu for pair in pairs) * 1000 for which in (0, 1))
    ratio = median(pair[1].cpu / pair[0].cpu for pair in pairs)
    return [f"{own:.2f}", f"{bare:.2f}", f"{ratio:.2f}", "" if goal is None else f"{judge(ratio <= goal)} ≤ {goal}"]


def query_cells(name: str, counts: Sequence[dict[str, int]], most: int) -> list[str]:
    few, many = (count[name] for count in counts)
    return [str(few), str(many), f"{judge(few == many <= most)} ≤ {most}"]


def page_row(
    page: Page, pairs: Pairs, counts: Sequence[dict[str, int]], visited: tuple[int, int, list[str]]
) -> list[str]:
    html, cold, elsewhere = visited
    within = f"{judge(cold <= MOST_COLD)} ≤ {MOST_COLD:,}"
    asked = query_cells(page.name, counts, MOST_QUERIES)
    away = [str(len(elsewhere)), f"{judge(not elsewhere)} 0"]
    return [page.name, *cpu_cells(pairs, page.goal), *asked, f"{html:,}", f"{cold:,}", within, *away]


def act_rows(saves: Pairs, finish: Pairs, counts: Sequence[dict[str, int]]) -> list[list[str]]:
    return [
        ["autosave", *cpu_cells(saves, MOST_SAVE), *query_cells("save", counts, MOST_QUERIES)],
        [
            f"finish {ITEMS} (bare page)",
            *cpu_cells(finish, None),
            *query_cells("finish", counts, MOST_QUERIES_FINISHING),
        ],
    ]


def rate_rows(saves: list[Pairs], least: float | None) -> list[list[str]]:
    rows = []
    for clients, pairs in zip((1, CLIENTS), saves, strict=True):
        bare, own = (median(pair[which].rate for pair in pairs) for which in (0, 1))
        share = median(pair[1].rate / pair[0].rate for pair in pairs)
        goal = f"{judge(share >= least)} ≥ {least:.3f}" if least else ""
        rows.append([f"{clients} client{'s' * (clients > 1)}", f"{own:,.0f}", f"{bare:,.0f}", f"{share:.3f}", goal])
    return rows


def judge(well: bool) -> str:
    return "PASS" if well else "FAIL"


def table(heading: str, rows: list[list[str]]) -> None:
    """Prints a Markdown table, aligned."""
    lines = [heading.split("|"), *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    for line in (lines[0], rule, *rows):
        first, *others = (
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        click.echo(f"| {' | '.join([first, *others])} |")
    click.echo("")


if __name__ == "__main__":
    main()
