"""The simulator's clock: which moment is shown, and the view of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Lock

from simulator.nouns import View
from simulator.seasons import midnight
from simulator.world import World


def moment_of(text: str) -> datetime:
    """The end of a day given as YYYY-MM-DD; or a moment, with time and offset. ValueError says what is wrong."""
    try:
        if "T" not in text:
            return midnight(date.fromisoformat(text) + timedelta(days=1))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is neither a day like 2025-06-30 nor a moment like 2025-06-30T12:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError(f"the moment {text!r} has no offset: write it like 2025-06-30T12:00:00Z")
    return moment.astimezone(UTC)


def text_of(moment: datetime) -> str:
    """What `moment_of` reads as the same moment: the day alone where it is the end of one."""
    last = moment - timedelta(microseconds=1)
    return last.date().isoformat() if moment == midnight(moment.date()) else moment.isoformat()


def this_midnight() -> datetime:
    """The end of yesterday by the machine's clock."""
    return midnight(datetime.now(UTC).date())


class Clock:
    """Vendors ask `view()` with each request; it is the same object until the clock moves.

    It stands at `moment`, or follows `now` (a function that tells a moment) until it is moved.
    """

    def __init__(
        self, world: World, moment: datetime | None = None, now: Callable[[], datetime] = this_midnight
    ) -> None:
        self.world = world
        self._now = now if moment is None else None
        self._lock = Lock()
        self._view: View = world.as_of(moment or now())

    def move(self, moment: datetime) -> None:
        """It stands there from now on. ValueError: there is no world at that moment."""
        view = self.world.as_of(moment)
        with self._lock:
            self._view, self._now = view, None

    def view(self) -> View:
        with self._lock:
            if self._now is not None and (moment := self._now()) != self._view.moment:
                self._view = self.world.as_of(moment)
            return self._view
