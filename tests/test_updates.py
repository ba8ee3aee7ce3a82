"""What became of papers that were sent: told once to those who were sent them and want it, and to nobody else."""

import json
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from digestbot.facts import UPDATE_KINDS, Fact
from digestbot.ledger import Ledger, subscriptions
from digestbot.ledger.schema import card, edition, match, message_part, paper_update, record
from digestbot.ledger.schema import paper as paper_table
from digestbot.models import Link, Paper, Reading, Subscription
from digestbot.pipeline import Press, PublishReport, ingest, preview, publish
from digestbot.readers import read
from digestbot.rendering import Renderer
from digestbot.updates import facts, joined, news, wanted
from older_ledgers import rewind
from strategies import papers as any_papers

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CODE = Link("https://github.com/lab/experts", "github", "", "comments", "Code: https://github.com/lab/experts")
V1 = Paper(
    "Union of Experts",
    "arxiv:2611.00001",
    version=1,
    abstract="We propose to route each token to a sparse set of experts. Code will be released.",
    authors=("Ada Lovelace",),
    announce_type="new",
    comments="23 pages, 12 figures, 4 tables, under review; comments are very welcome",
    promises_code=True,
)
V2 = replace(V1, version=2, announce_type="replace", comments="24 pages")
ACCEPTED = replace(V2, comments="Accepted at ICML 2027")
WITH_CODE = replace(V2, links=(CODE,), promises_code=False)
GONE = replace(V2, version=3, comments="This paper has been withdrawn by the authors due to an error in Lemma 2")
ALL = Subscription("all", "sparse experts", "experts", "email", "ada@example.org", updates=UPDATE_KINDS)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger.open("sqlite://", domain="digests.example.org") as ledger:
        yield ledger


@pytest.fixture(scope="module")
def press() -> Press:
    return Press(Renderer(), "Digests <digests@example.org>", "https://example.org")


def follow(ledger: Ledger, *who: Subscription, now: datetime = NOW) -> None:
    with ledger.write() as tx:
        for item in who:
            subscriptions.put(tx, item, now)


def take(ledger: Ledger, *records: Paper, day: int = 0, source: str = "a.txt") -> None:
    ingest(ledger, [Reading(source, "test", records)], NOW + day * DAY)


