"""Which files lie in the inbox."""

from pathlib import Path

from marketing_mart.connectors.files.streams import STREAMS
from marketing_mart.errors import InputError
from marketing_mart.streams import Stream

SUFFIXES = (".csv", ".parquet")


def present(inbox: Path) -> list[Stream]:
    """The streams that have a file; none where the inbox doesn't exist. InputError where one has two."""
    return [stream for stream in STREAMS if _paths(Path(inbox), stream)]


def unknown_files(inbox: Path) -> list[str]:
    """Names in the inbox that belong to no stream (hidden files and folders aside), for a warning."""
    known = {f"{stream.name}{suffix}" for stream in STREAMS for suffix in SUFFIXES}
    inbox = Path(inbox)
    if not inbox.is_dir():
        return []
    files = (path.name for path in inbox.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(name for name in files if name not in known)


def path_of(inbox: Path, stream: Stream) -> Path:
    """The stream's file; InputError where there is none, or two."""
    paths = _paths(Path(inbox), stream)
    if not paths:
        raise InputError(
            f"{stream.label}: there is neither {stream.name}.csv nor {stream.name}.parquet in {inbox}",
            next_step=f"put the file there, or leave {stream.name} out",
        )
    return paths[0]


def _paths(inbox: Path, stream: Stream) -> list[Path]:
    paths = [path for suffix in SUFFIXES if (path := inbox / f"{stream.name}{suffix}").is_file()]
    if len(paths) > 1:
        raise InputError(
            f"{stream.label}: {inbox} has both {paths[0].name} and {paths[1].name}",
            next_step="leave one of them: which of the two counts can't be told",
        )
    return paths
