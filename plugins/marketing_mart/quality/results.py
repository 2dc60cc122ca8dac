"""What a gate says: the result of each check, and the error that a red gate raises."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

from marketing_mart.errors import GateBroken, GateFailed
from marketing_mart.streams import Stream

TOLD = 12  # red checks named in an error's message; the result file has them all


@dataclass(frozen=True)
class GateContext:
    """What a gate must know of the run. `current_release`: its mart.duckdb, None before the first release.
    `days`: source -> the day that its rows were read for, where another run read them. `owners`: source -> who owns
    its checks, where that is not `owner`. `stale`: source -> why this run has read nothing of it and goes on all the
    same. `may_be_stale`: the sources whose rows a red check only keeps out, and whose run goes on without them.
    `same_models`: the current release was built by the same models and settings. `acknowledged`: source, stream,
    reason and key of rows in quarantine that a person knows of."""

    day: date
    kpi_start: date
    run_id: str
    streams_on: tuple[Stream, ...]
    owner: str
    current_release: Path | None = None
    days: Mapping[str, date] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    stale: Mapping[str, str] = field(default_factory=dict)
    may_be_stale: frozenset[str] = frozenset()
    same_models: bool = True
    acknowledged: frozenset[tuple[str, str, str, str]] = frozenset()


@dataclass(frozen=True)
class CheckResult:
    """One check. `broken`: it raised, so nothing is known; then `ok` is False and `observed` says what it raised.

    `failed_rows` counts the rows that break it (None where rows can't be counted);
    `sample_path` is a CSV with the first of them, '' where there is none. `source`: whose rows it judges, '' where
    it is not one source's.
    """

    table: str
    name: str
    severity: str
    ok: bool
    broken: bool
    observed: str
    expected: str
    failed_rows: int | None
    sample_path: str
    owner: str
    next_step: str
    why: str
    source: str = ""

    @property
    def is_red(self) -> bool:
        return self.broken or (not self.ok and self.severity == "error")

    def in_short(self) -> str:
        """Without the first of the failing rows: for readers who are not to see rows."""
        return f"{self.table} {self.name}: expected {self.expected}; observed {self.observed.partition(', first: ')[0]}"

    def told(self) -> str:
        sample = f"; sample: {self.sample_path}" if self.sample_path else ""
        return f"  {self.table} {self.name}: expected {self.expected}; observed {self.observed}{sample}"


@dataclass(frozen=True)
class GateResult:
    """`quarantined`: source -> the check that keeps out what was read of it, where the run goes on without it."""

    gate: str
    day: date
    checks: tuple[CheckResult, ...]
    quarantined: Mapping[str, str] = field(default_factory=dict)

    def going_on_without(self, sources: Collection[str]) -> "GateResult":
        """The same where red checks of these sources stop nobody: they are warnings, and keep their source's rows
        out. One that raised stops the run still, since nothing is known."""
        broken = {check.source for check in self.broken}
        kept_out = [check for check in self.failed if check.source in set(sources) - broken]
        first = {check.source: check.in_short() for check in reversed(kept_out)}
        checks = (replace(check, severity="warning") if check in kept_out else check for check in self.checks)
        return replace(self, checks=tuple(checks), quarantined=first)

    @property
    def broken(self) -> tuple[CheckResult, ...]:
        return tuple(check for check in self.checks if check.broken)

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        return tuple(check for check in self.checks if check.is_red and not check.broken)

    @property
    def warnings(self) -> tuple[CheckResult, ...]:
        return tuple(check for check in self.checks if not check.ok and not check.is_red)

    @property
    def red_sources(self) -> frozenset[str]:
        """Whose rows a check is red of, failed or broken."""
        return frozenset(check.source for check in self.checks if check.is_red)

    @property
    def failed_sources(self) -> frozenset[str]:
        """Whose rows are known to be bad: where a check only raised, nothing is known."""
        return frozenset(check.source for check in self.failed)

    def raise_if_red(self) -> None:
        """GateBroken if any check raised, even beside failed ones; else GateFailed if any failed."""
        red = [*self.broken, *self.failed]
        if not red:
            return
        parts = []
        if self.failed:
            parts.append(f"{len(self.failed)} of {len(self.checks)} checks failed\n{_list(self.failed)}")
        if self.broken:
            parts.append(
                f"{len(self.broken)} of {len(self.checks)} checks raised, so nothing is known of them"
                f"\n{_list(self.broken)}"
            )
        steps = list(dict.fromkeys(check.next_step for check in red))
        error = GateBroken if self.broken else GateFailed
        raise error(f"gate {self.gate} {self.day}: " + "\nand ".join(parts), next_step="\n        ".join(steps[:3]))

    def write(self, path: Path) -> None:
        """The result as JSON, for the report and the registry."""
        content = {
            "gate": self.gate,
            "day": self.day.isoformat(),
            "quarantined": dict(self.quarantined),
            "checks": [asdict(check) for check in self.checks],
        }
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _list(checks: Iterable[CheckResult]) -> str:
    lines = [check.told() for check in checks]
    more = [f"  and {len(lines) - TOLD} more"] if len(lines) > TOLD else []
    return "\n".join([*lines[:TOLD], *more])
