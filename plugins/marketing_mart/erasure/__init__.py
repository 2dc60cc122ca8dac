"""A person is taken out of everything that is kept, and every total stays: `make erase`.

Their hashes and ids are replaced by random tokens in every landed version, every kept release and whatever runs left
beside them, so that orders, visits and leads stay counted as one person's whom nobody can name. The order of steps:

  1. who it is: the models that link identifiers, run over what has landed;
  2. the journal: from here on a killed erasure is finished by the next one, or by the next run;
  3. the list of erased persons, so that nothing lands again; then landing, releases, remains;
  4. the search through every file of MART_HOME. Only where it finds nothing does the journal go.
"""

from marketing_mart.erasure.erasing import Asked, Erased, erase, finish
from marketing_mart.erasure.suppression import suppressed

__all__ = ["Asked", "Erased", "erase", "finish", "suppressed"]
