"""Measure the mart's parts; print a table, write results.json or results-small.json.

make bench             the 3-year world: about an hour and 60 GB of disk
make bench SIZE=small  a two hundredth of it: minutes
"""

import argparse
import json
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from bench import attribution, build, extract, gates, identity, readers, report
from bench.sizes import SIZES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--world-share", type=Fraction, help="of the 3-year world, e.g. 1/4 where memory is short")
    parser.add_argument("--work", type=Path, help="a folder for the generated world; kept (default: a temporary one)")
    parser.add_argument("--out", type=Path, help="the results' file (default: bench/results[-small].json)")
    subjects = ("extract", "identity", "attribution", "readers", "build")
    parser.add_argument("--only", choices=subjects, help="measure one subject (build: with the gates)")
    asked = parser.parse_args()
    size = SIZES[asked.size]
    if asked.world_share:
        size = replace(size, world_share=asked.world_share)
    out = asked.out or Path(__file__).with_name("results.json" if asked.size == "full" else "results-small.json")
    with tempfile.TemporaryDirectory(prefix="marketing-mart-bench-") as folder:
        work = asked.work or Path(folder)
        results = {"machine": report.machine(size)}
        if asked.only in (None, "extract"):
            results["extract"] = report.told("extract", extract.measure(size, work / "extract"))
        if asked.only in (None, "identity"):
            results["identity"] = report.told("identity", identity.measure(size, work / "identity"))
        if asked.only in (None, "attribution"):
            results["attribution"] = report.told("attribution", attribution.measure(size, work / "attribution"))
        if asked.only in (None, "readers"):
            results["readers"] = report.told("readers", readers.measure(work / "readers"))
        if asked.only in (None, "build"):
            results["build"] = report.told("build", build.measure(size, work))
            results["gates"] = report.told("gates", gates.measure(size, work, results["build"]["seconds"]))
    if asked.only and out.exists():  # one subject, measured again: the others stay
        results = json.loads(out.read_text()) | {name: told for name, told in results.items() if name != "machine"}
    out.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    print(f"\nwrote {out}")


if __name__ == "__main__":
    main()
