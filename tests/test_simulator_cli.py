"""`python -m simulator` as others start it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from simulator.__main__ import main

ROOT = Path(__file__).resolve().parents[1]


def start(*arguments: str) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MART_")}
    command = [sys.executable, "-m", "simulator", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--as-of", "2023-12-31"], "begins on 2024-01-01"),
        (["--as-of", "yesterday"], "'yesterday' is neither a day"),
        (["--as-of", "2024-02-10", "--size", "huge"], "demo, small, medium, large"),
        (["--as-of", "2024-02-10", "--timezone", "Mars/Olympus"], "'Mars/Olympus' is not known"),
    ],
)
def test_a_wrong_argument_ends_in_one_clear_line(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main([*arguments, "--ledger", str(tmp_path / "ledger.csv")]) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_unwritable_ledger_ends_in_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "file").touch()
    assert main(["--as-of", "2024-01-02", "--ledger", str(tmp_path / "file" / "ledger.csv")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_ledger_and_inbox_are_written_in_one_go_and_are_the_same_in_every_process(tmp_path: Path) -> None:
    written = []
    for name, hash_seed in (("one", "1"), ("two", "2")):
        folder = tmp_path / name
        command = [sys.executable, "-m", "simulator", "--as-of", "2024-01-20", "--ledger", str(folder / "ledger.csv")]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([*command, "--inbox", str(folder / "inbox")], cwd=ROOT, env=environment, check=True)
        written.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.csv")})
    assert len(written[0]) > 8 and written[0] == written[1]
    assert written[0][Path("ledger.csv")].startswith(b"date_day,source,channel,metric,currency,value\n2024-01-01,")


def test_mart_date_is_the_default_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MART_DATE", "2024-01-05")
    assert main(["--ledger", str(tmp_path / "ledger.csv")]) == 0
    last = (tmp_path / "ledger.csv").read_text().splitlines()[-1]
    assert last.startswith("2024-01-0") and last < "2024-01-07"


def test_it_serves_until_its_parent_is_gone(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    ready = tmp_path / "url"
    simulator = start(
        "--as-of", "2024-01-05", "--port", "0", "--ready-file", str(ready), "--parent", str(parent.pid)
    )  # fmt: skip
    try:
        line = simulator.stdout.readline()
        assert re.fullmatch(r"simulator: http://127\.0\.0\.1:\d+ as of 2024-01-05\n", line), simulator.stderr.read()
        assert ready.read_text().strip() == line.split()[1]
        with build_opener(ProxyHandler({})).open(f"{line.split()[1]}/_control", timeout=20) as answer:
            assert b'"as_of":"2024-01-05"' in answer.read()
        parent.kill()  # and nobody reaps it for now
        started = time.monotonic()
        assert simulator.wait(timeout=15) == 0
        assert time.monotonic() - started < 10
    finally:
        simulator.kill()
        simulator.communicate()
        parent.kill()
        parent.wait()


def test_a_taken_port_ends_in_one_clear_line() -> None:
    first = start("--as-of", "2024-01-02", "--port", "0")
    try:
        port = first.stdout.readline().split()[1].rsplit(":", 1)[1]
        second = start("--as-of", "2024-01-02", "--port", port)
        _, error = second.communicate(timeout=30)
        assert second.returncode == 2
        assert "in use" in error and error.count("\n") == 1
    finally:
        first.kill()
        first.communicate()
