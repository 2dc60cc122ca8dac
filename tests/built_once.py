"""What several files read is built once in a run of the tests, whichever of pytest-xdist's workers comes first."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def own_copy(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """A copy, for the caller to change, of the folder that `build` fills; the other workers wait for the first.

    A build that failed is tried again by the next caller, so that each of them tells why.
    """
    everybody_s = of_everybody(factory)
    built, done = everybody_s / f"built-{name}", everybody_s / f"built-{name}.done"
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(built, ignore_errors=True)
            built.mkdir()
            build(built)
            done.touch()
    own = factory.mktemp(name)
    shutil.copytree(built, own, symlinks=True, dirs_exist_ok=True)
    return own


def of_everybody(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of a run of the tests share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own  # a worker's own folder lies in the run's
