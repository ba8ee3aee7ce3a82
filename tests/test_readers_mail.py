"""Mails: what carries them, what is in them, and that nothing in them is taken for a paper that is none."""

import contextlib
import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import MalformedDigestError, ReadError
from digestbot.models import Paper, PartialDate, Reading, Reject
from digestbot.readers import READERS, read, read_path
from digestbot.readers.alert_lines import is_furniture
from digestbot.readers.arxiv_records import Records
from digestbot.readers.mailboxes import body_mail, carrier_of, mails_of
from digestbot.readers.maildir import mail_paths, read_maildir
from digestbot.readers.mails import Mail, header_date, header_text, parse_mail
from digestbot.readers.protocol import NamedBytes, raw_of
from readings import facts, torn

CORPUS = Path(__file__).parent / "corpus"
INPUTS = Path(__file__).parents[1].parent / "shared" / "inputs"
DIALECTS = ("mail", "arxiv-mail", "scholar", "alert")
DIGESTS = [
    path
    for dialect in DIALECTS
    for path in sorted((CORPUS / dialect).glob("*"))
    if not path.name.endswith(".expected.json")
]
REAL = [path for form in ("*_email", "arxiv_abs", "scholar_*") for path in sorted(INPUTS.glob(f"{form}/*"))]
HEADERS = "From: Journal <alert@example.org>\nSubject: New articles\nDate: Wed, 5 Mar 2025 08:35:13 +0000\n"


def given_text(text: str, dialect: str | None = None) -> Reading:
    return read(io.BytesIO(text.encode()), "here", dialect)


def given_mail(html: str, headers: str = HEADERS) -> Reading:
    return given_text(f"{headers}Content-Type: text/html; charset=utf-8\n\n<html>{html}</html>")


def titles(reading: Reading) -> list[str]:
    return [paper.title for paper in reading.papers]


# --- the corpus ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_digest_of_the_corpus_reads_as_expected(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.with_name(f"{path.name}.expected.json")
    actual = facts(read_path(path))
    if request.config.getoption("--update-golden"):
        expected.write_text(actual, encoding="utf-8")

    assert expected.read_text(encoding="utf-8") == actual


@pytest.mark.parametrize("path", DIGESTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_digest_is_known_without_being_named(path: Path) -> None:
    head = path.read_bytes().lstrip()[: 64 * 1024]
    sure = sorted(((reader.sniff(head), reader.DIALECT) for reader in READERS), reverse=True)

    assert sure[0][1] == path.parent.name
    assert sure[0][0] - sure[1][0] >= 0.1 or sure[1][0] < 0.3


@given(path=st.sampled_from(DIGESTS + REAL), data=st.data())
def test_a_mail_torn_in_any_way_gives_papers_rejects_or_a_read_error(path: Path, data: st.DataObject) -> None:
    mail = data.draw(torn(path.read_bytes()))
    dialect = data.draw(st.sampled_from([None, None, *DIALECTS]))
    start = time.process_time()
    try:
        reading = read(io.BytesIO(mail), "here", dialect)
    except ReadError:
        return
    finally:
        assert time.process_time() - start < 10  # it takes a second on a busy machine; without bounds, minutes
    assert all(paper.title.strip() and paper.id for paper in reading.papers)


# --- what carries a mail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "carrier"),
    [
        (b"From: a\nSubject: b\n\nc", "mail"),
        (b"\n\r\nReceived: by x\r\n\tfor y\r\nDate: z\r\n\r\n", "mail"),
        (b"Date: a\nTitle: b\nAuthors: c\n", ""),
        (b"From ada@example.org Mon Mar  3 12:00:00 2025\nFrom: a\n\nb", "mbox"),
        (b"From here on, nothing is a mail\nbut text: as it is", ""),
        (b'[{"payload": {"headers": [], "body": {}}}]', "json"),
        (b'{"id": "1", "threadId": "2", "raw": "QQ"}', "json"),
        (b'[{"subject": "a", "body": "b", "date": "c"}]', "json"),
        (b'[{"title": "a", "abstract": "b", "date": "c"}]', ""),
        (b"<html><body>", ""),
        (b"", ""),
    ],
)
def test_what_carries_a_mail_is_known_by_its_beginning(head: bytes, carrier: str) -> None:
    assert carrier_of(head) == carrier


