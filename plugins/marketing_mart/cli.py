"""The commands behind the Makefile: run, up, sql, metrics, rollback, history, backfill, late."""

import argparse
import fcntl
import json
import logging
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from shutil import get_terminal_size
from zoneinfo import ZoneInfo

from marketing_mart import alerting, laptop, publishing, settings, stewardship
from marketing_mart.errors import MartError, PublishError
from marketing_mart.redaction import printable
from marketing_mart.registry import Registry, Run

# Airflow's log lines that are ours: progress by the pipeline itself, warnings by any part.
PROGRESS = re.compile(
    r"\[(?:info *\] (?P<text>.*?) +\[marketing_mart\]|warning *\] (?P<warning>.*?) +\[marketing_mart)"
)
OUR_ERROR = re.compile(r"^marketing_mart\.errors\.\w+: (?P<text>.+(?:\n  +.+)*)", re.MULTILINE)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="marketing_mart", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in (("run", run), ("up", up), ("rollback", rollback), ("late", late)):
        commands.add_parser(name, help=function.__doc__.splitlines()[0]).set_defaults(function=function)
    past = commands.add_parser("history", help=history.__doc__.splitlines()[0])
    past.add_argument("--run")
    past.set_defaults(function=history)
    older = commands.add_parser("backfill", help=backfill.__doc__.splitlines()[0])
    for name in ("--from", "--to"):
        older.add_argument(name, required=True)
    older.add_argument("--dry-run", action="store_true")
    older.set_defaults(function=backfill)
    prompt = commands.add_parser("sql", help=sql.__doc__.splitlines()[0])
    prompt.add_argument("--query")
    prompt.set_defaults(function=sql)
    ask = commands.add_parser("metrics", help=metrics.__doc__.splitlines()[0])
    ask.add_argument("--query")
    ask.set_defaults(function=metrics)
    stewardship.add_commands(commands)
    told = parser.parse_args(arguments)
    logging.getLogger("marketing_mart.alerting").addHandler(logging.NullHandler())  # what is told stands below
    try:
        if told.command == "late":  # a configuration that is refused is what it must tell of, too
            return told.function(None, told)
        config = settings.load()
        os.umask(config.umask)  # and that of every process started from here
        return told.function(config, told)
    except MartError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(config: settings.Settings, _) -> int:
    """Run the daily DAG once through Airflow; 0 only if a release was published or nothing changed."""
    from marketing_mart import pipeline

    began = time.monotonic()
    day = config.day or config.yesterday(datetime.now(UTC))
    _make_home(config.home, config.umask)
    pipeline.refuse(config, day)
    with _alone(config.home / "run.lock"), laptop.simulator(config, day) as simulator:
        environment = laptop.airflow_environment(config) | {"MART_SIMULATOR_URL": simulator}
        laptop.prepare_airflow(environment, config)
        before = max((run.sequence for run in Registry(config.home).history(1)), default=0)
        log = config.home / "logs" / f"run-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        code = _run_dag(environment, config, str(day), log)
    done = next((run for run in Registry(config.home).history(1) if run.sequence > before), None)
    if code != 0 or done is None or done.outcome not in ("published", "unchanged"):
        reason = "\n".join(_reasons(config.home, done)) or _last_error(log) or f"Airflow ended with {code}"
        served = publishing.current(config.home)
        print(f"\nerror: {printable(reason)}\n  the log: {log}", file=sys.stderr)
        print(f"  served as before: {served.release_id if served else 'no release yet'}", file=sys.stderr)
        if done:  # Airflow calls the DAG's own callback in a process that can't ask for the run's id, or not at all
            pipeline.fail_if_untold(done.run_id)
        return 1
    _show(config, unchanged=done.outcome == "unchanged", seconds=time.monotonic() - began)
    return 0


def up(config: settings.Settings, _) -> int:
    """Airflow with its UI on loopback, everything scheduled."""
    _make_home(config.home, config.umask)
    with _alone(config.home / "run.lock"), laptop.simulator(config, config.day) as simulator:
        environment = laptop.airflow_environment(config) | {"MART_SIMULATOR_URL": simulator}
        laptop.prepare_airflow(environment, config)
        laptop.stay_up(environment, config)
    return 0


def sql(config: settings.Settings, told: argparse.Namespace) -> int:
    """A read-only SQL prompt on the current release, or one query."""
    import duckdb

    with publishing.open_current(config.home) as connection:
        connection.execute("set schema = 'mart'")
        if told.query:
            return _answer(connection, told.query)
        print(f"release {publishing.current(config.home).release_id}; end a statement with ; and leave with Ctrl-D")
        for statement in _statements():
            _answer(connection, statement)
    assert duckdb
    return 0


def metrics(config: settings.Settings, told: argparse.Namespace) -> int:
    """MetricFlow's answer on the current release, or without a query the list of metrics."""
    from marketing_mart import metrics as metricflow

    release = publishing.current(config.home)
    if release is None:
        raise PublishError(f"nothing has been published in {config.home} yet", next_step="make run")
    asked = ["query", *shlex.split(told.query)] if told.query else ["list", "metrics"]
    return metricflow.run(release.database, release.path / metricflow.DEFINITIONS, asked)


