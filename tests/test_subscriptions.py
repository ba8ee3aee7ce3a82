"""Subscription files: what is good in them, every mistake at its spot, and any bytes at all."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.errors import SubscriptionError
from digestbot.models import Fault, Subscription
from digestbot.places import Lines, Places
from digestbot.subscriptions import Declared, load_folder

GOOD = """\
[[subscription]]
name = "sparse experts"
email = "you@example.org"
query = 'moe AND sparse'
"""

Write = Callable[..., Declared]


@pytest.fixture
def load(tmp_path: Path) -> Write:
    """Return a function that puts texts into files ``a.toml``, ``b.toml`` … and loads the folder."""

    def write(*texts: str | bytes) -> Declared:
        for name, text in zip("abcdef", texts, strict=False):
            (tmp_path / f"{name}.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_folder(tmp_path)

    return write


def told(declared: Declared) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.message) for fault in declared.faults]


def only(declared: Declared) -> Fault:
    (fault,) = declared.faults
    return fault


def table(**keys: str) -> str:
    """Return a good table with some of its keys set to other TOML values; an empty value leaves the key out."""
    values = {"name": '"x"', "email": '"you@example.org"', "query": '"moe"'} | keys
    return "[[subscription]]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if value)


def test_a_subscription_with_every_key(load: Write, tmp_path: Path) -> None:
    declared = load("""\