def test_an_mbox_parts_mails_and_gives_their_lines() -> None:
    mbox = b"From a\nFrom: x\n\none\n>From two\n\nFrom b\nFrom: y\n\nFrom three\nis no border\n"
    mails = [mail for mail in mails_of(NamedBytes(mbox, "here")) if isinstance(mail, Mail)]

    assert [(mail.line, mail.sender, mail.text.strip()) for mail in mails] == [
        (1, "x", "one\nFrom two"),
        (7, "y", "From three\nis no border"),
    ]


def test_the_parts_of_a_mail_each_have_their_own_charset() -> None:
    parts = [("utf-8", "naïve"), ("iso-8859-1", "Café"), ("koi8-r", "сад"), ("iso-2022-jp", "庭"), ("bogus", "Grün")]
    body = b"".join(
        f'--x\nContent-Type: text/plain; charset="{charset}"\n\n'.encode()
        + text.encode(charset if charset != "bogus" else "cp1252")
        + b"\n"
        for charset, text in parts
    )
    (mail,) = parse_mail(b'Subject: a\nContent-Type: multipart/mixed; boundary="x"\n\n' + body + b"--x--\n")

    assert mail.text.split() == [text for _, text in parts]


def test_utf_8_is_utf_8_whatever_the_header_says() -> None:
    (mail,) = parse_mail("Subject: a\nContent-Type: text/plain; charset=iso-8859-1\n\nGärten".encode())

    assert mail.text == "Gärten"


def test_quoted_printable_that_lost_its_header_is_decoded() -> None:
    mail = body_mail('<html><a href=3D"https://example.org/a=3Fb">Lo=\nng</a> =C3=A9</html>')

    assert mail.html == '<html><a href="https://example.org/a?b">Long</a> é</html>'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?b?R8OkcnRlbg==?= =?iso-8859-1?q?gr=FCn?=", "Gärtengrün"),
        ("plain\n folded", "plain folded"),
        ("=?bogus?q?x?=", "=?bogus?q?x?="),
        ("=?utf-8?q?=E9?=", "=?utf-8?q?=E9?="),
        ("caf\udce9", "café"),
        (None, ""),
    ],
)
def test_headers_are_decoded(value: str | None, text: str) -> None:
    assert header_text(value) == text


def test_the_date_is_the_senders_day() -> None:
    assert header_date("Tue, 4 Mar 2025 23:24:26 -0800 (PST)") == PartialDate(2025, 3, 4)
    assert header_date("soon") is None


def test_a_forwarded_mail_is_a_mail_of_its_own() -> None:
    mails = parse_mail((CORPUS / "mail" / "forwarded.eml").read_bytes())

    assert [(mail.subject, mail.cover) for mail in mails] == [("Fwd: gardens", True), ('"garden" - new results', False)]


@pytest.mark.parametrize(
    "mail",
    [
        "From: a\nSubject: b\n" + 'Content-Type: multipart/mixed; boundary="x"\n\n--x\n' * 500,
        "From: a\nSubject: b\n" + "Content-Type: message/rfc822\n\nFrom: a\n" * 5000,
    ],
    ids=["multiparts", "messages"],
)
def test_mails_within_mails_without_end_are_refused(mail: str) -> None:
    with pytest.raises(MalformedDigestError, match="holds no mail that could be read"):
        given_text(mail, "mail")


