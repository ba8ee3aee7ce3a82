"""The tables [[source]]: what they declare, and every mistake at its spot."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestbot.config import load
from digestbot.config.sources import KINDS, MUST, keys_of
from digestbot.declared import Expect, Source, SourceKind
from digestbot.errors import ConfigError
from digestbot.sources import kinds

Write = Callable[[str], Path]
PAGE = (Path(__file__).parents[1] / "docs" / "sources.md").read_text(encoding="utf-8")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str) -> Path:
        path = tmp_path / "digestbot.toml"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def sources(path: Path, **environ: str) -> tuple[Source, ...]:
    return load(path, environ).sources


def fault(path: Path, **environ: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    return caught.value


WHOLE = """
[[source]]
name = "inbox"
kind = "folder"
path = "in"
pattern = "*.xml"

[[source]]
name = "elsewhere"
kind = "glob"
pattern = "/srv/digests/*.json"
expect = "weekly"

[[source]]
name = "a journal"
kind = "feed"
url = "https://journal.example.org/feed.xml?a=b"
every = "30m"
max_bytes = "2 MB"
timeout = 20
delay = 0.5
allow_private = true
dialect = "feed"

[[source]]
name = "arXiv"
kind = "arxiv"
categories = ["cs.LG", "astro-ph.GA", "math"]

[[source]]
name = "pruning"
kind = "arxiv-query"
query = "ti:pruning"
days = 14

[[source]]
name = "hub"
kind = "hugging-face"

[[source]]
name = "works"
kind = "openalex"
filter = "type:article"
key_file = "key.txt"

[[source]]
name = "registered"
kind = "crossref"
query = "sparse"

[[source]]
name = "scholar"
kind = "semantic-scholar"
query = "sparse"

[[source]]
name = "brains"
kind = "biorxiv"
category = "Systems Biology"

[[source]]
name = "box"
kind = "maildir"
path = "~/Mail"
senders = "scholar.example.org"

[[source]]
name = "old box"
kind = "mbox"
path = "/var/mail/ada"
every = 0

[[source]]
name = "Alerts!"
kind = "imap"
host = "imap.example.org"
user = "ada"
mailbox = "Alerts"
senders = ["a@example.org", "b@example.org"]
"""


def test_every_kind(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    (tmp_path / "key.txt").write_text("secret key\n")

    found = sources(
        write(WHOLE), DIGESTBOT_SOURCE_ALERTS_PASSWORD="open sesame", DIGESTBOT_SOURCE_SCHOLAR_KEY="other key"
    )

    mb, hour = 1024**2, 3600.0
    assert found == (
        Source("inbox", "folder", path=f"{tmp_path}/in", pattern="*.xml", expect="never", every=0),
        Source("elsewhere", "glob", pattern="/srv/digests/*.json", expect="weekly", every=0),
        Source(
            "a journal",
            "feed",
            url="https://journal.example.org/feed.xml?a=b",
            every=1800,
            max_bytes=2 * mb,
            timeout=20,
            delay=0.5,
            allow_private=True,
            dialect="feed",
        ),
        Source("arXiv", "arxiv", categories=("cs.LG", "astro-ph.GA", "math"), expect="arxiv", every=3 * hour),
        Source("pruning", "arxiv-query", query="ti:pruning", days=14, every=12 * hour),
        Source("hub", "hugging-face", days=3, expect="weekdays", every=3 * hour),
        Source("works", "openalex", filter="type:article", secret="secret key", every=12 * hour),
        Source("registered", "crossref", query="sparse", every=12 * hour),
        Source("scholar", "semantic-scholar", query="sparse", secret="other key", every=12 * hour),
        Source(
            "brains",
            "biorxiv",
            server="biorxiv",
            categories=("systems_biology",),
            expect="weekdays",
            every=12 * hour,
        ),
        Source("box", "maildir", path="/home/ada/Mail", senders=("scholar.example.org",), every=0),
        Source("old box", "mbox", path="/var/mail/ada", every=0),
        Source(
            "Alerts!",
            "imap",
            host="imap.example.org",
            user="ada",
            mailbox="Alerts",
            senders=("a@example.org", "b@example.org"),
            secret="open sesame",
            days=30,
            every=600,
        ),
    )
    assert {source.kind for source in found} == set(KINDS) == set(kinds.KINDS)
    assert "sesame" not in repr(found)
    assert "secret key" not in repr(found)


def test_no_source(write: Write) -> None:
    assert sources(write("")) == ()
    assert sources(write("source = []")) == ()


FAULTY = """[digestbot]
ledger = "x.db"

[[source]]
kind = "arxiv"
categories = ["cs.LG", "no such thing!"]

[[source]]
name = "a"
kind = "fead"
url = "https://example.org/"

[[source]]
name = "b"
kind = "feed"
 url = "ftp://example.org/"
every = "often"
querry = "x"
categories = ["cs.LG"]

[[source]]
name = "c"
kind = "openalex"

[[source]]
name = "c"
kind = "imap"
host = "imap.example.org"
user = "ada"

