"""Writes and reads the manifest ``hanpack.json``: the inputs and files of a build, and its own checksum."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

from hanpack.errors import UsageError, VerifyError
from hanpack.model import Source
from hanpack.source_table import SourceTable
from hanpack.store.indented_json import dump_indented
from hanpack.store.shards import ShardFile
from hanpack.store.source_list import SOURCES_FILE, dump_source, expand_sources, load_source

MANIFEST = "hanpack.json"
# The signed statements about a build, if it is signed: the only file that its manifest does not list.
ATTESTATION = "hanpack.intoto.jsonl"
PICTURE = "token_histogram.svg"
SPDX = "spdx.json"
# The signatures of the documents, if the recipe asks for them: see :mod:`hanpack.store.signature_table`.
SIGNATURES = "signatures.parquet"
# The index for searches, likewise: see :mod:`hanpack.store.search_index`.
SEARCH_INDEX = "search_index.bin"
# The files beside the shards and the signatures that the manifest lists, in its order.
DESCRIPTIONS = ("README.md", "croissant.json", PICTURE, SPDX)
FORMAT = 1
# A manifest has about 300 bytes for each source and file: more is an attempt to fill the memory.
MOST_BYTES = 2**30

# What the figures count, if that is not the files as they are on disk: FORMAT.md, "What a span means".
CONTENTS_HINT = (
    "bytes are counted in the contents of the files: DOCX, EPUB and compressed files unpacked, with their "
    "markup; of PDF, Parquet and the like the text"
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The inputs, files and figures of a build; FORMAT.md describes every key.

    ``fingerprint`` is a hash of all inputs: equal fingerprints, equal bytes. ``evaluation`` has the files of
    the evaluation texts that documents were compared with. ``withdrawals`` are the requests that it honours,
    as :func:`hanpack.store.withdrawals.dump_withdrawal` gives them. ``against`` are the builds whose
    documents it does not repeat: ``build``, ``name``, ``fingerprint``, and ``sha256`` of their signatures.
    ``merkle_root`` commits to all rows of the tables of chunks and of the ledger: see
    :mod:`hanpack.store.merkle`.
    """

    name: str
    fingerprint: str
    recipe: Mapping[str, Any]
    versions: Mapping[str, str]
    tokenizer: Mapping[str, str]
    sources: Sequence[Source]
    files: Sequence[ShardFile]
    totals: Mapping[str, Any]
    evaluation: Sequence[Source] = ()
    withdrawals: Sequence[Mapping[str, Any]] = ()
    against: Sequence[Mapping[str, Any]] = ()
    merkle_root: str = ""

    @property
    def file_bytes(self) -> int:
        """The bytes of the source files as they are on disk, such as packed ones."""
        return SourceTable.of(self.sources).size

    @property
    def has_other_contents(self) -> bool:
        """Whether the bytes that the figures count are others than those of the files."""
        return self.file_bytes != int(self.totals["bytes"])

    @property
    def bytes_label(self) -> str:
        """What the number of the bytes that were read is called."""
        return "bytes read, unpacked" if self.file_bytes < self.totals["bytes"] else "bytes read"

    @property
    def tables(self) -> dict[str, list[ShardFile]]:
        """The shards of each table, by the name of the table, the default one first."""
        shards = [file for file in self.files if file.path.startswith("data/")]
        names = dict.fromkeys(file.path.split("/")[1] for file in shards)
        return {name: [file for file in shards if file.path.split("/")[1] == name] for name in names}


