"""Pages of a source become immutable Parquet and a manifest row: what was landed, when, and what it summed to.

MART_HOME/landing/
  <source>/<stream>/day=YYYY-MM-DD/<version>-<hash>.parquet   one version of one day
  manifest.db                                                 SQLite: what has landed, and what a gate said of it
  .work, .locks, .snapshots                                   of running loads; `Landing.sweep` tidies them

Nothing is changed in place. The same content again adds nothing; other content adds a version, which counts once
the landed gate has accepted it. MART_HOME must be
on a local file system: SQLite's write-ahead log and file locks are not to be trusted on a network share.
"""

from marketing_mart.landing.manifest import Load, Read
from marketing_mart.landing.offers import NOTHING, Offer
from marketing_mart.landing.overruling import RejectedLoad
from marketing_mart.landing.retaining import Retained
from marketing_mart.landing.store import Landing

__all__ = ["NOTHING", "Landing", "Load", "Offer", "Read", "RejectedLoad", "Retained"]
