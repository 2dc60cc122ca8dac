"""What is kept out of the mart with its reason, and what a person may say of it: `make quarantine`.

Two kinds: whole loads that the landed gate rejected (`<run>/<source>`), and rows of the current release that can't be
right (`<source>/<stream>/<reason>`).
"""

from marketing_mart.quarantine.acting import drop, release
from marketing_mart.quarantine.listing import Group, groups, loads, show

__all__ = ["Group", "drop", "groups", "loads", "release", "show"]
