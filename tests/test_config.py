import os
import re
import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digestbot.config import KEYS, Links, Secret, Settings, Smtp, load, variable
from digestbot.errors import ConfigError

Write = Callable[[str | bytes], Path]
WHOLE = """
[digestbot]
ledger = "var/ledger.db"
digests = ["in/*.txt", "/srv/digests/*"]
subscriptions = "subs"
templates = "mine"
domain = "Digests.Example.org"
base_url = "https://digests.example.org/"
contact = "Ada <ada@example.org>"

[smtp]
host = "mail.example.org"
port = 2525
security = "starttls"
user = "me"
password_file = "secret.txt"
sender = "Digests <me@example.org>"
timeout = 30

[feed]
path = "feeds"

[folder]
path = "editions"
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "digestbot.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def fault(path: Path | None, **environ: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    return caught.value


def test_whole_file(write: Write, tmp_path: Path) -> None:
    path = write(WHOLE)
    (tmp_path / "secret.txt").write_text("open sesame\n")

    smtp = Smtp("mail.example.org", "Digests <me@example.org>", 2525, "starttls", "me", Secret("open sesame"), 30.0)
    expected = Settings(
        theme="full",
        ledger=f"sqlite:///{tmp_path}/var/ledger.db",
        digests=(str(tmp_path / "in/*.txt"), "/srv/digests/*"),
        subscriptions=tmp_path / "subs",
        templates=(tmp_path / "mine",),
        domain="digests.example.org",
        base_url="https://digests.example.org",
        contact="ada@example.org",
        feeds=tmp_path / "feeds",
        folder=tmp_path / "editions",
        smtp=smtp,
        path=path,
    )
    assert load(path, {}) == expected


def test_nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    found = load(None, {})

    assert (found.ledger, found.digests) == (f"sqlite:///{tmp_path}/digestbot.db", (str(tmp_path / "digests/*"),))
    assert (found.domain, found.base_url, found.templates, found.smtp, found.path) == ("", "", (), None, None)


VARIABLES: dict[str, tuple[str, Any]] = {
    "DIGESTBOT_LEDGER": ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
    "DIGESTBOT_DIGESTS": (os.pathsep.join(["a/*", "/b/*"]), (str(Path.cwd() / "a/*"), "/b/*")),
    "DIGESTBOT_SUBSCRIPTIONS": ("subs", Path.cwd() / "subs"),
    "DIGESTBOT_TEMPLATES": ("/one", (Path("/one"),)),
    "DIGESTBOT_THEME": ("compact", "compact"),
    "DIGESTBOT_DOMAIN": ("bücher.example.org", "xn--bcher-kva.example.org"),
    "DIGESTBOT_BASE_URL": ("http://localhost:8000", "http://localhost:8000"),
    "DIGESTBOT_CONTACT": ("ada@example.org", "ada@example.org"),
    "DIGESTBOT_SMTP_HOST": ("relay.example.org", "relay.example.org"),
    "DIGESTBOT_SMTP_PORT": ("26", 26),
    "DIGESTBOT_SMTP_SECURITY": ("TLS", "tls"),
    "DIGESTBOT_SMTP_USER": ("you", "you"),
    "DIGESTBOT_SMTP_PASSWORD": ("geheim", Secret("geheim")),
    "DIGESTBOT_SMTP_SENDER": ("you@example.org", "you@example.org"),
    "DIGESTBOT_SMTP_TIMEOUT": ("1.5", 1.5),
    "DIGESTBOT_SMTP_PROTOCOL": ("lmtp", "lmtp"),
    "DIGESTBOT_SMTP_COMMAND": ("/usr/sbin/sendmail -oi", ("/usr/sbin/sendmail", "-oi")),
    "DIGESTBOT_SMTP_RETURN_PATH": ("bounces@example.org", "bounces@example.org"),
    "DIGESTBOT_DKIM_DOMAIN": ("Example.org", "example.org"),
    "DIGESTBOT_DKIM_KEYS": ("a=/a.pem, b=/b.pem", (("a", Path("/a.pem")), ("b", Path("/b.pem")))),
    "DIGESTBOT_BOUNCES_SOFT": ("3", 3),
    "DIGESTBOT_BOUNCES_DAYS": ("14", 14),
    "DIGESTBOT_DURABLE": ("False", False),
    "DIGESTBOT_PROCESSES": ("4", 4),
    "DIGESTBOT_SMTP_CONNECTIONS": ("9", 9),
    "DIGESTBOT_SMTP_RATE": ("0.5", 0.5),
    "DIGESTBOT_SMTP_PER_HOUR": ("100", 100),
    "DIGESTBOT_SMTP_PER_DAY": ("1000", 1000),
    "DIGESTBOT_SMTP_DOUBT": ("hold", "hold"),
    "DIGESTBOT_FEED_PATH": ("/f", Path("/f")),
    "DIGESTBOT_FOLDER_PATH": ("/g", Path("/g")),
    "DIGESTBOT_WEBHOOK_ALLOW_PRIVATE": ("true", True),
}
FIELDS = {
    "DIGESTBOT_FEED_PATH": "feeds",
    "DIGESTBOT_FOLDER_PATH": "folder",
    "DIGESTBOT_WEBHOOK_ALLOW_PRIVATE": "webhook_private",
}


@pytest.mark.parametrize("name", VARIABLES)
def test_every_key_has_a_variable(name: str, write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("from the file")
    text, expected = VARIABLES[name]

    found = load(write(WHOLE), {name: text, "PATH": "/bin"})

    section, _, key = name.removeprefix("DIGESTBOT_").lower().partition("_")
    if section in {"smtp", "dkim", "bounces"}:
        assert getattr(getattr(found, section), key) == expected
    else:
        assert getattr(found, FIELDS.get(name, name.removeprefix("DIGESTBOT_").lower())) == expected


def test_no_key_without_a_test_of_its_variable() -> None:
    others = {"DIGESTBOT_SMTP_PASSWORD_FILE", "DIGESTBOT_BOUNCES_SOURCE"}  # which have tests of their own
    keys = [key for key in KEYS if key[0] != "links"]

    assert {variable(*key) for key in keys} == {*VARIABLES, *others}


BACK = (
    '[[source]]\nname = "back"\nkind = "maildir"\npath = "back"\n[[source]]\nname = "in"\nkind = "mbox"\npath = "in"\n'
)


def test_the_mailbox_of_bounces_is_no_source_of_digests(write: Write) -> None:
    found = load(write(f'{BACK}[bounces]\nsource = "back"'), {})

    assert found.bounces.source is not None
    assert found.bounces.source.name == "back"
    assert [source.name for source in found.sources] == ["in"]
    assert [source.name for source in load(write(BACK), {"DIGESTBOT_BOUNCES_SOURCE": "in"}).sources] == ["back"]


@pytest.mark.parametrize("name", ["no such", "feed"])
def test_bounces_come_to_a_mailbox(name: str, write: Write) -> None:
    feed = '[[source]]\nname = "feed"\nkind = "feed"\nurl = "https://example.org/a.xml"\n'

    error = fault(write(f'{feed}{BACK}[bounces]\nsource = "{name}"'))

    assert "is no [[source]] of the kind maildir or mbox or imap; there is back, in" in error.message


def test_a_program_needs_no_host_and_a_socket_no_encryption(write: Write) -> None:
    program = load(write('[smtp]\ncommand = ["/usr/sbin/sendmail"]\nsender = "a@example.org"'), {}).smtp
    socket = load(write('[smtp]\nhost = "/run/lmtp"\nprotocol = "lmtp"\nsender = "a@example.org"'), {}).smtp

    assert program is not None
    assert (program.command, program.host) == (("/usr/sbin/sendmail",), "")
    assert socket is not None
    assert (socket.security, socket.port) == ("none", 24)


def test_links_are_not_visited_by_default(write: Write) -> None:
    found = load(write("[digestbot]"), {}).links

    assert (found.visit, found.requests, found.allow_private) == (False, 60, False)
    assert found == Links()
    assert next(host.url for host in found.hosts) == "https://api.github.com"


def test_links_from_the_file_and_from_variables(write: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("geheim\n")
    path = write(
        '[links]\nvisit = true\nrequests = 200\ngithub_token_file = "token"\ngitlab_url = "https://git.x.org/api/v4"\n'
    )

    found = load(path, {"DIGESTBOT_LINKS_ALLOW_PRIVATE": "true", "DIGESTBOT_LINKS_ZENODO_TOKEN": "auch geheim"}).links

    assert (found.visit, found.requests, found.allow_private) == (True, 200, True)
    assert [(host.url, host.token.reveal()) for host in found.hosts] == [
        ("https://api.github.com", "geheim"),
        ("https://git.x.org/api/v4", ""),
        ("https://huggingface.co", ""),
        ("https://zenodo.org/api", "auch geheim"),
    ]
    assert "geheim" not in repr(found)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('github_token = "x"', "does not belong here"),
        ('github_token_file = "lost"', "cannot be read"),
        ("requests = 5", "from 10 to 5000"),
        ("visit = 1", "true or false"),
        ("vist = true", "did you mean visit"),
        ('zenodo_url = "http://zenodo.example.org"\nzenodo_token_file = "token"', "clear text"),
        ('github_token_file = "odd"', "no request can carry"),
    ],
)
def test_what_links_cannot_be(line: str, message: str, write: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("geheim")
    (tmp_path / "odd").write_text("ge\nheim")

    assert message in str(fault(write(f"[links]\n{line}\n")))


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert [key for key in KEYS if f"| `{'.'.join(key)}` | `{variable(*key)}` |" not in page] == []


def test_password_file_by_variable(write: Write, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("two words\r\n")

    found = load(write(WHOLE), {"DIGESTBOT_SMTP_PASSWORD_FILE": str(tmp_path / "other")})

    assert found.smtp is not None
    assert found.smtp.password.reveal() == "two words"


def test_an_empty_variable_is_unset(write: Write) -> None:
    assert load(write('[digestbot]\ndomain = "example.org"'), {"DIGESTBOT_DOMAIN": ""}).domain == "example.org"


def test_a_home_folder(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")

    assert load(write('[digestbot]\nledger = "~/l.db"'), {}).ledger == "sqlite:////home/ada/l.db"
    assert load(write('[digestbot]\nledger = "~/why?.db"'), {}).ledger == "/home/ada/why?.db"


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587), ("none", 25)])
def test_the_port_follows_the_protection(security: str, port: int) -> None:
    environ = {"DIGESTBOT_SMTP_HOST": "h", "DIGESTBOT_SMTP_SENDER": "a@example.org"}

    found = load(None, environ | {"DIGESTBOT_SMTP_SECURITY": security})

    assert found.smtp == Smtp("h", "a@example.org", port, security)  # type: ignore[arg-type]


def test_mail_is_protected_unless_told_otherwise() -> None:
    found = load(None, {"DIGESTBOT_SMTP_HOST": "h", "DIGESTBOT_SMTP_SENDER": "a@example.org"})

    assert found.smtp is not None
    assert found.smtp.security == "tls"
    assert found.domain == "example.org"


def test_secrets_are_not_shown() -> None:
    environ = {
        "DIGESTBOT_LEDGER": "postgresql://me:hidden@db/x",
        "DIGESTBOT_SMTP_HOST": "h",
        "DIGESTBOT_SMTP_USER": "me",
        "DIGESTBOT_SMTP_PASSWORD": "hidden",
        "DIGESTBOT_SMTP_SENDER": "a@example.org",
    }

    found = load(None, environ)

    assert "hidden" not in f"{found!r} {found} {found.smtp}"
    assert found.smtp is not None
    assert (str(found.smtp.password), repr(Secret())) == ("Secret('***')", "Secret('')")
    assert found.smtp.password == Secret("hidden") != "hidden"
    assert hash(found) == hash(replace(found))


PASSWORD = (
    "does not belong here, where others read it: set DIGESTBOT_SMTP_PASSWORD, or write it into a file of its own and "
    "name that as password_file"
)
FAULTY = """ledgr = "x"
unheard_of = 1
[digestbot]
digets = ["a"]
domain = "two words"
"ledger" = 3
[smpt]
host = "h"
[smtp]
host = "mail.example.org"
  password = "hidden"
