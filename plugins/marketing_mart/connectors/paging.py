"""What no vendor's pages may do, whatever their cursors look like: come twice, or lead in a circle without an end."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketing_mart.errors import SourceMalformed

_NEXT_STEP = "run this source again; nothing of this read was landed. If it comes again, tell the vendor"


@dataclass
class Watch:
    """Looks at the pages of one read. Of each page a number is kept, so that a read of any length can be watched."""

    label: str
    _pages: set[int] = field(default_factory=set)
    _cursors: set[int] = field(default_factory=set)

    def page(self, rows: Sequence[Any]) -> None:
        """SourceMalformed where these rows were a page before: the rows of another page are missing then."""
        if not rows:
            return
        known = hash((len(rows), repr(rows[0]), repr(rows[-1])))
        if known in self._pages:
            raise SourceMalformed(
                f"{self.label}: page {len(self._pages) + 1} has the same rows as a page before ({len(rows)} rows)",
                next_step=_NEXT_STEP,
            )
        self._pages.add(known)

    def cursor(self, cursor: Hashable) -> None:
        """SourceMalformed where this cursor of a next page was given before: the pages would never end."""
        known = hash(cursor)
        if known in self._cursors:
            raise SourceMalformed(
                f"{self.label}: the cursor of page {len(self._cursors) + 2} was given before: the pages go in a circle",
                next_step=_NEXT_STEP,
            )
        self._cursors.add(known)
