"""What a migrated database holds, line by line, so that a change of it is seen. `python -m tests.catalogue` writes it.

The words are the same in every supported version of PostgreSQL.
"""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg

from tests import cluster

SNAPSHOT = Path(__file__).with_name("catalogue.txt")

COLUMNS = """
select 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
  || case when l.collname = 'C' then ' collate "C"' else '' end
  || case when a.attnotnull then ' not null' else '' end
  || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_collation l on l.oid = a.attcollation
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
"""
# Not null is said with the column; newer versions make it a constraint as well.
CONSTRAINTS = """
select 'constraint ' || c.relname || '.' || k.conname || ' ' || pg_get_constraintdef(k.oid)
from pg_constraint k join pg_class c on c.oid = k.conrelid
where k.connamespace = 'public'::regnamespace and k.contype <> 'n'
"""
INDEXES = """
select 'index ' || c.relname || '.' || i.relname || ' ' || regexp_replace(pg_get_indexdef(i.oid), '^.* USING ', '')
  || case when x.indisunique then ' unique' else '' end
from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
where i.relnamespace = 'public'::regnamespace
  and not exists (select from pg_constraint k where k.conindid = i.oid and k.contype in ('p', 'u'))
"""
VIEWS = """
select 'view ' || relname || ' ' || regexp_replace(pg_get_viewdef(oid), '\\s+', ' ', 'g')
from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
"""
FUNCTIONS = """
select 'function ' || proname || ' ' || regexp_replace(prosrc, '\\s+', ' ', 'g')
from pg_proc where pronamespace = 'public'::regnamespace
"""
TRIGGERS = "select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal"
QUERIES = (COLUMNS, CONSTRAINTS, INDEXES, VIEWS, FUNCTIONS, TRIGGERS)
# The table that remembers migrations is the library's.
LIBRARY = "tortoise_migrations"


async def described(connection: "asyncpg.Connection[Any]") -> str:
    """Tables, columns, constraints, indexes, views, functions and triggers, sorted."""
    lines = [row[0] for query in QUERIES for row in await connection.fetch(query)]
    return "".join(f"{line}\n" for line in sorted(lines) if LIBRARY not in line)


async def write() -> None:
    """Write the snapshot anew, from an empty database that is migrated."""
    with cluster.cluster() as url:
        async with cluster.connection(cluster.named(url, await cluster.migrated(url))) as connection:
            SNAPSHOT.write_text(await described(connection), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write())
