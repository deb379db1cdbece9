"""The manifest ``hanpack.json``: what a build was made of, what it holds, and a checksum of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hanpack.errors import VerifyError
from hanpack.model import Source
from hanpack.store.shards import ShardFile

MANIFEST = "hanpack.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole account of a build. ``fingerprint`` names its inputs: equal ones give equal bytes.

    ``evaluation`` are the files of the texts that documents were compared with for decontamination.
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
        """The shards of each table, by its name, the default config first."""
        shards = [file for file in self.files if file.path.startswith("data/")]
        names = dict.fromkeys(file.path.split("/")[1] for file in shards)
        return {name: [file for file in shards if file.path.split("/")[1] == name] for name in names}


def make_fingerprint(
    recipe: Mapping[str, Any], versions: Mapping[str, str], sources: Sequence[Source]
) -> str:
    """Name a build's inputs: recipe, versions and the hash of every source."""
    named = [[source.path, source.sha256, source.encoding, source.fault] for source in sources]
    return _digest({"recipe": recipe, "versions": versions, "sources": named})


def dump_manifest(manifest: Manifest) -> str:
    """Write a manifest as canonical JSON that ends in its own checksum."""
    content = {"format": FORMAT, **asdict(manifest)}
    return _canonical({**content, "checksum": _digest(content)})


def read_manifest(build: Path) -> Manifest:
    """Read and check the manifest of a build.

    Raises:
        VerifyError: there is none, it is not ours, or any of its bytes was changed.
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
    sources = [Source(**source) for source in content.pop("sources")]
    files = [ShardFile(**file) for file in content.pop("files")]
    evaluation = [Source(**source) for source in content.pop("evaluation")]
    return Manifest(sources=sources, files=files, evaluation=evaluation, **content)


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _digest(content: Mapping[str, Any]) -> str:
    packed = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=asdict)
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()
