"""Identity: the persons of so many identifiers, found by the model int_persons as dbt calls it, without dbt.

Of a hundred identifiers 32 are customers, 28 emails, 16 phones, 3 contacts, 19 visitors and 2 clicks. Each twentieth
customer shares the email of the next one, so that persons form chains; each hundredth visitor is a device of four.
"""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench import child
from bench.sizes import Size

MIB_PER_GIB = 1024
MODEL = "models/intermediate/people/int_persons.py"
LINKS = {
    "int_identifier_links": """
        select 'customer:' || n as identifier, email(if(n % 20 = 0, n + 1, n)) as linked_identifier
        from range({customers}) as _ (n) where n % 10 > 0
        union all select 'customer:' || n, phone(n) from range({customers}) as _ (n) where n % 2 = 0
        union all select 'contact:hubspot:' || n, email(n * 7) from range({customers} // 10) as _ (n)
        union all select 'customer:' || n, 'customer:' || n from range({customers}) as _ (n) where n % 10 = 0
    """,
    "int_click_links": """
        select 'click:G' || n as identifier, 'customer:' || n as linked_identifier
        from range({customers} // 20) as _ (n)
    """,
    "int_visitor_links": """
        select 'visitor:V' || n as identifier, 'customer:' || n as linked_identifier
        from range({customers} * 3 // 5) as _ (n)
        union all
        select 'visitor:V' || n * 100, 'customer:' || n * 100 + other
        from range({customers} * 3 // 500) as _ (n), range(1, 4) as _ (other)
    """,
}


def measure(size: Size, work: Path) -> dict[str, Any]:
    """The section `identity` of the results."""
    measured = child.run("bench.identity:run", work, identifiers=size.identifiers, folder=work)
    return {**measured.value, "peak_gib": round(measured.peak_mib / MIB_PER_GIB, 2)}


def run(identifiers: int, folder: str) -> dict[str, Any]:
    """Make the links, then time the model and the writing of its table."""
    import duckdb

    from marketing_mart.warehouse import DBT_PROJECT

    model: dict[str, Any] = {}
    exec((DBT_PROJECT / MODEL).read_text(), model)
    with duckdb.connect(str(Path(folder) / "identity.duckdb")) as connection:
        connection.execute("create macro email(n) as 'email:' || sha256('email of ' || n)")
        connection.execute("create macro phone(n) as 'phone:' || sha256('phone of ' || n)")
        for name, query in LINKS.items():
            connection.execute(f"create table {name} as {query.format(customers=identifiers * 32 // 100)}")
        links = sum(connection.table(name).count("*").fetchone()[0] for name in LINKS)
        dbt = SimpleNamespace(config={"max_persons_per_visitor": "2"}, ref=connection.table)
        began, spent = time.perf_counter(), time.process_time()
        connection.register("made", model["model"](dbt, connection))
        connection.execute("create table int_persons as select * from made")
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - spent
        found = connection.execute("select count(*), count(distinct person_id) from int_persons").fetchone()
    return {
        "identifiers": found[0],
        "links": links,
        "persons": found[1],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
    }
