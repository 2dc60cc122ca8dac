"""What can go wrong with the machine at each stage, and what becomes of the run: what test_stage_faults tries.

An outcome is "same" (the stage does what it does on any day), or the class of the error that ends it; "killed" where
its process is gone. Afterwards, the trouble being over, the stage is tried again and the run goes on to the tables of
an undisturbed run. Until then the release that was served stays served.
"""

from dataclasses import dataclass

from stage_world import NONE, STAGES, Trouble

POINTS = (0.05, 0.5, 1.0)  # of the stage's steps on the disk: where its process is killed
LONG = 400  # days that the clock moves


@dataclass(frozen=True)
class Case:
    """`outcomes`: what may come of it. `lost`: the file that is gone, or no database any more, when the stage begins.
    `folder`: the one that may not be written."""

    stage: str
    fault: str
    outcomes: tuple[str, ...]
    trouble: Trouble = NONE
    lost: str = ""
    is_gone: bool = True
    folder: str = ""

    @property
    def name(self) -> str:
        at = f" at {self.trouble.point:.0%}" if self.trouble.point else ""
        moved = f" by {self.trouble.days} days" if self.trouble.days else ""
        lost = f" {self.lost} {'gone' if self.is_gone else 'spoilt'}" if self.lost else ""
        return f"{self.fault}{at}{moved}{lost}"


# The machine's refusal is told by whoever meets it: the registry, the landing, the stage, or in their place the stage's
# record.
ANY = ("PublishError", "LandingError", "MachineError")
REFUSED = {
    "registry": ANY, "extract": ANY, "land": ANY, "landed gate": (*ANY, "GateBroken"),
    "build": (*ANY, "BuildError"), "mart gate": (*ANY, "GateBroken"), "publish": ANY, "report": ANY,
}  # fmt: skip
UNWRITABLE = {
    "registry": "registry", "extract": "landing/.work", "land": "landing/files", "landed gate": "candidates",
    "build": "candidates", "mart gate": "checks", "publish": "releases", "report": "releases",
}  # fmt: skip
LOST = {
    "registry": ("registry/registry.db", False, ("PublishError",)),
    "extract": ("landing/manifest.db", True, ("LandingError",)),
    "land": ("landing/manifest.db", False, ("LandingError",)),
    "landed gate": ("current/mart.duckdb", True, ("GateBroken",)),
    "build": ("landing/manifest.db", True, ("LandingError",)),
    "mart gate": ("candidates/{run}/mart.duckdb", True, ("GateBroken",)),
    "publish": ("candidates/{run}/mart.duckdb", True, ("BuildError",)),
    "report": ("current/mart.duckdb", False, ("MachineError",)),
}


def _cases() -> list[Case]:
    cases = []
    for stage in STAGES:
        cases += [Case(stage, "SIGKILL", ("killed",), Trouble("kill", point)) for point in POINTS]
        cases += [Case(stage, "disk full", REFUSED[stage], Trouble("full", point)) for point in (0.5, 0.85)]
        cases += [
            Case(stage, "read-only folder", REFUSED[stage], Trouble("read-only"), folder=UNWRITABLE[stage]),
            Case(
                stage, "out of memory", ("killed", "same", *REFUSED[stage]),
                Trouble("memory of dbt") if stage == "build" else Trouble("memory", 0.3),
            ),
        ]  # fmt: skip
        lost, is_gone, outcomes = LOST[stage]
        cases.append(Case(stage, "lost database", outcomes, lost=lost, is_gone=is_gone))
        back = ("ConfigError",) if stage == "registry" else ("same",)  # the day has not come yet
        cases += [
            Case(stage, "clock moved", ("same",), Trouble("clock", days=LONG)),
            Case(stage, "clock moved", back, Trouble("clock", days=-LONG)),
            Case(stage, "two at once", ("same", *REFUSED[stage], "LostPlace", "GateFailed")),
        ]
    return cases


CASES = _cases()
