"""One verdict for each run of a source, and its reason."""

import pytest

from digestbot.errors import FetchError
from digestbot.expectations import Window
from digestbot.models import SourceState, Verdict
from digestbot.pipeline.verdicts import Tally, judge
from test_expectations import at

SINCE = at("2026-11-17T08:00")
LATE = Window(at("2026-11-18T00:00"), at("2026-11-19T00:00"))
GOOD = SourceState("a", "fresh")
EMPTY = SourceState("e", "quiet", "the feed has no entries")
BAD = SourceState("b", "unreadable", "no reader knows this form")
WORSE = SourceState("c", "unreadable", "is empty")
CUT = SourceState("d", "partial", "the feed is cut off")


@pytest.mark.parametrize(
    ("tally", "late", "verdict", "reason"),
    [
        (Tally([GOOD], news=3), None, "fresh", ""),
        (Tally([GOOD], news=3), LATE, "fresh", ""),
        (Tally([GOOD], [("a.txt still grows", None)], news=3), None, "fresh", "a.txt still grows"),
        (Tally(), None, "quiet", "nothing new"),
        (Tally([GOOD, EMPTY]), None, "quiet", "nothing new"),
        (Tally([], [("b", None), ("b", None)]), None, "quiet", "nothing new; b"),
        (
            Tally([GOOD]),
            LATE,
            "stale",
            "nothing new since Tuesday, 17 November, 08:00 UTC, and it was due by Thursday, 19 November, 00:00 UTC",
        ),
        (Tally([BAD]), LATE, "unreadable", "b: no reader knows this form"),
        (Tally([BAD, WORSE]), None, "unreadable", "b: no reader knows this form; and 1 more"),
        (
            Tally([GOOD, BAD, WORSE], news=1),
            None,
            "partial",
            "2 of 3 digests could not be read: b: no reader knows this form; and 1 more",
        ),
        (Tally([GOOD, CUT], news=9), None, "partial", "d: the feed is cut off"),
        (Tally([GOOD], [("it announces 9 records and gave 7", "partial")], news=7), None, "partial",
         "it announces 9 records and gave 7"),
        (Tally([CUT], [("much", "partial"), ("hm", None)]), None, "partial", "much; d: the feed is cut off; hm"),
        (Tally(failure=FetchError("answered 403", "blocked")), LATE, "blocked", "answered 403"),
        (Tally([GOOD], failure=FetchError("answered 503", "down")), LATE, "down", "answered 503"),
        (Tally([GOOD], failure=FetchError("answered 503", "down"), news=5), None, "partial",
         "answered 503, after 5 new papers"),
        (Tally([BAD], failure=FetchError("answered 503", "down")), None, "down", "answered 503"),
    ],
)  # fmt: skip
def test_verdicts(tally: Tally, late: Window | None, verdict: Verdict, reason: str) -> None:
    assert judge(tally, late, SINCE, "") == (verdict, reason)


def test_a_quiet_day_says_why() -> None:
    assert judge(Tally(), None, SINCE, "as usual on a Saturday") == ("quiet", "nothing new, as usual on a Saturday")
