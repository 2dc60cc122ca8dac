"""What a run found is one message a route: grouped, not told again while it lasts, told when it is over."""

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from loopback import Answer, serving

from marketing_mart import alerting, cli
from marketing_mart.alerting import Alert, routes, state
from marketing_mart.config import Alerts, Route
from marketing_mart.errors import LostPlace

DAY = date(2025, 6, 30)
BEGIN = datetime(2025, 7, 1, 3, tzinfo=UTC)
TO_ALL = (Route(url="file:all.txt", severity="warning"),)
ORDERS = Alert(
    "error", "shopify__orders has_id", source="shopify", day=DAY, run_id="run-1", actual="12 of 480 rows otherwise",
    owner="shop-team", identity="check:landed:shopify__orders:has_id:shopify", failed_rows=12,
)  # fmt: skip
CLICKS = replace(ORDERS, title="meta clicks", severity="warning", source="meta_ads", identity="check:landed:clicks")


class Runs:
    """Runs of one MART_HOME, a day apart; each tells what it found."""

    def __init__(self, home: Path, **alerts: object) -> None:
        self.home, self.alerts, self.number = home, Alerts(**({"routes": TO_ALL} | alerts)), 0

    def run(self, *found: Alert, over: Iterable[Alert] = (), hours: float = 24, **more: str) -> str:
        """What the run's messages add to the files of the routes."""
        self.number += 1
        over = {alert.identity for alert in over}
        before = self.read()
        alerting.report(
            [replace(alert, run_id=f"run-{self.number}") for alert in found],
            lambda alert: alert.identity in over,
            self.alerts,
            home=self.home,
            demo=False,
            at=BEGIN + timedelta(hours=hours) * (self.number - 1),
            **more,
        )
        return self.read().removeprefix(before)

    def read(self, name: str = "all.txt") -> str:
        path = self.home / name
        return path.read_text() if path.exists() else ""

    def kept(self) -> dict:
        return json.loads((self.home / "alerts.json").read_text())


@pytest.fixture
def runs(tmp_path) -> Runs:
    return Runs(tmp_path)


def titles(text: str) -> list[str]:
    return [line for line in text.splitlines() if "marketing-mart" in line]


# -- once while it lasts, and when it is over


def test_a_problem_is_told_once_while_it_lasts_and_when_it_is_over(runs):
    assert titles(runs.run(ORDERS, hours=1)) == ["ERROR marketing-mart 2025-06-30: shopify__orders has_id"]
    assert runs.run(ORDERS, hours=1) == ""
    assert runs.run(ORDERS, hours=1) == ""
    over = runs.run(over=[ORDERS], hours=1)
    assert titles(over) == ["OVER marketing-mart 2025-06-30: shopify__orders has_id"]
    assert "since: 2025-07-01 03:00 UTC until 2025-07-01 06:00 UTC, 3 runs" in over
    assert runs.run(hours=1) == ""
    assert runs.kept()["problems"] == {}


def test_what_was_not_looked_at_stays_open(runs):
    runs.run(ORDERS, hours=1)
    assert runs.run(hours=1) == ""
    assert runs.run(ORDERS, hours=1) == "", "the same problem, not a new one"
    assert "2 runs" in runs.run(over=[ORDERS], hours=1)


def test_a_problem_that_comes_back_is_told_again(runs):
    runs.run(ORDERS, hours=1)
    runs.run(over=[ORDERS], hours=1)
    assert titles(runs.run(ORDERS, hours=1)) == ["ERROR marketing-mart 2025-06-30: shopify__orders has_id"]


def test_a_reminder_comes_after_the_hours_of_the_configuration(tmp_path):
    runs = Runs(tmp_path, remind_after_hours=48)
    assert runs.run(ORDERS) and not runs.run(ORDERS)
    reminder = runs.run(ORDERS)
    assert titles(reminder) == ["STILL ERROR marketing-mart 2025-06-30: shopify__orders has_id"]
    assert "since: 2025-07-01 03:00 UTC, 3 runs" in reminder
    assert not runs.run(ORDERS)