def rollback(config: settings.Settings, _) -> int:
    """Serve the release before the current one."""
    release = publishing.rollback(config.home)
    print(f"served now: release {release.release_id} of {release.day}")
    return 0


def history(config: settings.Settings, told: argparse.Namespace) -> int:
    """What ran when, with what result; with --run, one run in detail."""
    from marketing_mart import history as shown

    shown.show(Registry(config.home), told.run, to_terminal=sys.stdout.isatty())
    if missed := alerting.undelivered(config.home)[-5:]:
        print("alerts that were not delivered (MART_HOME/alerts.jsonl has them all):")
        print("\n".join(f"  {one}" for one in missed))
    return 0


def backfill(config: settings.Settings, told: argparse.Namespace) -> int:
    """Let Airflow run a range of days, the newest first; a day that has succeeded is left alone."""
    from marketing_mart import backfill as older

    first, last = older.days_of(vars(told)["from"], told.to)
    said = older.create(config, laptop.airflow_environment(config), first, last, dry_run=told.dry_run)
    print(said if told.dry_run else f"Airflow runs {first} to {last}, the newest day first: make history, or its UI")
    return 0


def late(_, __) -> int:
    """Alert if no release of the day stands by `release_by`: for cron, so that a dead scheduler is heard of."""
    from marketing_mart.late import ask

    return ask(datetime.now(UTC))


def _run_dag(environment: dict[str, str], config: settings.Settings, day: str, log: Path) -> int:
    """`airflow dags test`: one DAG run in one process, whole log to `log`, our own lines to the terminal."""
    zone = ZoneInfo(config.config.reporting.timezone)
    logical = datetime.fromisoformat(f"{day}T03:00:00").replace(tzinfo=zone).isoformat()
    conf = json.dumps({"mart_date": day} | ({"mart_start": str(config.start)} if config.start else {}))
    command = [sys.executable, "-m", "airflow", "dags", "test", "marketing_mart", logical, "--conf", conf]
    with (
        log.open("w") as kept,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout:
            kept.write(line)
            if found := PROGRESS.search(line):
                print(f"  {printable(found['text'] or 'warning: ' + found['warning'])}", flush=True)
    return process.returncode


def _reasons(home: Path, run: Run | None) -> Iterator[str]:
    """Why the run failed: the error of each stage whose newest attempt failed, one for each source."""
    newest = {stage.stage: stage for stage in Registry(home).stages(run.run_id)} if run else {}
    for stage in newest.values():
        if stage.outcome == "failed":
            yield stage.error if " " in stage.error else f"{stage.stage}: {stage.error}, which nobody foresaw"


def _last_error(log: Path) -> str:
    """What Airflow's log says of a run that failed before our own record of it began, or outside of it."""
    text = log.read_text(errors="replace")
    if ours := OUR_ERROR.findall(text):
        return ours[-1]
    return next((line.strip() for line in reversed(text.splitlines()) if "Error" in line), "")


def _show(config: settings.Settings, *, unchanged: bool, seconds: float) -> None:
    from marketing_mart.report import text_table

    release = publishing.current(config.home)
    print()
    print(text_table(config.home, release))
    told = "nothing changed: still" if unchanged else "published"
    print(f"{told} release {release.release_id} in {seconds:.0f} s" + (" (demo data)" if release.demo else ""))
    print(f"  mart:   {config.home / 'current' / 'mart.duckdb'}")
    print(f"  report: {config.home / 'current' / 'report.html'}")


def _answer(connection, statement: str) -> int:
    import duckdb

    try:
        relation = connection.sql(statement)
        if relation is not None:
            width = get_terminal_size().columns if sys.stdout.isatty() else 100_000  # a pipe gets every column
            shown = StringIO()
            with redirect_stdout(shown):
                relation.show(max_width=width, max_rows=200)
            print(printable(shown.getvalue()), end="")
    except duckdb.Error as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return 1
    return 0


def _statements() -> Iterator[str]:
    import readline  # line editing and history for input()

    assert readline
    lines: list[str] = []
    while True:
        try:
            lines.append(input("mart> " if not lines else "  ... "))
        except EOFError:
            return
        if lines[-1].rstrip().endswith(";"):
            yield "\n".join(lines)
            lines = []


def _make_home(home: Path, umask: int) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o777 & ~umask)  # an older version left it to the caller
    except OSError as error:
        raise MartError(f"MART_HOME={home} can't be used: {error.strerror}", next_step="set it to a folder") from None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One `make run` or `make up` at a time in a MART_HOME; the kernel frees the lock of a killed one."""
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MartError(
                f"a `make run` or `make up` is under way in {path.parent}",
                next_step="wait for it or end it; beside `make up`, trigger the DAG in its UI",
            ) from None
        yield
