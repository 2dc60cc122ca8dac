"""Small businesses of awkward shape, landed and modelled many times over: the SQL is compiled once and run bare.

    compiled.py   the compiled project, and a mart that it makes of landed rows in memory
    landed.py     rows of every stream, in few words
    usual.py      one ordinary business
    shapes.py     what makes a business awkward: functions of a world
    drawn.py      businesses as Hypothesis draws them
    rules.py      what must be true of every mart, checked from the landed rows (sums.py adds them up)
    loads.py      the same rows landed in parts, twice, in another order, some of them first as they were before

A world is a dict `<source>__<stream>` -> rows, each with every column of its stream, and unique by its key.
"""

from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]