def test_one_that_gets_worse_or_spreads_to_another_account_is_told_at_once(runs):
    first = replace(CLICKS, variants=("act_1",))
    runs.run(first, hours=1)
    assert runs.run(first, hours=1) == ""
    assert titles(runs.run(replace(first, variants=("act_1", "act_2")), hours=1))
    assert runs.run(first, hours=1) == "", "an account less is no news"
    worse = replace(first, severity="error")
    assert titles(runs.run(worse, hours=1)) == ["ERROR marketing-mart 2025-06-30: meta clicks"]
    assert runs.run(worse, hours=1) == ""


def test_the_same_run_looked_at_twice_is_one_run(runs):
    runs.run(ORDERS, hours=1)
    runs.number -= 1
    runs.run(ORDERS, hours=1)
    assert "1 run\n" in runs.run(over=[ORDERS], hours=1)


# -- one message a run


def many(count: int) -> list[Alert]:
    checks = [replace(ORDERS, title=f"check {n:02}", identity=f"check:{n}", failed_rows=n) for n in range(count)]
    samples = tuple(f"order_id={n}" for n in range(3))
    return [replace(check, samples=samples, sample_path=f"/samples/{check.title}.csv") for check in checks]


def test_twelve_checks_are_one_message_with_the_worst_in_full(runs):
    told = runs.run(CLICKS, *many(12), headline="check_landed failed: 12 of 140 checks failed", link="/docs/index.html")
    assert titles(told) == ["ERROR marketing-mart 2025-06-30: check_landed failed: 12 of 140 checks failed"]
    assert told.count("actual: ") == 4
    assert [
        told.index(f"{place}. ERROR shopify: check {n}") for place, n in ((1, "11"), (2, "10"), (3, "09"), (4, "08"))
    ]
    assert told.count("order_id=0") == 3, "rows of the first few"
    assert "/samples/check 08.csv" in told
    assert "and 9 more (8 errors, 1 warning; see /docs/index.html):" in told
    assert "WARNING meta_ads: meta clicks" in told
    assert "page: /docs/index.html" in told


def test_news_and_what_is_over_come_in_one_message(runs):
    runs.run(ORDERS, CLICKS, hours=1)
    told = runs.run(many(1)[0], CLICKS, over=[ORDERS], hours=1)
    assert titles(told) == ["ERROR marketing-mart 2025-06-30: 1 error, 1 over, first: check 00"]
    assert "OVER shopify__orders has_id: since 2025-07-01 03:00 UTC until" in told
    assert "meta clicks" not in told


def test_a_message_has_a_length_that_every_service_takes(runs):
    long = [replace(check, detail="x" * 3000) for check in many(12)]
    told = runs.run(*long, link="/docs/index.html")
    assert len(told) < 4000
    assert "(cut; the rest is in /docs/index.html)" in told


# -- who hears of it


@pytest.fixture
def by_owner(tmp_path) -> Runs:
    return Runs(
        tmp_path,
        routes=(
            Route(url="file:shop.txt", severity="error", owner="shop-team"),
            Route(url="file:all.txt", severity="warning"),
            Route(url="file:errors.txt"),
        ),
    )


def reached(runs: Runs) -> list[str]:
    return sorted(path.name for path in runs.home.glob("*.txt"))


def test_a_problem_goes_to_its_owners_route(by_owner):
    by_owner.run(ORDERS)
    assert reached(by_owner) == ["shop.txt"]


def test_an_owner_without_a_route_is_heard_by_those_that_name_none(by_owner):
    by_owner.run(replace(ORDERS, owner="crm-team"))
    assert reached(by_owner) == ["all.txt", "errors.txt"]


def test_a_warning_that_the_owners_route_does_not_take_goes_to_the_others(by_owner):
    by_owner.run(replace(ORDERS, severity="warning"))
    assert reached(by_owner) == ["all.txt"]


def test_where_every_route_is_somebody_elses_all_of_them_hear_it(tmp_path):
    runs = Runs(tmp_path, routes=(Route(url="file:shop.txt", severity="warning", owner="shop-team"),))
    runs.run(replace(CLICKS, owner="crm-team"), replace(ORDERS, owner="crm-team"))
    assert reached(runs) == ["shop.txt"]
    assert "2025-06-30: 1 error, 1 warning" in runs.read("shop.txt")


