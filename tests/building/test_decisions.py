"""Copies and passages over a whole build: what goes, what stays, why, and in which split it lies."""

from __future__ import annotations

import gzip
import io
import json
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import load_dataset
from opencc import OpenCC
from rich.console import Console

from hanpack.audit.verification import verify
from hanpack.building.run import build
from hanpack.dataset_builder import HanpackBuilder
from hanpack.errors import BuildError, RecipeError
from hanpack.resources.vocabulary import load_vocabulary
from hanpack.sources import records
from hanpack.steps.dedup.folding import Folder
from hanpack.steps.dedup.minhash import shingles, similarity
from hanpack.steps.tokens.counting import build_encoding, parse_ranks
from hanpack.store.reader import BuildReader
from hanpack.views.copies import read_clusters
from hanpack.views.inspect import inspect_build
from hanpack.views.report.page import write_report
from tests.conftest import SHARED, MakeRecipe

REPORTS = SHARED / "data" / "corpora" / "provincial_reports_dev.jsonl.gz"
FIRST = (
    "我们坚持稳中求进工作总基调，完整准确全面贯彻新发展理念，扎实推动高质量发展，"
    "全省经济运行总体平稳、稳中有进。"
)
SECOND = (
    "扎实推进乡村振兴，新建高标准农田三百万亩，粮食总产量连续九年稳定在四百亿斤以上，"
    "农民收入增速快于城镇居民。"
)
THIRD = "持续改善生态环境，空气质量优良天数比例达到百分之八十五，地表水优良断面比例创有监测以来最好水平。"
FOURTH = "加快建设现代化产业体系，高新技术企业突破两万家，数字经济规模稳居全国前列。"
DAMAGED = (
    "我們堅持穩中求進工作總基調，完整準確全面貫徹新發(fā)展理念，扎實推動高質(zhì)量發(fā)展，"
    "全省經(jīng)濟運行總體平穩、穩中有進。"
)


def rows(out: Path, name: str, split: str = "*") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((out / "data" / name).glob(f"{split}-*.parquet")):
        found += pq.read_table(path).to_pylist()
    return found


def jsonl(*texts: str) -> bytes:
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts).encode()


def states(out: Path) -> list[str]:
    return [row["state"] for row in rows(out, "ledger")]


