"""Whatever config/mart.yml and the environment say is a configuration that every later stage can work with, or is
refused with the key and the line."""

import json
from datetime import date

import duckdb
import pytest
import yaml
from fuzzing import CHANGES, NASTY, changed, fuzzed, refused_or
from hypothesis import strategies as st

from marketing_mart import settings
from marketing_mart.errors import ConfigError
from marketing_mart.model_variables import variables

GOOD = {
    "demo": False,
    "reporting": {"currency": "EUR", "timezone": "Europe/Berlin"},
    "sources": {
        "google_ads": {"accounts": ["123-456-7890"], "lookback_days": 30, "finality": {"spend_days": 3}},
        "files": {"columns": {"orders": {"order_id": "Order"}}},
    },
    "channels": [{"channel": "Paid", "source": "fb|ig", "medium": "cpc.*"}],
    "identity": {"never_link": [{"identifier": "visitor:1", "by": ["email"]}]},
    "attribution": {"window_days": 30, "windows": {"lead": 60}},
    "freshness": {"google_ads": {"expected_lag_hours": 12}},
    "alerts": {
        "routes": [{"url": "file:alerts.txt"}], "owner": "o'brien", "kpis": [{"kpi": "spend", "channel": "Paid"}],
    },
    "brand_terms": ["it's"],
}  # fmt: skip
PIECES = [
    "demo: ", "sources", "files", ": ", "{", "}", "[", "]", "\n", "  ", "- ", "&a ", "*a",
    "!!python/object:os.system ", "'", '"', "|", ">", "#", "%", "---", "2025-02-30", "0o7", "1e999", "? ", "<<: ",
    "\t", "~", "é",
]  # fmt: skip


def load(folder, text: str | bytes) -> settings.Settings | None:
    path = folder / "mart.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return refused_or(lambda: settings.load({"MART_CONFIG": str(path), "MART_HOME": str(folder)}))


def check_usable(told: settings.Settings) -> None:
    """The models can be told of it, and DuckDB knows its patterns."""
    text = json.dumps(variables(told.config, mart_date=date(2025, 6, 30), kpi_start=date(2025, 4, 2), landed=()))
    assert json.loads(text)["reporting_currency"] == told.config.reporting.currency
    for rule in told.config.channels:
        for pattern in (rule.source, rule.medium, rule.campaign):
            if pattern is not None:
                duckdb.execute("select regexp_full_match('', ?, 'i')", [pattern])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("config")


def test_the_configuration_that_is_made_worse_is_read_as_it_is(folder):
    check_usable(load(folder, yaml.safe_dump(GOOD)))


@fuzzed(changes=CHANGES, share=3)
def test_a_configuration_with_something_wrong_in_it(folder, changes):
    changes = [(where, "put" if how == "raw" else how, nasty, raw) for where, how, nasty, raw in changes]
    if told := load(folder, changed(GOOD, changes)):
        check_usable(told)


@fuzzed(text=st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.binary(max_size=40))
def test_text_that_is_called_a_configuration(folder, text):
    if told := load(folder, text):
        check_usable(told)


@pytest.mark.parametrize(
    "pattern",
    ["a(?=b)", "(a)\\1", "(?<!x)y", "a{1,2000}", "(?P<n>a)(?P=n)", "\\Z", "[[:alpha:]]", "a++", "(?i)a", ".*"],
)
def test_a_pattern_is_one_that_the_warehouse_knows_or_is_refused(folder, pattern):
    if told := load(folder, yaml.safe_dump(GOOD | {"channels": [{"channel": "x", "source": pattern}]})):
        check_usable(told)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a]", "a: &a {b: *a}", "[" * 3000, "{a: " * 3000, "demo: 2025-02-30", "demo: " + "9" * 5000,
        "? [a]\n: b", 'alerts: {owner: "\\uD800"}', '"\\uD800": 1',
        "sources: " + "&a0 [x]\n" + "".join(f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
    ],
    ids=[
        "circle", "circle of keys", "deep list", "deep keys", "no day", "long number", "list for a key",
        "half a character", "half a key",
        "many laughs",
    ],
)  # fmt: skip
def test_yaml_that_is_meant_to_harm(folder, text):
    assert load(folder, text) is None


ENVIRONMENT = st.dictionaries(
    st.sampled_from(["MART_DATE", "MART_START", "MART_SOURCES", "MART_INBOX", "MART_CURRENCY", "MART_TIMEZONE",
                     "MART_ENGINE", "MART_SIMULATOR_URL", "MART_UMASK"]),
    st.sampled_from([value for value in NASTY if isinstance(value, str) and "\x00" not in value] + [
        "files", "files,", ",", "2025-06-30", "2025-W26-1", "20250630", "UTC", "/etc/passwd", ".", "077", "0o77",
        "777", "000",
    ]) | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8),
    min_size=1, max_size=4,
)  # fmt: skip


@fuzzed(environment=ENVIRONMENT, share=3)
def test_whatever_the_environment_says(folder, environment):
    (folder / "good.yml").write_text(yaml.safe_dump(GOOD))
    told = refused_or(
        lambda: settings.load({"MART_CONFIG": str(folder / "good.yml"), "MART_HOME": str(folder)} | environment)
    )
    if told:
        check_usable(told)
        assert told.day is None or told.day >= settings.EARLIEST_DAY
        assert told.umask & 0o707 == 0o007, "nobody but the owner and a group is ever let in"
        assert set(told.sources) <= set(settings.CONNECTED_SOURCES)


def test_what_a_file_that_is_no_text_is_told_as(tmp_path):
    (tmp_path / "mart.yml").write_bytes(b"demo: \xff\xfe")
    with pytest.raises(ConfigError, match=r"mart\.yml: is no UTF-8"):
        settings.load({"MART_CONFIG": str(tmp_path / "mart.yml")})


@pytest.mark.parametrize("name", ["a*b", "what?", "[x]", "two\nlines", "a;b", "a#b", "$HOME"])
def test_a_home_whose_name_would_be_taken_for_something_else_is_refused(folder, name):
    (folder / "good.yml").write_text(yaml.safe_dump(GOOD))
    with pytest.raises(ConfigError, match="means more to DuckDB"):
        settings.load({"MART_CONFIG": str(folder / "good.yml"), "MART_HOME": f"/tmp/{name}/home"})
