"""Alerts reach real servers on loopback, are routed by severity, and never leak a secret or raise."""

import json
import logging
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import apprise
import pytest

from marketing_mart import alerting
from marketing_mart.alerting import Alert, Delivery
from marketing_mart.config import Route
from marketing_mart.errors import GateFailed

DAY = date(2025, 6, 30)
ALERT = Alert(
    severity="error",
    title="check_landed failed: 1 of 140 checks failed",
    source="shopify",
    day=DAY,
    run_id="run-1",
    expected="order_id is never null",
    actual="12 of 480 rows otherwise",
    owner="data-team",
    next_step="make run MART_DATE=2025-06-30 MART_SOURCES=shopify",
    samples=("checks/run-1/samples/orders.csv",),
    demo=True,
)
AT = datetime(2025, 7, 1, 6, tzinfo=UTC)


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """The port that the server answers on, from a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[str]]]:
    """A mail server (RFC 5321, as little of it as a client needs): its port and the messages it was given."""
    received: list[str] = []

    class Smtp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 loopback\r\n")
            for line in self.rfile:
                verb = line.split()[0].upper()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    received.append(b"".join(lines).decode())
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                if verb == b"QUIT":
                    return

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)) as port:
        yield port, received


@pytest.fixture
def webhook() -> Iterator[tuple[int, list[dict], list[int]]]:
    """A receiver of JSON: its port, what it was given, and the status it answers (change the list)."""
    received: list[dict] = []
    status = [200]

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with serving(HTTPServer(("127.0.0.1", 0), Hook)) as port:
        yield port, received, status


def recorded(home: Path) -> list[dict]:
    return [json.loads(line) for line in (home / "alerts.jsonl").read_text().splitlines()]


def test_the_text_says_what_where_how_many_and_what_next() -> None:
    title, body = alerting.render(ALERT)
    assert title == "DEMO ERROR marketing-mart 2025-06-30: check_landed failed: 1 of 140 checks failed"
    assert body == (
        "source: shopify\n"
        "expected: order_id is never null\n"
        "actual: 12 of 480 rows otherwise\n"
        "samples: checks/run-1/samples/orders.csv\n"
        "next: make run MART_DATE=2025-06-30 MART_SOURCES=shopify\n"
        "owner: data-team\n"
        "run: run-1"
    )


def test_an_alert_of_the_business_is_not_marked_as_demo() -> None:
    assert alerting.render(Alert("warning", "odd"))[0] == "WARNING marketing-mart: odd"


def test_mail_arrives(tmp_path: Path, mailbox: tuple[int, list[str]]) -> None:
    port, received = mailbox
    route = Route(url=f"mailto://127.0.0.1:{port}?from=mart@example.com&to=oncall@example.com&format=text")
    assert alerting.send(ALERT, [route], home=tmp_path) == [Delivery("mailto://***", True)]
    (mail,) = received
    assert "oncall@example.com" in mail
    assert "12 of 480 rows otherwise" in mail


def test_a_webhook_is_called(tmp_path: Path, webhook: tuple[int, list[dict], list[int]]) -> None:
    port, received, _ = webhook
    assert alerting.send(ALERT, [Route(url=f"json://127.0.0.1:{port}/hook")], home=tmp_path)[0].delivered
    (message,) = received
    assert message["title"] == alerting.render(ALERT)[0]
    assert message["message"] == alerting.render(ALERT)[1]
    assert message["type"] == "failure"


def documented() -> dict[str, str]:
    """Each service of docs/alerts.md with the route that it shows."""
    text = (Path(__file__).resolve().parents[1] / "docs" / "alerts.md").read_text()
    rows = re.findall(r"^\| ([^|]+?) \| `([^`]+)`", text.split("## Services")[1].split("\n## ")[0], re.M)
    return dict(rows)


def test_apprise_knows_every_service_that_is_documented() -> None:
    services = documented()
    assert {name.split()[-1] for name in services} >= {
        "mail",
        "Slack",
        "Teams",
        "钉钉",
        "飞书",
        "企业微信",
        "PagerDuty",
    }
    assert len(services) == 10
    called = {  # as Apprise names them: a scheme with a slip in it may be somebody else's
        "mail": "E-Mail", "Slack": "Slack", "Microsoft Teams": "Power Automate / Workflows (for MSTeams)",
        "DingTalk 钉钉": "DingTalk", "Feishu 飞书": "Feishu", "Lark": "Lark (Feishu)", "WeCom 企业微信": "WeCom Bot",
        "PagerDuty": "Pager Duty", "a webhook": "JSON",
    }  # fmt: skip
    for name, url in services.items():
        if not url.startswith("file:"):
            assert str(apprise.Apprise.instantiate(url).service_name) == called[name], name
    assert apprise.Apprise.instantiate("nosuch://token") is None
    text = (Path(__file__).resolve().parents[1] / "docs" / "alerts.md").read_text()
    shown = re.findall(r'url: "([^"]+)"', text)
    assert len(shown) == 4
    for url in shown:
        assert apprise.Apprise.instantiate(url.replace("IntegrationKey@ApiKey", "k" * 32 + "@" + "a" * 20)), url


def test_a_file_route_lies_in_the_home_and_is_appended_to(tmp_path: Path) -> None:
    for _ in range(2):
        assert alerting.send(ALERT, [Route(url="file:alerts.txt")], home=tmp_path)[0].delivered
    assert (tmp_path / "alerts.txt").read_text().count("DEMO ERROR marketing-mart") == 2
    elsewhere = tmp_path / "other" / "alerts.txt"
    alerting.send(ALERT, [Route(url=f"file://{elsewhere}")], home=tmp_path / "home")
    assert elsewhere.exists()


@pytest.mark.parametrize(("severity", "reached"), [("error", ["errors.txt", "all.txt"]), ("warning", ["all.txt"])])
def test_a_route_of_errors_gets_no_warnings(severity: str, reached: list[str], tmp_path: Path) -> None:
    routes = [Route(url="file:errors.txt", severity="error"), Route(url="file:all.txt", severity="warning")]
    deliveries = alerting.send(Alert(severity, "odd"), routes, home=tmp_path)
    assert [delivery.route for delivery in deliveries] == [f"file:{name}" for name in reached]
    assert sorted(path.name for path in tmp_path.glob("*.txt")) == sorted(reached)


@pytest.mark.parametrize(("severity", "level"), [("error", logging.ERROR), ("warning", logging.WARNING)])
def test_every_alert_is_logged(severity: str, level: int, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    alerting.send(Alert(severity, "odd"), [], home=tmp_path)
    assert [(record.levelno, "marketing-mart: odd" in record.message) for record in caplog.records] == [(level, True)]


def test_what_can_not_be_delivered_is_recorded_without_secrets_and_the_other_routes_are_served(
    tmp_path: Path, webhook: tuple[int, list[dict], list[int]], caplog: pytest.LogCaptureFixture
) -> None:
    port, received, status = webhook
    status[0] = 500
    routes = [
        Route(url=f"json://user:hunter2secret@127.0.0.1:{port}/tok-abcdef123"),
        Route(url="nosuch://tok-abcdef123"),
        Route(url="json://127.0.0.1:1/tok-abcdef123"),
        Route(url="file:alerts.txt/impossible"),
        Route(url="file:alerts.txt"),
    ]
    (tmp_path / "alerts.txt").touch()
    deliveries = alerting.send(ALERT, routes, home=tmp_path, at=AT)
    assert received
    assert [delivery.delivered for delivery in deliveries] == [False, False, False, False, True]
    assert all(delivery.reason for delivery in deliveries[:4])
    (line,) = recorded(tmp_path)
    assert line["delivered"] is False
    assert line["at"] == "2025-07-01T06:00:00+00:00"
    assert [delivery["delivered"] for delivery in line["deliveries"]] == [False, False, False, False, True]
    told = (tmp_path / "alerts.jsonl").read_text() + caplog.text
    assert "500" in told
    assert "hunter2secret" not in told
    assert "tok-abcdef123" not in told


def test_an_alert_that_can_not_even_be_recorded_raises_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "home").touch()
    assert alerting.send(ALERT, [], home=tmp_path / "home") == []
    assert "alert not recorded" in caplog.text


def failure(error: BaseException) -> Alert:
    return alerting.alert_for(error, stage="extract shopify", run_id="run-1", day=DAY, owner="data-team", demo=False)


def test_our_own_errors_are_told_in_their_own_words() -> None:
    alert = failure(GateFailed("gate landed 2025-06-30: 1 of 9 checks failed\n  orders", next_step="make run"))
    assert alert.title == "extract shopify failed: gate landed 2025-06-30: 1 of 9 checks failed"
    assert alert.detail == "gate landed 2025-06-30: 1 of 9 checks failed\n  orders"
    assert alert.next_step == "make run"


def test_any_other_error_is_told_by_class_and_message_with_where_to_look() -> None:
    try:
        raise KeyError("order_id")
    except KeyError as error:
        alert = failure(error)
    assert alert.detail == "KeyError: 'order_id'"
    assert alert.next_step == "read the traceback in the log of task extract shopify"
    assert "Traceback" not in alerting.render(alert)[1]


@pytest.mark.parametrize(
    "leak",
    [
        "GET https://bob:hunter2secret@api.example.com/x",
        "GET https://api.example.com/x?access_token=hunter2secret&limit=5",
        "Authorization: Bearer hunter2secret",
        "authorization=Basic hunter2secret==",
        '{"client_secret": "hunter2secret", "grant_type": "x"}',
        "{'X-Shopify-Access-Token': 'hunter2secret'}",
        "developer-token: hunter2secret",
        "password=hunter2secret",
        "api_key=hunter2secret",
    ],
)
def test_no_secret_leaves_with_an_error(leak: str) -> None:
    alert = failure(RuntimeError(f"failed: {leak} after 3 tries"))
    assert "hunter2secret" not in "".join(alerting.render(alert))
    assert "after 3 tries" in alert.detail


def test_what_is_no_secret_stays() -> None:
    told = "landed shopify/orders 2025-03-04: 12 of 480 rows lack order_id; see https://docs.example.com/a?page=2"
    assert alerting.redact(told) == told
