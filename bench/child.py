"""A function in a process of its own, so that its memory is its own and nothing it imports stays with the next.

python -m bench.child bench.extract:ours '{"rows": 100000, …}'
"""

import importlib
import json
import os
import re
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KIB_PER_MIB = 1024


@dataclass(frozen=True)
class Measured:
    """What the function returned; the peaks of resident memory, of its process and of the largest one it started;
    and the processor's seconds of all of them, which other work on the machine does not add to."""

    value: Any
    peak_mib: float
    started_peak_mib: float
    cpu_seconds: float


def run(function: str, scratch: Path, **arguments: Any) -> Measured:
    """Call `module:function` with JSON arguments in a new process. CalledProcessError, with its output, if it fails."""
    scratch.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bench.child", function, json.dumps(arguments, default=str)]
    told = subprocess.run(command, cwd=ROOT, env=_environment(scratch), capture_output=True, text=True, check=False)
    if told.returncode != 0:
        raise SystemExit(f"{function} ended with {told.returncode}\n{told.stdout[-2000:]}{told.stderr[-4000:]}")
    return Measured(**json.loads(told.stdout.splitlines()[-1]))


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the person's own: no telemetry, and state only in the scratch folder."""
    return os.environ | {
        "PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT}",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "PROVIDERS__ENABLE_AIRFLOW_SECRETS": "false",
        "DLT_DATA_DIR": str(scratch / "dlt"),
        "AIRFLOW_HOME": str(scratch / "airflow"),
    }


def _peak_mib() -> float:
    """VmHWM, not getrusage: that one keeps what the parent had before exec."""
    status = Path("/proc/self/status").read_text()
    return round(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / KIB_PER_MIB, 1)


def main() -> None:
    name, arguments = sys.argv[1:]
    module, function = name.split(":")
    value = getattr(importlib.import_module(module), function)(**json.loads(arguments))
    own, started = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = Measured(
        value=value,
        peak_mib=_peak_mib(),
        started_peak_mib=round(started.ru_maxrss / KIB_PER_MIB, 1),
        cpu_seconds=round(sum(usage.ru_utime + usage.ru_stime for usage in (own, started)), 1),
    )
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
