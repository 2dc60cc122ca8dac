"""Keys that stand twice in a file, found with 16 bytes of memory per row."""

import numpy as np
import pyarrow as pa

_SUSPECTS = 1000  # rows looked into; of chance alone not even one is to be expected


class KeyWatch:
    """Remembers a 64-bit hash of each row's key. What they point to must be confirmed by the keys themselves."""

    def __init__(self) -> None:
        self._hashes: list[np.ndarray] = []
        self._rows: list[np.ndarray] = []

    def add(self, hashes: pa.ChunkedArray, rows: pa.ChunkedArray) -> None:
        self._hashes.append(hashes.to_numpy())
        self._rows.append(rows.to_numpy())

    def suspects(self) -> tuple[pa.Array, int]:
        """Numbers of the first rows whose hash stands twice, and how many rows repeat an earlier one in all."""
        hashes = np.concatenate([np.empty(0, np.uint64), *self._hashes])
        rows = np.concatenate([np.empty(0, np.int64), *self._rows])
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        repeats = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
        picked = repeats[:_SUSPECTS]
        return pa.array(rows[order][np.union1d(picked, picked - 1)], pa.int64()), len(repeats)
