"""What a process tells has no secrets, no addresses and nothing a terminal would obey in it."""

import json
import logging
import traceback
from datetime import date

import pytest
import requests

from marketing_mart import redaction
from marketing_mart.access import access_from
from marketing_mart.errors import ConfigError, SourceRefused
from marketing_mart.registry import Registry

SECRET = "tok/en+with=signs and a blank"
ADDRESS = "ada@example.com"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    """What a test makes known is known to it alone."""
    monkeypatch.setattr(redaction, "_known", set())
    factory = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(factory)


def connected(extra: str = "{}"):
    return access_from("meta_ads", "https://graph.example", None, "", "client", SECRET, extra)


@pytest.mark.parametrize(
    "written", [SECRET, "tok%2Fen%2Bwith%3Dsigns%20and%20a%20blank", "tok%2Fen%2Bwith%3Dsigns+and+a+blank"]
)
def test_the_secret_of_a_connection_is_in_no_message_whatever_stands_before_it(written):
    connected()
    assert str(SourceRefused(f"meta_ads: it said: {written}!")).splitlines()[0] == "meta_ads: it said: ***!"


def test_secrets_of_the_extra_are_known_too_and_what_names_no_secret_stays():
    connected(json.dumps({"refresh_token": "1//refreshing", "login_customer_id": "1234567890", "number": 7654321}))
    told = redaction.redact("1//refreshing for 1234567890, 7654321")
    assert told == "*** for 1234567890, ***"


@pytest.mark.parametrize("extra", ["[1]", '"text"', "null no", "7"])
def test_an_extra_that_is_no_object_is_refused(extra):
    with pytest.raises(ConfigError, match="its extra is no JSON"):
        connected(extra)


@pytest.mark.parametrize(
    "address", ["ada@example.com", "Ada.B+x@mail.example.co.uk", "ada%40example.com", "ä@exämple.de"]
)
def test_an_address_is_in_no_message(address):
    assert redaction.redact(f"id <{address}>, again") == "id <(address)>, again"


def test_what_is_no_address_stays():
    for told in ("12 @ 3.50", "@channel", "a@b", "user@localhost", "100%40", "https://***@api.example.com/x"):
        assert redaction.redact(told) == told


def test_no_log_line_of_any_library_has_a_secret(caplog):
    connected()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("urllib3.connectionpool").debug(
            "GET %s for %s", f"/me?access_token={SECRET[:6]}", ["ada@example.com"]
        )
        logging.getLogger("anything").warning("it is " + SECRET)
        logging.getLogger("anything").info("%d of %d", 1, 2)
    # a slip of whoever logs ends nobody's work
    assert logging.getLogRecordFactory()("x", logging.INFO, "x.py", 1, "%d", ("a slip",), None).args == ("a slip",)
    assert [record.getMessage() for record in caplog.records] == [
        "GET /me?access_token=*** for ['(address)']", "it is ***", "1 of 2",
    ]  # fmt: skip


def test_an_exception_nobody_foresaw_leaves_a_stage_without_what_it_knew(tmp_path):
    connected()
    registry = Registry(tmp_path)

    run = registry.begin_run(date(2025, 6, 30), kpi_start=None, demo=False)
    inner = requests.ConnectionError(ConnectionResetError(f"https://graph.example/?access_token={SECRET}"))
    with pytest.raises(KeyError) as caught, registry.stage(run.run_id, "extract meta_ads"):
        try:
            raise inner
        except requests.ConnectionError as error:
            raise KeyError({"login": ADDRESS, "password": SECRET}) from error
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told and ADDRESS not in told and "graph.example" in told
    assert registry.stages(run.run_id)[0].error == "KeyError"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://evil.example\x1b\\link", "link"),
        ("\x9b2Jgone", "gone"),
        ("a\rb\x08c\x00", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}"),
        ("\u202egnp.exe", "\N{REPLACEMENT CHARACTER}gnp.exe"),
        ("Straße 花费\n\tnext line", "Straße 花费\n\tnext line"),
        ("\x1b", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_terminal_obeys_nothing_of_a_text(sent, shown):
    assert redaction.printable(sent) == shown
