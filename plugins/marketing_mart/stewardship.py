"""The commands for what is kept, behind the Makefile: quarantine, erase, retain."""

import argparse
import getpass
import json
import subprocess
import sys

from marketing_mart import laptop, settings
from marketing_mart.errors import ConfigError


def add_commands(commands: argparse._SubParsersAction) -> None:
    """The parsers of these commands, beside those of `cli`."""
    gone = commands.add_parser("erase", help=erase.__doc__.splitlines()[0])
    for name, told in (
        ("email", "the person's address"), ("phone", "their number, with its country code"),
        ("customer", "their id in the shop"), ("person", "a person_id of the mart"),
    ):  # fmt: skip
        gone.add_argument(f"--{name}", default="", help=told)
    gone.set_defaults(function=erase)
    kept = commands.add_parser("quarantine", help=quarantine.__doc__.splitlines()[0])
    for name, told in (
        ("show", "tell of one load or group of rows"), ("release", "a rejected load counts after all"),
        ("drop", "a load's files go; rows are warned of no more"), ("why", "kept with your name"),
    ):  # fmt: skip
        kept.add_argument(f"--{name}", default="", help=told)
    kept.set_defaults(function=quarantine)
    commands.add_parser("retain", help=retain.__doc__.splitlines()[0]).set_defaults(function=retain)


def retain(config: settings.Settings, _) -> int:
    """Remove what the retention policy lets go and lay old loads together; nothing that counts is lost."""
    from marketing_mart import retention

    done = retention.retain(config)
    for label, went in sorted(done.landing.items()):
        laid = f", {went.compacted} loads laid together" if went.compacted else ""
        print(f"  landing {label}: {went.files} files of {went.bytes:,} bytes removed{laid}")
    print(f"  logs and checks: {done.files_of_runs} files removed")
    return 0


def quarantine(config: settings.Settings, told: argparse.Namespace) -> int:
    """What was rejected and why: list it, show one of it, release it or drop it."""
    from marketing_mart import quarantine as kept

    if told.release or told.drop:
        act = kept.release if told.release else kept.drop
        print(act(config.home, told.release or told.drop, why=told.why, who=getpass.getuser()))
        return 0
    if told.show:
        print("\n".join(kept.show(config.home, told.show)))
        return 0
    loads, groups = kept.loads(config.home), kept.groups(config.home)
    for load, against in loads:
        state = "dropped" if load.dropped else f"{load.rows:,} rows"
        more = f" and {len(against) - 1} more" if len(against) > 1 else ""
        print(f"load {load.load_id}: for {load.day}, {state}: {against[0]}{more}")
    for group in groups:
        known = f", {group.acknowledged} acknowledged" if group.acknowledged else ""
        print(f"rows {group.group_id}: {group.rows}{known}, {group.first_day} to {group.last_day}: {group.let_out_by}")
    if not loads and not groups:
        print("nothing is in quarantine")
    return 0


def erase(config: settings.Settings, told: argparse.Namespace) -> int:
    """Take a person out of landing, releases and records; every total stays. 0 only if a search finds nothing."""
    from marketing_mart import erasure
    from marketing_mart.privacy import Privacy

    asked = erasure.Asked(told.email, told.phone, told.customer, told.person)
    done = erasure.erase(config, Privacy(_identity_key(config)), asked)
    if done.rows or any(done.releases.values()):
        print(f"erased: {done.identifiers} identifiers of one person, each replaced by a random token")
    else:
        print("nothing was held of them, or all was erased before; what still comes lands as a token")
    for label, rows in sorted(done.rows.items()):
        print(f"  landing {label}: {rows:,} rows over all versions")
    for release_id, rows in done.releases.items():
        print(f"  release {release_id}: {rows:,} cells")
    left = done.remains
    print(f"  beside them: {left['texts']} finds in texts, {left['records']} in records; "
          f"{left['candidates']} unpublished candidates removed")  # fmt: skip
    print(f"searched {done.searched:,} files of {config.home} for them: found {sum(done.left.values())}")
    for path, rows in done.inbox.items():
        print(f"  {path}: {rows} rows name the person still; the file is yours: it lands as the token")
    if config.config.identity.never_link and done.rows:
        print("  look through identity.never_link of the configuration: it may name an id that is a token now")
    return 0


def _identity_key(config: settings.Settings) -> bytes:
    """The key of the hashes: that of the Airflow connection mart_identity, or the demo's."""
    from marketing_mart.demo import HASH_KEY

    known = subprocess.run(
        [sys.executable, "-m", "airflow", "connections", "get", "mart_identity", "--output", "json"],
        env=laptop.airflow_environment(config), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if known.returncode == 0:
        (connection,) = json.loads(known.stdout[known.stdout.index("[{") :])
        return connection["password"].encode()
    if config.demo:
        return HASH_KEY
    raise ConfigError(
        "Airflow knows no connection mart_identity: without its key nobody's hash can be found",
        next_step="run this where Airflow's connections are, or set AIRFLOW_CONN_MART_IDENTITY",
    )
