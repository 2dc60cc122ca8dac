"""One module per vendor. Each has `STREAMS` and `read(stream, window, access, options, privacy)`."""

from importlib import import_module
from types import ModuleType

from marketing_mart.settings import CONNECTED_SOURCES
from marketing_mart.streams import Stream


def connector(source: str) -> ModuleType:
    """The module that reads `source`."""
    return import_module(f"{__name__}.{source}")


def streams() -> tuple[Stream, ...]:
    """Every stream that any connector reads, whether its source is on or not."""
    return tuple(stream for source in CONNECTED_SOURCES for stream in connector(source).STREAMS)
