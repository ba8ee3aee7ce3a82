"""The sites that papers link to: what each holds, and how sure a mention without a scheme is a link.

Everything here is a table; a new site is a new line.
"""

import re

from digestbot.models import LinkKind

SHARED_HOSTS = (
    "github.com",
    "gist.github.com",
    "raw.githubusercontent.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "gitee.com",
    "sourceforge.net",
    "huggingface.co",
    "hf.co",
    "modelscope.cn",
    "kaggle.com",
    "wandb.ai",
    "zenodo.org",
    "osf.io",
    "figshare.com",
    "datadryad.org",
    "data.mendeley.com",
    "physionet.org",
    "openneuro.org",
    "ieee-dataport.org",
    "anonymous.4open.science",
    "arxiv.org",
    "doi.org",
    "openreview.net",
    "sites.google.com",
    "drive.google.com",
    "docs.google.com",
    "colab.research.google.com",
    "dropbox.com",
    "pypi.org",
    "youtube.com",
    "youtu.be",
    "vimeo.com",
    "bilibili.com",
    "bit.ly",
    "git.io",
    "goo.gl",
    "tinyurl.com",
    "aka.ms",
    "ibm.biz",
)
"""Sites where many people have a place: the bare host says nothing, a path on it is a link even without a scheme."""

OWN_HOSTS = (
    "github.io",
    "gitlab.io",
    "codeberg.page",
    "pages.dev",
    "netlify.app",
    "vercel.app",
    "web.app",
    "hf.space",
    "readthedocs.io",
    "streamlit.app",
    "notion.site",
)
"""Sites that give each project a host of its own: ``name.github.io`` is a link even without a path."""

FORGES = {"github.com": 2, "gitlab.com": 2, "bitbucket.org": 2, "codeberg.org": 2, "huggingface.co": 2, "hf.co": 2}
"""Sites whose paths begin with owner and name, and how many parts that makes."""

TOP_DOMAINS = (
    "com|org|net|edu|gov|io|ai|co|dev|app|eu|uk|fr|cn|jp|kr|ch|ca|au|nl|se|xyz|info|tech|science|site|cloud|page"
)
"""Endings that count without a scheme. Those that are words (``in``, ``to``, ``is``) do not."""

_DATA_DOIS: tuple[tuple[str, LinkKind], ...] = (
    (r"5281/zenodo\.[0-9]+", "zenodo"),
    (r"6084/m9\.figshare\.[a-z0-9.]+", "figshare"),
    (r"17605/osf\.io/[a-z0-9]+", "osf"),
    (
        r"(?:5061/dryad\.|7910/dvn/|17632/|18112/openneuro\.|13026/|21227/|1594/pangaea\.|34740/kaggle/)[a-z0-9][a-z0-9./-]*",
        "dataset",
    ),
    (r"57967/hf/[0-9]+", "huggingface"),
    (r"24433/co\.[a-z0-9.]+", "other"),  # Code Ocean
)

DATA_DOI = r"10\.(?:" + "|".join(pattern for pattern, _ in _DATA_DOIS) + ")"
"""A DOI that names code or data, not a paper, by its prefix."""

_PLACES: tuple[tuple[str, LinkKind], ...] = (
    (r"anonymous\.4open\.science/|anonymous[a-z0-9-]*\.(?:github|gitlab)\.(?:io|com)/", "anonymous"),
    (r"(?:[^/]+\.)?(?:github\.io|gitlab\.io|codeberg\.page|pages\.dev|netlify\.app)/", "project_page"),
    (r"(?:[^/]+\.)?(?:vercel\.app|web\.app|readthedocs\.(?:io|org)|streamlit\.app|notion\.site)/", "project_page"),
    (r"sites\.google\.com/", "project_page"),
    (r"(?:(?:gist|raw)\.)?github(?:usercontent)?\.com/", "github"),
    (r"gitlab\.[^/]+/", "gitlab"),
    (r"bitbucket\.org/", "bitbucket"),
    (r"codeberg\.org/", "codeberg"),
    (r"(?:huggingface\.co|hf\.co|kaggle\.com)/datasets?/", "dataset"),
    (r"(?:huggingface\.co|hf\.co|[^/]+\.hf\.space)/", "huggingface"),
    (r"(?:[^/]+\.)?zenodo\.org/", "zenodo"),
    (r"(?:[^/]+\.)?osf\.io/", "osf"),
    (r"(?:[^/]+\.)?figshare\.com/", "figshare"),
    (r"(?:datadryad\.org|data\.mendeley\.com|physionet\.org|openneuro\.org|ieee-dataport\.org)/", "dataset"),
    (r"dataverse\.[^/]+/|[^/]*\.dataverse\.[^/]+/", "dataset"),
    (r"(?:m\.)?(?:youtube\.com|youtu\.be|vimeo\.com|bilibili\.com)/", "video"),
    *((rf"(?:dx\.)?doi\.org/10\.{pattern}", kind) for pattern, kind in _DATA_DOIS),
)
_KINDS = tuple((re.compile(pattern), kind) for pattern, kind in _PLACES)


_PAPER_SITE = re.compile(
    r"(?:[^/]+\.)?(?:arxiv\.org|doi\.org|openreview\.net|aclanthology\.org|semanticscholar\.org|biorxiv\.org|medrxiv\.org"
    r"|ncbi\.nlm\.nih\.gov)/"
)


def kind_of(url: str) -> LinkKind:
    """Return what the site of `url` holds, ``other`` for a site that does not say. The scheme may be missing."""
    place = _place(url)
    return next((kind for pattern, kind in _KINDS if pattern.match(place)), "other")


def leads_to_a_paper(url: str) -> bool:
    """Tell whether `url` is on a site of papers, so that "data" beside it is another paper's subject."""
    return _PAPER_SITE.match(_place(url)) is not None


def _place(url: str) -> str:
    """Return host and path for comparison with the tables."""
    host, _, path = re.sub(r"^[a-z]+://", "", url[:300].lower().strip()).removeprefix("www.").partition("/")
    return f"{host}/{path}"
