"""Sentences by a language model: a step of its own before publishing, and only where somebody named one.

::

    papers of who is due ─ask→ answer ─flaw→ ledger          no transaction is open while the model is asked
                                        └ publish takes what is there; without it the sentence is the abstract's

Nothing waits for it: it has so many calls and seconds a round, and whatever goes wrong costs a paper nothing but
the other sentence. What was written once, or was refused, is not asked for again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digestbot.errors import FetchError
from digestbot.ledger import Ledger, sentences, visits
from digestbot.ledger.sentences import Written
from digestbot.models import Paper
from digestbot.summaries.asking import digest_of
from digestbot.summaries.checking import flaw

_PATIENCE: Final = 3
"""Answers in a row that did not come, after which the model is left alone for the round."""
_PAUSE: Final = 60.0  # seconds that it is left alone that has had enough and does not say for how long
_LIMITED: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Author:
    """What writes in one round. `ask` returns an answer within some seconds, and raises FetchError."""

    model: str
    host: str
    ask: Callable[[str, str, float], str]
    left: Callable[[], float]
    """Seconds that are left of this round."""
    calls: int


@dataclass(slots=True)
class WriteReport:
    """What a round of writing came to. Whatever is not written falls back to the abstract's own sentence."""

    model: str
    written: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Why sentences are not shown."""
    faults: Counter[str] = field(default_factory=Counter)
    """What kept sentences from being had."""
    left: int = 0
    """Papers that there was no time or no call for."""

    @property
    def fell_back(self) -> int:
        """How many papers of this round keep the abstract's own sentence."""
        return self.refused.total() + self.faults.total() + self.left


def write(ledger: Ledger, author: Author, now: datetime, stop: Callable[[], bool] = lambda: False) -> WriteReport:
    """Ask for the sentences that the next editions lack. Raises LedgerError."""
    report = WriteReport(author.model)
    with ledger.read() as tx:
        papers = sentences.wanted(tx, author.model, now, author.calls)
        waiting = author.host in visits.waits(tx, now)
    silent = _PATIENCE if waiting else 0
    for place, paper in enumerate(papers):
        if silent >= _PATIENCE or stop() or author.left() <= 0:
            report.left = len(papers) - place
            break
        try:
            answer = author.ask(paper.title, paper.abstract, author.left())
        except FetchError as error:
            report.faults[error.message] += 1
            silent = _PATIENCE if _leave(ledger, author.host, error, now) else silent + 1
        else:
            silent = 0
            _keep(ledger, report, paper, answer, now)
    return report


def _keep(ledger: Ledger, report: WriteReport, paper: Paper, answer: str, now: datetime) -> None:
    """Write an answer down, or that it was none; of one that is not shown, nothing is kept but the reason."""
    wrong = flaw(answer, paper.title, paper.abstract)
    if wrong:
        report.refused[_sort(wrong)] += 1
    else:
        report.written += 1
    known = digest_of(paper.title, paper.abstract)
    with ledger.write() as tx:
        sentences.put(tx, report.model, Written(paper.id, known, "" if wrong else answer, _sort(wrong)), now)


def _sort(wrong: str) -> str:
    """Return a reason without the words of the answer: they are a stranger's, and this is printed."""
    for sort in ("sign", "number", "name"):
        if wrong.startswith(f"the {sort} "):
            return f"a {sort} that is not in the paper"
    return wrong


def _leave(ledger: Ledger, host: str, error: FetchError, now: datetime) -> bool:
    """Leave the host alone for as long as it wants; return whether it does."""
    if error.status not in _LIMITED:
        return False
    with ledger.write() as tx:
        visits.leave(tx, host, now + timedelta(seconds=error.retry_after or _PAUSE))
    return True
