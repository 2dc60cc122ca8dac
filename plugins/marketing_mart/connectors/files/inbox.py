"""Which files lie in the inbox."""

from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from marketing_mart.connectors.files.streams import STREAMS
from marketing_mart.errors import InputError
from marketing_mart.streams import Stream

SUFFIXES = (".csv", ".parquet")


def present(inbox: Path) -> list[Stream]:
    """The streams that have a file; none where the inbox doesn't exist. InputError where one has two."""
    return [stream for stream in STREAMS if _paths(Path(inbox), stream)]


def check(inbox: Path, read_before: Collection[str]) -> list[str]:
    """What to warn of: files that nothing reads, and streams of `read_before` whose file is gone.

    InputError where the inbox has no stream at all: an export that was not delivered is no business that stopped.
    """
    inbox = Path(inbox)
    found, strangers = {stream.name for stream in present(inbox)}, unknown_files(inbox)
    if not found:
        what = "does not exist" if not inbox.is_dir() else "holds no file that is a stream"
        has = f"; it has {', '.join(map(_guess, strangers[:5]))}" if strangers else ""
        raise InputError(
            f"files: the inbox {inbox} {what}{has}",
            next_step="put at least one stream there, such as orders.csv (docs/files.md lists them), or set MART_INBOX",
        )
    told = [f"files: {inbox / name} is not read{_guess(name).removeprefix(name)}" for name in strangers]
    gone = [stream.name for stream in STREAMS if stream.name in read_before and stream.name not in found]
    told += [f"files/{name}: its file is gone from {inbox}; what was landed of it stays as it is" for name in gone]
    return told


def unknown_files(inbox: Path) -> list[str]:
    """Names in the inbox that belong to no stream, sorted; hidden files and folders aside."""
    known = {f"{stream.name}{suffix}" for stream in STREAMS for suffix in SUFFIXES}
    inbox = Path(inbox)
    if not inbox.is_dir():
        return []
    files = (path.name for path in inbox.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(name for name in files if name not in known)


def _guess(name: str) -> str:
    """The name, with the one that was probably meant."""
    known = [f"{stream.name}{suffix}" for stream in STREAMS for suffix in SUFFIXES]
    near = get_close_matches(name.lower(), known, 1, cutoff=0.7)
    return f"{name} (did you mean {near[0]}?)" if near else name


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
