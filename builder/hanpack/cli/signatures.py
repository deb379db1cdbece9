"""The commands that sign a build, and make and check certificates: sign, certify, check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from hanpack.cli.app import Built, command
from hanpack.cli.terminal import echo, echo_json, say, warn_of_private_key
from hanpack.errors import UsageError

Signer = Annotated[
    Path | None, typer.Option("--signer", help="The public key of the signer, in PEM or OpenSSH form.")
]


@command
def sign(
    out: Built,
    key: Annotated[Path, typer.Option("--key", help="A private key in PEM or OpenSSH form.")],
) -> None:
    """Sign a build: an in-toto statement over all its files, and one over its root.

    Signing needs no network. A build that replaces this one has to be signed again.
    """
    from hanpack.signing import sign as sign_build

    say(f"signed: {sign_build(out, key)}")
    say("to check: hanpack verify OUT --signer PUBLIC_KEY")


@command
def certify(
    out: Built,
    chunk_id: Annotated[
        str, typer.Argument(help="The id of a chunk, or its beginning.", metavar="CHUNK_ID")
    ] = "",
    table: Annotated[str, typer.Option(help="The table of the chunk.")] = "chunks",
    record: Annotated[
        str | None,
        typer.Option(
            "--record", help="A record, as SOURCE:NUMBER: proves what became of it.", metavar="SOURCE:NUMBER"
        ),
    ] = None,
    path: Annotated[Path | None, typer.Option("-o", "--out", help="The file; by default stdout.")] = None,
) -> None:
    """Write a certificate: a small file that proves, without the dataset, that a row is in a signed build."""
    from hanpack.signing import certify_chunk, certify_record

    if bool(chunk_id) == (record is not None):
        raise UsageError("name a chunk or a record", "CHUNK_ID", "give the id of a chunk, or --record")
    if record is not None:
        source, _, number = record.rpartition(":")
        if not source or not number.isdecimal():
            raise UsageError(f"{record!r} is no record", "--record", "give SOURCE:NUMBER, such as a.jsonl:3")
        certificate = certify_record(out, source, int(number))
    else:
        certificate = certify_chunk(out, chunk_id, table)
    if path is None:
        echo_json(certificate)
    else:
        text = json.dumps(certificate, ensure_ascii=False, indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")
        say(f"wrote {path}")


@command
def check(
    path: Annotated[Path, typer.Argument(help="A certificate.", metavar="FILE")],
    signer: Signer = None,
) -> None:
    """Check a certificate: its row, the proof that leads from it to the signed root, and the signature."""
    from hanpack.signing import check_certificate

    warn_of_private_key(signer)
    checked = check_certificate(path, signer)
    row = checked.row
    if checked.table == "ledger":
        what = f"record {row['record']} of {row['source']} is {row['state']}"
    else:
        what = f"chunk {row['id']} is bytes {row['byte_start']} to {row['byte_end']} of {row['source']}"
    say(f"proven: in the signed build {checked.build}, {what}", "green")
    if "text" in row:
        echo(str(row["text"]))
    if not checked.is_named_signer:
        say(
            "the key is the one in the certificate; to check who signed, name it with --signer",
            "yellow",
        )
        for line in checked.public_key.strip().splitlines():
            say(line)
