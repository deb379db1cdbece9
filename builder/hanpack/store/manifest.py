"""Writes and reads the manifest ``hanpack.json``: the inputs and files of a build, and its own checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from hanpack.errors import VerifyError
from hanpack.model import Source
from hanpack.reasons import Reason, find_cause
from hanpack.store.shards import ShardFile

MANIFEST = "hanpack.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """The inputs, files and figures of a build; FORMAT.md describes every key.

    ``fingerprint`` is a hash of all inputs: equal fingerprints, equal bytes. ``evaluation`` has the files of
    the evaluation texts that documents were compared with.
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

    @property
    def tables(self) -> dict[str, list[ShardFile]]:
        """The shards of each table, by the name of the table, the default one first."""
        shards = [file for file in self.files if file.path.startswith("data/")]
        names = dict.fromkeys(file.path.split("/")[1] for file in shards)
        return {name: [file for file in shards if file.path.split("/")[1] == name] for name in names}


def make_fingerprint(
    recipe: Mapping[str, Any], versions: Mapping[str, str], sources: Sequence[Source]
) -> str:
    """Hash the inputs of a build: recipe, versions, and the path, hash, encoding and fault of each source."""
    described = [
        [source.path, source.sha256, source.encoding, source.fault and str(source.fault)]
        for source in sources
    ]
    return _digest({"recipe": recipe, "versions": versions, "sources": described})


def dump_manifest(manifest: Manifest) -> str:
    """A manifest as canonical JSON; its last key is the checksum of the others.

    >>> inputs = {"recipe": {}, "versions": {}, "tokenizer": {}, "sources": ()}
    >>> manifest = Manifest(name="demo", fingerprint="0a", files=(), totals={}, **inputs)
    >>> list(json.loads(dump_manifest(manifest)))[-2:]
    ['evaluation', 'checksum']
    """
    content = {
        "format": FORMAT,
        **{field.name: getattr(manifest, field.name) for field in fields(manifest)},
        "sources": [_source_to_json(source) for source in manifest.sources],
        "files": [asdict(file) for file in manifest.files],
        "evaluation": [_source_to_json(source) for source in manifest.evaluation],
    }
    return _canonical({**content, "checksum": _digest(content)})


def read_manifest(build: Path) -> Manifest:
    """Read and check the manifest of a build.

    Raises:
        VerifyError: it does not exist, is damaged, has another format, or was changed in any byte.
    """
    path = build / MANIFEST
    try:
        text = path.read_bytes().decode("utf-8")
        content = json.loads(text)
        checksum = content.pop("checksum")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise VerifyError("this is not a finished build: there is no hanpack.json", str(build)) from error
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise VerifyError(f"the manifest is broken: {error}", str(path), "build again") from error
    if checksum != _digest(content) or text != _canonical({**content, "checksum": checksum}):
        raise VerifyError("the manifest was changed after it was written", str(path), "build again")
    if content.pop("format") != FORMAT:
        raise VerifyError("the manifest has another format", str(path), "use the hanpack that wrote it")
    try:
        sources = [_source_from_json(source) for source in content.pop("sources")]
        evaluation = [_source_from_json(source) for source in content.pop("evaluation")]
        files = [ShardFile(**file) for file in content.pop("files")]
        return Manifest(sources=sources, files=files, evaluation=evaluation, **content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerifyError(
            f"the manifest does not have the keys of this hanpack: {error}", str(path), "build again"
        ) from error


def _source_to_json(source: Source) -> dict[str, Any]:
    """A source as JSON: its fault is written as a sentence, and as a cause with the values of its fields."""
    fault = source.fault
    return {
        **{field.name: getattr(source, field.name) for field in fields(source)},
        "fault": fault and str(fault),
        "cause": fault and fault.cause.code,
        "details": dict(fault.fields) if fault else {},
    }


def _source_from_json(content: dict[str, Any]) -> Source:
    code, details = content.pop("cause"), content.pop("details")
    fault = Reason(find_cause(code), details) if code else None
    return Source(**{**content, "fault": fault})


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _digest(content: Mapping[str, Any]) -> str:
    packed = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()
