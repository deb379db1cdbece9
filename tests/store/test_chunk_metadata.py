"""A chunk of a thread has the author and the day of the posts that it is cut from, not of the first post."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanpack.building.run import build
from hanpack.store.chunk_metadata import describe_chunks
from hanpack.store.metadata import metadata_column
from tests.builds import read_rows, to_jsonl, verify_build
from tests.conftest import write_recipe

AUTHORS = ("青石", "流水", "远山")
SENTENCES = "城东水库的堤坝已经加固完毕。各村备足沙袋。值班表贴在村口。"
# An author of post number n wrote on day n + 1.
THREAD = "关于防汛物资的讨论\n" + "".join(
    f"{author} 发表于 2024-3-{day} 12:0{day}\n第{day}点。{SENTENCES}\n"
    for day, author in enumerate(AUTHORS, 1)
)


def build_chunks(
    root: Path, max_tokens: int, name: str = "thread.txt", data: bytes = THREAD.encode(), **source: object
) -> list[dict[str, Any]]:
    sources = [{"path": name, **source}]
    recipe = write_recipe(root, {name: data}, sources=sources, chunks={"max_tokens": max_tokens})
    out = root / "out"
    build(recipe, out)
    verify_build(out)
    return read_rows(out, "chunks")


def list_authors(chunk: dict[str, Any]) -> list[str]:
    return [author for author in AUTHORS if f"{author} 发表于" in chunk["text"]]


def test_a_chunk_has_the_author_and_day_of_its_post(tmp_path: Path) -> None:
    chunks = build_chunks(tmp_path, 60)
    by_author: dict[str, list[object]] = {author: [] for author in AUTHORS}
    for chunk in chunks:
        metadata = chunk["metadata"]
        posts = json.loads(metadata["extra"])["posts"]
        for post in posts:
            assert post["byte_start"] < chunk["byte_end"]
            assert post["byte_end"] > chunk["byte_start"]
        assert metadata["author"] == "、".join(post["author"] for post in posts)
        assert metadata["date"] == posts[0]["date"]
        assert set(list_authors(chunk)) <= {post["author"] for post in posts}
        for post in posts:
            by_author[post["author"]].append(chunk)
    assert all(by_author.values())
    alone = [chunk for chunk in chunks if chunk["metadata"]["author"] == "远山"]
    assert alone
    assert {chunk["metadata"]["date"] for chunk in alone} == {"2024-03-03"}
    (document,) = read_rows(tmp_path / "out", "documents")
    assert document["metadata"]["author"] == "青石"


def test_a_chunk_of_several_posts_names_all_authors(tmp_path: Path) -> None:
    (chunk,) = build_chunks(tmp_path, 2000)
    assert chunk["metadata"]["author"] == "青石、流水、远山"
    assert chunk["metadata"]["date"] == "2024-03-01"


def test_an_author_that_the_recipe_states_is_that_of_all_chunks(tmp_path: Path) -> None:
    chunks = build_chunks(tmp_path, 60, metadata={"author": "编者"})
    assert {chunk["metadata"]["author"] for chunk in chunks} == {"编者"}
    assert len({chunk["metadata"]["date"] for chunk in chunks}) > 1


def test_records_without_posts_have_the_metadata_of_their_document(tmp_path: Path) -> None:
    chunks = build_chunks(tmp_path, 60, "thread.jsonl", to_jsonl(SENTENCES, THREAD))
    others = [chunk for chunk in chunks if chunk["metadata"]["author"] is None]
    assert [json.loads(chunk["metadata"]["extra"]) for chunk in others] == [{}]
    assert {chunk["metadata"]["author"] for chunk in chunks} > {None, "远山"}


@pytest.mark.parametrize(
    "posts",
    [
        "一篇",
        [],
        [{"author": "甲"}],
        [{"byte_start": "0", "byte_end": 1}],
        [{"byte_start": 5, "byte_end": 9}, {"byte_start": 0, "byte_end": 5}],
        [[1, 2]],
    ],
)
def test_a_column_named_posts_that_lists_none_is_no_thread(posts: object) -> None:
    metadata = metadata_column([{"posts": posts}])
    assert describe_chunks(metadata, *np.array([[0, 0], [0, 3], [3, 9]])).equals(
        metadata.take(pa.array([0, 0]))
    )


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    start=st.integers(0, 60),
    size=st.integers(1, 60),
)
def test_a_chunk_lists_the_posts_with_which_it_shares_bytes(
    lengths: list[int], start: int, size: int
) -> None:
    limits = np.cumsum([3, *lengths]).tolist()
    posts = [
        {"author": str(number), "byte_start": first, "byte_end": last}
        for number, (first, last) in enumerate(pairwise(limits))
    ]
    metadata = metadata_column([{}, {"posts": posts, "author": "0", "year": 2024}])
    (row,) = describe_chunks(metadata, np.array([1]), np.array([start]), np.array([start + size])).to_pylist()
    shared = [
        post
        for post in posts
        if set(range(post["byte_start"], post["byte_end"])) & set(range(start, start + size))
    ]
    assert json.loads(row["extra"]) == {"posts": shared, "year": 2024}
    assert row["author"] == ("、".join(post["author"] for post in shared) or "0")
