"""WARC and WET: pages of any encoding are records, what is no page is refused, and a file may be cut off."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.reasons import Cause
from hanpack.scanning.files import scan
from hanpack.sources.warc_records import join_chunks
from hanpack.views.finding.screen import describe_place
from hanpack.views.finding.search import find_texts
from hanpack.views.trace import trace
from hanpack.withdrawal.operation import withdraw
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe, Run
from tests.sources.reading import read_source

PARAGRAPHS = "".join(f"<p>第{number}段，網頁的正文，比較長，所以是正文的一部分。</p>" for number in range(9))


def make_page(title: str, encoding: str) -> bytes:
    head = f"<html><head><meta charset={encoding}><title>{title}</title></head>"
    return f"{head}<body><h1>{title}</h1>{PARAGRAPHS}</body></html>".encode(encoding)


def dump_record(kind: str, block: bytes, *fields: str) -> bytes:
    """A record of WARC."""
    header = [f"WARC-Type: {kind}", "WARC-Date: 2024-03-01T08:00:00Z", *fields]
    lines = "\r\n".join(["WARC/1.0", *header, f"Content-Length: {len(block)}"])
    return lines.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def dump_response(body: bytes, *headers: str, status: str = "200 OK", address: str = "http://a.cn/") -> bytes:
    http = "\r\n".join([f"HTTP/1.1 {status}", *headers]).encode() + b"\r\n\r\n"
    return dump_record("response", http + body, f"WARC-Target-URI: {address}", "WARC-Payload-Digest: sha1:X")


def chunk(body: bytes) -> bytes:
    pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


HTML = "Content-Type: text/html"
RECORDS: Sequence[bytes] = [
    dump_record("warcinfo", b"software: x\r\n"),
    dump_record("request", b"GET / HTTP/1.1\r\n\r\n"),
    dump_response(make_page("甲", "utf-8"), HTML, address="http://a.cn/1"),
    dump_response(
        chunk(gzip.compress(make_page("乙", "gbk"))),
        HTML,
        "Content-Encoding: gzip",
        "Transfer-Encoding: chunked",
    ),
    # A crawler that stores the body decoded keeps these headers.
    dump_response(make_page("丙", "utf-8"), HTML, "Content-Encoding: br", "Transfer-Encoding: chunked"),
    dump_response(zlib.compress(make_page("丁", "big5")), HTML, "Content-Encoding: deflate"),
    dump_response(b"\x89PNG", "Content-Type: image/png"),
    dump_response(b"<p>none", HTML, status="404 Not Found"),
    dump_response(b"\xff\xfe\x01", HTML, "Content-Encoding: br"),
    dump_record("conversion", "转换来的文字。".encode(), "WARC-Target-URI: <http://a.cn/c>"),
]
STATES = ["kept"] * 4 + ["rejected"] * 3 + ["kept"]


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.wet"])
def test_pages_and_texts_are_built_traced_and_verified(
    make_recipe: MakeRecipe, tmp_path: Path, name: str
) -> None:
    parts = map(gzip.compress, RECORDS) if name.endswith(".gz") else RECORDS
    recipe = make_recipe({name: b"".join(parts)}, duplicates={"drop": "none"})
    out = build(recipe, tmp_path / "out").path
    ledger = read_rows(out, "ledger")
    assert [row["state"] for row in ledger] == STATES
    assert [row["cause"] for row in ledger if row["cause"]] == [
        "content_type",
        "http_status",
        "payload_encoded",
    ]
    # What is rejected has its address in the ledger, what is kept in its document.
    assert [row["url"] for row in ledger] == [None] * 4 + ["http://a.cn/"] * 3 + [None]
    documents = read_rows(out, "documents")
    assert [document["encoding"] for document in documents] == ["utf-8", "gb18030", "utf-8", "big5", "utf-8"]
    assert [document["metadata"]["title"] for document in documents] == ["甲", "乙", "丙", "丁", None]
    first = documents[0]["metadata"]
    assert (first["url"], first["date"]) == ("http://a.cn/1", None)
    offset = len(RECORDS[0]) + len(RECORDS[1])
    assert json.loads(first["extra"]) == {
        "crawl_date": "2024-03-01T08:00:00Z",
        "warc_digest": "sha1:X",
        "warc_offset": offset,
    }
    verify_build(out)
    chunk_of_second = next(
        row for row in read_rows(out, "chunks") if row["document_id"] == documents[1]["id"]
    )
    assert "第0段，網頁的正文" in trace(out, chunk_of_second["id"]).raw


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta name="PubDate" content="2023-05-06 10:20">', ""),
        ("", "<p>发布时间：2023年5月6日 来源：清江日报</p>"),
        ("", '<time datetime="2023-05-06T10:20:00+08:00">5月6日</time>'),
    ],
    ids=["meta", "info line", "time"],
)
def test_the_date_of_a_page_is_its_own_and_not_that_of_the_crawl(
    make_recipe: MakeRecipe, tmp_path: Path, head: str, body: str
) -> None:
    page = f"<html><head><title>甲</title>{head}</head><body><h1>甲</h1>{body}{PARAGRAPHS}</body></html>"
    recipe = make_recipe({"a.warc": dump_response(page.encode(), HTML)})
    (document,) = read_rows(build(recipe, tmp_path / "out").path, "documents")
    assert document["metadata"]["date"] == "2023-05-06"
    assert json.loads(document["metadata"]["extra"])["crawl_date"] == "2024-03-01T08:00:00Z"


def test_a_scan_names_all_encodings_of_the_pages(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"".join(RECORDS))
    (scanned,) = scan(tmp_path / "a.warc")
    assert scanned.encoding == "utf-8, gb18030, big5"


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_file_that_is_cut_off_keeps_what_is_whole_and_names_the_byte(
    make_recipe: MakeRecipe, tmp_path: Path, is_compressed: bool
) -> None:
    data = b"".join(map(gzip.compress, RECORDS) if is_compressed else RECORDS)
    name = "a.warc.gz" if is_compressed else "a.warc"
    out = build(make_recipe({name: data[:-30]}, duplicates={"drop": "none"}), tmp_path / "out").path
    ledger = read_rows(out, "ledger")
    assert [row["state"] for row in ledger] == [*STATES[:-1], "rejected"]
    assert ledger[-1]["cause"] == "warc_read_error"
    assert f"byte {sum(map(len, RECORDS[:-1]))}: " in ledger[-1]["reason"]
    verify_build(out)


@pytest.mark.parametrize(
    "data",
    [
        b"no record",
        b"WARC/1.0\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: -1\r\n\r\n",
        b"WARC/1.0\r\nContent-Length: 5",
    ],
)
def test_a_file_that_does_not_begin_with_a_record_is_rejected(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.warc").write_bytes(data)
    (record,) = read_source(tmp_path / "a.warc")
    assert record.fault is not None
    assert record.fault.cause is Cause.INVALID_WARC


def test_a_payload_that_expands_too_far_or_is_longer_than_a_record_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(70 * 2**20))
    records = [dump_response(bomb, HTML, "Content-Encoding: gzip"), dump_response("长".encode() * 999, HTML)]
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    first, second = read_source(tmp_path / "a.warc", limits={"max_record_bytes": 1024})
    assert first.fault is not None
    assert second.fault is not None
    assert (first.fault.cause, first.size) == (Cause.PAYLOAD_ENCODED, 0)
    assert (second.fault.cause, second.size) == (Cause.RECORD_TOO_LONG, 2997)


@pytest.mark.parametrize(
    ("address", "body", "is_kept"),
    [
        ("http://a.cn/robots.txt", b"User-agent: *\nDisallow: /admin\n", False),
        ("http://a.cn/.well-known/security.txt", b"Contact: a@a.cn\n", False),
        ("http://a.cn/static/site.css?v=3", b"body { margin: 0 }\n", False),
        ("http://a.cn/sitemap_2.xml", b"<urlset></urlset>", False),
        ("http://a.cn/news", b"<?xml version='1.0'?>\n<rss version='2.0'><item/></rss>", False),
        ("http://a.cn/book/robots.txt", "机器人三定律的由来。".encode(), True),
        ("http://a.cn/css", "层叠样式表的由来。".encode(), True),
        ("http://a.cn/rss.html", b"<p>&lt;rss&gt; " + "是订阅的格式。</p>".encode(), True),
    ],
)
def test_a_text_that_is_made_for_programs_is_no_document(
    address: str, body: bytes, is_kept: bool, tmp_path: Path
) -> None:
    record = dump_response(body, "Content-Type: text/plain", address=address)
    (tmp_path / "a.warc").write_bytes(record)
    (read,) = read_source(tmp_path / "a.warc")
    assert (read.fault is None) == is_kept
    assert is_kept or (read.fault and read.fault.cause is Cause.NO_DOCUMENT and read.data == b"")


@given(st.binary(max_size=400))
def test_any_body_comes_out_of_its_chunks(body: bytes) -> None:
    assert join_chunks(chunk(body)) == body


LOST = ("http://a.cn/404", "http://a.cn/api")
PAGES = [
    dump_response(make_page("甲", "utf-8"), HTML, address="http://a.cn/1"),
    dump_response(b"<p>none", HTML, status="404 Not Found", address=LOST[0]),
    dump_response(b"%PDF-1.4", "Content-Type: application/pdf", address="http://b.cn/a.pdf"),
    dump_response(b"{}", "Content-Type: application/json", address=LOST[1]),
]


@pytest.mark.parametrize("has_sources", [True, False])
def test_find_names_the_records_that_were_not_kept_by_their_addresses(
    make_recipe: MakeRecipe, tmp_path: Path, has_sources: bool
) -> None:
    out = build(make_recipe({"a.warc": b"".join(PAGES)}), tmp_path / "out").path
    answers = find_texts(out, [*LOST, "b.cn", "http://a.cn/1", "a.cn/5"], searches_sources=has_sources)
    fates = [[(place.fate, place.record) for place in answer.places] for answer in answers.answers]
    assert fates == [[("rejected", 1)], [("rejected", 3)], [("rejected", 2)], [("kept", 0)], []]
    assert describe_place(answers.answers[0].places[0]) == (
        "rejected: a.warc record 1, http://a.cn/404, the server answered 404"
    )
    if has_sources:
        assert "a.warc record 1, http://a.cn/404, was not read: the server answered 404" in answers.notes


def test_find_says_that_an_address_was_withdrawn(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    others = [dump_response(make_page("乙丙", "utf-8").replace("正文".encode(), "事".encode()), HTML)]
    recipe = make_recipe({"a.warc": b"".join([*PAGES, *others])})
    out = build(recipe, tmp_path / "out").path
    withdraw(out, request="r1", date="2026-01-02", reason="a request", urls=["http://a.cn/1"])
    answers = find_texts(out, ["http://a.cn/1"])
    assert "http://a.cn/1 was withdrawn on 2026-01-02 at the request r1" in answers.notes


def test_a_build_says_each_reason_with_its_address(make_recipe: MakeRecipe, tmp_path: Path, run: Run) -> None:
    many = [dump_response(b"", HTML, status=f"{400 + n}", address=f"http://c.cn/{n}") for n in range(5)]
    recipe = make_recipe({"a.warc": b"".join([*PAGES, *many])})
    code, _, err = run("build", recipe, "-o", tmp_path / "out")
    assert code == 0
    assert "rejected: a.warc record 2, http://b.cn/a.pdf: the content is application/pdf" in err
    assert "rejected: a.warc record 3, http://a.cn/api: the content is application/json" in err
    assert (
        "rejected: a.warc record 1, http://a.cn/404, and 5 other records, whose reasons differ: the server"
        in err
    )
    assert "select source, record, url, cause, reason where state" in err


def test_the_card_says_that_each_page_has_an_encoding_of_its_own(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    pages = [dump_response(make_page("乙", "gbk"), HTML), dump_response(make_page("丙", "utf-8"), HTML)]
    files = {"a.warc": b"".join(pages), "b.txt": "好。".encode()}
    out = build(make_recipe(files, duplicates={"drop": "none"}), tmp_path / "out").path
    card = (out / "README.md").read_text(encoding="utf-8")
    assert re.search(r"\| a\.warc \| [\d,]+ \| per page \|", card)
    assert re.search(r"\| b\.txt \| [\d,]+ \| utf-8 \|", card)
    verify_build(out)
