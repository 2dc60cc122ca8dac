"""`python -m simulator`: serves the vendors, or writes the ledger and the inbox as of a day."""

import argparse
import os
import sys
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator import inbox, ledger
from simulator.clock import Clock, moment_of
from simulator.world import SIZES, World

FAILED = 2


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        _check_zone(asked.timezone)
        clock = Clock(World(asked.seed, asked.size), moment_of(asked.as_of) if asked.as_of else None)
    except ValueError as error:
        return _fail(error)
    try:
        if asked.ledger is not None:
            ledger.write(clock.view(), asked.ledger, asked.timezone)
        if asked.inbox is not None:
            inbox.write(clock.world, clock.view(), asked.inbox)
        if asked.ledger is None and asked.inbox is None:
            _serve(asked, clock)
    except OSError as error:
        return _fail(error)
    return 0


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"time zone {name!r} is not known; write one like Europe/Berlin") from None


def _serve(asked: argparse.Namespace, clock: Clock) -> None:
    from simulator.server import application, serve  # the ledger and the inbox need no web server

    serve(application(clock), clock, asked.host, asked.port, asked.ready_file, asked.parent)


def _fail(error: Exception) -> int:
    print(f"simulator: {error}", file=sys.stderr)
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="another seed is another world (default: 7)")
    parser.add_argument("--size", default="demo", help=f"{', '.join(SIZES)} (default: demo)")
    parser.add_argument(
        "--as-of",
        metavar="DAY",
        default=os.environ.get("MART_DATE"),
        help="shows the end of that UTC day (default: MART_DATE; without it always yesterday)",
    )
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="writes the true totals there and ends")
    parser.add_argument("--inbox", type=Path, metavar="DIR", help="writes the `files` source's streams there and ends")
    parser.add_argument(
        "--timezone",
        default=os.environ.get("MART_TIMEZONE") or "UTC",
        help="the reporting zone of the ledger's days (default: MART_TIMEZONE or UTC)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (default: 8765)")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="gets the URL when it listens")
    parser.add_argument("--parent", type=int, metavar="PID", help="ends when that process is gone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
