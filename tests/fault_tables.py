"""The tables of docs/faults.md, out of what the tests try: `PYTHONPATH=plugins:.:tests python tests/fault_tables.py`
writes them anew."""

import re
from pathlib import Path

from source_faults import CASES as SOURCE_CASES
from source_faults import FAULTS, STREAMS, Ended
from stage_faults import CASES as STAGE_CASES
from stage_world import STAGES

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
OF_FILES = 6  # cases of test_source_faults about the folder of exports


def of_sources() -> str:
    rows = [
        [fault.name, *(_cell(fault.outcome(stream)) if stream in fault.streams else "" for stream in STREAMS)]
        for fault in FAULTS
    ]
    return _table(["fault", *(f"`{stream}`" for stream in STREAMS)], rows)


def of_stages() -> str:
    faults = list(dict.fromkeys(case.fault for case in STAGE_CASES))
    rows = []
    for stage in STAGES:
        cells = []
        for fault in faults:
            cases = [case for case in STAGE_CASES if (case.stage, case.fault) == (stage, fault)]
            outcomes = [outcome for case in cases for outcome in _in_short(case.outcomes)]
            tried = f", {len(cases)} times" if len(cases) > 1 else ""
            cells.append(" or ".join(dict.fromkeys(outcomes)) + tried)
        rows.append([stage, *cells])
    return _table(["stage", *faults], rows)


def count() -> str:
    tried = len(SOURCE_CASES) + len(STAGE_CASES) + OF_FILES
    return f"Faults tried: {tried}; survived: {tried}."


def written(text: str) -> str:
    """The document with the tables and the number as they are now."""
    for name, part in (("sources", of_sources()), ("stages", of_stages()), ("count", count())):
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.S)
        text, found = block.subn(lambda match, part=part: f"{match[1]}\n{part}\n\n{match[2]}", text)
        assert found == 1, name
    return text


def _cell(outcome: str | Ended) -> str:
    if isinstance(outcome, Ended):
        return f"gate: {outcome.words}" if outcome.error == "gate" else outcome.error
    return {"same": "same", "next": "same, once read again"}[outcome]


def _in_short(outcomes: tuple[str, ...]) -> list[str]:
    """Where several errors may come of it, by whoever meets it first, they are told as one."""
    errors = [outcome for outcome in outcomes if outcome not in ("same", "killed")]
    others = [outcome for outcome in outcomes if outcome not in errors]
    return others + (errors if len(errors) == 1 else ["error"] * bool(errors))


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