@pytest.mark.parametrize(
    "mail",
    [
        f"{HEADERS}X-Long: {'a; ' * 400_000}\n\nbody",
        f'{HEADERS}Content-Type: text/html; a="{";" * 400_000}\n\nbody',
        f"{HEADERS}X-Words: {'=?utf-8?q?a?= ' * 50_000}\n\nbody",
        f"{HEADERS}Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n{'A' * 1_000_003}",
    ],
    ids=["header", "parameter", "encoded words", "base64"],
)
def test_no_header_keeps_the_parser_busy(mail: str) -> None:
    start = time.process_time()
    with contextlib.suppress(ReadError):
        assert given_text(mail, "mail").verdict == "unreadable"
    assert time.process_time() - start < 10  # it takes a second on a busy machine; without bounds, minutes


def test_a_message_without_papers_is_told_of_and_keeps_nothing_back() -> None:
    reading = read_path(CORPUS / "mail" / "mixed.mbox")

    assert reading.rejects[0] == Reject(1, "a message without papers", "Lunch?")
    assert len(reading.papers) == 8
    assert reading.date == PartialDate(2025, 3, 6)
    assert reading.reason == "4 messages"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('{"payload": {"headers": [}', "is not valid JSON"),
        ('{"messages": [], "resultSizeEstimate": 0}', None),
        ('[{"subject": "a", "date": "b", "body": ""}]', "no mail with a body"),
        ('[{"subject": "a", "subject": "b", "date": "c", "body": "d"}, 7]', "no mail with a body"),
    ],
)
def test_the_json_of_a_mail_service_may_be_empty_or_broken(data: str, message: str | None) -> None:
    if message is None:
        assert given_text(data, "mail").verdict == "quiet"
    else:
        with pytest.raises(MalformedDigestError, match=message if "valid" in message else "holds no mail"):
            given_text(data, "mail")


def test_json_that_was_cut_off_keeps_the_whole_messages() -> None:
    whole = (CORPUS / "mail" / "gmail.json").read_text(encoding="utf-8")
    reading = given_text(whole[: whole.index('"19c0"')])

    assert len(reading.papers) == 6
    assert reading.verdict == "partial"


def test_a_mail_service_says_when_a_mail_came_in_its_own_way() -> None:
    dates = {
        '"internalDate": "1741087466000"': "2025-03-04",
        '"date": 1741087466': "2025-03-04",
        '"receivedDateTime": "2025-03-05T08:35:13Z"': "2025-03-05",
        '"sent": "soon"': None,
    }
    for key, day in dates.items():
        (mail,) = mails_of(NamedBytes(f'[{{"subject": "a", "from": "b", "body": "c", {key}}}]'.encode(), "here"))
        assert isinstance(mail, Mail)
        assert (None if mail.date is None else str(mail.date)) == day


def test_a_thread_is_all_its_messages() -> None:
    first = '{"threadId": "t", "payload": {"headers": [], "body": {"data": "YQ"}}}'
    thread = f'{{"id": "t", "messages": [{first}, {{"payload": {{"body": {{"data": "Yg=="}}}}}}]}}'
    mails = [mail for mail in mails_of(NamedBytes(f"[{thread}]".encode(), "here")) if isinstance(mail, Mail)]

    assert [mail.html for mail in mails] == ["a", "b"]


def test_an_open_file_gives_its_own_bytes() -> None:
    assert raw_of(io.BytesIO(b"x")) == b"x"
    assert raw_of(NamedBytes(b"x", "here", b"y")) == b"y"


# --- a folder of mails -----------------------------------------------------------------------------------------------