def test_each_route_gets_its_own_problems_and_their_end(by_owner):
    crm = replace(CLICKS, owner="crm-team")
    by_owner.run(ORDERS, crm)
    assert "meta clicks" not in by_owner.read("shop.txt") and "has_id" not in by_owner.read("all.txt")
    by_owner.run(over=[ORDERS, crm])
    assert by_owner.read("shop.txt").count("OVER") == by_owner.read("all.txt").count("OVER") == 1
    assert by_owner.read("errors.txt") == ""


def test_an_error_that_no_route_takes_is_logged_and_not_forgotten(tmp_path, caplog):
    runs = Runs(tmp_path, routes=())
    runs.run(ORDERS)
    assert "shopify__orders has_id" in caplog.text
    (missed,) = alerting.undelivered(tmp_path)
    assert "alerts.routes has none that takes it" in str(missed)


# -- what can't be delivered


def broken(runs: Runs) -> Path:
    """The route of all has a folder in its place."""
    (runs.home / "all.txt").mkdir(parents=True)
    return runs.home / "all.txt"


def test_what_was_not_delivered_comes_with_the_next_run_and_says_so(runs):
    wall = broken(runs)
    runs.number += 1
    alerting.report([ORDERS], lambda _: False, runs.alerts, home=runs.home, demo=False, at=BEGIN)
    wall.rmdir()
    told = runs.run(hours=1)
    assert "shopify__orders has_id" in told, "though that run did not look at it"
    assert "earlier alerts were not delivered" in told
    assert "file:all.txt: IsADirectoryError" in told and "2025-07-01 03:00 UTC: shopify__orders has_id" in told
    assert runs.run(ORDERS, hours=1) == "", "and is told then"


def test_a_route_that_works_hears_of_one_that_does_not_once_a_reminder_s_time(tmp_path):
    runs = Runs(tmp_path, routes=(*TO_ALL, Route(url="file:all.txt/dead", severity="warning")))
    assert "not delivered" not in runs.run(ORDERS, hours=1)
    assert "file:all.txt/dead: FileExistsError" in runs.run(ORDERS, hours=1)
    assert runs.run(ORDERS, hours=1) == ""
    assert "2 times, last 2025-07-01 05:00 UTC" in runs.run(ORDERS, hours=24)


def test_a_fault_of_alerting_itself_is_told_by_the_next_run(runs, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("token=hunter2secret")

    alerting.guarded(fail, home=runs.home)
    assert "alerting failed" in caplog.text
    told = runs.run(hours=1)
    assert titles(told) == ["ERROR marketing-mart: earlier alerts were not delivered"]
    assert "alerting itself: ZeroDivisionError: token=***" in told
    assert runs.run(hours=1) == ""


def test_a_server_that_answers_byte_by_byte_does_not_hold_the_run_up(tmp_path, monkeypatch):
    monkeypatch.setattr(routes, "SEND_SECONDS", 0.3)
    ends = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            while not ends.wait(0.05):
                connection.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        route = Route(url=f"json://127.0.0.1:{server.getsockname()[1]}/")
        (delivery,) = alerting.send(ORDERS, [route], home=tmp_path)
        ends.set()
        thread.join()
    assert not delivery.delivered
    assert delivery.reason == "no end after 0.3 s"


# -- what is kept


def test_a_state_that_can_not_be_read_is_said_and_nothing_is_lost(runs):
    runs.run(ORDERS, hours=1)
    (runs.home / "alerts.json").write_text('{"problems": ')
    told = runs.run(ORDERS, hours=1)
    assert "shopify__orders has_id" in told and "the state of alerts was lost" in told
    assert runs.run(ORDERS, hours=1) == ""


def test_a_state_that_can_not_be_written_stops_no_alert(runs, caplog):
    (runs.home / "alerts.json.tmp").mkdir()
    assert titles(runs.run(ORDERS, hours=1)) == titles(runs.run(ORDERS, hours=1)) != []
    assert "alerts may be told again" in caplog.text


def test_a_lock_that_is_never_let_go_stops_no_alert(runs, monkeypatch, caplog):
    monkeypatch.setattr(state, "LOCK_PATIENCE_SECONDS", 0.1)
    with state.kept(runs.home, logging.getLogger()):
        assert runs.run(ORDERS)
    assert "alerts go on without it" in caplog.text


def test_two_that_report_at_once_tell_it_once(tmp_path):
    code = (
        "import sys; from pathlib import Path; import test_alert_reports as t; from marketing_mart import alerting;"
        "alerting.report([t.ORDERS], lambda _: False, t.Alerts(routes=t.TO_ALL), home=Path(sys.argv[1]), demo=False)"
    )
    path = ":".join(sys.path)
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env={"PYTHONPATH": path}) for _ in "12"]
    assert [process.wait() for process in processes] == [0, 0]
    assert (tmp_path / "all.txt").read_text().count("ERROR marketing-mart") == 1


