"""What a gate is asked to judge: whole reads, of which some have been judged before and one run's have not.

A read is landed, and counts once a gate has accepted it; what a gate has rejected never counts. A read that no
gate came to look at, since another source stopped its run, is offered again by the next run that does not read
that source itself: so the rest of a day is made good by a run of the one source that had failed.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from marketing_mart.landing.manifest import Read


@dataclass(frozen=True)
class Offer:
    """Reads, in the order of their commits, pinned: what lands later is in none."""

    reads: tuple[Read, ...] = ()

    def without(self, sources: Collection[str]) -> "Offer":
        """The same but for these sources: what a read that failed midway has landed is no whole."""
        return Offer(tuple(read for read in self.reads if read.source not in sources))

    @property
    def sequences(self) -> tuple[int, ...]:
        return tuple(read.sequence for read in self.reads)

    @property
    def labels(self) -> frozenset[str]:
        """Of the streams (source/stream) that were read."""
        return frozenset(f"{read.source}/{read.stream}" for read in self.reads)

    @property
    def days(self) -> dict[str, date]:
        """source -> the day it was read for."""
        return {read.source: read.day for read in self.reads}


NOTHING = Offer()


def offer(reads: Iterable[Read], run_id: str, is_whole: Callable[[str, str], bool]) -> Offer:
    """What `run_id` has read and, of sources that it has not read, what the last run to read them did, if that run
    `is_whole(run_id, source)`: read every stream. What is judged already, and what a later read of the same source
    came after, is offered to no one."""
    reads = list(reads)
    reader = {read.source: read.run_id for read in reads}  # in the order of commits: the last one's
    reader |= {read.source: run_id for read in reads if read.run_id == run_id}
    return Offer(
        tuple(
            read
            for read in reads
            if read.verdict is None
            and read.run_id == reader[read.source]
            and (read.run_id == run_id or is_whole(read.run_id, read.source))
        )
    )