def read_paragraphs(count: int, seed: int) -> list[str]:
    """Different paragraphs of provincial reports, 60 to 400 characters long."""
    if not REPORTS.exists():
        pytest.skip("the shared corpora are not here")
    with gzip.open(REPORTS, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    found = dict.fromkeys(part.strip() for text in texts for part in text.split("\n"))
    return Random(seed).sample([part for part in found if 60 <= len(part) <= 400], count)


def change(text: str, kind: int, dice: Random) -> str:
    """A copy: as it is, in Traditional characters, one character in a hundred changed, or otherwise set."""
    if kind == 1:
        return str(OpenCC("s2t").convert(text))
    if kind == 2:
        changed = list(text)
        for place in dice.sample(range(len(text)), max(1, len(text) // 100)):
            changed[place] = dice.choice("天地玄黄宇宙洪荒日月盈昃辰宿列张")
        return "".join(changed)
    if kind == 3:
        marks = str.maketrans("，。、；", ",.，;")
        return "\u3000\u3000" + text.translate(marks).replace("的", "的 ")
    return text


def test_planted_copies_are_found_and_hardly_anything_else(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    texts = read_paragraphs(800, seed=1)
    dice = Random(2)
    chosen = dice.sample(range(800), 200)
    copies = [change(texts[number], place % 4, dice) for place, number in enumerate(chosen)]
    out = build(make_recipe({"a.jsonl": jsonl(*texts, *copies)}), tmp_path / "out").path
    ledger = rows(out, "ledger")
    dropped = {row["record"] for row in ledger if row["state"] == "duplicate"}
    found = sum(800 + place in dropped or number in dropped for place, number in enumerate(chosen))
    planted = {800 + place for place in range(200)} | set(chosen)
    assert found >= 196
    assert len(dropped - planted) <= 2
    assert verify(out).faults == []


def test_the_ledger_says_of_what_a_duplicate_is_a_copy(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    near = FIRST.replace("总体平稳", "总体稳定")
    out = build(make_recipe({"a.jsonl": jsonl(FIRST, SECOND, near)}), tmp_path / "out").path
    kept, _, copy = rows(out, "ledger")
    folder = Folder()
    true = similarity(*(shingles(folder.fold(text).text) for text in (FIRST, near)))
    assert (copy["state"], copy["duplicate_of"]) == ("duplicate", kept["document_id"])
    assert copy["similarity"] == round(true, 4) < 1
    assert copy["reason"] == "a copy of a.jsonl record 0"
    assert copy["bytes_kept"] == 0
    assert copy["bytes_removed"] == [{"step": "duplicate", "bytes": copy["byte_end"] - copy["byte_start"]}]
    assert kept["similarity"] is None
    assert "split" not in kept


def test_the_cleanest_copy_stays_then_the_longest_then_the_first(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    longer = SECOND + "成绩来之不易。"
    texts = [DAMAGED, FIRST, SECOND, longer, THIRD, OpenCC("s2t").convert(THIRD)]
    out = build(make_recipe({"a.jsonl": jsonl(*texts)}), tmp_path / "out").path
    assert states(out) == ["duplicate", "kept", "duplicate", "kept", "kept", "duplicate"]
    assert [row["text"] for row in rows(out, "documents")] == [FIRST, longer, THIRD]


def test_inspect_and_the_report_show_the_clusters(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    near = FIRST.replace("总体平稳", "总体稳定")
    out = build(make_recipe({"a.jsonl": jsonl(FIRST, SECOND, near, FIRST, SECOND)}), tmp_path / "out").path
    found = read_clusters(BuildReader.open(out), most_clusters=1, most_copies=1)
    first = rows(out, "documents")[0]["id"]
    assert (found.number, found.copies) == (2, 3)
    (largest,) = found.largest
    assert (largest.document_id, largest.size, largest.kept.record) == (first, 2, 0)
    assert [(copy.record, copy.similarity < 1) for copy in largest.copies] == [(2, True)]
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(inspect_build(out))
    assert "3 copies of 2 documents" in console.export_text()
    page = write_report(out, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "3 records are copies of 2 documents" in page
    assert page.count(first) >= 1


def test_the_kept_text_stays_in_its_own_script(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    traditional = OpenCC("s2t").convert(FIRST)
    out = build(make_recipe({"a.jsonl": jsonl(traditional, FIRST)}), tmp_path / "out").path
    assert [row["text"] for row in rows(out, "documents")] == [traditional]


@pytest.mark.parametrize(
    ("drop", "expected"),
    [
        ("none", ["kept", "kept", "kept"]),
        ("exact", ["kept", "duplicate", "kept"]),
        ("near", ["kept", "duplicate", "duplicate"]),
    ],
)
def test_a_recipe_says_which_copies_go(
    make_recipe: MakeRecipe, tmp_path: Path, drop: str, expected: list[str]
) -> None:
    texts = jsonl(FIRST, OpenCC("s2t").convert(FIRST), FIRST.replace("总体平稳", "总体稳定"))
    recipe = make_recipe({"a.jsonl": texts}, duplicates={"drop": drop})
    assert states(build(recipe, tmp_path / "out").path) == expected


def test_texts_without_letters_are_no_copies_of_one_another(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    out = build(make_recipe({"a.jsonl": jsonl("……！", "——", "……！")}), tmp_path / "out").path
    assert states(out) == ["kept", "kept", "kept"]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BATCH_BYTES", 1000)


@pytest.mark.usefixtures("small_batches")
def test_copies_are_found_across_batches_and_processes(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    texts = [f"{FIRST}第{n}号文件。{'甲乙丙丁戊己庚辛'[n % 8] * 30}" for n in range(24)] * 2
    keys: dict[str, Any] = {"packed": {"tokens": 64}, "splits": {"test": 0.3}}
    recipe = make_recipe({"a.jsonl": jsonl(*texts)}, **keys)
    one = build(recipe, tmp_path / "one", num_proc=1).path
    two = build(recipe, tmp_path / "two", num_proc=2).path
    assert states(one).count("duplicate") >= 24
    for path in sorted(path for path in one.rglob("*") if path.is_file()):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()
    assert verify(one).faults == []


PASSAGES = (FIRST + SECOND + THIRD, "各位代表。" + SECOND + FOURTH)


def test_passages_of_a_better_document_are_removed_as_an_edit(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys = {"passages": "remove", "minimum_passage": 40}
    out = build(make_recipe({"a.jsonl": jsonl(*PASSAGES)}, duplicates=keys), tmp_path / "out").path
    first, second = rows(out, "documents")
    assert (first["text"], second["text"]) == (PASSAGES[0], "各位代表。" + FOURTH)
    (edit,) = [edit for edit in second["edits"] if edit["step"] == "passages"]
    assert edit["kind"] == "removed"
    assert edit["byte_end"] - edit["byte_start"] == len(SECOND.encode())
    removed = {step["step"]: step["bytes"] for step in rows(out, "ledger")[1]["bytes_removed"]}
    assert removed["passages"] == len(SECOND.encode())
    assert verify(out).faults == []


def test_passages_of_a_better_document_are_marked(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys = {"passages": "mark", "minimum_passage": 40}
    out = build(make_recipe({"a.jsonl": jsonl(*PASSAGES)}, duplicates=keys), tmp_path / "out").path
    second = rows(out, "documents")[1]
    (edit,) = [edit for edit in second["edits"] if edit["step"] == "passages"]
    assert second["text"] == PASSAGES[1]
    assert (edit["kind"], second["text"][edit["start"] : edit["end"]]) == ("flagged", SECOND)
    assert verify(out).faults == []


def test_a_document_that_is_nothing_but_passages_is_marked_and_stays(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys = {"passages": "remove", "minimum_passage": 40}
    out = build(make_recipe({"a.jsonl": jsonl(PASSAGES[0], SECOND)}, duplicates=keys), tmp_path / "out").path
    second = rows(out, "documents")[1]
    assert second["text"] == SECOND
    assert [edit["kind"] for edit in second["edits"] if edit["step"] == "passages"] == ["flagged"]


def test_a_duplicate_names_a_revised_document_by_its_new_id(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys = {"passages": "remove", "minimum_passage": 40}
    texts = jsonl(*PASSAGES, PASSAGES[1])
    out = build(make_recipe({"a.jsonl": texts}, duplicates=keys), tmp_path / "out").path
    assert rows(out, "ledger")[2]["duplicate_of"] == rows(out, "documents")[1]["id"]
    assert verify(out).faults == []


SPLITS = {"validation": 0.2, "test": 0.2}


def where(out: Path) -> dict[str, str]:
    """The split of every document, by its text."""
    return {
        row["text"]: split
        for split in ("train", "validation", "test")
        for row in rows(out, "documents", split)
    }


@pytest.mark.parametrize("drop", ["none", "near"])
def test_adding_documents_moves_none_and_no_copy_lies_across_splits(
    make_recipe: MakeRecipe, tmp_path: Path, drop: str
) -> None:
    texts = read_paragraphs(120, seed=3)
    keys: dict[str, Any] = {"splits": SPLITS, "duplicates": {"drop": drop}}
    before = where(build(make_recipe({"a.jsonl": jsonl(*texts)}, **keys), tmp_path / "old").path)
    dice = Random(4)
    more = [change(text, place % 4, dice) for place, text in enumerate(texts[:60])] + read_paragraphs(
        40, seed=5
    )
    out = build(make_recipe({"a.jsonl": jsonl(*texts, *more)}, **keys), tmp_path / "new").path
    after = where(out)
    assert {text: split for text, split in after.items() if text in before} == {
        text: before[text] for text in after if text in before
    }
    assert set(before.values()) == {"train", "validation", "test"}
    folder = Folder()
    sets = [(split, shingles(folder.fold(text).text)) for text, split in after.items()]
    for (split, one), (other, two) in combinations(sets, 2):
        assert split == other or similarity(one, two) < 0.8
    assert verify(out).faults == []


def test_a_training_copy_of_a_test_document_goes_even_where_copies_are_kept(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "exam*"}}, "duplicates": {"drop": "none"}}
    files = {"a.jsonl": jsonl(FIRST, SECOND, SECOND), "exam.jsonl": jsonl(OpenCC("s2t").convert(FIRST))}
    out = build(make_recipe(files, **keys), tmp_path / "out").path
    assert [(row["state"], row["split"]) for row in rows(out, "ledger")] == [
        ("duplicate", None),
        ("kept", "train"),
        ("kept", "train"),
        ("kept", "test"),
    ]
    assert verify(out).faults == []


def test_a_duplicate_names_the_first_of_equal_texts_that_stay(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "exam*"}}, "duplicates": {"drop": "none"}}
    damaged = FIRST.replace("发展", "发(fā)展")
    near = FIRST.replace("总体平稳", "总体稳定")
    recipe = make_recipe({"a.jsonl": jsonl(near), "exam.jsonl": jsonl(damaged, FIRST)}, **keys)
    copy, first, second = rows(build(recipe, tmp_path / "out").path, "ledger")
    assert second["document_id"] == f"{first['document_id']}-2"
    assert copy["duplicate_of"] == first["document_id"]
    assert copy["reason"] == "a copy of exam.jsonl record 0"


def test_a_split_may_follow_from_metadata(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    lines = [json.dumps({"text": text, "year": year}) for text, year in ((FIRST, 2023), (SECOND, 2024))]
    keys = {"splits": {"validation": {"metadata": {"year": ["2024"]}}}}
    out = build(make_recipe({"a.jsonl": "\n".join(lines).encode()}, **keys), tmp_path / "out").path
    assert where(out) == {FIRST: "train", SECOND: "validation"}


def test_splits_load_by_their_names(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "b*"}}, "packed": {"tokens": 64}}
    recipe = make_recipe({"a.jsonl": jsonl(FIRST, SECOND), "b.jsonl": jsonl(THIRD)}, **keys)
    out = build(recipe, tmp_path / "out").path
    loaded = load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert {name: split["text"] for name, split in loaded.items()} == {
        "train": [FIRST, SECOND],
        "test": [THIRD],
    }
    assert load_dataset(str(out), "ledger", split="train", cache_dir=str(tmp_path / "cache")).num_rows == 3
    builder = HanpackBuilder(recipe, cache_dir=str(tmp_path / "builder"))
    builder.download_and_prepare()
    assert builder.as_dataset(split="test").to_list() == rows(out, "chunks", "test")
    vocabulary = load_vocabulary("o200k_base")
    encoding = build_encoding(vocabulary, parse_ranks(vocabulary))
    (packed,) = rows(out, "packed", "test")
    assert encoding.decode(packed["input_ids"][: packed["token_count"]]).startswith(THIRD)


def test_a_document_whose_passages_are_removed_stays_in_its_split(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    marked, removed = (
        {
            row["record"]: row["split"]
            for row in rows(build(recipe, tmp_path / passages).path, "ledger")
            if row["split"]
        }
        for passages in ("mark", "remove")
        for recipe in [
            make_recipe(
                {"a.jsonl": jsonl(FIRST + SECOND + THIRD, *(f"{n}号。{SECOND}第{n}条。" for n in range(20)))},
                splits={"test": 0.5},
                duplicates={"drop": "none", "threshold": 1, "passages": passages, "minimum_passage": 40},
            )
        ]
    )
    assert set(marked.values()) == {"train", "test"}
    assert removed == marked


def test_no_passage_is_removed_where_the_rest_stands_in_another_split(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {
        "splits": {"test": {"source": "exam*"}},
        "duplicates": {"passages": "remove", "minimum_passage": 45},
    }
    short = "各市县要认真组织实施本规定。"
    train = jsonl(FIRST + THIRD + FOURTH, FIRST + short, FIRST + SECOND[:30])
    recipe = make_recipe({"a.jsonl": train, "exam.jsonl": jsonl(short)}, **keys)
    out = build(recipe, tmp_path / "out").path
    assert where(out) == {
        FIRST + THIRD + FOURTH: "train",
        FIRST + short: "train",
        SECOND[:30]: "train",
        short: "test",
    }
    assert verify(out).faults == []


def test_packed_sequences_of_one_text_in_two_splits_are_told_apart(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    lines = [json.dumps({"text": "——", "year": year}) for year in ("2023", "2024")]
    keys: dict[str, Any] = {
        "splits": {"test": {"metadata": {"year": ["2024"]}}},
        "packed": {"tokens": 16},
    }
    out = build(make_recipe({"a.jsonl": "\n".join(lines).encode()}, **keys), tmp_path / "out").path
    for split in ("train", "test"):
        (document,), (packed,) = rows(out, "documents", split), rows(out, "packed", split)
        assert packed["document_ids"] == [document["id"]]


@pytest.mark.parametrize("drop", ["none", "near"])
def test_in_a_crowd_of_forms_none_held_out_is_like_one_in_training(
    make_recipe: MakeRecipe, tmp_path: Path, drop: str
) -> None:
    dice = Random(6)
    signs = sorted(set(FIRST + SECOND + THIRD + FOURTH) - set("，。、"))
    pieces = ["".join(dice.choices(signs, k=38)) for _ in range(8)]
    texts = [
        "。".join(piece + "".join(dice.choices(signs, k=dice.randint(2, 4))) for piece in pieces)
        for _ in range(500)
    ]
    keys: dict[str, Any] = {"splits": {"test": 0.1}, "duplicates": {"drop": drop}}
    out = build(make_recipe({"a.jsonl": jsonl(*texts)}, **keys), tmp_path / "out").path
    folder = Folder()
    sets = [(split, shingles(folder.fold(text).text)) for text, split in where(out).items()]
    held_out = [one for split, one in sets if split == "test"]
    training = [one for split, one in sets if split == "train"]
    assert held_out
    assert training
    assert max(similarity(one, two) for one in held_out for two in training) < 0.8


def test_a_duplicate_follows_its_document_where_two_are_left_with_one_text(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys = {"passages": "remove", "minimum_passage": 40}
    best = FIRST + SECOND + THIRD + FOURTH * 2
    texts = jsonl(best, FIRST + "特此通知。", SECOND + "特此通知。", SECOND + "特此通知！")
    out = build(make_recipe({"a.jsonl": texts}, duplicates=keys), tmp_path / "out").path
    _, first, second, copy = rows(out, "ledger")
    assert second["document_id"] == f"{first['document_id']}-2"
    assert (copy["reason"], copy["duplicate_of"]) == ("a copy of a.jsonl record 2", second["document_id"])
    assert verify(out).faults == []


def test_documents_that_contain_an_evaluation_text_are_flagged(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    question = OpenCC("s2t").convert(SECOND).replace("，", ", ")
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "decontamination": {"texts": [{"path": "exam.jsonl", "text_column": "question"}]},
    }
    exam = json.dumps({"question": question}).encode()
    recipe = make_recipe({"a.jsonl": jsonl(FIRST, FIRST[:9] + SECOND + THIRD), "exam.jsonl": exam}, **keys)
    out = build(recipe, tmp_path / "out").path
    clean, dirty = rows(out, "documents")
    (edit,) = [edit for edit in dirty["edits"] if edit["step"] == "decontamination"]
    assert clean["edits"][-1]["step"] != "decontamination"
    assert edit["kind"] == "flagged"
    assert dirty["text"][edit["start"] : edit["end"]].rstrip("。") == SECOND.rstrip("。")
    assert dirty["metadata"]["evaluation_texts"] == "exam.jsonl record 0"
    assert verify(out).faults == []


def test_documents_that_contain_an_evaluation_text_are_dropped(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "decontamination": {"texts": [{"path": "exam.txt", "records": "line"}], "action": "drop"},
    }
    recipe = make_recipe({"a.jsonl": jsonl(FIRST, SECOND + THIRD), "exam.txt": SECOND.encode()}, **keys)
    done = build(recipe, tmp_path / "out", strict=True)
    row = rows(done.path, "ledger")[1]
    assert (row["state"], row["bytes_kept"]) == ("rejected", 0)
    assert row["reason"].startswith("characters 0 to ")
    assert row["reason"].endswith(" are the evaluation text exam.txt record 0")
    assert done.counts["decontaminated"] == 1
    assert verify(done.path).faults == []


def test_evaluation_texts_go_through_the_steps_of_the_recipe(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    page = f"<html><head><title>试卷</title></head><body><p>{SECOND}</p></body></html>"
    files = {
        "a.jsonl": jsonl(THIRD, FIRST[:9] + SECOND, FOURTH + FIRST),
        "exam.html": page.encode(),
        "exam.txt": ("\n" + DAMAGED).encode(),
    }
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "decontamination": {
            "texts": [{"path": "exam.html"}, {"path": "exam.txt", "records": "line"}],
            "action": "drop",
        },
    }
    done = build(make_recipe(files, **keys), tmp_path / "out")
    assert states(done.path) == ["kept", "rejected", "rejected"]
    assert done.notes == ()
    assert verify(done.path).faults == []


def test_evaluation_texts_too_short_to_be_looked_for_are_told(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "decontamination": {"texts": [{"path": "exam.txt", "records": "line"}]},
    }
    files = {"a.jsonl": jsonl(FIRST), "exam.txt": f"{SECOND}\n北京。\n".encode()}
    (note,) = build(make_recipe(files, **keys), tmp_path / "out").notes
    assert note.startswith("1 evaluation texts have fewer than 10 letters")
    assert note.endswith("exam.txt record 1")


def test_an_evaluation_text_that_changes_makes_a_new_build(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "decontamination": {"texts": [{"path": "exam.txt"}], "action": "drop"},
    }
    files = {"a.jsonl": jsonl(FIRST, SECOND), "exam.txt": THIRD.encode()}
    assert states(build(make_recipe(files, **keys), tmp_path / "out").path) == ["kept", "kept"]
    again = build(make_recipe({**files, "exam.txt": SECOND.encode()}, **keys), tmp_path / "out")
    assert (again.unchanged, states(again.path)) == (False, ["kept", "rejected"])


def test_an_evaluation_text_that_cannot_be_read_stops_the_build(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "decontamination": {"texts": [{"path": "exam.jsonl"}]},
    }
    recipe = make_recipe({"a.jsonl": jsonl(FIRST), "exam.jsonl": b'{"question": "?"}'}, **keys)
    with pytest.raises(RecipeError, match=r"exam\.jsonl record 0 cannot be read"):
        build(recipe, tmp_path / "out")


@pytest.mark.parametrize(
    "keys",
    [
        {"splits": {"validation": 0.5, "test": 0.5}},
        {"splits": {"test": {}}},
        {"splits": {"dev": 0.1}},
        {"duplicates": {"threshold": 0.2}},
        {"decontamination": {"texts": []}},
    ],
)
def test_a_wrong_recipe_is_refused(make_recipe: MakeRecipe, tmp_path: Path, keys: dict[str, Any]) -> None:
    with pytest.raises(RecipeError):
        build(make_recipe({"a.jsonl": jsonl(FIRST)}, **keys), tmp_path / "out")


def test_strict_still_minds_bad_records(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.jsonl": jsonl(FIRST) + b"[]\n"})
    with pytest.raises(BuildError, match="1 records were rejected"):
        build(recipe, tmp_path / "out", strict=True)


def test_a_split_without_documents_is_told_and_verifies(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    keys: dict[str, Any] = {"splits": {"test": {"source": "exams/*"}}}
    done = build(make_recipe({"a.jsonl": jsonl(FIRST)}, **keys), tmp_path / "out")
    assert done.notes == ("no document is in the split test: load_dataset then needs streaming=True",)
    assert verify(done.path).faults == []


def test_a_removal_that_would_take_a_document_from_the_build_is_a_mark(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    """Taking the passage out would join the halves of an evaluation text."""
    halves = THIRD[:30], THIRD[30:]
    split = f"{halves[0]}。{SECOND}{halves[1]}"
    keys: dict[str, Any] = {
        "sources": [{"path": "a.jsonl"}],
        "duplicates": {"passages": "remove", "minimum_passage": 40},
        "decontamination": {"texts": [{"path": "exam.txt"}], "action": "drop"},
    }
    files = {"a.jsonl": jsonl(FIRST + SECOND + FOURTH, split, split), "exam.txt": THIRD.encode()}
    out = build(make_recipe(files, **keys), tmp_path / "out").path
    first, second, copy = rows(out, "ledger")
    assert [row["state"] for row in (first, second, copy)] == ["kept", "kept", "duplicate"]
    assert copy["duplicate_of"] == second["document_id"]
    assert verify(out).faults == []


def test_a_wrong_split_is_refused_by_its_key(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.jsonl": jsonl(FIRST)}, splits={"test": {"sauce": "b*"}})
    with pytest.raises(RecipeError, match=r"splits\.test\.sauce: unknown key"):
        build(recipe, tmp_path / "out")