def test_rows_stay_out_of_what_is_kept(runs):
    row = "customer_id=0f3a"
    assert row in runs.run(replace(ORDERS, samples=(row,), sample_path="/samples/orders.csv"))
    kept = (runs.home / "alerts.json").read_text() + (runs.home / "alerts.jsonl").read_text()
    assert row not in kept and "/samples/orders.csv" in kept


def test_no_route_s_secret_is_kept(tmp_path):
    with serving() as hook:  # one that takes it, so that it is kept as told, and one that does not
        hook.instead += [Answer(200), Answer(200)]
        port = hook.url.rpartition(":")[2]
        ports = (port, "1")
        urls = [f"json://user:hunter2secret@127.0.0.1:{one}/tok-abcdef123" for one in ports]
        runs = Runs(tmp_path, routes=tuple(Route(url=url) for url in urls))
        runs.run(ORDERS)
        runs.run(ORDERS)
        assert hook.asked
    assert runs.kept()["problems"][ORDERS.identity]["told"]
    kept = (tmp_path / "alerts.json").read_text() + (tmp_path / "alerts.jsonl").read_text()
    assert "hunter2secret" not in kept and "tok-abcdef123" not in kept


def test_history_lists_what_nobody_got(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MART_HOME", str(tmp_path))
    monkeypatch.delenv("MART_CONFIG", raising=False)
    alerting.send(ORDERS, [Route(url="json://127.0.0.1:1/")], home=tmp_path, at=BEGIN)
    assert cli.main(["history"]) == 0
    printed = capsys.readouterr().out
    assert "alerts that were not delivered" in printed
    assert "json://***: " in printed and "2025-07-01 03:00 UTC: shopify__orders has_id" in printed


def test_failures_that_are_held_are_told_together(runs):
    for source in ("shopify", "hubspot"):
        failed = Alert("error", f"extract {source} failed", source=source, run_id="run-1", identity=f"stage:{source}")
        alerting.hold(failed, home=runs.home)
        alerting.hold(failed, home=runs.home)
    assert runs.read() == ""
    told = runs.run()
    assert len(titles(told)) == 1 and "2 errors" in told
    assert runs.run() == ""


def test_one_that_was_held_and_went_well_in_a_later_try_is_not_told(runs):
    alerting.hold(ORDERS, home=runs.home)
    assert runs.run(over=[ORDERS]) == ""
    assert runs.run() == ""


# -- what a green run costs


def test_a_green_run_with_nothing_open_sends_nothing_and_imports_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from marketing_mart import alerting;"
        "from marketing_mart.config import Alerts, Route;"
        "alerts = Alerts(routes=[Route(url='json://127.0.0.1:1/')]);"
        "alerting.report([], lambda _: True, alerts, home=Path(sys.argv[1]), demo=False);"
        "sys.exit('apprise was imported' if 'apprise' in sys.modules else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env={"PYTHONPATH": ":".join(sys.path)})
    assert done.returncode == 0
    assert not (tmp_path / "alerts.jsonl").exists() and not (tmp_path / "alerts.json").exists()


def test_a_run_that_lost_its_place_is_no_problem_that_lasts(runs):
    error = LostPlace("run 1 lost its place", next_step="make history")
    lost = alerting.alert_for(error, stage="publish", run_id="run-1", day=DAY, owner="data-team", demo=False)
    assert titles(runs.run(lost)) == ["WARNING marketing-mart 2025-06-30: publish failed: run 1 lost its place"]
    assert not (runs.home / "alerts.json").exists()
