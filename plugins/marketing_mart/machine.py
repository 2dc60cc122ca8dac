"""What the machine refuses becomes one clear error: a full disk, a folder that can't be written, no more memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from marketing_mart.errors import MachineError, MartError

_MEMORY = (MemoryError, duckdb.OutOfMemoryException)
_NO_THREAD = "can't start new thread"  # the text of the RuntimeError where memory for a thread's stack is refused


def machine_error(error: BaseException, what: str) -> MachineError | None:
    """`error` in our words, if it is the machine's: an OSError, DuckDB's own errors of files, or one of memory.

    What a source or a stage expects, it has told of itself: this is for what is left.
    """
    if isinstance(error, MartError):
        return None
    if isinstance(error, _MEMORY) or (isinstance(error, RuntimeError) and _NO_THREAD in str(error)):
        return MachineError(
            f"{what}: memory ran out ({type(error).__name__})",
            next_step="see what else runs on this machine, or give it more memory; then clear this task",
        )
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        told = f"{error.strerror or error}{where}"
    elif isinstance(error, duckdb.OperationalError):
        told = " ".join(str(error).split())[:400]
    else:
        return None
    return MachineError(
        f"{what}: {told}", next_step="check the free space and permissions of MART_HOME, then clear this task"
    )


@contextmanager
def machine_errors_told(what: str) -> Iterator[None]:
    """Raises MachineError for what the machine refuses meanwhile."""
    try:
        yield
    except Exception as error:
        if told := machine_error(error, what):
            raise told from error
        raise
