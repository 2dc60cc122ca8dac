"""Who may publish into a MART_HOME: run numbers, the lock under which the place changes hands, process identity."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from marketing_mart.errors import PublishError

LOCK_PATIENCE_SECONDS = 120


def sequence_of(release_id: str) -> int | None:
    """The number at the end of a run's or release's id (`2025-06-30-000012` -> 12); None for any other name."""
    day, _, number = release_id.rpartition("-")
    return int(number) if day and number.isdigit() else None


@contextmanager
def place_lock(home: Path, patience: float = LOCK_PATIENCE_SECONDS) -> Iterator[None]:
    """Exclusive among all processes of this MART_HOME; the kernel frees it when its holder dies."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "publish.lock"
    deadline = time.monotonic() + patience
    with path.open("a+") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    file.seek(0)
                    raise PublishError(
                        f"{path} has been held for over {patience:g} s by {file.read().strip() or 'another process'}",
                        next_step="wait until that process ends, or end it; then run this again",
                    ) from None
                time.sleep(0.05)
        file.truncate(0)
        file.write(f"pid {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


@dataclass(frozen=True)
class Process:
    """A process, told apart from later ones with the same pid by when it started (after a reboot, every process
    started later). `started` is in seconds since the epoch."""

    host: str
    pid: int
    started: float

    @classmethod
    def here(cls) -> "Process":
        return cls(socket.gethostname(), os.getpid(), psutil.Process().create_time())

    def may_live(self) -> bool:
        """False only where it is surely gone: another host's processes can't be asked."""
        if self.host != socket.gethostname():
            return True
        try:
            process = psutil.Process(self.pid)
            # A second of tolerance, since the clock may have been set in between.
            return abs(process.create_time() - self.started) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True