[[source]]
name = "d"
kind = "imap"
host = "https://imap.example.org"
user = "ada"
password = "hidden"
"""


FEED_KEYS = "there is name, kind, expect, every, max_bytes, dialect, allow_private, timeout, delay, url"
PASSWORD = "does not belong here, where others read it: write it into a file and name that as password_file"


def test_all_faults_at_once(write: Write) -> None:
    path = write(FAULTY)

    error = fault(path, DIGESTBOT_SOURCE_C_PASSWORD_="x", DIGESTBOT_SOURCE_D_KEY="x")

    assert str(error).replace(f"{path}:", "").splitlines() == [
        "4:1: source.name is missing",
        "6:1: source.categories 'no such thing!' is no category of arXiv; one looks like cs.LG",
        "10:1: source.kind 'fead' is not known here; did you mean feed?",
        "16:2: source.url 'ftp://example.org/' is no address; one looks like https://example.org/feed.xml",
        '17:1: source.every is to be a time such as "30m", "6h" or "1d", or 0 for each round',
        f"18:1: source.querry is unknown to the kind feed; {FEED_KEYS}",
        f"19:1: source.categories is unknown to the kind feed; {FEED_KEYS}",
        "21:1: source.query is missing, and filter too; openalex holds too much to take all of it",
        "25:1: source.password_file is missing: the file with the password, or set DIGESTBOT_SOURCE_C_PASSWORD",
        "34:1: source.host 'https://imap.example.org' is no name of a server; one looks like imap.example.org",
        f"36:1: source.password {PASSWORD}",
        " the variable DIGESTBOT_SOURCE_C_PASSWORD_ is unknown; did you mean DIGESTBOT_SOURCE_C_PASSWORD?",
    ]
    assert (error.line, error.column) == (4, 1)
    assert "hidden" not in str(error)


def test_a_name_belongs_to_one_source(write: Write) -> None:
    table = '[[source]]\nname = "{}"\nkind = "hugging-face"\n'

    error = fault(write(table.format("Hub") + table.format("hub")))

    assert (error.line, error.message) == (
        5,
        "source.name 'hub' is the name of another source already; choose a name of its own",
    )


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("[source]\nname = 'a'", 1, "write [[source]], with two brackets, for each source"),
        ("source = 3", 1, "write [[source]], with two brackets, for each source"),
        ("source = [1]", 1, "write [[source]], with two brackets, for each source"),
        ("\n[[sources]]\nname = 'a'", 2, "there are no tables [[sources]]; did you mean source?"),
        ("[[digestbot]]\nledger = 'a'", 1, "there are no tables [[digestbot]]; there is source"),
    ],
)
def test_tables_of_the_wrong_form(content: str, line: int, said: str, write: Write) -> None:
    error = fault(write(content))

    assert (error.line, error.message) == (line, said)


GOOD: dict[str, dict[str, str]] = {
    "folder": {"path": '"in"'},
    "glob": {"pattern": '"in/*"'},
    "feed": {"url": '"https://example.org/"'},
    "arxiv": {"categories": '["cs.LG"]'},
    "biorxiv": {},
    "imap": {"host": '"imap.example.org"', "user": '"ada"', "password_file": '"secret"'},
    "openalex": {"query": '"x"'},
}


@pytest.mark.parametrize(
    ("kind", "key", "value", "said"),
    [
        ("feed", "name", '""', "is empty"),
        ("feed", "name", f'"{"x" * 81}"', "is longer than 80 characters"),
        ("feed", "name", "3", "is to be text in quotes, not a number"),
        ("feed", "kind", '"??"', "'??' is not known here; there is folder, glob, feed"),
        ("feed", "url", '"https://a:b@example.org/"', "holds a log-in, which others could read"),
        ("feed", "url", '"https://exa mple.org/"', "'https://exa mple.org/' is no address"),
        ("feed", "url", '"https://"', "'https://' is no address"),
        ("feed", "url", '"http://[::1"', "'http://[::1' is no address"),
        ("feed", "expect", '"dayly"', "'dayly' is not known here; did you mean daily?"),
        ("feed", "every", "true", "is to be a time"),
        ("feed", "every", "5", "is to be a time"),
        ("feed", "every", '"5 w"', "is to be a time"),
        ("feed", "every", '"32d"', 'is at most "31d"'),
        ("feed", "allow_private", '"yes"', "is to be true or false, not text"),
        ("feed", "max_bytes", '"1 TB"', 'is to be a size such as "32 MB"'),
        ("feed", "max_bytes", "0", 'is to be a size such as "32 MB"'),
        ("feed", "max_bytes", '"300 MB"', 'is to be a size such as "32 MB"'),
        ("feed", "max_bytes", "true", 'is to be a size such as "32 MB"'),
        ("feed", "timeout", "0", "is to be seconds, from 1 to 600"),
        ("feed", "delay", "-1", "is to be seconds, from 0 to 60"),
        ("feed", "delay", "nan", "is to be seconds, from 0 to 60"),
        ("feed", "dialect", '" "', "is empty"),
        ("folder", "pattern", '"../*"', "is to stay in the folder"),
        ("folder", "pattern", '"/etc/*"', "is to stay in the folder"),
        ("folder", "path", '""', "is empty; name a path"),
        ("arxiv", "categories", "[]", "is empty"),
        ("arxiv", "categories", "3", "is to be a list of texts, not a number"),
        ("arxiv", "categories", '["cs.é"]', "'cs.é' is no category of arXiv"),
        ("biorxiv", "server", '"chemrxiv"', "'chemrxiv' is not known here; did you mean"),
        ("biorxiv", "days", "0", "is to be a whole number of days from 1 to 366"),
        ("biorxiv", "days", "1.5", "is to be a whole number of days from 1 to 366"),
        ("imap", "port", "0", "is to be a whole number from 1 to 65535"),
        ("imap", "senders", '["Gödel"]', "is to be parts of addresses, in ASCII"),
        ("imap", "password_file", '"none"', "names "),
        ("openalex", "key_file", '"bad"', "names "),
        ("openalex", "key_file", '"foreign"', "gives a key with characters that no request can carry"),
    ],
)
def test_a_value_of_the_wrong_kind(kind: str, key: str, value: str, said: str, write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "bad").write_bytes(b"\xff")
    (tmp_path / "foreign").write_text("schlüssel", encoding="utf-8")
    table = {"name": '"x"', "kind": f'"{kind}"', **GOOD[kind], key: value}
    lines = "\n".join(f"{name} = {text}" for name, text in table.items())

    error = fault(write(f"[[source]]\n{lines}\n"))

    assert error.message.startswith(f"source.{key} {said}"), error.message
    assert (error.line, error.column) == (list(table).index(key) + 2, 1)


def test_sizes_and_times(write: Write) -> None:
    table = '[[source]]\nname = "{0}"\nkind = "hugging-face"\nevery = {1}\nmax_bytes = {2}\n'
    cases = [('"0"', "1000"), ('"90s"', '"5KB"'), ('"31d"', '"7m"'.upper()), ("0", '"1 k"')]

    found = sources(write("".join(table.format(f"n{n}", *case) for n, case in enumerate(cases))))

    assert [(item.every, item.max_bytes) for item in found] == [
        (0, 1000),
        (90, 5120),
        (31 * 86_400, 7 * 1024**2),
        (0, 1024),
    ]


@given(
    st.dictionaries(
        st.sampled_from(["name", "kind", "url", "path", "query", "every", "days", "senders", "password_file", "x"]),
        st.sampled_from(['"imap"', '"feed"', '"a"', "3", "true", "[]", '["a"]', "1979-05-27", "{}", '"1h"']),
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_a_source_or_one_error(write: Write, table: dict[str, str]) -> None:
    path = write("[[source]]\n" + "\n".join(f"{key} = {value}" for key, value in table.items()))

    try:
        assert len(load(path, {}).sources) == 1
    except ConfigError as error:
        assert error.line  # noqa: PT017


# The documentation


def rows(part: str) -> list[list[str]]:
    """Return the rows of the table below a heading."""
    text = PAGE.partition(f"{part}\n")[2].partition("\n#")[0]
    return [re.split(r"(?<!\\) \| ", line[2:-2]) for line in text.splitlines() if line.startswith("| `")]


def test_the_page_has_every_kind_and_its_keys() -> None:
    known = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[2])) for row in rows("## Kinds")}
    shared = {*keys_of("feed"), "port", "password"} - {"url"}

    assert set(known) == set(KINDS)
    for kind, told in known.items():
        must = {key for key, (_, default) in KINDS[kind].items() if default is MUST}  # type: ignore[index]
        own = set(keys_of(kind)) - shared  # type: ignore[arg-type]
        assert must <= told <= own, kind
        assert own - told <= {"days"}, kind


def test_the_page_has_every_key_and_expectation() -> None:
    keys = {row[0].strip("`") for row in rows("## Keys")}
    windows = {row[0].strip("`") for row in rows("### When something is due")}

    assert keys == {key for kind in KINDS for key in keys_of(kind)}
    assert windows - {"expect"} == set(get_args(Expect))


def test_the_example_of_the_page_works(write: Write, tmp_path: Path) -> None:
    example = PAGE.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "imap-password").write_text("x")

    loaded = load(write(example), {})

    assert loaded.contact == "you@example.org"
    assert [source.kind for source in loaded.sources] == ["arxiv", "hugging-face", "imap"]


def test_the_sample_file_works(write: Write) -> None:
    sample = (Path(__file__).parents[1] / "src" / "digestbot" / "config" / "sample.toml").read_text(encoding="utf-8")
    tables = sample.partition("docs/sources.md has all kinds.\n")[2].partition("\n\n")[0]

    found: list[Any] = [source.kind for source in sources(write(tables.replace("# ", "").replace("#", "")))]

    assert found == ["arxiv", "hugging-face", "feed"]
    kinds_of: tuple[SourceKind, ...] = tuple(found)
    assert set(kinds_of) <= set(KINDS)
