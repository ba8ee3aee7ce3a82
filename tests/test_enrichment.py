"""Visits to links: what the hosts say, what of it is told, who hears of code that came. A real server, no pauses."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from digestbot import visits
from digestbot.cli import cli
from digestbot.cli.context import Clock
from digestbot.cli.serving import _Service
from digestbot.cli.workplace import workplace
from digestbot.config import load
from digestbot.connections.web import Web, World
from digestbot.enrichment import Api, Asking, Bounds, LimitedError, SpentError, look, target_of
from digestbot.enrichment.readmes import read
from digestbot.ledger import Ledger, subscriptions
from digestbot.ledger import visits as visited
from digestbot.ledger.schema import match, message_part, paper_update
from digestbot.links import find_links, link_key
from digestbot.models import Link, Paper, Reading, Subscription
from digestbot.pipeline import Press, ingest, publish
from digestbot.pipeline.visiting import VisitReport, visit
from digestbot.rendering import Renderer
from digestbot.visits import Visit
from hosts import COMING, NOW, OFFICIAL, OTHER, TITLE, Hosts, Says, before, deposit, hosts, model, project
from older_ledgers import rewind

PAGE = Path(__file__).resolve().parents[1] / "docs" / "visits.md"
DAY = timedelta(days=1)
PAPER = Paper(TITLE, "arxiv:2503.02495", abstract="We route in parts.", authors=("Ada Lovelace",))
RESET = str(int((NOW + timedelta(minutes=40)).timestamp()))
GITLAB = "/gitlab/projects/4711"


@pytest.fixture
def server() -> Iterator[Hosts]:
    with hosts() as server:
        yield server


def asking(server: Hosts, requests: int = 60, waiting: Any = (), **bounds: Any) -> Asking:
    """Return what asks this server alone, whatever the address."""
    world = World(
        pause=lambda seconds: None, moment=lambda: NOW, resolve=lambda host, port: ["127.0.0.1"], dial=server.dial
    )
    names = {"github": "github", "gitlab": "gitlab", "huggingface": "hub", "zenodo": "zenodo"}
    apis = {host: Api(f"{server.url}/{path}", f"token-of-{host}") for host, path in names.items()}
    return Asking(
        Web(world=world), apis, Bounds(allow_private=True, **{"delay": 0, "timeout": 20, **bounds}), requests, waiting
    )


# --- The table of the page


def situations() -> list[tuple[str, str]]:
    """Return link and words of each row."""
    table = PAGE.read_text(encoding="utf-8").partition("## Twenty-four situations")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(http\S+)` \| [^|]+ \| (.+) \|$", table, re.MULTILINE)
    return [(link, words.strip("`") if words.startswith("`") else "") for link, words in rows]


def fill(server: Hosts) -> None:
    """Put everything there that the table speaks of."""
    answers = server.answers
    server.github("lab/alive", release="v1.2")
    licence = {"key": "apache-2.0", "name": "Apache License 2.0", "spdx_id": "Apache-2.0"}
    changes: dict[str, Any] = {"language": "C++", "stargazers_count": 12, "license": licence, "pushed_at": before(1)}
    server.github("lab/other", readme=OTHER, **changes)
    answers["/github/repos/old/name"] = Says(
        301, {"message": "Moved Permanently"}, {"Location": "/github/repositories/9"}
    )
    server.github("new/name")
    answers["/github/repositories/9"] = answers["/github/repos/new/name"]
    server.github("lab/archived", readme=OTHER, archived=True, stargazers_count=1, pushed_at=before(800))
    answers["/github/repos/lab/notice"] = Says(451, {"message": "Repository access blocked", "block": {}})
    server.github("lab/empty", readme=None, size=0, language=None, license=None)
    server.github("lab/coming", readme=COMING, size=3, language=None, license=None)
    server.github("lab/partly", readme=COMING)
    server.github("lab/branch", branch="dev")
    server.github("lab/bare", readme=None)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": RESET}
    answers["/github/repos/lab/limited"] = Says(403, {"message": "API rate limit exceeded"}, spent)
    answers["/github/repos/lab/often"] = Says(429, headers={"Retry-After": "2400"})
    answers["/github/repos/lab/slow"] = Says(hangs=True)
    answers["/github/repos/lab/huge"] = Says(body=b'{"full_name": "' + b"x" * (2 * 1024**2) + b'"}')
    answers["/github/repos/lab/malformed"] = Says(body=b'{"full_name": "lab/mal')
    fill_others(answers)


def fill_others(answers: dict[str, Says]) -> None:
    answers["/gitlab/projects/group%2Fsub%2Ftool?license=true"] = Says(body=project("group/sub/tool"))
    answers[f"{GITLAB}/languages"] = Says(body={"Python": 12.5, "Rust": 87.5})
    answers[f"{GITLAB}/repository/files/docs%2FREADME.md/raw?ref=trunk"] = Says(body=OFFICIAL.encode())
    answers[f"{GITLAB}/releases?per_page=1"] = Says(body=[{"tag_name": "v2", "name": "Two"}])
    bare = {"id": 4712, "empty_repo": True, "default_branch": None, "readme_url": None, "license": None}
    answers["/gitlab/projects/group%2Fempty?license=true"] = Says(body=project("group/empty", **bare))
    answers["/hub/api/models/lab/experts"] = Says(body=model("lab/experts", "model.safetensors"))
    answers["/hub/lab/experts/raw/main/README.md"] = Says(body=b"---\nlicense: apache-2.0\n---\n# Experts\n")
    answers["/hub/api/datasets/lab/missing"] = Says(401, {"error": "Invalid username or password."})
    answers["/zenodo/records/7"] = Says(body=deposit())
    answers["/zenodo/records/8"] = Says(410, {"status": 410, "message": "PID has been deleted."})
    answers["/experts"] = Says(302, headers={"Location": "http://pages.example.net/experts/"})
    answers["/experts/"] = Says(body=b"<html><title>Experts</title></html>")


def test_the_table_has_what_it_promises() -> None:
    assert len(dict(situations())) == 24


@pytest.mark.parametrize(("link", "words"), situations(), ids=[link.partition("//")[2] for link, _ in situations()])
def test_situations(server: Hosts, link: str, words: str) -> None:
    fill(server)
    target = target_of(link)
    assert target is not None
    paper = PAPER if "lab/archived" not in link else replace(PAPER, title="Another One of These")
    found, left_alone = Visit(link), None
    try:
        found = visits.after(None, look(target, asking(server, timeout=1 if "slow" in link else 20)), NOW)
    except LimitedError as error:
        left_alone = error.seconds
    told = visits.notes([found], paper, NOW)

    assert [note.text for note in told] == ([f"{words} (looked up today)"] if words else [])
    assert left_alone == (2400 if "limited" in link or "often" in link else None)


# --- What an address tells


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/Lab/Tool.git", ("github", "Lab", "Tool", "https://github.com/Lab/Tool")),
        ("https://github.com/lab/tool/blob/dev/a.py", ("github", "lab", "tool", "https://github.com/lab/tool/tree/dev")),
        ("https://github.com/lab", ("page", "", "lab", "https://github.com/lab")),
        ("https://github.com/orgs/lab/people", ("page", "", "orgs/lab/people", "https://github.com/orgs/lab/people")),
        ("https://github.com/lab/../..", ("page", "", "lab/../..", "https://github.com/lab/../..")),
        ("https://gitlab.inria.fr/a/b/c/-/issues", ("gitlab", "a/b", "c", "https://gitlab.inria.fr/a/b/c")),
        ("https://hf.co/lab/m", ("huggingface", "lab", "m", "https://huggingface.co/lab/m")),
        ("https://huggingface.co/papers/2503.02495", ("page", "", "papers/2503.02495", "https://huggingface.co/papers/2503.02495")),
        ("https://huggingface.co/spaces/a/b", ("huggingface", "a", "b", "https://huggingface.co/spaces/a/b")),
        ("https://doi.org/10.5281/zenodo.12", ("zenodo", "", "12", "https://zenodo.org/records/12")),
        ("https://lab.github.io/tool/", ("page", "", "tool", "https://lab.github.io/tool/")),
        ("http://localhost/x", None),
        ("ftp://example.org/x", None),
        ("https://[::1/x", None),
    ],
)  # fmt: skip
def test_what_an_address_leads_to(url: str, expected: tuple[str, ...] | None) -> None:
    found = target_of(url)

    assert (found and (found.kind, found.owner, found.name, found.url)) == expected


@given(st.text() | st.builds("https://github.com/{}/{}".format, st.text(), st.text()))
def test_any_text_is_a_target_or_none(text: str) -> None:
    found = target_of(text)

    assert found is None or found.url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("text", "coming"),
    [
        ("The code will be released upon acceptance.", True),
        ("We will release our code in March.", True),
        ("Coming soon!", True),
        ("Code is coming.", True),
        ("This page is under construction", True),
        ("The code that will run is chosen by the user; see usage.", False),
        ("pip install experts\n\nRun `python train.py`.", False),
        ("", False),
    ],
)
def test_a_readme_that_promises(text: str, coming: bool) -> None:
    assert read(text)["coming"] is coming


def test_a_readme_names_weights_and_data() -> None:
    said = read(
        "Weights: https://huggingface.co/lab/m and data: https://huggingface.co/datasets/lab/d, 10.5281/zenodo.7"
    )

    assert said["weights"] == ["https://huggingface.co/lab/m"]
    assert said["datasets"] == ["https://huggingface.co/datasets/lab/d", "https://doi.org/10.5281/zenodo.7"]


# --- When, and what is kept


def test_what_is_not_there_is_looked_for_ever_more_seldom_and_given_up_after_a_year() -> None:
    known, moment, days = None, NOW, []
    while moment is not None:
        known = visits.after(known, Visit("https://github.com/lab/x", "gone", "404"), moment)
        after = visits.next_visit(known, moment)
        if after is None:
            break
        days.append((after - moment).days)
        moment = after

    assert days[:8] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert timedelta(days=365) <= moment - NOW < timedelta(days=396)


def test_a_visit_without_an_answer_keeps_what_is_known_and_its_age() -> None:
    first = visits.after(None, Visit("u", "alive", stars=7), NOW - 5 * DAY)
    second = visits.after(first, Visit("u", "unknown", "did not answer within 20 s"), NOW)

    assert visits.words(second, PAPER, NOW) == "7 stars (looked up 5 days ago)"
    assert (visits.next_visit(first, NOW - 5 * DAY), visits.next_visit(second, NOW)) == (NOW + 2 * DAY, NOW + DAY)
    assert Visit.from_dict(second.as_dict()) == second


STATES = st.sampled_from(["alive", "empty", "coming", "gone", "blocked", "unknown"])


@given(st.lists(STATES, max_size=12))
def test_code_arrives_at_most_once_and_only_where_it_lacked(states: list[Any]) -> None:
    known, arrivals, lacked = None, 0, False
    for state in states:
        after = visits.after(known, Visit("u", state), NOW)
        came = visits.arrived(known, after)
        assert not came or (lacked and state == "alive")
        arrivals += came
        lacked |= state in {"empty", "coming", "gone"}
        known = after

    assert arrivals <= 1


def test_an_unchanged_answer_is_not_sent_again(server: Hosts) -> None:
    server.github("lab/alive", etag='"a1"')
    target = target_of("https://github.com/lab/alive")
    assert target is not None
    desk = asking(server)
    desk.begin({})
    first = look(target, desk)
    kept = desk.answers
    server.asked.clear()

    desk.begin(kept)

    assert look(target, desk) == first
    assert [status for _, status in server.asked] == ["304", "304", "404"]
    assert desk.answers == kept


def test_a_token_goes_to_its_host_alone(server: Hosts) -> None:
    fill(server)
    for link, _ in situations():
        target = target_of(link)
        if target and "slow" not in link:
            with suppress(LimitedError):
                look(target, asking(server))
    heads = list(zip(server.asked, server.heads, strict=True))

    assert {head.get("Authorization") for (path, _), head in heads if path.startswith("/github")} == {
        "Bearer token-of-github"
    }
    assert {head.get("Authorization") for (path, _), head in heads if path.startswith("/experts")} == {None}


def test_a_host_that_had_enough_is_not_asked_again_in_the_round(server: Hosts) -> None:
    fill(server)
    desk = asking(server)
    for name in ("limited", "alive"):
        target = target_of(f"https://github.com/lab/{name}")
        assert target is not None
        with pytest.raises(LimitedError):
            look(target, desk)

    assert len(server.asked) == 1


def test_no_more_requests_than_the_round_has(server: Hosts) -> None:
    fill(server)
    target = target_of("https://github.com/lab/alive")
    assert target is not None

    with pytest.raises(SpentError):
        look(target, asking(server, requests=2))
    assert len(server.asked) == 2


# --- Through the pipeline

REPOSITORY = "https://github.com/lab/coming"
PROMISE = replace(PAPER, abstract="We route in parts. Code will be released.", promises_code=True)
SOON = replace(
    PAPER,
    abstract=f"We route in parts. Code: {REPOSITORY}",
    links=find_links(f"We route in parts. Code: {REPOSITORY}", "abstract"),
)
ADA = Subscription("ada", "experts", "experts", "folder", schedule="instant", max_per_day=0, updates=("code",))
BOB = replace(ADA, id="bob", query="routing")
EVE = replace(ADA, id="eve", query="nothing")
COD = replace(ADA, id="cod", query="experts has:code")
NEW = replace(ADA, id="new")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example.org") as ledger:
        yield ledger


Go = Callable[[datetime], VisitReport]


@pytest.fixture
def go(server: Hosts, ledger: Ledger) -> Go:
    """Return a round of visits and of publishing."""
    press = Press(Renderer())

    def run(now: datetime) -> VisitReport:
        report = visit(ledger, lambda waiting: asking(server, waiting=waiting), now)
        assert not publish(ledger, press, now).troubles
        return report

    return run


def begin(ledger: Ledger, paper: Paper, *who: Subscription) -> None:
    with ledger.write() as tx:
        for item in who:
            subscriptions.put(tx, item, NOW)
    ingest(ledger, [Reading("a.txt", "test", (paper,))], NOW)


def told(ledger: Ledger) -> list[tuple[str, str]]:
    columns = (paper_update.c.subscription_id, paper_update.c.kind)
    with ledger.read() as tx:
        rows = tx.connection.execute(select(*columns).where(paper_update.c.edition_id.is_not(None)))
        return sorted((row[0], row[1]) for row in rows)


def sent(ledger: Ledger) -> list[str]:
    with ledger.read() as tx:
        rows = tx.connection.scalars(select(match.c.subscription_id).where(match.c.edition_id.is_not(None)))
        return sorted(rows)


def pages(ledger: Ledger, name: str = "edition.md") -> list[str]:
    with ledger.read() as tx:
        rows = select(message_part.c.content).where(message_part.c.name == name).order_by(message_part.c.message_id)
        return [data.decode() for data in tx.connection.scalars(rows)]


def days(go: Go, *numbers: int) -> None:
    for number in numbers:
        go(NOW + number * DAY)


def known_to_the_hub(server: Hosts) -> None:
    server.answers["/hub/api/papers/2503.02495"] = Says(
        body={"id": "2503.02495", "title": TITLE, "githubRepo": "https://github.com/lab/alive"}
    )
    server.github("lab/alive")


def linked_from_the_page(server: Hosts) -> None:
    server.github("lab/alive")
    server.github("theme/page", readme=OTHER)
    page = '<a href="https://github.com/theme/page">Theme</a> <a href="https://github.com/lab/alive">Code</a>'
    server.answers["/page"] = Says(body=page.encode())


@pytest.mark.parametrize("comes", [known_to_the_hub, linked_from_the_page])
def test_a_promise_that_comes_true_reaches_exactly_those_who_saw_the_paper_once(
    server: Hosts, ledger: Ledger, go: Go, comes: Callable[[Hosts], None]
) -> None:
    page = Link("http://lab.example.org/page", "project_page", "", "record", "")
    begin(ledger, replace(PROMISE, links=(page,)), ADA, BOB, EVE, COD)
    days(go, 0, 1, 3)
    assert (sent(ledger), told(ledger)) == (["ada", "bob"], [])

    comes(server)
    days(go, 4)
    assert told(ledger) == []  # the next look is a week after the first
    days(go, 7, 8, 9, 16, 40, 80)

    assert told(ledger) == [("ada", "code"), ("bob", "code")]
    assert sent(ledger) == ["ada", "bob", "cod"]
    lines = [line for text in pages(ledger) for line in text.splitlines() if "Code arrived" in line]
    assert (
        lines
        == [
            f"- [{TITLE}](https://arxiv.org/abs/2503.02495) · **Code arrived** [lab/alive](https://github.com/lab/alive)"
        ]
        * 2
    )


def test_a_page_that_credits_others_is_no_arrival(server: Hosts, ledger: Ledger, go: Go) -> None:
    linked_from_the_page(server)
    del server.answers["/github/repos/lab/alive"]
    page = Link("http://lab.example.org/page", "project_page", "", "record", "")
    begin(ledger, replace(PROMISE, links=(page,)), ADA)
    days(go, 0, 1, 3)

    assert told(ledger) == []


@pytest.mark.parametrize("at_first", ["coming", "empty", "gone"])
def test_a_repository_that_fills_is_told_to_those_who_saw_it_without_code(
    server: Hosts, ledger: Ledger, go: Go, at_first: str
) -> None:
    if at_first != "gone":
        server.github("lab/coming", readme=COMING if at_first == "coming" else None, size=0, language=None)
    begin(ledger, SOON, ADA, BOB, EVE)
    days(go, 0, 1)
    server.github("lab/coming", readme=COMING + OFFICIAL)
    days(go, 2, 3)
    with ledger.write() as tx:
        subscriptions.put(tx, NEW, NOW + 3 * DAY)
    days(go, 4, 11, 12, 40)

    assert told(ledger) == [("ada", "code"), ("bob", "code")]
    assert sent(ledger) == ["ada", "bob", "new"]


def test_code_that_was_always_there_is_no_news(server: Hosts, ledger: Ledger, go: Go) -> None:
    server.github("lab/coming")
    begin(ledger, SOON, ADA)
    days(go, 0, 7)
    del server.answers["/github/repos/lab/coming"]  # gone for a while
    days(go, 14, 15)
    server.github("lab/coming")
    days(go, 17, 30)

    assert (sent(ledger), told(ledger)) == (["ada"], [])


def test_a_killed_run_tells_it_once_all_the_same(
    server: Hosts, ledger: Ledger, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(ledger, SOON, ADA)
    days(go, 0)
    server.github("lab/coming")
    with monkeypatch.context() as patch:
        patch.setattr(visited, "put", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            go(NOW + DAY)
    days(go, 2, 3, 9, 10)

    assert told(ledger) == [("ada", "code")]


def test_cards_say_what_was_found_in_every_form(server: Hosts, ledger: Ledger, go: Go) -> None:
    server.github("lab/coming")
    begin(ledger, SOON, ADA)
    go(NOW)
    words = "MIT · 1.2k stars · Python · pushed 3 days ago · weights · official (looked up today)"

    assert [words in text for name in ("edition.md", "edition.html") for text in pages(ledger, name)] == [True, True]


def test_what_a_host_says_is_escaped(server: Hosts, ledger: Ledger, go: Go) -> None:
    evil = "<script>alert(1)</script>"
    server.github("lab/coming", language=evil, license={"spdx_id": evil}, full_name=f"x/{evil}", html_url=evil)
    begin(ledger, SOON, ADA)
    go(NOW)

    assert all("<script>" not in text for text in pages(ledger, "edition.html"))


def test_stars_match_when_a_visit_finds_enough_of_them(server: Hosts, ledger: Ledger, go: Go) -> None:
    server.github("lab/coming", stargazers_count=12)
    many = replace(ADA, id="many", query="experts stars:>=100")
    few = replace(ADA, id="few", query="experts stars:<100")
    begin(ledger, SOON, many, few)
    days(go, 0)
    assert sent(ledger) == ["few"]

    with ledger.write() as tx:
        subscriptions.put(tx, replace(many, id="late"), NOW + 20 * DAY)
    days(go, 7, 14)
    server.github("lab/coming", stargazers_count=100)
    days(go, 21, 22)

    assert sent(ledger) == ["few", "many"]  # who comes late does not get what is old by then


def test_a_host_is_left_alone_by_the_next_round_too(server: Hosts, ledger: Ledger, go: Go) -> None:
    server.answers["/github/repos/lab/coming"] = Says(
        403, {"message": "API rate limit exceeded"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": RESET}
    )
    begin(ledger, SOON, ADA)
    first = go(NOW)
    server.github("lab/coming")
    second = go(NOW + timedelta(minutes=30))
    asked = len(server.asked)
    third = go(NOW + timedelta(minutes=41))

    assert (len(first.left_alone), len(second.left_alone), asked) == (1, 1, 1)
    assert [item.state for item in third.visited] == ["alive"]


def test_matched_papers_come_first(server: Hosts, ledger: Ledger) -> None:
    urls = [f"https://github.com/lab/r{number}" for number in range(5)]
    papers = tuple(
        Paper(f"Paper of the {number} kind", f"arxiv:2611.0000{number}", links=find_links(f"Code: {url}", "abstract"))
        for number, url in enumerate(urls)
    )
    with ledger.write() as tx:
        subscriptions.put(tx, replace(ADA, query='"2 kind"'), NOW)
    ingest(ledger, [Reading("a.txt", "test", papers)], NOW)
    with ledger.read() as tx:
        due = visited.due(tx, NOW, 3)

    assert [item.key for item in due] == [link_key(urls[number]) for number in (2, 4, 3)]


def test_an_older_ledger_is_looked_through_for_links(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    with Ledger.open(url) as ledger:
        begin(ledger, SOON, ADA)
    rewind(tmp_path / "old.db", 9)
    with Ledger.open(url) as ledger, ledger.read() as tx:
        assert [item.url for item in visited.due(tx, NOW, 9)] == [REPOSITORY]
        assert visited.due(tx, NOW + 366 * DAY, 9) == []


def test_nothing_is_asked_inside_a_transaction(server: Hosts, ledger: Ledger) -> None:
    server.github("lab/coming")
    begin(ledger, SOON, ADA)
    real = asking(server)

    class Watching(Asking):
        def said(self, *args: Any, **more: Any) -> dict[str, Any]:
            with ledger.write() as tx:  # would wait for ever, or fail, inside of another
                subscriptions.active(tx)
            return super().said(*args, **more)

    report = visit(ledger, lambda waiting: Watching(real._web, real.apis, real._bounds, 60), NOW)

    assert [item.state for item in report.visited] == ["alive"]


# --- On the command line


@pytest.fixture
def folder(tmp_path: Path, server: Hosts, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a digest of one paper, and settings that lead to the server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGESTBOT_CONFIG", raising=False)
    assert CliRunner().invoke(cli, ["init"]).exit_code == 0
    monkeypatch.setenv("DIGESTBOT_LINKS_GITHUB_URL", f"{server.url}/github")
    monkeypatch.setenv("DIGESTBOT_LINKS_ALLOW_PRIVATE", "true")
    digest = {"title": TITLE, "id": PAPER.id, "abstract": f"Experts. Code: {REPOSITORY}"}
    (tmp_path / "digests" / "a.jsonl").write_text(json.dumps(digest) + "\n")
    server.answers["/github/repos/lab/coming"] = Says(451, {"message": "Repository access blocked"})
    return tmp_path


def test_nobody_is_asked_unless_somebody_wants_it(folder: Path, server: Hosts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(cli, ["run"]).exit_code == 0
    assert server.asked == []

    monkeypatch.setenv("DIGESTBOT_LINKS_VISIT", "true")
    result = CliRunner().invoke(cli, ["run"])

    assert f"{REPOSITORY}: blocked: blocked (451) (looked up today)" in result.stdout
    assert server.asked == [("/github/repos/lab/coming", "451")]


def test_links_visits_what_is_due(folder: Path, server: Hosts) -> None:
    CliRunner().invoke(cli, ["ingest"])
    first, second = (CliRunner().invoke(cli, ["links", "--json"]) for _ in range(2))

    assert [json.loads(line)["visited"]["state"] for line in first.stdout.splitlines()] == ["blocked"]
    assert (first.exit_code, second.exit_code, second.stdout) == (0, 0, "")


def test_links_of_files_are_listed_without_asking(folder: Path, server: Hosts) -> None:
    seeds = sorted(str(path) for path in (PAGE.parents[1] / "seeds").iterdir())
    result = CliRunner().invoke(cli, ["links", "--json", *seeds])
    rows = [json.loads(line)["link"] for line in result.stdout.splitlines()]

    assert result.exit_code == 0
    assert len(rows) == len({row["url"] for row in rows}) == 34
    assert {row["asked"] for row in rows} == {"github", "huggingface", "page"}
    assert {"host": "github.com", "owner": "YujiaoYang-work", "name": "UoE"}.items() <= next(
        row for row in rows if row["name"] == "UoE"
    ).items()
    assert server.asked == []


@pytest.mark.parametrize("wanted", [True, False])
def test_serve_visits_in_a_lane_of_its_own(folder: Path, wanted: bool) -> None:
    settings = load(folder / "digestbot.toml", {"DIGESTBOT_LINKS_VISIT": str(wanted)})
    with workplace(settings, Clock(), owner=True) as place:
        jobs = list(_Service(place, Clock(), lambda: False, as_json=False).jobs(timedelta(minutes=1)))

    assert [(job.lane, job.every) for job in jobs if job.name == "links"] == [("links", timedelta(minutes=10))] * wanted
    assert [job.name for job in jobs if job.lane == "links"] == ["links"] * wanted