def test_a_maildir_is_read_mail_by_mail(tmp_path: Path) -> None:
    for place in ("cur", "new", "tmp"):
        (tmp_path / place).mkdir()
    mail = (CORPUS / "mail" / "scholar.eml").read_bytes()
    (tmp_path / "new" / "1741087466.a").write_bytes(mail)
    (tmp_path / "cur" / "1741087400.b:2,S").write_bytes(mail)
    (tmp_path / "cur" / "1741087477.c:2,S").write_bytes(b"")
    (tmp_path / "tmp" / "1741087499.d").write_bytes(mail)
    readings = list(read_maildir(tmp_path))

    assert [path.name for path in mail_paths(tmp_path)] == ["1741087400.b:2,S", "1741087466.a", "1741087477.c:2,S"]
    assert [len(reading.papers) for reading in readings] == [3, 3, 0]
    assert readings[2].verdict == "unreadable"
    assert "is empty" in readings[2].reason


def test_another_folder_is_no_maildir(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is no Maildir"):
        mail_paths(tmp_path)
    (tmp_path / "cur").write_bytes(b"")
    with pytest.raises(ReadError, match="is no Maildir"):
        mail_paths(tmp_path)


# --- arXiv's mail ----------------------------------------------------------------------------------------------------

RECORD = """\\\\
arXiv:2503.01234{mark}
{date}

Title: {title}
Authors: Ada Abe
Categories: cs.LG
\\\\
"""


def records(text: str) -> list[Paper | Reject | PartialDate]:
    return list(Records().read(text.split("\n")))


def record(title: str = "A Title", mark: str = "", date: str = "Date: Tue, 4 Mar 2025 20:11:05 GMT   (1kb)") -> str:
    return RECORD.format(title=title, mark=mark, date=date)


def test_a_comment_that_names_another_paper_begins_no_record() -> None:
    text = record().replace("Categories", "Comments: see\n  arXiv:2402.00001\nCategories")
    (paper,) = records(text)

    assert isinstance(paper, Paper)
    assert paper.comments == "see arXiv:2402.00001"
    assert paper.categories == ("cs.LG",)


def test_a_title_goes_on_whether_it_is_set_in_or_not() -> None:
    (paper,) = records(record("One:\n  two\nthree"))

    assert isinstance(paper, Paper)
    assert paper.title == "One: two three"


@pytest.mark.parametrize(
    ("date", "kind", "published", "updated"),
    [
        ("Date: Tue, 4 Mar 2025 20:11:05 GMT   (1kb)", None, "2025-03-04", None),
        ("replaced with revised version Wed, 5 Mar 2025 08:00:00 GMT   (1kb)", None, "2025-03-05", "2025-03-05"),
        ("figures added Wed, 5 Mar 2025 08:00:00 GMT", None, "2025-03-05", "2025-03-05"),
        ("Date: some day", None, None, None),
    ],
)
def test_a_record_has_one_date_or_two(date: str, kind: str | None, published: str | None, updated: str | None) -> None:
    (paper,) = records(record(date=date))

    assert isinstance(paper, Paper)
    assert (str(paper.published) if paper.published else None) == published
    assert (str(paper.updated) if paper.updated else None) == updated
    assert paper.announce_type is kind


def test_a_record_without_a_title_is_a_reject_with_its_line() -> None:
    items = records(record() + record().replace("Title: A Title\n", "") + record("Three"))

    assert [type(item) for item in items] == [Paper, Reject, Paper]
    assert items[1] == Reject(10, "a record without a title", "arXiv:2503.01234")


def test_a_number_that_is_none_is_a_reject() -> None:
    assert [type(item) for item in records(record().replace("2503.01234", "9999.99999"))] == [Reject]


def test_a_listing_in_html_only_is_read_too() -> None:
    reading = given_mail(f"<pre>{record()}{record('Two').replace('01234', '01235')}</pre>")

    assert titles(reading) == ["A Title", "Two"]


def test_text_without_records_is_none_of_arxivs() -> None:
    with pytest.raises(MalformedDigestError, match="no record of arXiv's form"):
        given_text("nothing here", "arxiv-mail")


# --- Scholar ---------------------------------------------------------------------------------------------------------


def scholar(byline: str) -> Paper:
    html = f'<h3><a class="gse_alrt_title" href="https://example.org/1">A Title</a></h3><div>{byline}</div><div>x</div>'
    return given_text(html, "scholar").papers[0]


@pytest.mark.parametrize(
    ("byline", "authors", "truncated", "venue", "year"),
    [
        (
            "Z Chen, S Li - arXiv preprint arXiv:1912.02015, 2019",
            ("Z Chen", "S Li"),
            False,
            "arXiv preprint arXiv:1912.02015",
            "2019",
        ),
        ("Z Chen, S Li… - … on Systems (SYS), 2019", ("Z Chen", "S Li"), True, "… on Systems (SYS)", "2019"),
        ("Z Chen - 2019", ("Z Chen",), False, None, "2019"),
        ("Z Chen, S Li", ("Z Chen", "S Li"), False, None, None),
        ("Z Chen - 2019 Conference on Software …", ("Z Chen",), False, "2019 Conference on Software …", "2019"),
        ("Y LeCun - Nature, 2015 - nature.com", ("Y LeCun",), False, "Nature", "2015"),
        ("Y LeCun - books.example.org", ("Y LeCun",), False, None, None),
        ("Journal of Plots, 2020", (), False, "Journal of Plots", "2020"),
        ("…, Z Chen, … - X, 2020", ("Z Chen",), True, "X", "2020"),
        ("J Jr Smith - A - B Letters, 1999 - Wiley", ("J Jr Smith",), False, "A - B Letters", "1999"),
    ],
)
def test_the_green_line_is_taken_apart(
    byline: str, authors: tuple[str, ...], truncated: bool, venue: str | None, year: str | None
) -> None:
    paper = scholar(byline)

    assert (paper.authors, paper.authors_truncated, paper.venue) == (authors, truncated, venue)
    assert (str(paper.published) if paper.published else None) == year


def test_an_alert_that_lost_its_classes_is_read_by_its_order() -> None:
    html = (CORPUS / "scholar" / "alert.html").read_text(encoding="utf-8")
    plain = html.replace('class="gse_alrt_sni"', "").replace('class="gse_alrt_title"', "")
    reading, stripped = given_text(html, "scholar"), given_text(plain, "scholar")

    assert titles(stripped) == titles(reading)
    assert [paper.authors for paper in stripped.papers] == [paper.authors for paper in reading.papers]


def test_a_title_of_nothing_but_marks_is_a_reject() -> None:
    reading = given_text('<h3 class="gs_rt">[CITATION] …</h3><h3 class="gs_rt">[C] A Book</h3>', "scholar")

    assert titles(reading) == ["A Book"]
    assert reading.rejects[0].reason == "an entry without a title"


def test_another_page_is_none_of_scholars() -> None:
    with pytest.raises(MalformedDigestError, match="no title of Scholar's form"):
        given_text("<html><h3>A heading</h3></html>", "scholar")


# --- publishers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "Privacy in federated hospitals",
        "Cookies and consent: a field study",
        "Registration of point clouds",
        "Subscription models for music",
        "See more, know more: video search",
        "View synthesis from above",
        "Copyright in the age of models",
        "Help or harm? Advice in clinics",
        "Archives of the sea",
        "Home range of wolves",
    ],
)
def test_a_title_is_no_furniture_because_of_one_word(title: str) -> None:
    link = f'<a href="https://example.org/doi/10.1000/abc">{title}</a>'
    reading = given_mail(f"<p>{link}</p><p>Ada Abe, Bo Berg</p><p>Journal, Volume 3</p>")

    assert titles(reading) == [title]


