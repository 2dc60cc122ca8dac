"""The days by which tests judge the SQL of views: which they are, and that in a month it is each day's turn."""

import datetime
import re

import jinja2
from landed_world import PROJECT

MACRO = (PROJECT / "macros" / "sample.sql").read_text() + "{{ is_sampled_day('date_day') }}"
LAST = datetime.date(2025, 6, 30)


def sampled(mart_date: datetime.date) -> set[datetime.date]:
    given = {"told_today": {"mart_date": mart_date.isoformat()}.__getitem__, "modules": {"datetime": datetime}}
    told = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(MACRO).render(given).strip()
    assert re.fullmatch(r"date_day in \((cast\('[\d-]{10}' as date\)(, )?)+\)", told)
    return {datetime.date.fromisoformat(day) for day in re.findall(r"[\d-]{10}", told)}


def days_back(first: int, last: int) -> set[datetime.date]:
    return {LAST - datetime.timedelta(days=back) for back in range(first, last + 1)}


def test_the_last_31_days_are_of_the_sample_and_few_before():
    assert days_back(0, 30) <= sampled(LAST)
    assert len(sampled(LAST) & days_back(31, 3 * 365)) == 36


def test_in_29_daily_builds_each_day_of_ten_years_is_looked_at():
    seen = set().union(*(sampled(LAST - datetime.timedelta(days=back)) for back in range(29)))
    assert days_back(0, 10 * 365 - 1) <= seen
