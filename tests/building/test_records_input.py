"""Records from Python are written beside the output, and are built and verified like any source."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from datasets import Dataset, DatasetDict

from hanpack.building.run import build
from hanpack.errors import UsageError
from tests.builds import read_rows, verify_build

RECORDS = [
    {"id": number, "正文": f"第{number}条记录的正文，足够长。", "day": datetime.date(2024, 3, number)}
    for number in (1, 2)
]


def test_an_iterable_of_dicts_is_built_and_built_again_only_if_it_changes(
    tmp_path: Path,
) -> None:
    out = tmp_path / "news"
    first = build((record for record in RECORDS), out, max_tokens=64)
    assert [row["text"] for row in read_rows(out, "documents")] == [record["正文"] for record in RECORDS]
    assert json.loads(read_rows(out, "documents")[1]["metadata"]["extra"]) == {"day": "2024-03-02", "id": 2}
    assert first.manifest.recipe["chunks"]["max_tokens"] == 64
    assert (tmp_path / "news.records" / "records.jsonl").is_file()
    verify_build(out)
    assert build(RECORDS, out, max_tokens=64).unchanged
    assert build([*RECORDS, {"正文": "第三条记录，后来的。"}], out, max_tokens=64).counts["documents"] == 3
    verify_build(out)


def test_a_dataset_is_built_and_a_dict_of_them_is_refused(tmp_path: Path) -> None:
    texts = ["数据集里的一段文字。", "另一段不同的文字。"]
    dataset = Dataset.from_list([{"text": text, "n": number} for number, text in enumerate(texts)])
    built = build(dataset, tmp_path / "set")
    assert built.counts["documents"] == 2
    verify_build(built.path)
    with pytest.raises(UsageError, match=r'dataset\["train"\]'):
        build(DatasetDict(train=dataset), tmp_path / "dict")


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "there is no record"),
        (["text"], "record 0 is a str, not a dict"),
        ([{"text": "a"}, {"text": b"a"}], "record 1 cannot be written as JSON: bytes is no value of JSON"),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, records: list[object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build(records, tmp_path / "out")  # type: ignore[arg-type]
