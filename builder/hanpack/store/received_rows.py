"""Checks the columns and values of a shard that somebody else may have written, before rows are made of them.

What is checked is what every reader of a build relies on. Whether the rows are true is for the audit.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from hanpack.errors import VerifyError
from hanpack.store.table_kinds import TableKind

# The columns of the ledger whose value is null in some states, and the perplexity, which is not always
# measured; no other column has nulls.
_NULLABLE = frozenset(
    (
        "reason",
        "cause",
        "document_id",
        "duplicate_of",
        "similarity",
        "split",
        "license",
        "domain",
        "url",
        "perplexity",
    )
)
# The columns in whose values there may be nulls: fields without a value, and sides of an unknown box.
_WITH_NULLS = frozenset(("metadata", "pages"))
# The columns that a table has only if the recipe asks for them.
_OPTIONAL = frozenset(("heading_characters", "split"))


def check_schema(schema: pa.Schema, table: str, where: str) -> None:
    """Check that a shard of a table has every column that its kind has, once and of its type.

    Raises:
        VerifyError: a column is missing, occurs twice or has another type; ``where`` is the shard.
    """
    for expected in TableKind.of(table).schema:
        number = schema.names.count(expected.name)
        if not number and expected.name in _OPTIONAL:
            continue
        if number != 1:
            count = f"{number} columns" if number else "no column"
            raise _refuse(f"the shard has {count} {expected.name!r}", where)
        actual = schema.field(expected.name).type
        if not actual.equals(expected.type):
            raise _refuse(f"the column {expected.name!r} of the shard has the type {actual}", where)


def check_values(table: pa.Table, where: str) -> pa.Table:
    """Check that strings are valid UTF-8 and that nothing is null that must not be; return the table.

    Raises:
        VerifyError: a value is invalid; ``where`` is the shard.
    """
    try:
        table.validate(full=True)
    except pa.ArrowException as error:
        raise _refuse(f"the shard has invalid values: {error}", where) from error
    for name, column in zip(table.column_names, table.columns, strict=True):
        has_null = column.null_count and name not in _NULLABLE
        if has_null or (name not in _WITH_NULLS and any(map(_count_nulls, column.chunks))):
            raise _refuse(f"the column {name!r} of the shard has a null", where)
    return table


def _count_nulls(array: pa.Array) -> int:
    """The nulls in the values of lists and in the fields of structs, at any depth."""
    return sum(int(inner.null_count) + _count_nulls(inner) for inner in _list_inner(array))


def _list_inner(array: pa.Array) -> Iterator[pa.Array]:
    if pa.types.is_list(array.type):
        yield pc.list_flatten(array)
    elif pa.types.is_struct(array.type):
        yield from array.flatten()


def _refuse(what: str, where: str) -> VerifyError:
    return VerifyError(what, where, "get the build again from where it comes, or build again")
