"""Small parsers that outside text reaches: waits that a server asks for, addresses, numbers, links, ids."""

import math
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb
import jinja2
import pyarrow as pa
import pytest
from fuzzing import NASTY, fuzzed, refused_or
from hypothesis import strategies as st

from marketing_mart.connectors.client import retry_after
from marketing_mart.connectors.google_ads.access import _number
from marketing_mart.connectors.meta_ads.access import _act
from marketing_mart.connectors.shopify.rows import _address, instant, number
from marketing_mart.landing.sql import literal, quoted
from marketing_mart.privacy import Privacy, normalise_email, normalise_phone
from marketing_mart.quality.samples import cell
from marketing_mart.redaction import printable, redact

MACROS = Path(__file__).parents[2] / "dbt_project" / "macros"
TEXTS = st.sampled_from([value for value in NASTY if isinstance(value, str)]) | st.text(max_size=30)
URLS = st.lists(
    st.sampled_from([
        "https", "http", ":", "//", "user", "pw", "@", "shop.example", "SHOP.example", ":443", "/", "/a b", "?", "&",
        "utm_source=", "utm_source", "=", "%", "%zz", "%E4", "%00", "+", "#", "?x=1#?utm_source=y", "é", "{lpurl}",
        "\\", "'", "%27", "[::1]", "..", ";", "ada@example.com", "\n",
    ]),
    max_size=9,
).map("".join)  # fmt: skip
LINKS = st.tuples(
    st.sampled_from(["https://", "http://", "//"]),
    st.sampled_from(["", "user@", "user:pw@", "ada@example.com@"]),
    st.sampled_from(["shop.example", "SHOP.example:443", "[::1]"]),
    st.sampled_from(["", "/", "/a b", "/ada@example.com", "/ada%40example.com"]),
    st.sampled_from(["", "?utm_source=x", "?utm_source=ada@example.com", "?utm_term=a%40b&email=x", "?utm_medium"]),
    st.sampled_from(["", "#", "#ada@example.com"]),
).map("".join)
PRIVACY = Privacy(b"k" * 32)


@fuzzed(
    header=TEXTS
    | st.sampled_from(["Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 2015", "1.", "1e3", "0x1", "-5", "5" * 400]),
    date=TEXTS | st.sampled_from(["Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00"]),
)
def test_a_wait_that_a_server_asks_for_is_a_number_of_seconds_or_nothing(header, date):
    seconds = retry_after({"Retry-After": header, "Date": date})
    assert seconds is None or (seconds >= 0 and not math.isnan(seconds))


@fuzzed(text=TEXTS | st.emails(), region=st.sampled_from(["US", "DE", "ZZ", ""]))
def test_what_is_normalised_is_normal_and_stays_so(text, region):
    address, phone = normalise_email(text), normalise_phone(text, region)
    assert address is None or (normalise_email(address) == address and re.fullmatch(r"[^\s@]+@[^\s@]+", address))
    assert phone is None or (re.fullmatch(r"\+\d{5,15}", phone) and normalise_phone(phone, "US") == phone)
    for hashed in (PRIVACY.email(text), PRIVACY.phone(text)):
        assert hashed is None or re.fullmatch("[0-9a-f]{64}", hashed)
    assert PRIVACY.without_addresses(PRIVACY.without_addresses(text)) == PRIVACY.without_addresses(text)


@fuzzed(text=TEXTS | URLS)
def test_a_text_told_is_printable_and_a_cell_is_no_formula(text):
    told = printable(redact(text))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", told)
    assert printable(told) == told
    written = cell(text)
    assert not written.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) or re.fullmatch(
        r"[+-]\d+(\.\d+)?", text
    )


@fuzzed(text=TEXTS)
def test_ids_and_accounts_from_outside_reach_no_path_and_no_query_unchecked(text):
    """A vendor's global id may be anything behind the last slash, an account is digits."""
    act, account = refused_or(lambda: _act(text)), refused_or(lambda: _number(text))
    assert act is None or re.fullmatch(r"act_[0-9]+", act)
    assert not account or re.fullmatch("[0-9]{10}", account)
    for parse in (number, instant):
        try:
            parse(text)
        except (ValueError, OverflowError):  # the connector tells of these
            continue


@fuzzed(
    text=TEXTS.filter(
        lambda text: ("\x00" not in text and text.isprintable()) or (text.isascii() and "\x00" not in text)
    )
)
def test_a_name_or_a_text_in_sql_is_that_name_and_that_text(text):
    with duckdb.connect() as engine:
        engine.execute(f"create table t ({quoted(text or 'x')} text)")
        engine.execute(f"insert into t values ({literal(text)})")
        found = engine.execute(f"select {quoted(text or 'x')} from t")
        assert found.fetchall() == [(text,)]
        assert [name for (name,) in engine.execute("select table_name from duckdb_tables()").fetchall()] == ["t"]


@fuzzed(url=LINKS | URLS | TEXTS)
def test_a_link_of_a_visit_keeps_nothing_personal_and_breaks_nothing(url):
    try:
        kept = _address(url, lambda name: name.startswith("utm_"))
    except ValueError:  # the connector tells of it
        return
    if kept is None:
        return
    parts = urlsplit(kept)
    assert "@" not in parts.netloc + unquote(parts.path) and not parts.fragment
    assert all(name.startswith("utm_") and "@" not in value for name, value in parse_qsl(parts.query))


def rendered(call: str) -> str:
    """A call of the models' URL macros as DuckDB's SQL."""
    text = (MACROS / "engine.sql").read_text() + (MACROS / "urls.sql").read_text()
    found: dict[str, object] = {}

    class Adapter:
        @staticmethod
        def dispatch(name: str) -> object:
            return getattr(found["module"], f"default__{name}")

    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals |= {"adapter": Adapter, "return": lambda value: value, "var": lambda *_: None}
    found["module"] = environment.from_string(text).module
    return environment.from_string(text + "{{ " + call + " }}").render().strip()


@pytest.fixture(scope="module")
def parts() -> str:
    calls = [
        "url_base('url')", "url_host('url')", "url_path('url')", "url_parameter('url', 'utm_source')", "words('url')",
        "landing_page_parameters('url')", "url_with('url', 'url')",
    ]  # fmt: skip
    return ", ".join(rendered(call) for call in calls)


@fuzzed(urls=st.lists(URLS | TEXTS, min_size=1, max_size=20))
def test_the_models_take_any_link_apart_without_an_error(parts, urls):
    urls = [url.encode("utf-8", "replace").decode() for url in urls]
    links = pa.table({"url": pa.array(urls, pa.string())})
    with duckdb.connect() as engine:
        engine.register("links", links)
        found = engine.execute(f"select {parts} from links").fetchall()
    assert len(found) == len(urls)
    for _, host, path, source, *_ in found:
        assert host is None or not set(host) & set("/?#@")
        assert path is None or not set(path) & set("?#")
        assert source != ""
