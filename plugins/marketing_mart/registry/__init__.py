"""What ran, with what result, and which run holds the place: MART_HOME/registry/registry.db (SQLite).

It lives outside the mart's file because one transaction cannot write two attached DuckDB databases, and because
a failed run, which has no mart, must be told of too. Every call opens the file, does one transaction and closes
it, so that any process (Airflow gives each task its own) may go on with a run by its id.

The place: runs are numbered, and the run begun last holds it. Only the holder may publish. The place changes
hands under `place_lock`, which publishing also holds, so it can't change in the middle of a publish.
"""

from marketing_mart.registry.acknowledged import Acknowledged
from marketing_mart.registry.loads import Loads
from marketing_mart.registry.records import LoadRun, Run, StageRun
from marketing_mart.registry.releases import Releases
from marketing_mart.registry.retention import Retention
from marketing_mart.registry.runs import Runs
from marketing_mart.registry.stages import Stages
from marketing_mart.registry.store import utc_now
from marketing_mart.registry.summaries import Summaries

__all__ = ["LoadRun", "Registry", "Run", "StageRun", "utc_now"]


class Registry(Runs, Stages, Loads, Releases, Summaries, Retention, Acknowledged):
    """The run registry of one MART_HOME: each base keeps its own tables of the one file."""
