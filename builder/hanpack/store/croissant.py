"""Writes the Croissant metadata: files with their hashes, tables with their columns, and the sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hanpack.lazy_patterns import compile_lazily
from hanpack.store.indented_json import dump_indented
from hanpack.store.manifest import Manifest
from hanpack.store.shards import ShardFile, describe_file
from hanpack.store.source_list import SOURCES_FILE
from hanpack.store.table_kinds import TableKind

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
ENCODING_FORMATS = {
    "parquet": "application/x-parquet",
    "md": "text/markdown",
    "svg": "image/svg+xml",
    "bin": "application/octet-stream",
}
# The record set of the splits, and the kind of each split by its name.
SPLITS = "splits"
SPLIT_KINDS = {"train": "cr:TrainingSplit", "validation": "cr:ValidationSplit", "test": "cr:TestSplit"}
# Characters of a column's name that are encoded in an @id.
_UNSAFE = compile_lazily(r"[^\w.-]")


def write_croissant(folder: Path, manifest: Manifest) -> ShardFile:
    """Write ``croissant.json`` for the files of ``manifest`` into the folder of a build."""
    path = folder / "croissant.json"
    path.write_text(render_croissant(folder, manifest), encoding="utf-8")
    return describe_file(path, folder)


def render_croissant(folder: Path, manifest: Manifest) -> str:
    """The Croissant metadata of the files of ``manifest``: Croissant 1.1, with the sources in W3C PROV.

    The format is specified at docs.mlcommons.org/croissant/docs/croissant-spec.html.
    """
    card = manifest.recipe["card"]
    content = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": manifest.name,
        "description": card["summary"] or card["title"] or manifest.name,
        "license": card["license_link"] or card["license_name"] or card["license"],
        "version": "1.0.0",
        "inLanguage": card["language"],
        **({"keywords": card["tags"]} if card["tags"] else {}),
        **({"url": card["url"]} if card["url"] else {}),
        **({"creator": list(map(_describe_creator, card["creators"]))} if card["creators"] else {}),
        **({"datePublished": card["published"]} if card["published"] else {}),
        **({"citeAs": card["citation"]} if card["citation"] else {}),
        "prov:wasDerivedFrom": [
            {"@type": "prov:Entity", "name": name, "sha256": digest}
            for name, digest in _list_sources(manifest)
        ],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "name": f"hanpack {manifest.versions['hanpack']}",
            "identifier": manifest.fingerprint,
        },
        "distribution": [_file(file) for file in manifest.files]
        + [_file_set(name) for name in manifest.tables],
        "recordSet": [
            _describe_splits(manifest),
            *(_record_set(folder, manifest, name) for name in manifest.tables),
        ],
    }
    return f"{dump_indented(content)}\n"


def _list_sources(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """The names and hashes of the sources; if they are in a file of the build, of that file."""
    listed = [file for file in manifest.files if file.path == SOURCES_FILE]
    if listed:
        yield listed[0].path, listed[0].sha256
        return
    for source in manifest.sources:
        yield source.path, source.sha256


def _file(file: ShardFile) -> Mapping[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": ENCODING_FORMATS[file.path.rpartition(".")[2]],
        "sha256": file.sha256,
    }


def _file_set(name: str) -> Mapping[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{name}-files",
        "name": f"{name}-files",
        "encodingFormat": "application/x-parquet",
        "includes": f"data/{name}/*.parquet",
    }


def _record_set(folder: Path, manifest: Manifest, name: str) -> Mapping[str, Any]:
    schema = pq.read_schema(folder / manifest.tables[name][0].path)
    fields = [_field(name, field) for field in schema]
    if TableKind.of(name).is_partitioned:
        fields.append(_split_field(name, [file.partition for file in manifest.tables[name]]))
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _describe_creator(name: str) -> Mapping[str, Any]:
    return {"@type": "sc:Organization", "name": name}


def _describe_splits(manifest: Manifest) -> Mapping[str, Any]:
    """The record set of the splits, to which those of the tables refer."""
    partitions = dict.fromkeys(file.partition for files in manifest.tables.values() for file in files)
    return {
        "@type": "cr:RecordSet",
        "@id": SPLITS,
        "name": SPLITS,
        "dataType": "cr:Split",
        "key": {"@id": f"{SPLITS}/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"{SPLITS}/{name}", "name": name, "dataType": kind}
            for name, kind in (("name", "sc:Text"), ("url", "sc:URL"))
        ],
        "data": [
            {f"{SPLITS}/name": partition, f"{SPLITS}/url": SPLIT_KINDS[partition]} for partition in partitions
        ],
    }


def _split_field(table: str, partitions: Sequence[str]) -> Mapping[str, Any]:
    """The split of each row of a table, from the name of its shard."""
    names = "|".join(dict.fromkeys(partitions))
    return {
        "@type": "cr:Field",
        "@id": f"{table}/split",
        "name": "split",
        "dataType": "sc:Text",
        "references": {"field": {"@id": f"{SPLITS}/name"}},
        "source": {
            "fileSet": {"@id": f"{table}-files"},
            "extract": {"fileProperty": "fullpath"},
            # It matches what it gives, too: mlcroissant applies it again to the rows of a file.
            "transform": {"regex": f"^(?:.*/)?({names})(?:-[0-9]+-of-[0-9]+\\.parquet)?$"},
        },
    }


def _field(table: str, field: pa.Field, parent: str = "") -> Mapping[str, Any]:
    """The description of a column; for a field of a struct column ``parent`` is the name of the column."""
    extract: dict[str, Any] = {
        "fileSet": {"@id": f"{table}-files"},
        "extract": {"column": parent or field.name},
        **({"transform": {"jsonPath": quote_name(field.name)}} if parent else {}),
    }
    identity = "/".join(encode_name(part) for part in (table, parent, field.name) if part)
    kind = field.type.value_type if pa.types.is_list(field.type) else field.type
    array = {"isArray": True, "arrayShape": "-1"} if pa.types.is_list(field.type) else {}
    content = {"@type": "cr:Field", "@id": identity, "name": field.name, **array}
    if pa.types.is_struct(kind):
        subfields = [_field(table, inner, field.name) for inner in kind]
        return {**content, "source": extract, "subField": subfields}
    return {**content, "dataType": _data_type(kind), "source": extract}


def encode_name(name: str) -> str:
    """A name as a segment of an ``@id``; mlcroissant refuses white space there, even percent-encoded.

    Separators, white space and punctuation are written as code points, and no name as ``~``: different names
    stay different.

    >>> encode_name("发布时间"), encode_name("a b"), encode_name("c/d"), encode_name("")
    ('发布时间', 'a~20b', 'c~2fd', '~')
    """
    if not name:
        return "~"
    return _UNSAFE.sub(lambda match: f"~{ord(match[0]):02x}", name)


def quote_name(name: str) -> str:
    r"""The path to a field of a struct column, in brackets and quotes (RFC 9535, section 2.3.1).

    >>> quote_name("a.b"), quote_name("it's")
    ("$['a.b']", "$['it\\'s']")
    """
    quoted = name.replace("\\", r"\\").replace("'", r"\'")
    return f"$['{quoted}']"


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    return "sc:Boolean" if pa.types.is_boolean(kind) else "sc:Text"
