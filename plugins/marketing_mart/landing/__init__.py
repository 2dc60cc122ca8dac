"""Pages of a source become immutable Parquet and a manifest row: what was landed, when, and what it summed to.

MART_HOME/landing/
  <source>/<stream>/day=YYYY-MM-DD/<version>-<hash>.parquet   one version of one day
  manifest.db                                                 SQLite: a file counts once it stands here
  .work, .locks, .snapshots                                   of running loads; `Landing.sweep` tidies them

Nothing is changed in place. The same content again adds nothing; other content adds a version. MART_HOME must be
on a local file system: SQLite's write-ahead log and file locks are not to be trusted on a network share.
"""

from marketing_mart.landing.manifest import Load, Read
from marketing_mart.landing.store import Landing

__all__ = ["Landing", "Load", "Read"]
