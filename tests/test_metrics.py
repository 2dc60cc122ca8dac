"""The semantic layer: MetricFlow's answers are what the KPI tables say, by day and by channel."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from example_world import DAYS, example_world
from landed_world import LandedWorld

from marketing_mart import cli, metrics
from marketing_mart.errors import MartError

SUMS = (
    "spend", "impressions", "clicks", "sessions", "leads", "mqls", "sqls", "opportunities", "won_deals", "orders",
    "new_customers",
)  # fmt: skip
OF_DAYS = ("net_revenue", "aov", "mer", "cac")
OF_CHANNELS = ("attributed_revenue", "cac", "ctr", "cpc", "cpm", "cpl", "cpa", "conversion_rate", "roas")
MONEY = ("spend", "net_revenue", "attributed_revenue")
IN_THE_MART = {"attributed_revenue": "net_revenue"}  # kpi_channel_daily's, which is the default model's
Table = dict[tuple[str, ...], dict[str, Decimal | float | None]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LandedWorld:
    world = example_world(tmp_path_factory.mktemp("metrics"))
    # Another model than the default one, lest the channels of orders and of their revenue be the same.
    world.build(
        "--exclude-resource-type", "test", "unit_test", kpi_start=DAYS[0], mart_date=DAYS[-1],
        default_model="first_touch",
    )  # fmt: skip
    return world


def answer(world: LandedWorld, names: tuple[str, ...], *keys: str) -> Table:
    """What MetricFlow says of the KPI days: sums as decimals, ratios as doubles."""
    found = world.folder / f"{'-'.join(keys)}.csv"
    code = metrics.run(world.path, world.folder / "target" / metrics.DEFINITIONS, [
        "query", "--metrics", ",".join(names), "--group-by", ",".join(keys), "--csv", str(found), "--quiet",
        "--start-time", DAYS[0], "--end-time", DAYS[-1],
    ])  # fmt: skip
    assert code == 0
    with found.open() as file:
        rows = list(csv.DictReader(file))
    return {tuple(row[key][:10] if "time" in key else row[key] for key in keys): _typed(row, names) for row in rows}


def _typed(row: dict[str, str], names: tuple[str, ...]) -> dict[str, Decimal | float | None]:
    kinds = {name: Decimal if name in (*SUMS, *MONEY) else float for name in names}
    return {name: kind(row[name]) if row[name] else None for name, kind in kinds.items()}


def table(world: LandedWorld, name: str, names: tuple[str, ...], *keys: str) -> Table:
    columns = [*keys, *(f"{IN_THE_MART.get(name, name)} as {name}" for name in names)]
    rows = world.rows(f"select {', '.join(columns)} from mart.{name}")
    return {tuple(str(row[key]) for key in keys): {measure: row[measure] for measure in names} for row in rows}


def differences(said: Table, kpis: Table) -> list[tuple]:
    """A day or channel that MetricFlow has no row for is one where nothing happened."""
    found = []
    for key in said.keys() | kpis.keys():
        for name in next(iter(kpis.values())):
            nothing = Decimal(0) if name in (*SUMS, *MONEY) else None
            told, wanted = (table.get(key, {}).get(name, nothing) for table in (said, kpis))
            if told != wanted:
                found.append((*key, name, told, wanted))
    return found


def test_every_day_is_as_in_kpi_daily(world: LandedWorld) -> None:
    names = (*SUMS, *OF_DAYS)
    kpis = table(world, "kpi_daily", names, "date_day")
    assert all(any(row[name] for row in kpis.values()) for name in names), "nothing is compared where all is zero"
    assert differences(answer(world, names, "metric_time__day"), kpis) == []


def test_every_channel_of_a_day_is_as_in_kpi_channel_daily(world: LandedWorld) -> None:
    names = (*SUMS, *OF_CHANNELS)
    kpis = table(world, "kpi_channel_daily", names, "date_day", "channel")
    assert all(any(row[name] for row in kpis.values()) for name in names), "nothing is compared where all is zero"
    assert differences(answer(world, names, "metric_time__day", "channel"), kpis) == []


def test_nobody_is_asked_for_a_newer_version(
    world: LandedWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command runs where no name can be looked up and no address reached, and doesn't try to."""
    no_network = f"""
import socket
def refuse(*arguments):
    open({str(tmp_path / "asked")!r}, "a").write(repr(arguments))
    raise OSError("no network")
socket.socket.connect = socket.getaddrinfo = refuse
"""
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where an answer of the last hour would be remembered
    monkeypatch.setattr(metrics, "_LAUNCH", no_network + metrics._LAUNCH)
    assert metrics.run(world.path, world.folder / "target" / metrics.DEFINITIONS, ["list", "metrics"]) == 0
    assert not (tmp_path / "asked").exists()


def test_a_release_of_before_there_were_metrics_is_told(tmp_path: Path) -> None:
    with pytest.raises(MartError, match="built before metrics were defined"):
        metrics.run(tmp_path / "mart.duckdb", tmp_path / metrics.DEFINITIONS, [])


def test_without_a_release_there_is_nothing_to_ask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("MART_HOME", str(tmp_path))
    assert cli.main(["metrics", "--query", "--metrics cac --group-by metric_time__day,channel"]) == 1
    assert "nothing has been published" in capsys.readouterr().err
