"""config/mart.yml and the environment: what is wrong is named with its key and line."""

from datetime import UTC, date, datetime

import pytest

from marketing_mart import settings
from marketing_mart.errors import ConfigError


def written(tmp_path, text):
    path = tmp_path / "mart.yml"
    path.write_text(text)
    return path


def test_the_shipped_configuration_is_a_demo_with_all_sources_on():
    shipped = settings.load({})
    assert shipped.demo
    assert shipped.sources == settings.CONNECTED_SOURCES
    assert shipped.config.attribution.window_days == 30


def test_defaults_are_not_the_demo(tmp_path):
    assert not settings.parse(written(tmp_path, "sources: {files: {}}\n")).demo


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("demo: true\nreporting:\n  curency: USD\n", 3, "reporting.curency: unknown key; did you mean currency?"),
        ("sources:\n  gogle_ads: {}\n", 2, "sources.gogle_ads: no such source; did you mean google_ads?"),
        ("sources:\n  stripe: {}\n", 2, "sources.stripe: this version has no connector for it"),
        ("sources:\n  files: {lookback: 3}\n", 2, "sources.files.lookback: unknown key; did you mean lookback_days?"),
        ("a: 1\n", 1, "a: unknown key; allowed here: demo, reporting"),
        ("demo: true\ndemo: false\n", 2, "demo: stands here again (first on line 1)"),
        ("reporting: {timezone: Mars/Base}\n", 1, "'Mars/Base' is no IANA time zone"),
        ("reporting:\n  currency: usd\n", 2, "'usd' is no ISO 4217 currency code"),
        ("channels:\n  - {channel: X, source: '('}\n", 2, "'(' is no regular expression"),
        ("alerts: {release_by: nine}\n", 1, "'nine' is no time of day"),
        (
            "alerts:\n  kpis: [{kpi: cac}, {kpi: cac, yellow: 2}]\n",
            2,
            "2 rules for cac of all channels, direction both",
        ),
        ("retention: {releases: 0}\n", 1, "retention.releases: Input should be greater than or equal to 1"),
        ("freshness:\n  shopfy: {expected_lag_hours: 3}\n", 2, "freshness.shopfy: no such source"),
        ("alerts:\n  owners: {shopfy: shop-team}\n", 2, "alerts.owners.shopfy: no such source; did you mean shopify?"),
        ("freshness:\n  shopify: {when_late: never}\n", 2, "freshness.shopify.when_late"),
        ("identity:\n  never_link: [{identifier: 'email:ann@example.com'}]\n", 2, "identity.never_link.0.identifier"),
        ("sources: [files]\n", 1, "sources: Input should be a valid dictionary"),
        ("demo: [\n", 2, "expected the node content"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, line, told):
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        settings.parse(path)
    assert f"{path}:{line}: " in str(caught.value)
    assert told in str(caught.value)


def test_every_problem_is_told_at_once(tmp_path):
    with pytest.raises(ConfigError) as caught:
        settings.parse(written(tmp_path, "demoo: 1\nsources: {gogle_ads: {}}\nalerts: {release_by: x}\n"))
    assert str(caught.value).count("mart.yml:") == 3


def test_the_environment_overrides_the_file(tmp_path):
    path = written(tmp_path, "sources: {shopify: {}, files: {lookback_days: 5}}\n")
    told = settings.load({
        "MART_CONFIG": str(path), "MART_SOURCES": "files", "MART_CURRENCY": "EUR", "MART_TIMEZONE": "Asia/Shanghai",
        "MART_HOME": str(tmp_path / "home"), "MART_DATE": "2025-06-30", "MART_START": "2025-06-01",
    })  # fmt: skip
    assert told.sources == ("files",)
    assert told.config.sources["files"].lookback_days == 5
    assert (told.config.reporting.currency, told.config.reporting.timezone) == ("EUR", "Asia/Shanghai")
    assert (told.day, told.start) == (date(2025, 6, 30), date(2025, 6, 1))
    assert told.inbox == tmp_path / "home" / "inbox"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"MART_DATE": "30.06.2025"}, "MART_DATE=30.06.2025 is no date"),
        ({"MART_DATE": "2025-06-30", "MART_START": "2025-07-01"}, "MART_START=2025-07-01 is after"),
        ({"MART_SOURCES": "files,shopfy"}, "shopfy: no such source; did you mean shopify?"),
        ({"MART_SOURCES": ","}, "names no source"),
        ({"MART_CURRENCY": "dollars"}, "'dollars' is no ISO 4217"),
        ({"MART_ENGINE": "oracle"}, "MART_ENGINE=oracle"),
        ({"MART_CONFIG": "/nowhere/mart.yml"}, "cannot be read"),
    ],
)
def test_a_wrong_environment_is_a_clear_error(environ, told):
    with pytest.raises(ConfigError) as caught:
        settings.load(environ)
    assert told in str(caught.value)


def test_yesterday_is_the_reporting_zones():
    told = settings.load({"MART_TIMEZONE": "Asia/Shanghai"})
    assert told.yesterday(datetime(2025, 6, 30, 17, 0, tzinfo=UTC)) == date(2025, 6, 30)
    assert told.yesterday(datetime(2025, 6, 30, 15, 0, tzinfo=UTC)) == date(2025, 6, 29)