[[subscription]]
id = "moe"
name = "sparse experts"
channel = "folder"
path = "group/moe"
query = '("mixture of experts" OR =MoE) -title:survey'
schedule = "weekly mon 07:30"
timezone = "Europe/Berlin"
limit = 5
empty = "send"
sort = "upvotes"
updates = ["code", "version"]
note = "For the *Thursday* meeting."
""")
    assert declared == Declared(
        (
            Subscription(
                id="moe",
                name="sparse experts",
                query='("mixture of experts" OR =MoE) -title:survey',
                channel="folder",
                address="group/moe",
                schedule="weekly mon 07:30",
                timezone="Europe/Berlin",
                limit=5,
                empty="send",
                sort="upvotes",
                updates=("version", "code"),
                note="For the *Thursday* meeting.",
                origin=str(tmp_path / "a.toml"),
            ),
        ),
        {},
        (),
    )


def test_the_rest_has_defaults(load: Write) -> None:
    (item,) = load(GOOD).subscriptions
    assert (item.channel, item.address, item.schedule, item.timezone) == ("email", "you@example.org", "daily", "UTC")
    assert (item.limit, item.empty, item.sort, item.note) == (20, "skip", "relevance", "")


def test_an_id_stays_while_channel_address_and_name_do(load: Write) -> None:
    (first,) = load(GOOD).subscriptions
    (second,) = load(GOOD.replace("moe AND sparse", "sparse") + 'limit = 3\nschedule = "hourly"\n').subscriptions
    (third,) = load(GOOD.replace("you@", "me@")).subscriptions
    assert first.id == second.id == "sparse-experts-d67d11"
    assert third.id.startswith("sparse-experts-")
    assert third.id != first.id


@pytest.mark.parametrize(
    ("name", "start"), [("Größe & Zahl", "groe-zahl-"), ("稀疏", "subscription-"), ("x" * 99, "x" * 50)]
)
def test_ids_are_plain(name: str, start: str, load: Write) -> None:
    (item,) = load(table(name=f'"{name}"')).subscriptions
    assert item.id.startswith(start)


def test_files_below_and_their_order(tmp_path: Path) -> None:
    for name in ("b.toml", "a/z.toml", "a/deep/x.toml", ".git/no.toml", "a/.no.toml", "no.txt", "a/no.toml.bak"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(table(name=f'"{name}"'))
    (tmp_path / "folder.toml").mkdir()
    declared = load_folder(tmp_path)
    assert [item.name for item in declared.subscriptions] == ["a/deep/x.toml", "a/z.toml", "b.toml"]
    assert not declared.faults


def test_no_folder_is_not_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(SubscriptionError, match="no such folder"):
        load_folder(tmp_path / "none")
    assert load_folder(tmp_path) == Declared((), {}, ())


def test_a_feed_and_a_folder_need_no_address(load: Write) -> None:
    declared = load(table(email="", channel='"feed"'), table(email="", channel='"folder"'))
    assert [(item.channel, item.address) for item in declared.subscriptions] == [("feed", ""), ("folder", "")]
    assert not declared.faults


def test_named_queries_of_all_files(load: Write) -> None:
    declared = load("[queries]\nmoe = '\"mixture of experts\" OR =MoE'\n", table(query='"@moe AND sparse"'))
    assert declared.macros == {"moe": '"mixture of experts" OR =MoE'}
    assert [item.query for item in declared.subscriptions] == ["@moe AND sparse"]
    assert not declared.faults


def test_a_query_that_only_excludes_needs_a_limit_as_mail(load: Write) -> None:
    declared = load(table(query='"-survey"', limit="5"), table(email="", channel='"feed"', query='"-survey"'))
    assert len(declared.subscriptions) == 2


# ---- mistakes -----------------------------------------------------------------------------------------------


def test_all_mistakes_of_all_files_at_once_and_the_good_ones_load(load: Write, tmp_path: Path) -> None:
    declared = load(
        '[[subscription]]\nname = "x"\nemial = "you@example.org"\nlimit = "many"\n\n' + GOOD,
        "[[subscription]\n",
        b"name = \xff\n",
        GOOD.replace("you@", "me@"),
    )
    assert [(Path(fault.path).name, fault.line, fault.column) for fault in declared.faults] == [
        ("a.toml", 1, 1),
        ("a.toml", 1, 1),
        ("a.toml", 3, 1),
        ("a.toml", 4, 9),
        ("b.toml", 1, 15),
        ("c.toml", 1, 8),
    ]
    assert len(declared.subscriptions) == 2
    assert declared.faulty == {str(tmp_path / name) for name in ("a.toml", "b.toml", "c.toml")}


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (table(shedule='"daily"'), 5, 1, "there is no key 'shedule'; did you mean schedule?"),
        (table(xyzzy="1"), 5, 1, "there is no key 'xyzzy'; write one of name, email"),
        (table(name=""), 1, 1, "this subscription has no name"),
        (table(query=""), 1, 1, "this subscription has no query"),
        (table(email=""), 1, 1, "this subscription goes nowhere; add email"),
        (table(email="", channel='"email"'), 1, 1, "this subscription has no email"),
        (table(name='" "'), 2, 8, "name is empty"),
        (table(name='"a\\nb"'), 2, 10, "name holds a control character"),
        (table(name=f'"{"x" * 201}"'), 2, 8, "name is longer than 200 characters"),
        (table(name="1"), 2, 8, "name is to be text in quotes, not a number"),
        (table(name="2024-05-01"), 2, 8, "name is to be text in quotes, not a date or a time"),
        (table(query="true"), 4, 9, "query is to be text in quotes, not true or false"),
        (table(email='"nobody"'), 3, 9, "'nobody' has no @; an address looks like you@example.org"),
        (table(email='"a@b.org\\r\\nBcc: c@d.org"'), 3, 17, "email holds a control character"),
        (table(email="", channel='"email"', address='"x"'), 5, 11, "'x' has no @"),
        (table(email="", channel='"emial"'), 4, 11, "'emial' is not known here; did you mean email?"),
        (table(channel='"emial"'), 5, 11, "'emial' is not known here; did you mean email?"),
        (table(channel='"feed"'), 3, 1, "the channel feed has no email; it takes path"),
        (table(channel='"email"', path='"x"'), 6, 1, "the channel email has no path; it takes email"),
        (table(address='"me@example.org"'), 5, 1, "email says already where this goes"),
        (table(email="", channel='"feed"', path='"../x"'), 5, 8, "is no path below the output folder"),
        (table(email="", channel='"feed"', path='"/etc"'), 5, 8, "is no path below the output folder"),
        (table(email="", channel='"folder"', address='"a/../.."'), 5, 11, "is no path below the output folder"),
        (table(schedule='"dayly"'), 5, 12, "'dayly' is no schedule; did you mean 'daily'?"),
        (table(timezone='"Europe/Berln"'), 5, 12, "'Europe/Berln' is no time zone; did you mean Europe/Berlin?"),
        (table(timezone='"../etc/passwd"'), 5, 12, "is no time zone; write one such as"),
        (table(timezone='"Europe"'), 5, 12, "is no time zone"),
        (table(query='"-survey"'), 4, 9, "set a limit to get that as mail"),
        (table(limit="0"), 5, 9, "limit goes from 1 to 1000"),
        (table(limit="true"), 5, 9, "limit is to be a whole number, not true or false"),
        (table(limit="2.5"), 5, 9, "limit is to be a whole number, not a number"),
        (table(limit='"5"'), 5, 9, "limit is to be a whole number, not text"),
        (table(empty='"sent"'), 5, 9, "'sent' is not known here; did you mean send?"),
        (table(sort='"stars"'), 5, 8, "'stars' is not known here; write one of relevance, date, upvotes"),
        (table(id='"Größe"'), 5, 6, "'Größe' cannot be an id"),
        (table(note='"""\na\\u0007"""'), 6, 2, "note holds a control character"),
        (table(note="[]"), 5, 8, "note is to be text in quotes, not a list"),
        ("[subscription]\nname = 'x'\n", 1, 1, "write [[subscription]], with two brackets"),
        ("subscription = 1\n", 1, 1, "write [[subscription]], with two brackets"),
        ("[[subscriptions]]\n", 1, 1, "'subscriptions' cannot stand here; did you mean subscription?"),
        ("\nname = 'x'\n", 2, 1, "'name' cannot stand here; put it under [[subscription]]"),
        ("queries = 1\n", 1, 1, "named queries are a table; write [queries] above them"),
        ("[queries]\nmoe = 1\n", 2, 7, "a named query is to be text in quotes"),
        ('[queries]\n"m o e" = "x"\n', 2, 1, "'m o e' cannot be a name"),
        ("a = \n", 1, 5, "this is not TOML: Invalid value"),
        ("a = 'x", 1, 7, "this is not TOML"),
        ("a = 1\na = 2\n", 2, 6, "this is not TOML: Cannot overwrite a value"),
        ("a = 1 # \x07\n", 1, 9, "this is not TOML"),
        ("a." * 16 + "a = 1\n", 1, 1, "this key has too many parts"),
        ("a = " + "[" * 5000, 1, 1, "is nested too deeply"),
        ("a = " + "9" * 5000 + "\n", 1, 5005, "this is not TOML"),
        ("# " + "x" * (1 << 20), 1, 1, "is larger than 1 MiB"),
    ],
)
def test_each_mistake_has_its_spot(text: str, line: int, column: int, message: str, load: Write) -> None:
    fault = only(load(text))
    assert (fault.line, fault.column) == (line, column), fault
    assert message in fault.message
    assert len(fault.message) < 300


@pytest.mark.parametrize(
    ("value", "line", "column"),
    [
        ("'a AND (b'", 4, 16),
        ('"a AND (b"', 4, 16),
        ('"\\u0061 AND (b"', 4, 21),
        ('"\\"a\\" AND (b"', 4, 20),
        ("'''\na AND\n  (b'''", 6, 3),
        ('"""\na AND \\\n   (b"""', 6, 4),
        ('"""a AND (b"""', 4, 18),
        ('"""\n""a"" AND (b"""', 5, 11),
        ("'''a AND (b'''  # and so on", 4, 18),
    ],
)
def test_a_mistake_in_a_query_is_shown_at_its_character(value: str, line: int, column: int, load: Write) -> None:
    fault = only(load(table(query=value)))
    assert (fault.line, fault.column) == (line, column), fault
    shown, caret = fault.excerpt.split("\n")
    assert shown[caret.index("^")] == "("


def test_a_mistake_in_a_named_query(load: Write) -> None:
    declared = load("[queries]\nmoe = 'a AND (b'\ngood = 'x'\n", table(query='"@moe"'))
    assert [(Path(fault.path).name, fault.line, fault.column) for fault in declared.faults] == [
        ("a.toml", 2, 14),
        ("b.toml", 4, 10),
    ]
    assert declared.macros == {"good": "x"}
    assert not declared.subscriptions


def test_a_name_that_no_query_has(load: Write) -> None:
    fault = only(load(table(query='"sparse AND @moe"')))
    assert (fault.line, fault.column) == (4, 21)


def test_queries_that_name_each_other_in_a_circle(load: Write) -> None:
    declared = load("[queries]\na = '@b'\nb = '@a'\n")
    assert {fault.line for fault in declared.faults} == {2, 3}
    assert not declared.macros


def test_the_same_name_twice(load: Write, tmp_path: Path) -> None:
    fault = only(load("\n\n[queries]\nmoe = 'a'\n", "[queries]\nmoe = 'b'\n"))
    assert fault.message == f"@moe is declared already, in {tmp_path / 'a.toml'}:4"


def test_the_same_subscription_twice(load: Write, tmp_path: Path) -> None:
    declared = load(GOOD, "\n" + GOOD, table(id='"one"') + table(id='"one"'))
    assert len(declared.subscriptions) == 2
    first, second = declared.faults
    assert first.message == f"this is declared already, as sparse-experts-d67d11 in {tmp_path / 'a.toml'}:1"
    assert (first.line, first.column) == (3, 8)
    assert second.message == f"this is declared already, as one in {tmp_path / 'c.toml'}:1"
    assert (second.line, second.column) == (10, 6)


@pytest.mark.parametrize("text", ["subscription = [{name = 'x', query = 'y', email = 'z'}, 1]\n", "a.b = 1\n"])
def test_spots_in_unusual_forms_are_near(text: str, load: Write) -> None:
    assert {fault.line for fault in load(text).faults} == {1}


def test_a_byte_order_mark_and_foreign_line_ends(load: Write) -> None:
    declared = load(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(), table(limit="0").replace("\n", "\r\n"))
    assert len(declared.subscriptions) == 1
    assert (only(declared).line, only(declared).column) == (5, 9)


def test_an_excerpt_is_short_and_shows_the_spot(load: Write) -> None:
    fault = only(load(table(query="'" + "x AND " * 100 + "(b" + " OR y" * 100 + "'")))
    shown, caret = fault.excerpt.split("\n")
    assert len(shown) == 100
    assert shown[caret.index("^")] == "("


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    fault = only(load_folder(tmp_path))
    assert fault.message == "cannot be read: No such file or directory"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert only(load_folder(tmp_path)).message == "cannot be read: it is no regular file"


# ---- any bytes ------------------------------------------------------------------------------------------------

KEYS = ["name", "email", "query", "limit", "note", "[queries]", "[[subscription]]", "[subscription]", "[x.y]", "id"]
VALUES = [
    "'a'",
    '"b\\t"',
    '"""\nc"""',
    "1",
    "[1,\n 2]",
    "{a = 1}",
    "'''d'e'''",
    "2024-01-01",
    '"(\\u0061"',
    '""""x""""',
]
lines = st.builds(
    "{} = {}{}\n".format, st.sampled_from(KEYS), st.sampled_from(VALUES), st.sampled_from(["", " # '", "\r"])
)
heads = st.sampled_from(["[[subscription]]\n", "[queries]\n", "[subscription.a]\n", "[\"x\".'y']\n", "\n", "# [a]\n"])


@given(st.binary() | st.text().map(str.encode) | st.lists(lines | heads).map(lambda rows: "".join(rows).encode()))
@example(b"\xff\xfe[\x00")
@example(b"a = '''\n")
@example(b'a = "' + b"\\" * 1000)
def test_any_bytes_are_faults_or_subscriptions(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("folder") / "a.toml"
    path.write_bytes(data)
    declared = load_folder(path.parent)
    rows = data.decode("utf-8", "replace").split("\n")
    for fault in declared.faults:
        assert 1 <= fault.line <= len(rows)
        assert 1 <= fault.column <= len(rows[fault.line - 1]) + 2
        assert fault.message


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30), st.data())
def test_every_character_of_a_value_is_found(value: str, data: st.DataObject) -> None:
    """Written with escapes or without, on one line or several, each character's place holds it or its escape."""
    source = "".join(data.draw(st.sampled_from(_spellings(sign))) for sign in value)
    text = f'# head\nkey = """\n{source}"""  # tail\nnext = 1\n'
    places = Places(text)
    for index, sign in enumerate(value):
        assert text[places.value(("key",), index) :].startswith(tuple(_spellings(sign)))
    assert places.value(("key",), len(value)) == text.index('"""  # tail')
    assert places.key(("next",)) == text.index("next")


def _spellings(sign: str) -> list[str]:
    escaped = [f"\\U{ord(sign):08x}"]
    plain = sign.isprintable() and sign not in '"\\'
    return escaped + ([sign] if plain else []) + (["\\" + sign] if sign in '"\\' else [])


@given(st.text(), st.integers(min_value=0))
def test_a_spot_and_its_offset_are_one(text: str, at: int) -> None:
    lines_of_text, offset = Lines(text), at % (len(text) + 1)
    assert lines_of_text.offset(*lines_of_text.spot(offset)) == offset
    caret = lines_of_text.excerpt(offset).rpartition("\n")[2]
    assert caret.endswith("^")
    assert len(caret) <= 101


def test_places_of_what_the_standard_parser_would_not_take() -> None:
    places = Places("! lost\nx = 1 # one\n[a]\n[[b]]")
    assert places.key(("x",)) == 7
    assert places.value(("x",), 5) == 11
    assert places.key(("a", "unknown")) == 19
    assert places.key(("b", 0)) == 23
    assert places.key(("nowhere",)) == places.value(("nowhere",)) == 0
    assert Places("x = ''' never closed").value(("x",), 99) == 5


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ("venue", "code")),
        ('"none"', ()),
        ("[]", ()),
        ('["none"]', ()),
        ('"all"', ("version", "venue", "code")),
        ('"code"', ("code",)),
        ("""["code", 'venue', "code"]""", ("venue", "code")),
    ],
)
def test_the_updates_that_are_wanted(load: Write, value: str, expected: tuple[str, ...]) -> None:
    (item,) = load(table(updates=value)).subscriptions

    assert item.updates == expected


@pytest.mark.parametrize(
    ("value", "column", "message"),
    [
        ('"venues"', 11, "'venues' is not known here; did you mean venue?"),
        ('["code", "versions"]', 20, "'versions' is not known here; did you mean version?"),
        ('["code", "none"]', 20, "'none' stands alone; leave it out, or the others"),
        ("true", 11, "updates is to be a word or a list of words: none, version, venue, code, all"),
        ('["code", 1]', 11, "updates is to be a word or a list of words: none, version, venue, code, all"),
        ("[[]]", 11, "updates is to be a word or a list of words: none, version, venue, code, all"),
    ],
)
def test_updates_that_cannot_be_wanted(load: Write, value: str, column: int, message: str) -> None:
    assert told(load(table(updates=value))) == [(5, column, message)]


def test_each_wrong_word_of_a_list_is_told_where_it_stands(load: Write) -> None:
    faults = told(load(table(updates='[\n  "codes", # code\n  "venue",\n  "x",\n]')))

    assert [(line, column) for line, column, _ in faults] == [(6, 3), (8, 3)]