def make_fingerprint(
    recipe: Mapping[str, Any],
    versions: Mapping[str, str],
    sources: Iterable[Source],
    withdrawals: Sequence[Mapping[str, Any]] = (),
    against: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Hash the inputs of a build: recipe, versions, withdrawals, the builds it is compared with, each source.

    Of a source these are its path, hash, encoding and fault.
    """
    optional = {"withdrawals": list(withdrawals), "against": list(against)}
    content: dict[str, object] = {"recipe": recipe, "versions": versions}
    content |= {key: values for key, values in optional.items() if values}
    digest = hashlib.sha256()
    # As _digest hashes it, but with few sources in memory.
    for number, key in enumerate(sorted([*content, "sources"])):
        digest.update(f"{',' if number else '{'}{json.dumps(key)}:".encode())
        if key == "sources":
            digest.update(b"[")
            for index, source in enumerate(sources):
                digest.update(b"," if index else b"")
                digest.update(_pack(_identify(source)))
            digest.update(b"]")
        else:
            digest.update(_pack(content[key]))
    digest.update(b"}")
    return digest.hexdigest()


def _identify(source: Source) -> list[str | None]:
    fault = str(source.fault) if source.fault else None
    return [source.path, source.sha256, source.encoding, fault, source.archive_sha256]


def dump_manifest(manifest: Manifest) -> str:
    """A manifest as canonical JSON; its last key is the checksum of the others.

    >>> inputs = {"recipe": {}, "versions": {}, "tokenizer": {}, "sources": ()}
    >>> manifest = Manifest(name="demo", fingerprint="0a", files=(), totals={}, **inputs)
    >>> list(json.loads(dump_manifest(manifest)))[-2:]
    ['merkle_root', 'checksum']
    """
    content = {
        "format": FORMAT,
        **{field.name: getattr(manifest, field.name) for field in fields(manifest)},
        "sources": SOURCES_FILE
        if any(file.path == SOURCES_FILE for file in manifest.files)
        else [dump_source(source) for source in manifest.sources],
        "files": [asdict(file) for file in manifest.files],
        "evaluation": [dump_source(source) for source in manifest.evaluation],
        "withdrawals": list(manifest.withdrawals),
        "against": list(manifest.against),
    }
    return _canonical({**content, "checksum": _digest(content)})


def read_content(build: Path) -> dict[str, Any]:
    """Read the keys and values of a build's manifest, without its checksum, which fits them.

    Raises:
        UsageError: there is no such folder.
        VerifyError: it does not exist, is no regular file, is damaged, has another format, or was changed in
            any byte.
    """
    path = build / MANIFEST
    try:
        data = _read_bounded(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        todo = "name the folder that hanpack build wrote"
        if not build.exists():
            raise UsageError("there is no such build", str(build), todo) from error
        what = "this is not a finished build: there is no hanpack.json"
        raise VerifyError(what, str(build), todo) from error
    except OSError as error:
        raise VerifyError(f"the manifest cannot be read: {error.strerror}", str(path)) from error
    except ValueError as error:
        raise VerifyError(f"the manifest is broken: {error}", str(path), "build again") from error
    return parse_content(data, str(path), lambda name: _read_bounded(build / name))


def parse_content(data: bytes, where: str, read: Callable[[str], bytes]) -> dict[str, Any]:
    """The keys and values in the bytes of a manifest, as :func:`read_content` gives them.

    ``read`` gives the bytes of a file beside it: that of the sources, if there are many.

    Raises:
        VerifyError: it is damaged, has another format, or was changed in any byte; ``where`` is its file.
    """
    try:
        text = data.decode("utf-8")
        content: dict[str, Any] = json.loads(text, parse_constant=_refuse_constant)
        checksum = content.pop("checksum")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise VerifyError(f"the manifest is broken: {error}", where, "build again") from error
    if checksum != _digest(content) or text != _canonical({**content, "checksum": checksum}):
        raise VerifyError("the manifest was changed after it was written", where, "build again")
    if content.get("format") != FORMAT:
        raise VerifyError("the manifest has another format", where, "use the hanpack that wrote it")
    return expand_sources(content, read, where)


def make_manifest(content: Mapping[str, Any], where: str) -> Manifest:
    """The manifest that :func:`read_content` has read; ``where`` is its file in errors.

    Raises:
        VerifyError: it does not have the keys that hanpack writes.
    """
    values = {key: value for key, value in content.items() if key != "format"}
    try:
        sources = SourceTable(map(load_source, values.pop("sources")))
        evaluation = [load_source(source) for source in values.pop("evaluation")]
        files = [_file_from_json(file) for file in values.pop("files")]
        return Manifest(sources=sources, files=files, evaluation=evaluation, **values)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise VerifyError(
            f"the manifest does not have the keys of this hanpack: {error}", where, "build again"
        ) from error


def read_manifest(build: Path) -> Manifest:
    """Read the manifest of a build that is not used otherwise: its values may be those of an attacker.

    :meth:`hanpack.store.reader.BuildReader.open` checks every value of them, and is how builds are read.

    Raises:
        VerifyError: it does not exist, is damaged, has another format, or was changed in any byte.
    """
    return make_manifest(read_content(build), str(build / MANIFEST))


def _read_bounded(path: Path) -> bytes:
    """Read a regular file that is no link and not larger than a manifest can be."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is a link, or no regular file")
    if status.st_size > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    return path.read_bytes()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _file_from_json(content: Mapping[str, Any]) -> ShardFile:
    file = ShardFile(**content)
    if not isinstance(file.path, str):
        raise TypeError("the path of a file is no string")
    return file


def peek_identity(build: Path) -> tuple[str, str] | None:
    """The name and the fingerprint in the manifest of a build, without any check; None if it has none."""
    try:
        content = json.loads(_read_bounded(build / MANIFEST))
        return str(content["name"]), str(content["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _canonical(content: Mapping[str, Any]) -> str:
    return f"{dump_indented(content)}\n"


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_pack(content)).hexdigest()


def _pack(content: object) -> bytes:
    packed = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return packed.encode("utf-8", "surrogatepass")
