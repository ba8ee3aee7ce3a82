"""Categories: arXiv's archives and classes, the short forms that listings print, and names of other places.

A listing that omits the archive prints ``LG`` for ``cs.LG``. A short form that several archives use may be any of them.
"""

import re
from types import MappingProxyType

from digestbot.text import fold

_CLASSES = {
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS PF PL RO SC "
    "SD SE SI SY",
    "stat": "AP CO ME ML OT TH",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "eess": "AS IV SP SY",
    "econ": "EM GN TH",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph "
    "geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "nlin": "AO CD CG PS SI",
    "gr-qc": "",
    "hep-ex": "",
    "hep-lat": "",
    "hep-ph": "",
    "hep-th": "",
    "math-ph": "",
    "nucl-ex": "",
    "nucl-th": "",
    "quant-ph": "",
}
CODES = MappingProxyType(
    {
        code.casefold(): code
        for archive, classes in _CLASSES.items()
        for code in (archive, *(f"{archive}.{name}" for name in classes.split()))
    }
)
"""Every archive and class by its lower-case form."""


def _short_forms() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code in CODES.values():
        archive, _, name = code.partition(".")
        if name:
            short = name.casefold()
            found[short] = (*found.get(short, ()), f"{archive}.{name}")
    return found


SHORT_FORMS = MappingProxyType(_short_forms())
"""The classes that a form without its archive may mean, computer science first."""
_WORD = re.compile(r"[A-Za-z-]+(?:\.[A-Za-z-]+)?")


def code_asked(text: str) -> str:
    """Return the category that a query means: ``LG`` is ``cs.LG``, ``cs.*`` is ``cs``; an unknown one is its words."""
    name = text.strip().casefold().removesuffix(".*").removesuffix("*")
    words = fold(name)
    return _known(name) or _known(words) or words  # what folding makes known has to mean the same when it is read again


def _known(name: str) -> str:
    return CODES.get(name) or next(iter(SHORT_FORMS.get(name, ())), "")


def codes_printed(text: str) -> frozenset[str]:
    """Return the categories and archives, in lower case, that a category as a digest printed it may mean."""
    names = [word.casefold() for word in _WORD.findall(text[:500])]
    found = {name for name in names if name in CODES}
    if all(name in CODES or name in SHORT_FORMS for name in names):
        found.update(code.casefold() for name in names for code in SHORT_FORMS.get(name, ()))
    return frozenset(found | {code.partition(".")[0] for code in found})