@pytest.mark.parametrize(
    "words",
    [
        "Unsubscribe",
        "Click here to unsubscribe from this list",
        "Privacy policy",
        "View this email in your browser",
        "Manage your e-mail preferences",
        "Read more »",
        "Full Text (PDF)",
        "Table of Contents",
        "Update Your Profile",
        "© 2025 Example Press",
        "Submit Manuscript",
        "Follow us on Twitter",
    ],
)
def test_furniture_is_no_paper(words: str) -> None:
    reading = given_mail(
        '<p><a href="https://example.org/doi/10.1000/abc">A Title</a></p><p>Ada Abe, Bo Berg</p>'
        f'<p><a href="https://example.org/doi/10.1000/xyz">{words}</a></p><p>Ada Abe, Bo Berg</p>'
    )

    assert is_furniture(words)
    assert titles(reading) == ["A Title"]
    assert not reading.rejects


def test_a_link_without_evidence_is_a_reject_only_when_it_is_as_long_as_a_title() -> None:
    reading = given_mail(
        '<p><a href="https://example.org/doi/10.1000/abc">A Title</a></p><p>Ada Abe, Bo Berg</p><h2>Elsewhere</h2>'
        '<p><a href="https://example.org/a">Nine things to do in spring</a></p>'
        '<p><a href="https://example.org/b">Our garden</a></p>'
    )

    assert titles(reading) == ["A Title"]
    assert [reject.excerpt for reject in reading.rejects] == ["Nine things to do in spring"]