timeout = "long"
"""


def test_all_faults_at_once(write: Write) -> None:
    path = write(FAULTY)
    error = fault(path, DIGESTBOT_SMTP_PASWORD="hidden", DIGESTBOT_SMTP_PORT="many", DIGESTBOT_CONFIG="x")

    assert (error.path, error.line, error.column) == (str(path), 1, 1)
    assert str(error).replace(f"{path}:", "").splitlines() == [
        "1:1: ledgr stands outside of all sections; did you mean ledger under [digestbot]?",
        "2:1: unheard_of stands outside of all sections; each belongs under one such as [digestbot]",
        "4:1: digestbot.digets is unknown; did you mean digests?",
        "5:1: digestbot.domain 'two words' is no domain name",
        "6:1: digestbot.ledger is to be text in quotes, not a number",
        "7:2: the section [smpt] is unknown; did you mean smtp?",
        f"11:3: smtp.password {PASSWORD}",
        "12:1: smtp.timeout is to be a number",
        " the variable DIGESTBOT_SMTP_PASWORD is unknown; did you mean DIGESTBOT_SMTP_PASSWORD?",
        " DIGESTBOT_SMTP_PORT is to be a number",
        ' smtp.sender is missing: the address that mail comes from, "Digests <you@example.org>"',
    ]
    assert "hidden" not in str(error)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("smtp.port", "0", "is to be a whole number from 1 to 65535"),
        ("smtp.port", "25.5", "is to be a whole number from 1 to 65535"),
        ("smtp.port", "nan", "is to be a whole number from 1 to 65535"),
        ("smtp.port", "inf", "is to be a whole number from 1 to 65535"),
        ("smtp.port", "true", "is to be a number, not true or false"),
        ("smtp.port", "[25]", "is to be a number, not a list"),
        ("smtp.port", "1979-05-27", "is to be a number, not a date"),
        ("smtp.timeout", "0", "is to be seconds, from 1 to 600"),
        ("smtp.timeout", "nan", "is to be seconds, from 1 to 600"),
        ("smtp.timeout", "1" * 400, "is to be a number"),
        ("smtp.security", '"start"', "'start' is no protection; did you mean starttls?"),
        ("smtp.security", '"??"', "'??' is no protection; there is tls, starttls, none"),
        ("smtp.protocol", '"esmtp"', "'esmtp' is not known here; did you mean smtp?"),
        ("smtp.command", '"sendmail"', "is to begin with the whole path of a program"),
        ("smtp.command", "[]", "is to begin with the whole path of a program"),
        ("smtp.command", "3", "is to be a program with its options, not a number"),
        ("smtp.command", "'/bin/x \"'", "No closing quotation"),
        ("smtp.return_path", '"bounces"', "'bounces' has no @"),
        ("dkim.keys", '"key.pem"', "'key.pem' has no name; one looks like 2026a=dkim.pem"),
        ("dkim.keys", "3", "is to be a list of texts such as 2026a=dkim.pem, not a number"),
        ("bounces.soft", "0", "is to be a whole number from 1 to 1000"),
        ("smtp.sender", '"nobody"', "'nobody' has no @; an address looks like you@example.org"),
        ("digestbot.base_url", '"example.org"', "'example.org' is no address of a page"),
        ("digestbot.subscriptions", '""', "is empty; name a path"),
        ("digestbot.subscriptions", '"~nobody_here/x"', "names a home folder that is not known"),
        ("digestbot.digests", "{ a = 1 }", "is to be a path or a list of paths, not a table"),
        ("digestbot.digests", "[3]", "is to be text in quotes, not a number"),
        ("digestbot.ledger", '"a\\u0000b"', "holds a control character"),
    ],
)
def test_a_value_of_the_wrong_kind(key: str, value: str, said: str, write: Write) -> None:
    section, _, name = key.partition(".")

    error = fault(write(f"\n[{section}]\n # a note\n {name} = {value}\n"))

    assert error.message.startswith(f"{key} {said}")
    assert (error.line, error.column) == (4, 2)


def test_the_place_of_a_dotted_key(write: Write) -> None:
    error = fault(write("x = [\n1]\nsmtp.'port' = 0\n"))

    assert "3:1: smtp.port is to be" in str(error)


def test_a_section_written_in_one_line(write: Write) -> None:
    error = fault(write("smtp = { port = 0 }"))

    assert (error.line, error.message) == (None, "smtp.port is to be a whole number from 1 to 65535")


def test_what_does_not_go_together(write: Write, tmp_path: Path) -> None:
    path = write('[smtp]\nhost = "mail.example.org"\nsecurity = "none"\nsender = "a@example.org"')

    error = fault(path, DIGESTBOT_SMTP_PASSWORD="x")

    assert str(error) == (
        f"{path}: smtp.user is missing: there is a password, but for whom?\n"
        f'{path}: smtp.security = "none" would send the password in clear text; use "tls" or "starttls"'
    )


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file or directory"), (b"\xff", "it is not UTF-8")])
def test_a_password_file_that_cannot_be_read(content: bytes | None, reason: str, write: Write, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "secret.txt").write_bytes(content)

    assert fault(write(WHOLE)).message == f"smtp.password_file: {tmp_path / 'secret.txt'} cannot be read: {reason}"


@pytest.mark.parametrize(
    ("content", "line", "column", "said"),
    [
        ("[digestbot]\nledger = \n", 2, 10, "Invalid value"),
        ("[digestbot", 1, 11, "Expected ']'"),
        ("[digestbot]\nledger = 'a'\nledger = 'b'", 3, 13, "Cannot overwrite a value"),
        (b"[digestbot]\n# caf\xe9\n", 2, None, "is not UTF-8"),
        (b"#" * (1 << 20) + b"#", None, None, "is larger than 1 MiB"),
        ("[digestbot]\nledger = " + "[" * 100_000, None, None, "is nested too deeply"),
    ],
)
def test_a_file_that_is_no_toml(
    content: str | bytes, line: int | None, column: int | None, said: str, write: Write
) -> None:
    error = fault(write(content))

    assert error.message.startswith(said)
    assert (error.line, error.column) == (line, column)


def test_a_byte_order_mark_and_windows_line_ends(write: Write) -> None:
    path = write(b'\xef\xbb\xbf[digestbot]\r\ndomain = "example.org"\r\n[smtp]\r\nport = 0\r\n')

    assert (fault(path).line, fault(path).column) == (4, 1)


def test_no_file(tmp_path: Path) -> None:
    assert str(fault(tmp_path / "none.toml")).endswith("No such file or directory; digestbot init writes one")
    assert str(fault(tmp_path)).endswith("Is a directory; check the path")


def path_of_fault(path: Path | None, environ: dict[str, str]) -> str | None:
    try:
        load(path, environ)
    except ConfigError as error:
        return error.path
    return None


@given(st.binary(max_size=300) | st.text(st.sampled_from(string.printable + "é\0\x85\u2028"), max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_settings_or_one_error(write: Write, content: str | bytes) -> None:
    path = write(content)

    assert path_of_fault(path, {}) in {None, str(path)}


@given(st.dictionaries(st.sampled_from(sorted(variable(*key) for key in KEYS)), st.text(max_size=30)))
@example({"DIGESTBOT_SMTP_HOST": "\x01", "DIGESTBOT_SMTP_COMMAND": "sendmail"})
@example({"DIGESTBOT_SMTP_COMMAND": "sendmail"})
def test_any_variables_are_settings_or_one_error(environ: dict[str, str]) -> None:
    assert path_of_fault(None, environ) in {None, "settings"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("DIGESTBOT_DURABLE", "perhaps", "is to be true or false"),
        ("DIGESTBOT_SMTP_CONNECTIONS", "0", "a whole number from 1 to 50"),
        ("DIGESTBOT_SMTP_CONNECTIONS", "1.5", "a whole number from 1 to 50"),
        ("DIGESTBOT_SMTP_RATE", "-1", "or 0 for no limit"),
        ("DIGESTBOT_SMTP_RATE", "nan", "or 0 for no limit"),
        ("DIGESTBOT_SMTP_PER_HOUR", "0.5", "a whole number of mails"),
        ("DIGESTBOT_SMTP_PER_DAY", "inf", "a whole number of mails"),
        ("DIGESTBOT_SMTP_DOUBT", "resent", "did you mean resend?"),
    ],
)
def test_what_delivery_may_not_be_told(name: str, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        load(None, {name: text})
