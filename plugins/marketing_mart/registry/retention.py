"""How much of the past the registry keeps. SQLite writes new rows where old ones were: the file stops growing."""

from marketing_mart.registry.store import Store


class Retention(Store):
    """Details are many (hundreds of rows a run), runs are few."""

    def forget(self, *, runs: int, details: int) -> None:
        """Keep the last `runs` runs, with dbt's nodes and the gates' checks for the last `details` of them."""
        with self._write() as db:
            kept = {"nodes": details, "checks": details, "stages": runs, "loads": runs, "runs": runs}
            for table, last in kept.items():
                db.execute(
                    f"delete from {table} where run_id not in (select run_id from runs order by sequence desc limit ?)",
                    [last],
                )