def test_a_paper_has_the_mails_day_where_none_is_printed() -> None:
    reading = given_mail(
        '<p><a href="https://example.org/doi/10.1000/a">One Title</a></p><p>Ada Abe, Bo Berg</p>'
        "<p>Journal. 2025;3: 4.</p>"
        '<p><a href="https://example.org/doi/10.1000/b">Two Titles</a></p><p>Ada Abe</p>'
        "<p>Published: 3 February 2025</p>"
    )

    assert [paper.published for paper in reading.papers] == [
        PartialDate(2025, 3, 5, inferred=True),
        PartialDate(2025, 2, 3),
    ]
    assert reading.papers[0].venue == "Journal"


@pytest.mark.parametrize(
    ("line", "authors", "truncated"),
    [
        ("Authors: Ada Abe; Bo Berg", ("Ada Abe", "Bo Berg"), False),
        ("By Ada Abe and Bo Berg", ("Ada Abe", "Bo Berg"), False),
        ("Ada Abe, Bo Berg | Article | 3 March 2025", ("Ada Abe", "Bo Berg"), False),
        ("Ada Abe • Bo Berg • Carl Clay", ("Ada Abe", "Bo Berg", "Carl Clay"), False),
        ("Abe A, Berg B.", ("Abe A", "Berg B"), False),
        ("Abe et al.", ("Abe",), True),
        (
            "<a href='https://x.example.org/1'>Ada Abe</a>, <a href='https://x.example.org/2'>Bo Berg</a>",
            ("Ada Abe", "Bo Berg"),
            False,
        ),
    ],
)
def test_people_are_known_in_any_usual_form(line: str, authors: tuple[str, ...], truncated: bool) -> None:
    reading = given_mail(f'<p><a href="https://example.org/doi/10.1000/abc">A Title</a></p><p>{line}</p>')

    assert (reading.papers[0].authors, reading.papers[0].authors_truncated) == (authors, truncated)


def test_code_beside_a_paper_is_its_link_and_the_file_its_file() -> None:
    reading = given_mail(
        '<p><a href="https://example.org/doi/10.1000/abc">A Title</a></p><p>Ada Abe</p>'
        '<p><a href="https://example.org/doi/pdf/10.1000/abc">PDF</a> <a href="https://github.com/example/abc">Code</a></p>'
    )

    assert reading.papers[0].pdf_url == "https://example.org/doi/pdf/10.1000/abc"
    assert [link.url for link in reading.papers[0].links] == ["https://github.com/example/abc"]


