"""The shared HTTP client, against a server that answers what it is told to."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from loopback import Answer, serving

from marketing_mart.connectors.client import TokenExchange, bearer, client
from marketing_mart.errors import SourceMalformed, SourceRefused, SourceUnavailable

TOKEN = "pat-na1-very-secret"
ROOT = Path(__file__).resolve().parents[1]


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(scope="module")
def server():
    with serving() as served:
        yield served


@pytest.fixture
def served(server):
    server.asked.clear()
    server.instead.clear()
    yield server
    assert not server.instead, "the client did not ask for all that was prepared"


@pytest.fixture
def when():
    return Time()


@pytest.fixture
def connect(served, when):
    made = []

    def connect(**changes):
        settings = {"label": "hubspot/contacts", "auth": bearer(TOKEN), "sleep": when.sleep, "clock": lambda: when.now}
        made.append(client(**{"base_url": f"{served.url}/hubspot", **settings, **changes}))
        return made[-1]

    yield connect
    for one in made:
        one.__exit__()


def test_money_keeps_its_digits_and_the_token_goes_into_a_header(served, connect):
    served.instead = [Answer(body=b'{"amount": 1234567890.10, "rows": 3, "tiny": 1e-7}')]
    answer = connect(headers={"developer-token": "sesame-open"}).get("/crm/deals", {"limit": 5})
    assert answer == {"amount": Decimal("1234567890.10"), "rows": 3, "tiny": Decimal("1e-7")}
    assert str(answer["amount"]) == "1234567890.10"
    (asked,) = served.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/hubspot/crm/deals", {"limit": ["5"]})
    assert (asked.headers["authorization"], asked.headers["developer-token"]) == (f"Bearer {TOKEN}", "sesame-open")


def test_a_body_is_posted_as_json_or_as_a_form(served, connect):
    served.instead = [Answer(body=[]), Answer(body=[])]
    api = connect()
    api.post("/search", {"limit": 5})
    api.post("/search", data={"limit": 5})
    assert served.asked[0].json() == {"limit": 5}
    assert served.asked[1].body == b"limit=5"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again_with_growing_pauses(served, connect, when, status):
    served.instead = [Answer(status), Answer(status), Answer(status), Answer(body={"ok": True})]
    assert connect().get("/x") == {"ok": True}
    assert when.slept == [0.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.25"}, 0.25),
        ({"Retry-After": "Tue, 01 Jul 2025 10:00:42 GMT", "Date": "Tue, 01 Jul 2025 10:00:00 GMT"}, 42.0),
        ({"Retry-After": "Tue, 01 Jul 2025 09:00:00 GMT", "Date": "Tue, 01 Jul 2025 10:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, 0.5),  # unreadable: as if it were not there
    ],
)
def test_the_pause_a_source_asks_for_is_kept(served, connect, when, headers, seconds):
    served.instead = [Answer(429, headers=headers), Answer(body={})]
    connect().get("/x")
    assert when.slept == [seconds]


def test_a_pause_beyond_our_patience_is_not_begun(served, connect, when):
    served.instead = [Answer(429, {"message": "daily limit"}, {"Retry-After": "3600"})]
    with pytest.raises(SourceUnavailable, match=r"hubspot/contacts: GET /x: status 429.*daily limit.*in 3600 s"):
        connect(patience=120).get("/x")
    assert when.slept == []


def test_patience_ends_after_the_time_given_however_many_tries_that_is(served, connect, when):
    served.instead = [Answer(503)] * 4
    with pytest.raises(SourceUnavailable, match="status 503"):
        connect(patience=4).get("/x")
    assert when.slept == [0.5, 1.0, 2.0]


def test_a_server_that_nobody_is_behind_is_given_up_within_seconds(connect, when):
    began = when.now
    with pytest.raises(SourceUnavailable, match="beyond the 15 s allowed"):
        connect(base_url="http://127.0.0.1:9", patience=120).get("/x")
    assert 5 < when.now - began <= 15


def test_a_source_that_is_not_there_is_unavailable_and_the_url_is_not_told(connect):
    with pytest.raises(SourceUnavailable, match=r"GET /x: no answer \(Connection refused\)") as caught:
        connect(base_url="http://127.0.0.1:9", patience=1).get("/x", {"access_token": TOKEN})
    assert TOKEN not in str(caught.value) and "access_token" not in str(caught.value)
    assert caught.value.__suppress_context__  # the chained exception's text holds the whole URL


def test_a_source_that_does_not_answer_is_given_up_after_the_timeout(served, connect):
    served.instead = [Answer(delay=0.5)]
    with pytest.raises(SourceUnavailable, match="no answer"):
        connect(timeout=(1, 0.05), patience=0).get("/x")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_tells_status_method_path_and_the_body_without_secrets_or_persons(served, connect, when, status):
    body = {"message": f"Bearer {TOKEN} may not read anna.lee+x@example.com", "access_token": "shpat-abcdef"}
    served.instead = [Answer(status, body)]
    with pytest.raises(SourceRefused) as caught:
        connect().post(
            "/crm/search?key=query-secret", {"email": "anna.lee@example.com"}, params={"token": "param-secret"}
        )
    told = str(caught.value)
    assert f"hubspot/contacts: POST /crm/search: refused with status {status}: " in told
    assert "may not read …" in told and "mart_hubspot" in told
    for secret in (TOKEN, "query-secret", "param-secret", "shpat-abcdef", "anna.lee", "example.com"):
        assert secret not in told
    assert len(served.asked) == 1 and when.slept == []


def test_a_long_answer_is_told_in_short(served, connect):
    served.instead = [Answer(400, b"no " * 100_000)]
    with pytest.raises(SourceRefused) as caught:
        connect().get("/x")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b'{"a": NaN}', b'{"a": 1}}', b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_no_json_is_malformed(served, connect, body):
    served.instead = [Answer(200, body)]
    with pytest.raises(SourceMalformed, match=f"GET /x: the answer is no JSON .{len(body)} bytes"):
        connect().get("/x")


@pytest.mark.parametrize(
    "body", [b"", b'{"a": 1', b'{"a": "begun', b'{"a": tr', b'{"a": "\xc3', b'[{"a": 1},', b'{"a": "\\u00']
)
def test_an_answer_that_is_cut_short_is_asked_for_again_and_then_for_a_later_run(served, connect, when, body):
    served.instead = [Answer(200, body), Answer(200, body), Answer(body={"a": 1})]
    assert connect().get("/x") == {"a": 1}
    assert when.slept == [0.5, 1.0]
    served.instead = [Answer(200, body)] * 2
    with pytest.raises(SourceUnavailable, match=rf"GET /x: the answer is cut short after {len(body)} bytes"):
        connect(patience=1).get("/x")


def test_an_answer_larger_than_allowed_is_not_kept(served, connect):
    served.instead = [Answer(200, b'"' + b"x" * 300_000 + b'"')]
    with pytest.raises(SourceMalformed, match="larger than 200000 bytes"):
        connect(max_bytes=200_000).get("/x")


def test_a_redirect_is_not_followed(served, connect):
    served.instead = [Answer(302, headers={"Location": "http://elsewhere.example/steal"})]
    with pytest.raises(SourceRefused, match=r"status 302: a redirect to elsewhere.example, not followed"):
        connect().get("/x")
    assert len(served.asked) == 1


def test_a_whole_url_is_asked_only_on_the_same_host(served, connect):
    served.instead = [Answer(body={"page": 2})]
    api = connect()
    assert api.get(f"{served.url}/hubspot/next?after=2") == {"page": 2}
    assert served.asked[0].query == {"after": ["2"]}
    with pytest.raises(SourceMalformed, match=r"points to another host, evil.example"):
        api.get("http://evil.example/hubspot/next?after=3")


def test_a_vendors_own_throttle_and_refusal_can_hide_behind_any_status(served, connect, when):
    def classify(reply):
        return {"slow": 3.0, "again": "retry", "never": "refused"}.get(reply.json().get("say"))

    api = connect(classify=classify)
    served.instead = [Answer(400, {"say": "slow"}), Answer(200, {"say": "again"}), Answer(200, {"say": "done"})]
    assert api.get("/x") == {"say": "done"}
    assert when.slept == [3.0, 1.0]
    served.instead = [Answer(200, {"say": "never"})]
    with pytest.raises(SourceRefused, match="never"):
        api.get("/x")


def exchange(**changes):
    form = {"client_id": "demo", "client_secret": "exchange-secret", "grant_type": "client_credentials"}
    return TokenExchange(**{"url": "/token", "form": form, **changes})


def test_a_token_is_exchanged_once_and_renewed_before_it_ends(served, connect, when):
    tokens = [Answer(body={"access_token": f"token-{n}", "expires_in": 3600}, path="/token") for n in (1, 2)]
    served.instead = tokens + [Answer(body={}, path="/x") for _ in range(3)]
    api = connect(auth=exchange(header="X-Access-Token", scheme=""))
    api.get("/x")
    api.get("/x")
    when.now += 3600 - 30
    api.get("/x")
    assert [asked.path for asked in served.asked] == [f"/hubspot/{name}" for name in ("token", "x", "x", "token", "x")]
    assert served.asked[0].body == b"client_id=demo&client_secret=exchange-secret&grant_type=client_credentials"
    assert [asked.headers.get("x-access-token") for asked in served.asked] == [
        None,
        "token-1",
        "token-1",
        None,
        "token-2",
    ]


def test_a_token_withdrawn_early_is_exchanged_again_and_only_once(served, connect):
    tokens = [Answer(body={"access_token": f"token-{n}"}, path="/token") for n in (1, 2)]
    served.instead = [*tokens, Answer(401, {}, path="/x"), Answer(body={"ok": 1}, path="/x")]
    assert connect(auth=exchange()).get("/x") == {"ok": 1}
    tokens = [Answer(body={"access_token": f"token-{n}"}, path="/token") for n in (1, 2)]
    served.instead = [*tokens, Answer(401, {}, path="/x"), Answer(401, {}, path="/x")]
    with pytest.raises(SourceRefused, match="GET /x: refused with status 401"):
        connect(auth=exchange()).get("/x")


def test_a_refused_exchange_tells_no_secret(served, connect):
    served.instead = [Answer(400, {"error": "invalid_client", "given": "exchange-secret"})]
    with pytest.raises(
        SourceRefused, match=r"POST /hubspot/token \(token\): refused with status 400.*invalid_client"
    ) as caught:
        connect(auth=exchange(json=True)).get("/x")
    assert "exchange-secret" not in str(caught.value) + repr(exchange())
    assert served.asked[0].json()["client_secret"] == "exchange-secret"
    served.instead = [Answer(200, {"token": "x"})]
    with pytest.raises(SourceMalformed, match="no access_token"):
        connect(auth=exchange()).get("/x")


def test_a_token_pasted_with_a_line_break_is_refused_without_being_told(connect):
    with pytest.raises(SourceRefused, match="not a request that can be sent") as caught:
        connect(auth=bearer(f"{TOKEN}\nx")).get("/x")
    assert TOKEN not in str(caught.value) and caught.value.__suppress_context__


def test_making_a_client_reaches_nothing_and_leaves_airflow_and_the_home_folder_alone(tmp_path):
    script = """
import sys

def watch(event, arguments):
    if event.startswith("socket.connect") and arguments[1][0] not in ("127.0.0.1", "0.0.0.0"):
        print("reached", arguments[1])

sys.addaudithook(watch)
from marketing_mart.connectors.client import bearer, client
assert "dlt" not in sys.modules, "dlt is imported before it is needed"
with client("http://127.0.0.1:9", auth=bearer("x"), patience=0) as api:
    try:
        api.get("/x")
    except Exception as error:
        print(type(error).__name__, "airflow" in sys.modules)
"""
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "plugins")}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert ran.stdout.strip() == "SourceUnavailable False", ran.stderr
    assert not list(tmp_path.iterdir())
