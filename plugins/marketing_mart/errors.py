"""Every error this project raises on purpose.

MartError                 one clear message: what, where, how many, what next; never a traceback
├── ConfigError           config/mart.yml, the environment or a connection is wrong
├── SourceError           a source could not be read
│   ├── SourceRefused     it answered, and will answer the same again (401, 403, 404, a bad request)
│   ├── SourceUnavailable it did not answer, or asked for patience longer than ours (worth a retry)
│   └── SourceMalformed   it answered something that is not its own format
├── InputError            a file of the `files` source holds something that can't be right
├── LandingError          a load could not be made durable
│   └── RowsRefused       what was read can't be right: a key twice, a day nobody asked for, other columns
├── BuildError            dbt failed
├── GateFailed            checks are red: the data is bad
├── GateBroken            a check raised: nothing is known about the data
├── LostPlace             another run has taken over, so this one may not publish
├── PlaceTaken            another run is under way, and this one waits for its end
├── PublishError          a release could not be made current
├── QuarantineError       what was asked of the quarantine can't be done
├── ErasureError          a person could not be erased
│   └── StillFound        all of an erasure was done, and a search finds the person still
└── MachineError          the machine refused: disk, memory, permissions
"""

from marketing_mart.redaction import printable, redact


class MartError(Exception):
    """Base of all expected failures. `str()` is the message that a person reads: without secrets, addresses
    and what a terminal would obey.

    `next_step` is the command or the edit that mends it; it is printed after the message.
    """

    usual_next_step = ""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(printable(redact(message)))
        self.next_step = next_step or self.usual_next_step

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n  next: {self.next_step}" if self.next_step else message


class ConfigError(MartError):
    """The configuration, the environment or a connection is wrong."""


class SourceError(MartError):
    """A source could not be read."""


class SourceRefused(SourceError):
    """The source answered and will answer the same again: a retry is no use."""

    usual_next_step = "see that the source's connection and accounts are right, then run this source again"


class SourceUnavailable(SourceError):
    """The source did not answer in time; a later try may succeed."""

    usual_next_step = "run this source again later"


class SourceMalformed(SourceError):
    """The source answered something that is not its own format."""

    usual_next_step = "run this source again; if it comes again, its format has changed and the connector must follow"


class InputError(MartError):
    """A file of the `files` source holds something that can't be right."""


class LandingError(MartError):
    """A load could not be made durable."""


class RowsRefused(LandingError):
    """What was read can't be right as a whole, so nothing of it has landed."""


class BuildError(MartError):
    """dbt could not build the candidate."""


class GateFailed(MartError):
    """Checks are red: the data is bad."""


class GateBroken(MartError):
    """A check raised an exception: nothing is known about the data, so nothing is published."""


class LostPlace(MartError):
    """Another run has taken over."""


class PlaceTaken(MartError):
    """Another run is under way, and this one, of a backfill, waits for its end."""


class PublishError(MartError):
    """A release could not be made current."""


class QuarantineError(MartError):
    """What was asked of the quarantine can't be done."""


class ErasureError(MartError):
    """A person could not be erased."""


class StillFound(ErasureError):
    """All of an erasure was done, and a search finds the person still."""


class MachineError(MartError):
    """The machine refused: a full disk, a folder that can't be written, no more memory."""