def test_the_text_is_read_where_the_html_shows_nothing() -> None:
    text = "A Title of Some Length\nhttps://example.org/document/77\nAuthors: Ada Abe; Bo Berg\nDOI: 10.1000/abc\n"
    html = "<p>Your journal articles: see the text</p>"
    parts = f"--x\nContent-Type: text/plain\n\n{text}\n--x\nContent-Type: text/html\n\n{html}\n--x--\n"
    mail = f'{HEADERS}Content-Type: multipart/alternative; boundary="x"\n\n{parts}'
    reading = given_text(mail, "alert")

    assert titles(reading) == ["A Title of Some Length"]
    assert reading.papers[0].authors == ("Ada Abe", "Bo Berg")


def test_news_with_a_byline_is_no_alert() -> None:
    reading = given_mail('<p><a href="https://news.example.org/1">The town hall has a new roof</a></p><p>Ada Abe</p>')

    assert reading.papers == ()
    assert reading.verdict == "unreadable"


def test_a_body_without_papers_is_none() -> None:
    with pytest.raises(MalformedDigestError, match="no title with people or an id"):
        given_text("<html><p>Hello</p></html>", "alert")


STYLES = {
    "library": (
        (
            '<tr><td><a href="https://click.example.com/CL0/https:%2F%2Fwww.example.org%2Fscience%2Farticle%2Fpii%2FS23527/1/01">'
            "Heat in small rooms</a></td></tr><tr><td>Aerospace Science and Technology</td></tr>"
            "<tr><td>Volume 100, 15 April 2025</td></tr><tr><td>Zhang San, Li Si</td></tr>"
        ),
        (
            "Heat in small rooms",
            ("Zhang San", "Li Si"),
            "2025-03-05",
            "https://www.example.org/science/article/pii/S23527",
        ),
    ),
    "breaks": (
        (
            '<p><a href="https://el.example.org/ls/click?upn=x">Soft matter in hard times</a><br>A. Abe, B. Berg<br>'
            "First Published: 10 January 2025 | DOI: 10.1000/soft.1</p>"
        ),
        ("Soft matter in hard times", ("A. Abe", "B. Berg"), "2025-01-10", "https://doi.org/10.1000/soft.1"),
    ),
    "one a line": (
        (
            '<h5 class="issue-item__title"><a href="https://example.org/doi/10.1000/37">Types for gardeners</a></h5>'
            '<ul class="loa"><li><a href="https://example.org/profile/1">Ada Abe</a>,</li>'
            '<li><a href="https://example.org/profile/2">Bo Berg</a></li>'
            "</ul><span>pp 1–23</span>"
        ),
        ("Types for gardeners", ("Ada Abe", "Bo Berg"), "2025-03-05", "https://example.org/doi/10.1000/37"),
    ),
    "no link": (
        "<p><b>Untethered roots</b><br>Ada Abe, Bo Berg<br>doi: 10.1000/ur</p>",
        ("Untethered roots", ("Ada Abe", "Bo Berg"), "2025-03-05", "https://doi.org/10.1000/ur"),
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_publishers_print_papers_in_many_styles(style: str) -> None:
    html, expected = STYLES[style]
    (paper,) = given_mail(f"<table>{html}</table>").papers

    assert (paper.title, paper.authors, str(paper.published), paper.url) == expected


def test_a_numbered_citation_belongs_to_the_title_below_it() -> None:
    text = (
        "PubMed Results\n\n1. J Roofs. 2025 Feb 3;12(3):45-50. doi: 10.1000/jr.2025.3.\n\nMoss on northern roofs.\n\n"
        "Moos HJ(1), van der Berg A(2).\n\nPMID: 39000001\n\n2. J Roofs. 2025 Feb 4;12(3):51.\n\n"
        "Lichen, the slow one.\n\nFlechte A, Li W.\n\nPMID: 39000002\n"
    )
    papers = given_text(f"{HEADERS}\n{text}").papers

    assert [(paper.id, paper.venue, paper.authors) for paper in papers] == [
        ("doi:10.1000/jr.2025.3", "J Roofs", ("Moos HJ", "van der Berg A")),
        ("pmid:39000002", "J Roofs", ("Flechte A", "Li W")),
    ]
