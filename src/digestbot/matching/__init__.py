"""Many queries against papers: which match, where, and why not.

::

    queries ─add→ Index ─match(papers)→ matches with hits
                        └select(papers)→ who matches what, without the places
    one query, one paper: find → hits, explain → why, why not, what was nearest
"""

from digestbot.matching.explain import ClauseReport, Explanation, Repair, explain
from digestbot.matching.find import find
from digestbot.matching.index import Index

__all__ = ["ClauseReport", "Explanation", "Index", "Repair", "explain", "find"]
