"""Dates are read as printed: every usual form, nothing invented."""

import re
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.dates import infer_year, parse_date
from digestbot.models import PartialDate

PRINTED = {
    "2023-12-09": (
        "Dec 9, 2023",
        "December 9th, 2023",
        "DECEMBER 9 2023",
        "Dec. 9,2023",
        "9 Dec 2023",
        "9-Dec-2023",
        "09 December, 2023",
        "9th of December 2023",
        "Saturday, December 9, 2023",
        "Sat 9 Dec 2023",
        "2023-12-09",
        "2023-12-9",
        "2023/12/09",
        "2023.12.09",
        "20231209",
        "20231209T1000Z",
        "2023-12-09T10:00:00Z",
        "2023-12-09t10:00",
        "2023-12-09 10:00:00.123456+02:00",
        "2023/12/09 09:00",
        "Sat, 09 Dec 2023 00:00:00 -0500",
        "Sat, 9 Dec 2023 18:00:00 GMT",
        "Sat, 9 Dec 2023 18:00:00 +0000 (UTC)",
        "Sat, 9 Dec 23 18:00 GMT",
        "Sat Dec 9 18:00:00 2023",
        "Dec 9, 2023, 10:30 AM",
        "December 9, 2023 at 10:30 p.m.",
        "2023 Dec 9",
        "2023-Dec-09",
        "2023年12月9日",
    ),
    "2023-12-13": ("12/13/2023", "13/12/2023", "13.12.2023", "13-12-2023 10:00"),
    "2024-05-05": ("05/05/2024",),
    "1997-03-05": ("5 Mar 97 10:00 GMT",),
    "2016-12-31": ("2016-12-31T23:59:60Z",),
    "2024-02-29": ("Feb 29, 2024",),
    "2000-02-29": ("2000-02-29",),
    "2024-03": ("March 2024", "Mar. 2024", "march, 2024", "2024-03", "2024/03", "2024 Mar", "2024年3月"),
    "2024": ("2024", "2024 Mar-Apr", "Spring 2024", "2024 Fall", "Jan-Feb 2024", "2024年"),
    "2100": ("2100",),
    "1600": ("1600",),
    "--03-11": ("Mar 11", "mar 11th", "11 March", "Monday, March 11", "\n\tMar\u00a011  "),
    "--09-03": ("Sept. 3", "Sep 3", "3 Sept", "September 3rd"),
    "--02-29": ("Feb 29",),
    "--05-20": ("May 20",),
    "--11": ("November", "Nov."),
}

NOT_DATES = (
    "",
    " ",
    "03/05/2024",
    "05.03.2024",
    "Feb 30",
    "Feb 29, 2023",
    "1900-02-29",
    "2023-02-29",
    "April 31",
    "2024-13-01",
    "2024-00-10",
    "2024-01-00",
    "13/13/2024",
    "20241301",
    "202403",
    "1599",
    "2101",
    "2106-02-07",
    "0000-01-01",
    "2023-12-09T24:00",
    "2023-12-09T10:60",
    "2023-12-09T10:00:61",
    "12:30",
    "Sunday",
    "Marching 3",
    "Mar 112",
    "Dec 9, 2023 and later",
    "on Dec 9, 2023",
    "1995 authors",
    "v2 3 May",
    "9 Dec 23",
    "١٢ Mar 2024",
    "ſep 3",
    "Dec 9," + " " * 200 + "2023",
    "2024-03/05",
    "Mar 11" * 1000,
)


@pytest.mark.parametrize(("text", "expected"), [(text, iso) for iso, texts in PRINTED.items() for text in texts])
def test_reads_every_usual_form(text: str, expected: str) -> None:
    assert str(parse_date(text)) == expected


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_no_date_or_could_be_two_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.dates(min_value=date(1600, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_reads_back_from_iso(day: date) -> None:
    expected = PartialDate(day.year, day.month, day.day)
    assert parse_date(day.isoformat()) == expected
    assert parse_date(f"{day:%B} {day.day}, {day.year}") == expected
    assert parse_date(f"  {day.day} {day:%b} {day.year}\n") == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.times(), st.sampled_from(["UTC", "Asia/Tokyo", "America/Lima"]))
def test_every_mail_date_reads_as_the_day_it_prints(day: date, clock: time, zone: str) -> None:
    printed = format_datetime(datetime.combine(day, clock.replace(microsecond=0), ZoneInfo(zone)))
    assert parse_date(printed) == PartialDate(day.year, day.month, day.day)


@given(st.text() | st.from_regex(re.compile(r"[0-9]{1,4}[-/. ](?:[0-9]{1,2}|[A-Z][a-z]{2})[-/. ,]{1,2}[0-9]{1,4}")))
def test_any_text_is_a_sound_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or (PartialDate.from_iso(str(found)) == found and not found.inferred)


def test_infers_the_only_year_that_fits() -> None:
    window = date(2023, 10, 1), date(2024, 3, 31)

    assert infer_year(PartialDate(None, 11, 17), *window) == PartialDate(2023, 11, 17, inferred=True)
    assert infer_year(PartialDate(None, 2, 29), *window) == PartialDate(2024, 2, 29, inferred=True)


@pytest.mark.parametrize(
    "day", [PartialDate(2020, 1, 1), PartialDate(2020), PartialDate(None, 11), PartialDate(None, 6, 1)]
)
def test_infers_nothing_without_need_or_evidence(day: PartialDate) -> None:
    assert infer_year(day, date(2023, 10, 1), date(2024, 3, 31)) is day


def test_infers_nothing_when_two_years_fit() -> None:
    day = PartialDate(None, 11, 17)
    assert infer_year(day, date(2022, 11, 17), date(2022, 11, 17) + timedelta(days=365)) is day
