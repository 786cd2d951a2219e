"""D200 to D219: what a database says."""

from __future__ import annotations

from sartor.catalogue.code import Code

ENTRIES = (
    Code(
        "D200",
        "a database cannot be reached",
        "Nobody answers at the address: the server does not run, its host or port is written wrongly, or a firewall "
        "stands between. `sartor check` passes over a server that it cannot reach; a run needs it.",
    ),
    Code(
        "D201",
        "a database refuses the login",
        "The server answers and lets nobody in: user, password or database of the address are wrong, or the server "
        "allows no login from this machine. The address stands in the environment variable that the recipe names; it "
        "is never shown.",
        right="export WAREHOUSE_URL=postgresql://reader:PASSWORD@db.example/warehouse",
    ),
    Code(
        "D202",
        "a database has no such table",
        "The name is misspelt, lies in another schema (`credit.loans`), or the table was dropped since the recipe was "
        "checked. Capitals count in PostgreSQL.",
        wrong="with: {url: secret:WAREHOUSE_URL, table: Loans}",
        right="with: {url: secret:WAREHOUSE_URL, table: credit.loans}",
    ),
    Code(
        "D203",
        "a column holds bytes",
        "Pictures and other bytes are no use to any step. Name the columns that are read, or let a query make numbers "
        "or texts of the bytes.",
        right="with: {url: shop.db, table: items, only: [item, price]}",
    ),
    Code(
        "D204",
        "a database went away",
        "The connection broke off in the middle: the server was stopped, or the network was. Nothing of the table was "
        "kept, and nothing of a delivery was written. Run it again.",
    ),
    Code(
        "D205",
        "a database is locked",
        "Somebody else holds the table, or writes to the SQLite file, and did not let go in time; or the server gave "
        "up on a statement that took too long. Run it again when the other has ended.",
    ),
    Code(
        "D206",
        "a query cannot be run",
        "The database does not understand the query, or a name in it is not there; the message is the database's own. "
        "A query is one SELECT, in the database's own SQL.",
        right='with: {url: shop.db, query: "SELECT id FROM loans WHERE day >= :since", params: {since: 2024-01-01}}',
    ),
    Code(
        "D207",
        "values that are not of their column's type",
        "SQLite keeps any value in any column, and texts may hold what is no date. Such values are not passed over in "
        "silence. Say what the column is, or repair the values. A number of PostgreSQL beyond 64 bits keeps its digits "
        "as text.",
        right="with: {url: shop.db, table: loans, types: {amount: text}}",
    ),
    Code(
        "D208",
        "a database does not allow it",
        "The user of the address may not read or write the table, or the database is read-only. Reading happens in a "
        "transaction that can only read, whatever the user may do.",
    ),
    Code(
        "D209",
        "an address that leads to no database",
        "What the secret holds is no address of a database, an option of the address is not known, or the file is no "
        "SQLite database.",
        right="export WAREHOUSE_URL=postgresql://reader:PASSWORD@db.example/warehouse",
    ),
    Code(
        "D210",
        "a query and its parameters do not fit",
        "Each `:name` of the query needs a value under `params`, each value a place in the query, and a value must be "
        "of the type that it is compared with. Texts in quotes, comments and `::` casts are passed over.",
        wrong='with: {url: shop.db, query: "SELECT * FROM loans WHERE day >= :since"}',
        right='with: {url: shop.db, query: "SELECT * FROM loans WHERE day >= :since", params: {since: 2024-01-01}}',
    ),
    Code(
        "D211",
        "a database failed",
        "The database reports something that has no code of its own here; the message is its own, without passwords, "
        "addresses and values.",
    ),
)
