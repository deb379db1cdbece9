"""The metadata column: six fields that every build has, and all other values as JSON in one field ``extra``.

The type is the same in every build, so that ``datasets`` can concatenate and interleave builds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

METADATA = ("title", "author", "date", "region", "url", "license")
EXTRA = "extra"
# What of the metadata the ledger has too, for every record; and its address, if the record was not kept.
LEDGER_RIGHTS = ("license", "domain")
LEDGER_METADATA = (*LEDGER_RIGHTS, "url")
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str)
# The host in an address.
_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?(?P<host>[^/:?#]+)"
_LONGEST_RIGHT = 100
METADATA_TYPE = pa.struct([(name, pa.string()) for name in (*METADATA, EXTRA)])


def metadata_column(documents: Sequence[Mapping[str, object]]) -> pa.StructArray:
    """The metadata of documents as a column; values of other types than strings are written as JSON.

    >>> column = metadata_column([{"title": "报告", "year": 2024, "author": ["甲", "乙"]}])
    >>> column.field("title")[0].as_py(), column.field("author")[0].as_py(), column.field("extra")[0].as_py()
    ('报告', '["甲", "乙"]', '{"year": 2024}')
    """
    names = set().union(*documents)
    fixed = [
        pa.array([_to_text(values.get(name)) for values in documents], pa.string())
        if name in names
        else pa.nulls(len(documents), pa.string())
        for name in METADATA
    ]
    if not names.isdisjoint(METADATA):
        documents = [
            {name: value for name, value in values.items() if name not in METADATA} for values in documents
        ]
    extra = pa.array(map(write_extra, documents), pa.string())
    return pa.StructArray.from_arrays([*fixed, extra], fields=list(METADATA_TYPE))


def write_extra(values: Mapping[str, object]) -> str:
    """The field ``extra`` with these values: a JSON object with sorted keys."""
    return _ENCODER.encode(values)


def find_rights(metadata: pa.StructArray | pa.ChunkedArray) -> dict[str, pa.Array | pa.ChunkedArray]:
    """The licence and the domain that each row of a metadata column states; null if it states none.

    Both are cut after 100 characters: a licence may be a whole text. The domain is the host of the address.

    >>> column = metadata_column([{"license": "cc-by-4.0", "url": "https://WWW.Example.com/a"}, {}])
    >>> {name: values.to_pylist() for name, values in find_rights(column).items()}
    {'license': ['cc-by-4.0', None], 'domain': ['www.example.com', None]}
    """
    licenses, domains = pc.struct_field(metadata, "license"), pc.struct_field(metadata, "url")
    # Most sources state neither.
    if licenses.null_count < len(licenses):
        licenses = pc.utf8_slice_codeunits(licenses, 0, _LONGEST_RIGHT)
        licenses = pc.if_else(pc.not_equal(licenses, ""), licenses, pa.scalar(None, pa.string()))
    if domains.null_count < len(domains):
        hosts = pc.struct_field(pc.extract_regex(domains, _HOST), "host")
        domains = pc.utf8_lower(pc.utf8_slice_codeunits(hosts, 0, _LONGEST_RIGHT))
    return {"license": licenses, "domain": domains}


def read_rights(metadata: Mapping[str, str | None]) -> dict[str, str | None]:
    """What :func:`find_rights` gives for the metadata of one row.

    >>> read_rights({"license": None, "url": "ftp://example.com:21/a"})
    {'license': None, 'domain': 'example.com'}
    """
    if metadata["license"] is None and metadata["url"] is None:
        # Most documents state neither: a call of Arrow for each would take a tenth of the time of an audit.
        return dict.fromkeys(LEDGER_RIGHTS)
    rights = find_rights(pa.array([metadata], METADATA_TYPE))
    return {name: values[0].as_py() for name, values in rights.items()}


def read_metadata(metadata: Mapping[str, str | None] | None) -> dict[str, object]:
    """All values of the metadata of a row that are not null, those in ``extra`` too, by name.

    A build that somebody else made may have anything in ``extra``: what is no JSON object stays as it is.

    >>> read_metadata({"title": "报告", "url": None, "extra": '{"year": 2024}'})
    {'title': '报告', 'year': 2024}
    >>> read_metadata({"title": "报告", "extra": "none"})
    {'title': '报告', 'extra': 'none'}
    """
    values: dict[str, object] = {
        name: value for name, value in (metadata or {}).items() if value is not None and name != EXTRA
    }
    text = (metadata or {}).get(EXTRA)
    if text is None:
        return values
    try:
        extra = json.loads(text)
    except (ValueError, RecursionError):
        extra = None
    if not isinstance(extra, dict):
        return {**values, EXTRA: text}
    return {**values, **{name: value for name, value in extra.items() if value is not None}}


def list_values(metadata: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """The strings in the metadata of a row, at any depth, each with the path of its keys.

    >>> list(list_values({"title": "报告", "url": None, "extra": '{"tags": ["甲"], "year": 2024}'}))
    [('title', '报告'), ('tags', '甲')]
    """
    for name, value in read_metadata(metadata).items():
        yield from _list_strings(name, value)


def _list_strings(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _list_strings(f"{name}.{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _list_strings(name, inner)


def _to_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else _ENCODER.encode(value)
