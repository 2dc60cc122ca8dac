"""What is wrong with a file, gathered over the whole of it and told at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from marketing_mart.errors import InputError
from marketing_mart.streams import Stream

_SAMPLES = 3
_KINDS_TOLD = 12


@dataclass
class _Problem:
    rows: int = 0
    samples: list[str] = field(default_factory=list)


class Problems:
    """Collects problems by what they are; of each the first few are kept and all are counted."""

    def __init__(self, stream: Stream, path: Path) -> None:
        self.stream, self.path = stream, path
        self._found: dict[str, _Problem] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, what: str, samples: Iterable[str], rows: int = 1) -> None:
        """`samples` say where, and with which value, of `rows` cases; only the first few are taken."""
        problem = self._found.setdefault(what, _Problem())
        problem.rows += rows
        for sample in samples:
            if len(problem.samples) == _SAMPLES:
                break
            problem.samples.append(sample)

    def raise_if_any(self) -> None:
        """One InputError for all of them."""
        if not self._found:
            return
        told = [
            f"  {what}: {'; '.join(problem.samples)}{self._more(problem)}"
            for what, problem in list(self._found.items())[:_KINDS_TOLD]
        ]
        if len(self._found) > _KINDS_TOLD:
            told.append(f"  and {len(self._found) - _KINDS_TOLD} more kinds of problem")
        raise input_error(self.stream, self.path, "can't be right, and nothing of it was landed\n" + "\n".join(told))

    @staticmethod
    def _more(problem: _Problem) -> str:
        return f" ({problem.rows} rows in all)" if problem.rows > len(problem.samples) else ""


def input_error(stream: Stream, path: Path, what: str) -> InputError:
    """An error of a whole file."""
    return InputError(
        f"{stream.label}: {path} {what}", next_step=f"correct {path.name}, then run again: make run MART_SOURCES=files"
    )


def some(names: Sequence[str]) -> str:
    """A list for a message, cut where it gets long."""
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