def told(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Return what editions told of papers after they were sent: to whom, which kind, in which words."""
    columns = (paper_update.c.subscription_id, paper_update.c.kind, paper_update.c.evidence)
    with ledger.read() as tx:
        rows = tx.connection.execute(select(*columns).where(paper_update.c.edition_id.is_not(None)))
        return sorted((row[0], row[1], row[2]) for row in rows)


def waiting(ledger: Ledger) -> list[tuple[str, str, str]]:
    columns = (paper_update.c.subscription_id, paper_update.c.kind, paper_update.c.evidence)
    with ledger.read() as tx:
        rows = tx.connection.execute(select(*columns).where(paper_update.c.edition_id.is_(None)))
        return sorted((row[0], row[1], row[2]) for row in rows)


def parts(ledger: Ledger, name: str) -> list[bytes]:
    with ledger.read() as tx:
        rows = select(message_part.c.content).where(message_part.c.name == name).order_by(message_part.c.message_id)
        return list(tx.connection.scalars(rows))


# --- facts and news


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (V1, V2, [("version", "v1 → v2")]),
        (V1, replace(V2, version=4), [("version", "v1 → v4")]),
        (replace(V1, version=None), V2, [("version", "v2")]),
        (replace(V1, version=None), V1, []),
        (V2, V1, []),
        (V1, replace(V2, version=None), [("version", "a newer version")]),
        (V2, replace(V2, version=None), []),
        (V2, ACCEPTED, [("venue", "Accepted at ICML 2027")]),
        (ACCEPTED, replace(V2, venue="International Conference on Machine Learning"), []),
        (ACCEPTED, replace(V2, doi="10.5555/3600270.3600280"), []),
        (V2, replace(V2, venue="arXiv (Cornell University)"), []),
        (V2, replace(V2, doi="10.48550/arXiv.2611.00001"), []),
        (V2, replace(V2, doi="10.1103/PhysRevD.110.012345"), [("venue", "DOI 10.1103/PhysRevD.110.012345")]),
        (V2, replace(V2, venue="Phys. Rev. D", doi="10.1103/PhysRevD.110.1"), [("venue", "Phys. Rev. D")]),
        (V2, replace(V2, comments="Accepted for publication"), [("venue", "Accepted for publication")]),
        (replace(V2, comments="Accepted for publication"), ACCEPTED, [("venue", "Accepted at ICML 2027")]),
        (replace(V2, comments="ICML 2026 Workshop on MoE"), ACCEPTED, [("venue", "Accepted at ICML 2027")]),
        (V2, WITH_CODE, [("code", CODE.evidence)]),
        (WITH_CODE, replace(WITH_CODE, links=(CODE, replace(CODE, url="https://gitlab.com/x/y"))), []),
        (V2, replace(V2, links=(Link("https://x.org/d", "dataset", "", "record", ""),)), []),
        (V2, GONE, [("withdrawn", GONE.comments), ("version", "v2 → v3")]),
        (V2, replace(V2, title="WITHDRAWN: Union of Experts"), [("withdrawn", "WITHDRAWN: Union of Experts")]),
        (V2, replace(V2, abstract="This paper has been withdrawn."), [("withdrawn", "This paper has been withdrawn")]),
        (V2, V2, []),
    ],
)
def test_what_happened_between_two_states(before: Paper, now: Paper, expected: list[tuple[str, str]]) -> None:
    found = news(facts([before]), facts([before, now]))

    assert [(fact.kind, fact.evidence) for fact in found] == expected


@given(st.lists(any_papers(), max_size=4), st.randoms(use_true_random=False))
def test_facts_do_not_depend_on_the_order_or_the_number_of_records(found: list[Paper], random: Any) -> None:
    shuffled = random.sample(found, len(found))

    assert facts(found) == facts([*shuffled, *found[:1]])
    assert facts(found) == joined(fact for item in found for fact in facts([item]))
    assert news(facts(found), facts(found)) == ()


def test_a_withdrawal_concerns_all_who_take_updates() -> None:
    gone = Fact("withdrawn", "", "withdrawn")

    assert [wanted(kinds, gone) for kinds in [(), ("code",), ("version",), UPDATE_KINDS]] == [False, True, True, True]
    assert not wanted(("code",), Fact("venue", "ICML", "ICML"))


# --- through the pipeline


def test_each_kind_is_told_once_to_those_who_want_it(ledger: Ledger, press: Press) -> None:
    who = [replace(ALL, id=kind, updates=(kind,)) for kind in UPDATE_KINDS]
    follow(ledger, ALL, *who, replace(ALL, id="none", updates=()), replace(ALL, id="other", query="pruning"))
    take(ledger, V1)
    assert len(publish(ledger, press, NOW).issues) == 5

    for day, item in enumerate([V2, ACCEPTED, WITH_CODE, GONE], 1):
        for _ in range(2):
            take(ledger, item, day=day, source=f"{day}.txt")
            publish(ledger, press, NOW + day * DAY)

    versions = [("v1 → v2",), ("v2 → v3",)]
    assert told(ledger) == sorted(
        [(name, "version", words) for name in ("all", "version") for (words,) in versions]
        + [(name, "venue", "Accepted at ICML 2027") for name in ("all", "venue")]
        + [(name, "code", CODE.evidence) for name in ("all", "code")]
        + [(name, "withdrawn", str(GONE.comments)) for name in ("all", *UPDATE_KINDS)]
    )
    assert waiting(ledger) == []
    with ledger.read() as tx:
        assert len(list(tx.connection.execute(select(card.c.paper_id)))) == 5


def test_a_paper_that_is_open_goes_out_as_it_is_now(ledger: Ledger, press: Press) -> None:
    follow(ledger, ALL)
    take(ledger, V1)
    take(ledger, ACCEPTED, day=1)

    (issue,) = publish(ledger, press, NOW + DAY).issues

    assert (issue.papers, issue.updates, waiting(ledger)) == (1, 0, [])
    assert b"Accepted at ICML 2027" in parts(ledger, "edition.eml")[0]


@pytest.mark.parametrize(
    "given_records", [[V1, ACCEPTED, WITH_CODE], [WITH_CODE, ACCEPTED, V1], [ACCEPTED, V1, WITH_CODE]]
)
def test_the_order_of_digests_makes_no_difference(given_records: list[Paper], press: Press) -> None:
    with Ledger.open("sqlite://") as ledger:
        follow(ledger, ALL)
        take(ledger, replace(V1, version=None, comments=None))
        publish(ledger, press, NOW)
        for item in given_records:
            take(ledger, item, day=1, source=str(item.comments))
        publish(ledger, press, NOW + DAY)

        assert told(ledger) == [
            ("all", "code", CODE.evidence),
            ("all", "venue", "Accepted at ICML 2027"),
            ("all", "version", "v2"),
        ]


def test_versions_that_come_between_two_editions_are_one_update(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ALL, schedule="weekly mon"))
    take(ledger, V1)
    publish(ledger, press, NOW)
    for day, version in enumerate((2, 3, 5, 4), 1):
        take(ledger, replace(V2, version=version), day=day)

    assert waiting(ledger) == [("all", "version", "v1 → v5")]
    publish(ledger, press, NOW + 7 * DAY)
    assert told(ledger) == [("all", "version", "v1 → v5")]


def test_papers_that_become_one_keep_what_was_told(ledger: Ledger, press: Press) -> None:
    alone = Paper("Union of Experts", abstract="", links=(CODE,))
    other = replace(V1, abstract="Something else entirely is said here by other words of another group about birds.")
    follow(ledger, ALL)
    take(ledger, replace(alone, title="Union of Experts, a talk"), V1)
    publish(ledger, press, NOW)
    take(ledger, V2, day=1)
    publish(ledger, press, NOW + DAY)
    before = told(ledger)
    # One record with the id of the one and the title of the other: they were one paper all the time.
    take(ledger, replace(V1, title="Union of Experts, a talk", abstract=""), other, day=2)
    publish(ledger, press, NOW + 2 * DAY)

    assert before == told(ledger)[: len(before)]
    assert Counter(told(ledger)).most_common(1)[0][1] == 1
    assert not [item for item in told(ledger) if item[1] == "code"]


def test_an_update_comes_alone_and_says_so(ledger: Ledger, press: Press) -> None:
    follow(ledger, ALL)
    take(ledger, V1, replace(V1, title="Pruned Experts", id="arxiv:2611.00002"))
    publish(ledger, press, NOW)
    take(ledger, WITH_CODE, day=1)
    (one,) = publish(ledger, press, NOW + DAY).issues
    take(ledger, ACCEPTED, replace(V1, title="Pruned Experts", id="arxiv:2611.00002", links=(CODE,)), day=2)
    (two,) = publish(ledger, press, NOW + 2 * DAY).issues

    assert (one.subject, one.papers, one.updates) == ("Code arrived for Union of Experts", 0, 1)
    assert two.subject == "2 updates on sparse experts: Pruned Experts; Union of Experts"
    mail = message_from_bytes(parts(ledger, "edition.eml")[1], policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    shown = body.get_content()
    assert "1 update · Tuesday, 3 November 2026" in shown
    assert "Updated since you saw it" in shown
    assert "https://github.com/lab/experts" in shown
    assert "Nothing this time" not in shown


def test_nothing_is_sent_for_an_update_that_nobody_wants(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ALL, updates=("code",)))
    take(ledger, V1)
    publish(ledger, press, NOW)
    take(ledger, V2, ACCEPTED, day=1)

    report = publish(ledger, press, NOW + DAY)

    assert (report.issues, report.empty) == ((), ("all",))


def test_an_instant_subscription_is_due_for_an_update(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ALL, schedule="instant"))
    take(ledger, V1)
    publish(ledger, press, NOW)
    assert publish(ledger, press, NOW + DAY) == PublishReport(())
    take(ledger, V2, day=1)

    assert [issue.updates for issue in publish(ledger, press, NOW + DAY).issues] == [1]


def test_what_is_wanted_can_change(ledger: Ledger, press: Press) -> None:
    follow(ledger, ALL)
    take(ledger, V1)
    publish(ledger, press, NOW)
    take(ledger, ACCEPTED, WITH_CODE, day=1)
    follow(ledger, replace(ALL, updates=("code",)))
    assert waiting(ledger) == [("all", "code", CODE.evidence)]
    follow(ledger, replace(ALL, updates=()))
    assert waiting(ledger) == []
    follow(ledger, ALL)
    take(ledger, GONE, day=2)
    assert {kind for _, kind, _ in waiting(ledger)} == {"withdrawn", "version", "venue", "code"}
    with ledger.write() as tx:
        subscriptions.remove(tx, "all", NOW)
    assert waiting(ledger) == []


def test_who_is_stopped_gets_it_when_they_come_back(ledger: Ledger, press: Press) -> None:
    follow(ledger, ALL)
    take(ledger, V1)
    publish(ledger, press, NOW)
    with ledger.write() as tx:
        subscriptions.suppress(tx, "all", "unsubscribed", NOW)
    take(ledger, V2, day=1)
    assert publish(ledger, press, NOW + DAY).issues == ()
    with ledger.write() as tx:
        subscriptions.resume(tx, "all", NOW + DAY)

    assert [issue.updates for issue in publish(ledger, press, NOW + 2 * DAY).issues] == [1]


def test_preview_shows_updates_and_uses_none_up(ledger: Ledger, press: Press) -> None:
    follow(ledger, ALL)
    take(ledger, V1)
    publish(ledger, press, NOW)
    take(ledger, V2, day=1)

    shown = preview(ledger, "all", NOW + DAY)

    assert shown is not None
    assert [fact.evidence for item in shown.updates for fact in item.facts] == ["v1 → v2"]
    assert waiting(ledger)


def test_a_digest_that_comes_while_an_edition_is_made_is_not_lost(ledger: Ledger, press: Press) -> None:
    follow(ledger, ALL)
    take(ledger, V1)

    class Slow(Renderer):
        def subject(self, edition: Any) -> str:
            take(ledger, V2, source="meanwhile.txt")
            return super().subject(edition)

    publish(ledger, replace(press, renderer=Slow()), NOW)
    assert waiting(ledger) == [("all", "version", "v1 → v2")]


def test_more_than_fits_waits_for_the_next_edition(ledger: Ledger, press: Press) -> None:
    many = [replace(V1, title=f"Experts {n}", id=f"arxiv:2611.{n:05}") for n in range(1, 36)]
    follow(ledger, replace(ALL, limit=100))
    take(ledger, *many)
    publish(ledger, press, NOW)
    take(ledger, *(replace(item, links=(CODE,)) for item in many), day=1)

    counts = [issue.updates for day in (1, 2, 3) for issue in publish(ledger, press, NOW + day * DAY).issues]

    assert counts == [30, 5]
    assert len(told(ledger)) == len(set(told(ledger))) + 34  # the words are the same for all of them


# --- arXiv's announcements

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>
<title>cs.LG updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.LG</link>
<description>cs.LG updates on the arXiv.org e-print archive.</description><pubDate>{date}</pubDate>
{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>https://arxiv.org/abs/{number}</link>
<description>arXiv:{number}v{version} Announce Type: {kind}
Abstract: We route tokens to sparse experts. {words}</description>
<guid isPermaLink="false">oai:arXiv.org:{number}v{version}</guid><category>cs.LG</category><pubDate>{date}</pubDate>
<arxiv:announce_type>{kind}</arxiv:announce_type><dc:creator>Ada Lovelace, Kurt G\\"odel</dc:creator></item>"""
MAIL = r"""------------------------------------------------------------------------------
------------------------------------------------------------------------------
Send any comments regarding submissions directly to submitter.
------------------------------------------------------------------------------
Archives at http://arxiv.org/
To unsubscribe, e-mail To: cs@arXiv.org, Subject: cancel
------------------------------------------------------------------------------
 Submissions to:
Machine Learning
 received from  Mon  9 Nov 26 19:00:00 GMT  to  Tue 10 Nov 26 19:00:00 GMT
------------------------------------------------------------------------------
%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%--%%
------------------------------------------------------------------------------
\\
arXiv:2611.00001
replaced with revised version Tue, 10 Nov 2026 18:00:00 GMT   (120kb)

Title: Union of Experts
Authors: Ada Lovelace and Kurt G\"odel
Categories: cs.LG
Comments: Accepted at ICML 2027
\\ ( https://arxiv.org/abs/2611.00001 ,  120kb)
%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---%%%---
"""


def rss(day: int, *items: tuple[str, str, int, str, str]) -> bytes:
    date = f"{NOW + day * DAY:%a, %d %b %Y} 00:00:00 -0400"
    keys = ("title", "number", "version", "kind", "words")
    body = "".join(ITEM.format(date=date, **dict(zip(keys, item, strict=True))) for item in items)
    return RSS.format(date=date, items=body).encode()


def test_a_replacement_of_a_known_paper_is_an_update_and_of_an_unknown_one_a_paper(
    ledger: Ledger, press: Press
) -> None:
    follow(ledger, ALL, replace(ALL, id="replaced", query="is:replacement"), replace(ALL, id="late", query="birds"))
    old = ("Union of Experts", "2611.00001")
    digests = [
        (0, rss(0, (*old, 1, "new", "Code will be released."))),
        (
            4,
            rss(
                4,
                (*old, 2, "replace", "Birds are routed, too. Code will be released."),
                ("Old Experts", "2401.00009", 3, "replace-cross", "Again."),
            ),
        ),
        (8, MAIL.encode()),
    ]
    sent: dict[int, dict[str, tuple[int, int]]] = {}
    for day, data in digests:
        reading = read(BytesIO(data), f"{day}.txt")
        assert reading.verdict == "fresh"
        for _ in range(2):
            ingest(ledger, [reading], NOW + day * DAY)
        issues = publish(ledger, press, NOW + day * DAY).issues
        sent[day] = {issue.subscription: (issue.papers, issue.updates) for issue in issues}

    assert sent == {
        0: {"all": (1, 0)},
        4: {"all": (1, 1), "replaced": (1, 0), "late": (1, 0)},
        8: {"all": (0, 1), "late": (0, 1)},
    }
    venue = [(name, "venue", "Accepted at ICML 2027") for name in ("all", "late")]
    assert told(ledger) == sorted([("all", "version", "v1 → v2"), *venue])


# --- feeds


def test_a_feed_entry_changes_and_none_comes_twice(ledger: Ledger, press: Press) -> None:
    follow(ledger, replace(ALL, channel="feed", address=""))
    take(ledger, V1, replace(V1, title="Pruned Experts", id="arxiv:2611.00002"))
    publish(ledger, press, NOW)
    take(ledger, WITH_CODE, day=3)
    publish(ledger, press, NOW + 3 * DAY)
    before, after = (feedparser.parse(data) for data in parts(ledger, "atom.xml"))
    first, second = parts(ledger, "rss.xml")
    items = [json.loads(data)["items"] for data in parts(ledger, "feed.json")]

    assert {entry.id for entry in before.entries} == {entry.id for entry in after.entries}
    changed = {entry.id: entry.updated for entry in after.entries if entry.updated != entry.published}
    assert changed == {after.entries[0].id: "2026-11-05T08:00:00Z"}
    assert after.feed.updated == "2026-11-05T08:00:00Z"
    assert "Code arrived" in after.entries[0].content[0].value
    assert "lab/experts" in after.entries[0].content[0].value
    facts_of_rss = [[(item.id, item.published) for item in feedparser.parse(data).entries] for data in (first, second)]
    assert facts_of_rss[0] == facts_of_rss[1]
    assert b"Code arrived" in second
    assert [item["id"] for item in items[0]] == [item["id"] for item in items[1]]
    assert [item.get("date_modified") for item in items[1]].count("2026-11-05T08:00:00Z") == 1


def test_an_entry_that_has_left_the_feed_comes_back_where_it_can_say_that_it_changed(
    ledger: Ledger, press: Press
) -> None:
    follow(ledger, replace(ALL, channel="feed", address="", limit=1000))
    take(ledger, V1)
    publish(ledger, press, NOW)
    take(ledger, *(replace(V1, title=f"Experts {n}", id=f"arxiv:2611.{n:05}") for n in range(2, 103)), day=1)
    publish(ledger, press, NOW + DAY)
    take(ledger, WITH_CODE, day=2)
    (issue,) = publish(ledger, press, NOW + 2 * DAY).issues

    assert (issue.papers, issue.updates) == (0, 1)
    atom, rss_feed = (feedparser.parse(parts(ledger, name)[2]).entries for name in ("atom.xml", "rss.xml"))
    assert (len(atom), len(rss_feed)) == (100, 100)
    assert atom[0].title == "Union of Experts"
    assert "Union of Experts" not in {entry.title for entry in rss_feed}


# --- older ledgers


def test_a_ledger_from_before_there_were_updates(press: Press, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    with Ledger.open(url) as ledger:
        follow(ledger, ALL)
        take(ledger, V1)
        publish(ledger, press, NOW)
    rewind(tmp_path / "ledger.db", 3)
    with Ledger.open(url) as ledger:
        with ledger.read() as tx:
            standing = subscriptions.get(tx, "all")
        assert standing is not None
        assert standing.subscription.updates == ("venue", "code")
        take(ledger, ACCEPTED, WITH_CODE, day=1)
        assert [kind for _, kind, _ in waiting(ledger)] == ["code", "venue"]


# --- the law

PLACES = (
    "Accepted at ICML 2027",
    "To appear in Physical Review D",
    "Accepted by TMLR",
    "12 pages, 5 figures, 3 tables",
    None,
)
TITLES = ("Union of Experts", "Pruned Experts")


def records() -> st.SearchStrategy[Paper]:
    """Records of two papers that hold more or less of what became of them."""
    return st.builds(
        lambda n, version, comments, links, has_id: Paper(
            TITLES[n],
            f"arxiv:2611.0000{n + 1}" if has_id else "",
            version=version,
            abstract=f"We route {n}.",
            comments=comments,
            links=links,
        ),
        st.integers(0, 1),
        st.none() | st.integers(1, 4),
        st.sampled_from((*PLACES, "This paper has been withdrawn by the authors")),
        st.sampled_from(((), (CODE,))),
        st.booleans(),
    )


STEPS = st.lists(
    st.tuples(st.just("digest"), st.lists(records(), min_size=1, max_size=3))
    | st.tuples(st.just("publish"), st.sets(st.integers(0, 3), min_size=1)),
    max_size=10,
)
KINDS = ((), ("code",), ("venue", "code"), UPDATE_KINDS)


def shown(ledger: Ledger) -> dict[tuple[str, int], list[Fact]]:
    """Return what each recipient has on the cards of a paper."""
    found: dict[tuple[str, int], list[Fact]] = {}
    with ledger.read() as tx:
        columns = (edition.c.subscription_id, card.c.paper_id, card.c.data)
        for who, row, data in tx.connection.execute(select(*columns).join(edition).order_by(edition.c.id)):
            found.setdefault((who, row), []).extend(facts([Paper.from_dict(data["paper"])]))
    return found


@settings(max_examples=60 if os.environ.get("CI") else 15)
@given(STEPS)
def test_each_fact_is_told_once_to_those_who_were_sent_the_paper_and_want_it(steps: list[tuple[str, Any]]) -> None:
    press = Press(_Plain(), "Digests <digests@example.org>")
    with Ledger.open("sqlite://") as ledger:
        people = [replace(ALL, id=f"p{n}", query="experts", schedule="instant", updates=k) for n, k in enumerate(KINDS)]
        follow(ledger, *people)
        every: list[Paper] = []
        for number, (step, what) in enumerate([*steps, *[("publish", {0, 1, 2, 3})] * 2]):
            now = NOW + number * DAY
            if step == "digest":
                every += what
                for _ in range(2):
                    ingest(ledger, [Reading(f"{number}.txt", "test", tuple(what))], now)
            else:
                _publish_some(ledger, press, now, what)
        _hold_the_law(ledger, people)


class _Plain(Renderer):
    """Renders fast: what an edition holds is looked up in the ledger."""

    def html(self, edition: Any, *_: Any, **__: Any) -> str:
        return "x"

    def text(self, edition: Any, *_: Any, **__: Any) -> str:
        return "x"


def _publish_some(ledger: Ledger, press: Press, now: datetime, who: Collection[int]) -> None:
    """Publish for some; the others are held back by being stopped meanwhile."""
    for n in range(len(KINDS)):
        with ledger.write() as tx:
            (subscriptions.resume if n in who else _hold)(tx, f"p{n}", now)
    assert publish(ledger, press, now).troubles == ()


def _hold(tx: Any, name: str, now: datetime) -> bool:
    return subscriptions.suppress(tx, name, "held", now)


def _hold_the_law(ledger: Ledger, people: Sequence[Subscription]) -> None:
    cards = shown(ledger)
    wants = {item.id: item.updates for item in people}
    with ledger.read() as tx:
        stored = list(tx.connection.execute(select(paper_update).order_by(paper_update.c.edition_id)))
        known = {
            row.id: facts(Paper.from_dict(item.data) for item in _records(tx, row.id))
            for row in tx.connection.execute(select(paper_table.c.id))
        }
        sent = {(row.subscription_id, row.paper_id) for row in tx.connection.execute(select(match))}
    assert all(row.edition_id is not None for row in stored)  # nothing waits: all were served
    announced: dict[tuple[str, int], list[Fact]] = {}
    for row in stored:
        fact = Fact(row.kind, row.key, row.evidence, row.url)
        place = (row.subscription_id, row.paper_id)
        assert place in sent  # nobody else
        assert place in cards
        assert wanted(wants[row.subscription_id], fact)  # nor who does not want it
        announced.setdefault(place, []).append(fact)
    for place, seen in cards.items():
        later = announced.get(place, [])
        assert [
            fact for fact in news([*seen, *later], known[place[1]]) if wanted(wants[place[0]], fact)
        ] == []  # none lost
        kinds = Counter(fact.kind for fact in later)
        assert max(kinds["code"], kinds["withdrawn"]) <= 1  # none doubled
        assert not {"code", "withdrawn"} & kinds.keys() & {fact.kind for fact in seen}
        venues = [fact.evidence for fact in [*seen, *later] if fact.kind == "venue"]
        assert set(Counter(fact.evidence for fact in later if fact.kind == "venue").values()) <= {1}
        assert not {fact.evidence for fact in later if fact.kind == "venue"} & {
            fact.evidence for fact in seen if fact.kind == "venue"
        }
        if "venue" in wants[place[0]]:
            assert set(venues) == {fact.evidence for fact in known[place[1]] if fact.kind == "venue"}
        versions = [int(fact.key) for fact in later if fact.kind == "version"]
        assert versions == sorted(set(versions))
        last = max((int(fact.key) for fact in seen if fact.kind == "version"), default=None)
        for fact in (fact for fact in later if fact.kind == "version"):  # each begins where the one before ended
            assert fact.evidence == (f"v{last} → v{fact.key}" if last else f"v{fact.key}")
            last = int(fact.key)
        if "version" in wants[place[0]]:
            numbers = [int(fact.key) for fact in [*seen, *later] if fact.kind == "version"]
            assert max(numbers, default=1) == max(
                [1, *(int(fact.key) for fact in known[place[1]] if fact.kind == "version")]
            )


def _records(tx: Any, row: int) -> Any:
    return tx.connection.execute(select(record.c.data).where(record.c.paper_id == row))
