"""Airflow and the simulator on one machine: their settings, their start, their end."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import psutil

from marketing_mart.errors import ConfigError, MartError
from marketing_mart.settings import PROJECT, Settings

QUIET = {  # no dependency reports home
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}
# `airflow standalone` starts the same four, but leaves them behind when it is killed, and the log servers of two
# of them on every address of the machine; the API server reads the logs' files itself.
SERVERS = {
    "api-server": (),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
START_SECONDS, STOP_SECONDS = 180, 10


def airflow_environment(settings: Settings, *, port: int | None = None) -> dict[str, str]:
    """Airflow's settings for this checkout: all its state under MART_HOME, its servers on loopback.

    `port` None: AIRFLOW_PORT, or 8080.
    """
    home = settings.home / "airflow"
    port = port or _port(os.environ.get("AIRFLOW_PORT") or "8080")
    return {
        **os.environ,
        **QUIET,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{quote(str(home))}/airflow.db",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        # its own defaults let everybody read them
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "MART_HOME": str(settings.home),
        "MART_CONFIG": str(settings.config_path.absolute()),
        "PYTHONPATH": f"{PROJECT / 'plugins'}{os.pathsep}{PROJECT}",  # the second for expectations/
        "PYTHONUNBUFFERED": "1",
    }


def prepare_airflow(environment: dict[str, str], settings: Settings) -> None:
    """Bring Airflow's own database up to its version, once per version."""
    home = Path(environment["AIRFLOW_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)  # its connections and their key: for no group, whatever MART_UMASK lets read the mart
    stamp = home / f".ready-{version('apache-airflow')}"
    if not stamp.exists():
        print("preparing Airflow's own database (once)", flush=True)
        airflow(environment, home / "prepare.log", "db", "migrate")
        stamp.touch()
    keyed = home / ".identity"
    if not settings.demo and not keyed.exists():
        _ensure_identity(environment, home / "prepare.log")
        keyed.touch()


def stay_up(environment: Mapping[str, str], settings: Settings) -> None:
    """Airflow with its UI, until Ctrl-C or SIGTERM; then every process of it ends, running tasks included."""
    address = environment["AIRFLOW__API__BASE_URL"]
    _require_free(int(environment["AIRFLOW__API__PORT"]))
    passwords = Path(environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    ensure_password(passwords)
    servers: dict[str, subprocess.Popen] = {}
    with _told_to_end(), _guarded() as guarded:
        try:
            print("starting Airflow", flush=True)
            for name, options in SERVERS.items():
                servers[name] = _start(environment, settings.home / "logs" / f"airflow-{name}.log", name, *options)
                guarded(servers[name].pid)
                if name == "api-server":  # a task that can't reach it fails
                    _wait_until_ready(servers, f"{address}/api/v2/version", settings)
            print(f"Airflow: {address}  user admin, password in {passwords}; Ctrl-C ends it", flush=True)
            while True:
                _require_alive(servers, settings)
                time.sleep(1)
        except KeyboardInterrupt:
            print("\nending Airflow", flush=True)
        finally:
            tasks_report_to = servers.pop("api-server", None)
            _end(servers.values())
            _end([tasks_report_to] if tasks_report_to else [])


def ensure_password(passwords: Path) -> None:
    """A fresh password of `admin`, once, readable by its owner only (Airflow would print one to its log)."""
    passwords.parent.mkdir(parents=True, exist_ok=True)
    with (
        suppress(FileExistsError),
        os.fdopen(os.open(passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream,
    ):
        json.dump({"admin": secrets.token_urlsafe(18)}, stream)


def airflow(environment: dict[str, str], log: Path, *command: str) -> None:
    """Run one airflow command to its end; what it prints goes to `log`."""
    with log.open("ab") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command], env=environment, stdout=stream, stderr=subprocess.STDOUT,
            check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise MartError(f"`airflow {' '.join(command[:2])}` ended with {done.returncode}", next_step=f"read {log}")


def _ensure_identity(environment: dict[str, str], log: Path) -> None:
    """The key of the personal hashes: made up once where nobody has set one, kept as an Airflow connection only."""
    known = subprocess.run(
        [sys.executable, "-m", "airflow", "connections", "get", "mart_identity"],
        env=environment, capture_output=True, check=False,
    )  # fmt: skip
    if known.returncode != 0:
        # through the environment of a child, since other users can read a command line
        code = (
            "import os; from airflow.models import Connection; from airflow.utils.session import create_session\n"
            "with create_session() as s: s.add(Connection(conn_id='mart_identity', conn_type='generic',"
            " password=os.environ['MART_NEW_KEY']))"
        )
        with log.open("ab") as stream:
            subprocess.run(
                [sys.executable, "-c", code], env=environment | {"MART_NEW_KEY": secrets.token_hex(32)},
                stdout=stream, stderr=subprocess.STDOUT, check=True,
            )  # fmt: skip
        print("made the connection mart_identity, which keys the hashes of emails and phones: keep a copy", flush=True)


@contextmanager
def simulator(settings: Settings, day: date | None) -> Iterator[str]:
    """The simulated vendors' address for as long as the block runs; '' where no simulator is wanted.

    `day` None: its clock follows the wall clock.
    """
    if not settings.demo or settings.simulator_url:
        yield settings.simulator_url
        return
    ready = settings.home / f".simulator-{os.getpid()}"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "simulator", "--port", "0", "--ready-file", str(ready)]
    command += ["--parent", str(os.getpid()), *(["--as-of", str(day)] if day else [])]
    log = settings.home / "logs" / "simulator.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=stream, stderr=subprocess.STDOUT)
    try:
        for _ in range(1200):
            if ready.exists():
                break
            if process.poll() is not None:
                told = log.read_text(errors="replace").strip().splitlines()
                raise ConfigError(f"the simulator did not start: {told[-1] if told else 'no word'}")
            time.sleep(0.1)
        else:
            raise MartError("the simulator was not ready within two minutes", next_step=f"read {log}")
        yield ready.read_text().strip()
    finally:
        process.terminate()
        process.wait()
        ready.unlink(missing_ok=True)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigError(f"AIRFLOW_PORT={text} is no port", next_step="give a number from 1 to 65535")
    return int(text)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was left a moment ago is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(
                f"port {port} of 127.0.0.1 can't be had for Airflow: {error.strerror}",
                next_step=f"end what listens there, or take another: make up AIRFLOW_PORT={port + 1}",
            ) from None


def _start(environment: Mapping[str, str], log: Path, *command: str) -> subprocess.Popen:
    """One Airflow server in a session of its own, so that a terminal's Ctrl-C reaches us alone."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", "airflow", *command], env=environment, stdin=subprocess.DEVNULL, stdout=stream,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


@contextmanager
def _guarded() -> Iterator[Callable[[int], None]]:
    """A killed `make up` must not leave a scheduler behind: whoever is named to the guard dies with us.

    SIGTERM by the kernel would not do: Airflow's scheduler then waits for its idle workers, for ever.
    """
    command = [sys.executable, "-c", "from marketing_mart import laptop; laptop.guard()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True) as process:

        def name(pid: int) -> None:
            process.stdin.write(f"{pid}\n")
            process.stdin.flush()

        try:
            yield name
        finally:
            process.kill()


def guard() -> None:
    """The guard's own process: its standard input names pids and ends when `make up` does."""
    for pid in [int(line) for line in sys.stdin]:
        _kill(_family(pid))


def _wait_until_ready(servers: Mapping[str, subprocess.Popen], url: str, settings: Settings) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _require_alive(servers, settings)
        with suppress(OSError), urlopen(url, timeout=5):
            return
        time.sleep(0.5)
    raise MartError(f"Airflow did not answer at {url} in {START_SECONDS} s", next_step=_logs(settings, "api-server"))


def _require_alive(servers: Mapping[str, subprocess.Popen], settings: Settings) -> None:
    for name, process in servers.items():
        if process.poll() is not None:
            raise MartError(f"Airflow's {name} ended with {process.returncode}", next_step=_logs(settings, name))


def _logs(settings: Settings, name: str) -> str:
    return f"read {settings.home / 'logs' / f'airflow-{name}.log'}"


@contextmanager
def _told_to_end() -> Iterator[None]:
    """SIGTERM and a closed terminal end the block as Ctrl-C does; another Ctrl-C does not disturb the ending."""

    def end(*_) -> None:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(servers: Collection[subprocess.Popen]) -> None:
    """Ask every server to end; what still lives after a while, tasks under way included, is killed."""
    family = [process for server in servers for process in _family(server.pid)]
    for server in servers:
        server.terminate()
    _, left = psutil.wait_procs(family, timeout=STOP_SECONDS)
    _kill([relative for survivor in left for relative in _family(survivor.pid)])
    psutil.wait_procs(left, timeout=STOP_SECONDS)


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants, whatever sessions and groups they have made for themselves."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []
