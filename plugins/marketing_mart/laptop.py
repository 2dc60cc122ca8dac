"""Airflow and the simulator on one machine: their settings, their start, their end."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path

from marketing_mart.errors import ConfigError, MartError
from marketing_mart.settings import PROJECT, Settings

QUIET = {  # no dependency reports home
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}


def airflow_environment(settings: Settings, *, port: int = 8080) -> dict[str, str]:
    """Airflow's settings for this checkout: all its state under MART_HOME, its servers on loopback."""
    home = settings.home / "airflow"
    return {
        **os.environ,
        **QUIET,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "MART_HOME": str(settings.home),
        "MART_CONFIG": str(settings.config_path.absolute()),
        "PYTHONPATH": f"{PROJECT / 'plugins'}{os.pathsep}{PROJECT}",  # the second for expectations/
        "PYTHONUNBUFFERED": "1",
    }


def prepare_airflow(environment: dict[str, str], settings: Settings) -> None:
    """Bring Airflow's own database up to its version, once per version."""
    home = Path(environment["AIRFLOW_HOME"])
    stamp = home / f".ready-{version('apache-airflow')}"
    if not stamp.exists():
        print("preparing Airflow's own database (once)", flush=True)
        home.mkdir(parents=True, exist_ok=True)
        airflow(environment, home / "prepare.log", "db", "migrate")
        stamp.touch()
    keyed = home / ".identity"
    if not settings.demo and not keyed.exists():
        _ensure_identity(environment, home / "prepare.log")
        keyed.touch()


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
