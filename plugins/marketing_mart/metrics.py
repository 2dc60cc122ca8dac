"""MetricFlow's command line on one release: its metrics, as they were defined when it was built.

MetricFlow stands in a dbt project and connects as dbt does. So it gets a project for the time of one query: the
release's definitions, and a connection that reads the release's file under the name that the definitions know it by.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from marketing_mart.errors import MartError

DEFINITIONS = "semantic_manifest.json"  # dbt's name for it; the build leaves it beside the database
# MetricFlow asks a package registry for a newer version of itself at every call; nothing here does.
_LAUNCH = """
from update_checker import UpdateChecker
UpdateChecker.check = lambda *_, **__: None
from dbt_metricflow.cli.main import cli
cli()
"""


def run(database: Path, definitions: Path, arguments: Sequence[str]) -> int:
    """`mf <arguments>` on a release's database; prints the answer and returns its exit code."""
    if find_spec("dbt_metricflow") is None:
        raise MartError("MetricFlow is not installed", next_step="make metrics, which installs it")
    if not definitions.exists():
        raise MartError(f"{definitions.parent.name} was built before metrics were defined", next_step="make run")
    with TemporaryDirectory() as folder:
        project = Path(folder)
        _write_project(project, database, definitions)
        environment = os.environ | {
            "DBT_PROJECT_DIR": folder,
            "DBT_PROFILES_DIR": folder,
            "DBT_LOG_PATH": str(project / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_VERSION_CHECK": "false",
            "PYTHONPATH": "",
        }
        command = [sys.executable, "-c", _LAUNCH, *arguments]
        return subprocess.run(command, env=environment, check=False).returncode


def _write_project(folder: Path, database: Path, definitions: Path) -> None:
    """JSON is YAML."""
    (folder / "target").mkdir()
    (folder / "logs").mkdir()
    (folder / "target" / DEFINITIONS).symlink_to(definitions.absolute())
    (folder / "dbt_project.yml").write_text(json.dumps({"name": "release", "version": "1.0.0", "profile": "release"}))
    release = {
        "type": "duckdb",
        "path": ":memory:",
        "schema": "main",
        "threads": 1,
        "attach": [{"path": str(database.absolute()), "alias": "mart", "read_only": True}],
        "settings": {"TimeZone": "UTC"},
    }
    profile = {"release": {"target": "release", "outputs": {"release": release}}}
    (folder / "profiles.yml").write_text(json.dumps(profile))
