"""`make up` and the simulator beside `make run`: on loopback, under MART_HOME, and gone when they are told to go."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from marketing_mart import cli, laptop, settings
from marketing_mart.errors import ConfigError, MartError

ROOT = Path(__file__).resolve().parents[1]

# Stands in for `python -m airflow <server>`: notes its pid and that of a child in a session of its own that
# outlives SIGTERM, as Airflow's tasks may; the API server answers, unless told to break down.
FAKE_AIRFLOW = """
import os, pathlib, signal, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
folder, name = pathlib.Path(os.environ["FAKE_FOLDER"]), sys.argv[1]
def note(what):
    with (folder / "notes.txt").open("a") as stream:
        stream.write(f"{name} {what}\\n")
def end(*_):
    note("ends")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
note("begins")
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", stubborn], start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
(folder / f"{name}.pids").write_text(f"{os.getpid()} {child.pid}")
if os.environ.get("FAKE_BROKEN") == name:
    child.kill()
    sys.exit("out of luck")
class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        note("answers")
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
if name == "api-server":
    time.sleep(0.5)
    HTTPServer((os.environ["AIRFLOW__API__HOST"], int(os.environ["AIRFLOW__API__PORT"])), Answer).serve_forever()
time.sleep(600)
"""

STAY_UP = """
import os
from marketing_mart import laptop, settings
laptop.STOP_SECONDS = 1
config = settings.load()
environment = laptop.airflow_environment(config)
environment["PYTHONPATH"] = os.environ["FAKE_FOLDER"] + os.pathsep + environment["PYTHONPATH"]
laptop.stay_up(environment, config)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("MART_", "AIRFLOW"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MART_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def fake(tmp_path, monkeypatch, home) -> Iterator[Path]:
    """A folder whose `airflow` package takes the place of the real one in children."""
    package = tmp_path / "fake" / "airflow"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(FAKE_AIRFLOW)
    monkeypatch.setenv("FAKE_FOLDER", str(package.parent))
    monkeypatch.setenv("AIRFLOW_PORT", str(free_port()))
    yield package.parent
    for pid in pids(package.parent):  # those that a red test has left
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def start(folder: Path) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT}"}
    return subprocess.Popen(
        [sys.executable, "-c", STAY_UP], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def until_up(process: subprocess.Popen) -> str:
    told = ""
    for line in process.stdout:
        told += line
        if "Ctrl-C ends it" in line:
            return told
    raise AssertionError(f"ended before it was up: {told}")


def until_all_stand(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while len(list(folder.glob("*.pids"))) < len(laptop.SERVERS):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pids(folder: Path) -> list[int]:
    """Of the servers and of their stubborn children."""
    return [int(pid) for path in folder.glob("*.pids") for pid in path.read_text().split()]


def gone(numbers: list[int]) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        living = [pid for pid in numbers if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]
        if not living:
            return True
        time.sleep(0.05)
    return False


# -- what Airflow is told


def test_airflow_serves_on_loopback_only(home):
    told = laptop.airflow_environment(settings.load())
    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    for name in ("AIRFLOW__API__BASE_URL", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"):
        assert told[name].startswith("http://127.0.0.1:8080"), name
    # both would serve their logs on every address of the machine, and nothing tells them another
    assert "--skip-serve-logs" in laptop.SERVERS["scheduler"]
    assert "--skip-serve-logs" in laptop.SERVERS["triggerer"]


def test_all_of_airflows_state_lies_in_the_mart_home(home):
    told = laptop.airflow_environment(settings.load())
    for name in ("AIRFLOW_HOME", "AIRFLOW__LOGGING__BASE_LOG_FOLDER", "MART_HOME"):
        assert Path(told[name]).is_relative_to(home), name
    assert Path(told["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).is_relative_to(home)
    assert told["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == f"sqlite:///{home}/airflow/airflow.db"


def test_nothing_reports_home(home):
    told = laptop.airflow_environment(settings.load())
    assert told["DO_NOT_TRACK"] == "1"
    assert told["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert told["GX_ANALYTICS_ENABLED"] == "false"
    assert told["RUNTIME__DLTHUB_TELEMETRY"] == "false"


def test_another_port_moves_every_address_that_names_it(home, monkeypatch):
    monkeypatch.setenv("AIRFLOW_PORT", "8099")
    told = laptop.airflow_environment(settings.load())
    assert told["AIRFLOW__API__PORT"] == "8099"
    assert told["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:8099"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8099/execution/"


@pytest.mark.parametrize("port", ["0", "65536", "web", "-1"])
def test_a_port_that_is_none_is_refused(home, monkeypatch, port):
    monkeypatch.setenv("AIRFLOW_PORT", port)
    with pytest.raises(ConfigError, match=f"AIRFLOW_PORT={port}"):
        laptop.airflow_environment(settings.load())


def test_the_password_is_made_once_and_only_its_owner_reads_it(tmp_path):
    passwords, other = tmp_path / "a" / "passwords.json", tmp_path / "b" / "passwords.json"
    laptop.ensure_password(passwords)
    laptop.ensure_password(other)
    first = json.loads(passwords.read_text())
    assert len(first["admin"]) >= 20
    assert first != json.loads(other.read_text())
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    laptop.ensure_password(passwords)
    assert json.loads(passwords.read_text()) == first


# -- make up


def test_a_port_that_is_taken_is_a_clear_error_and_nothing_starts(fake, home):
    config = settings.load()
    environment = laptop.airflow_environment(config)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(environment["AIRFLOW__API__PORT"])))
        holder.listen()
        with pytest.raises(ConfigError, match=rf"port {environment['AIRFLOW__API__PORT']} .*Address already in use"):
            laptop.stay_up(environment, config)
    assert not pids(fake)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_when_told_to_end_every_process_of_airflow_ends(fake, number):
    process = start(fake)
    try:
        told = until_up(process)
        assert "user admin, password in " in told
        until_all_stand(fake)
        started = pids(fake)
        assert len(started) == 8
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert gone(started)
    finally:
        process.kill()


def test_the_api_server_stands_before_the_scheduler_and_ends_after_it(fake):
    """A task that can't reach it when it starts or ends has failed."""
    process = start(fake)
    try:
        until_up(process)
        until_all_stand(fake)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
    finally:
        process.kill()
    notes = (fake / "notes.txt").read_text().splitlines()
    assert notes[:2] == ["api-server begins", "api-server answers"]
    assert notes[-1] == "api-server ends"
    assert {f"{name} ends" for name in laptop.SERVERS} <= set(notes)


def test_a_killed_make_up_leaves_nothing_behind(fake):
    process = start(fake)
    until_up(process)
    until_all_stand(fake)
    process.kill()
    assert gone(pids(fake))


def test_a_server_that_breaks_down_ends_the_others_and_is_named(fake, home, monkeypatch):
    monkeypatch.setenv("FAKE_BROKEN", "scheduler")
    process = start(fake)
    told, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Airflow's scheduler ended with 1" in told
    assert f"read {home / 'logs' / 'airflow-scheduler.log'}" in told
    assert "out of luck" in (home / "logs" / "airflow-scheduler.log").read_text()
    assert gone(pids(fake))


@pytest.mark.parametrize("command", ["run", "up"])
def test_one_of_make_run_and_make_up_at_a_time(home, capsys, monkeypatch, command):
    monkeypatch.setattr(laptop, "simulator", lambda *_: pytest.fail("went on"))
    home.mkdir()
    with cli._alone(home / "run.lock"):
        assert cli.main([command]) == 1
    assert "a `make run` or `make up` is under way" in capsys.readouterr().err


# -- the simulator beside them


def test_the_simulator_lives_as_long_as_the_block(home):
    config = settings.load()
    with pytest.raises(ZeroDivisionError), laptop.simulator(config, date(2025, 6, 30)) as url:
        assert url.startswith("http://127.0.0.1:")
        assert "2025-06-30" in urlopen(f"{url}/_control", timeout=10).read().decode()
        raise ZeroDivisionError
    with pytest.raises(URLError, match="refused"):
        urlopen(f"{url}/_control", timeout=2)


def test_a_simulator_that_does_not_start_is_a_clear_error(home):
    told = "the simulator did not start: .*world begins on"
    with pytest.raises(ConfigError, match=told), laptop.simulator(settings.load(), date(1900, 1, 1)):
        pass


def test_no_simulator_is_started_for_the_business_or_beside_one_that_is_named(home, tmp_path, monkeypatch):
    monkeypatch.setattr(laptop.subprocess, "Popen", lambda *_, **__: pytest.fail("started one"))
    monkeypatch.setenv("MART_SIMULATOR_URL", "http://127.0.0.1:9")
    with laptop.simulator(settings.load(), None) as url:
        assert url == "http://127.0.0.1:9"
    monkeypatch.delenv("MART_SIMULATOR_URL")
    business = tmp_path / "mart.yml"
    business.write_text("sources: {files: {}}\n")
    monkeypatch.setenv("MART_CONFIG", str(business))
    with laptop.simulator(settings.load(), None) as url:
        assert url == ""


def test_an_airflow_command_that_fails_names_its_log(fake, home):
    environment = laptop.airflow_environment(settings.load())
    environment |= {"PYTHONPATH": str(fake), "FAKE_BROKEN": "db"}
    home.mkdir()
    with pytest.raises(MartError, match=r"`airflow db migrate` ended with 1") as caught:
        laptop.airflow(environment, home / "log", "db", "migrate")
    assert str(home / "log") in str(caught.value)
