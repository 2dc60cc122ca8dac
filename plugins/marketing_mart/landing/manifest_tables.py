"""The tables of the manifest, and how one of an earlier format becomes one of this."""

FORMAT = 3  # of the tables below; a manifest of a later format is refused rather than misread

_TABLES = """
create table loads (
    sequence integer primary key, source text not null, stream text not null, kind text not null, day text not null,
    version integer not null, rows integer not null, stated_rows integer, totals text not null, first_day text,
    last_day text not null, kpi_start text not null, loaded_at text not null, expected_lag_hours integer not null,
    run_id text not null, path text not null, bytes integer not null, content_hash text not null,
    columns text not null, read integer not null, unique (source, stream, day, version)
);
create table reads (
    sequence integer primary key, source text not null, stream text not null, kind text not null, day text not null,
    first_day text, last_day text not null, rows integer not null, landed_rows integer not null, stated_rows integer,
    new_versions integer not null, kpi_start text not null, loaded_at text not null, run_id text not null
);
create index reads_of_stream on reads (source, stream, day);
"""
_VERDICTS = """
create table verdicts (
    read integer primary key, verdict text not null check (verdict in ('accepted', 'rejected')),
    run_id text not null, judged_at text not null
);
"""
# What a person said of a rejected load; and the loads whose file is gone, of which totals and counts are kept.
_REMOVALS = """
create table if not exists overrulings (
    run_id text not null, source text not null, action text not null check (action in ('released', 'dropped')),
    why text not null, who text not null, at text not null
);
create table if not exists removals (load integer primary key, reason text not null, at text not null);
"""
# Format 1 kept no verdicts, and whatever had landed counted. A load has its read's run and moment.
_FROM_1 = f"""
alter table loads add column read integer not null default 0;
update loads set read = (
    select max(reads.sequence) from reads
    where (reads.source, reads.stream, reads.run_id, reads.loaded_at)
        = (loads.source, loads.stream, loads.run_id, loads.loaded_at)
);
{_VERDICTS}
insert into verdicts select sequence, 'accepted', run_id, loaded_at from reads;
"""
STEPS = {0: f"{_TABLES} {_VERDICTS} {_REMOVALS}", 1: f"{_FROM_1} {_REMOVALS}", 2: _REMOVALS}  # by the format found
