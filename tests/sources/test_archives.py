"""Members of archives are sources with paths of their own, and no archive does harm or costs too much."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from hanpack.building.run import build
from hanpack.errors import VerifyError
from hanpack.reasons import Cause
from hanpack.recipe import Recipe
from hanpack.scanning.recipes import write_recipe
from hanpack.sources.archives import ArchiveMember, Archives, name_members
from hanpack.sources.discovery import discover
from hanpack.store.manifest import read_manifest
from hanpack.store.parts import PartCache
from hanpack.store.work_folder import WorkFolder
from hanpack.views.trace import trace
from tests.builds import read_rows, verify_build
from tests.conftest import MakeRecipe
from tests.growth import NEARLY_LINEAR, measure_growth
from tests.sources.reading import dump_parquet

TEXTS = {"a.txt": "第一篇文章。", "b/二.txt": "第二篇，另一篇文章。", "c.jsonl": '{"text": "第三行记录。"}\n'}


def dump_zip(files: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of files in their order."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


def dump_tar(files: Mapping[str, bytes | str], mode: str = "w") -> bytes:
    """A tar archive of files in their order; ``mode`` as of tarfile."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def list_causes(root: Path, limits: Mapping[str, int] | None = None) -> dict[str, Cause | None]:
    recipe = Recipe.model_validate({"name": "a", "sources": [{"path": "."}], "limits": limits or {}})
    return {file.name: file.fault.cause if file.fault else None for file in discover(recipe, root, "r.yaml")}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", dump_zip(TEXTS)),
        ("a.tar", dump_tar(TEXTS)),
        ("a.tar.gz", dump_tar(TEXTS, "w:gz")),
        ("a.tgz", dump_tar(TEXTS, "w:gz")),
        ("a.tar.bz2", dump_tar(TEXTS, "w:bz2")),
        ("a.txz", dump_tar(TEXTS, "w:xz")),
    ],
)
def test_the_members_of_an_archive_are_built_traced_and_verified(
    make_recipe: MakeRecipe, tmp_path: Path, name: str, data: bytes
) -> None:
    out = build(make_recipe({name: data}), tmp_path / "out").path
    assert [row["source"] for row in read_rows(out, "ledger")] == [f"{name}/{member}" for member in TEXTS]
    assert {row["text"] for row in read_rows(out, "documents")} == {
        "第一篇文章。",
        "第二篇，另一篇文章。",
        "第三行记录。",
    }
    verify_build(out)
    chunk = read_rows(out, "chunks")[1]
    assert trace(out, chunk["id"]).raw == TEXTS["b/二.txt"]
    (archive,) = {source.archive_sha256 for source in read_manifest(out).sources}
    assert archive is not None


def test_archives_in_archives_have_paths_down_to_the_limit(tmp_path: Path) -> None:
    inner = dump_zip({"x.txt.gz": gzip.compress("深".encode()), "y.parquet": dump_parquet_text()})
    outer = dump_tar({"a.txt": "浅", "in.zip": inner, "z.txt": "浅"})
    (tmp_path / "o.tar").write_bytes(outer)
    paths = ["o.tar/a.txt", "o.tar/in.zip/x.txt.gz", "o.tar/in.zip/y.parquet", "o.tar/z.txt"]
    assert list_causes(tmp_path) == dict.fromkeys(paths)
    too_deep = {**dict.fromkeys(paths), paths[1]: Cause.COMPRESSED_AGAIN}
    assert list_causes(tmp_path, {"max_archive_depth": 2}) == too_deep
    assert list_causes(tmp_path, {"max_archive_depth": 1}) == {
        "o.tar/a.txt": None,
        "o.tar/in.zip": Cause.COMPRESSED_AGAIN,
        "o.tar/z.txt": None,
    }
    assert list_causes(tmp_path, {"max_archive_depth": 0}) == {"o.tar": Cause.COMPRESSED_AGAIN}


def dump_parquet_text() -> bytes:
    import pyarrow as pa

    return dump_parquet(pa.table({"text": ["表格里的文字。"]}))


def test_names_in_gbk_are_read_and_those_that_lead_out_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # ZIP programs of Chinese Windows write the bytes of GBK, and no flag for UTF-8.
    monkeypatch.setattr(
        zipfile.ZipInfo,
        "_encodeFilenameFlags",
        lambda info: (info.filename.encode("gbk"), info.flag_bits & ~0x800),
    )
    names = [
        "报告/许功盖.txt",
        "../../evil.txt",
        "/abs.txt",
        "C:/d.txt",
        "two.txt",
        "__MACOSX/._x",
        ".h/x.txt",
    ]
    data = dump_zip(dict.fromkeys(names, "文"))
    (tmp_path / "a.zip").write_bytes(data)
    assert list_causes(tmp_path) == {
        "a.zip/报告/许功盖.txt": None,
        "a.zip/evil.txt": Cause.MEMBER_OUTSIDE,
        "a.zip/abs.txt": None,
        "a.zip/d.txt": None,
        "a.zip/two.txt": None,
    }
    assert not (tmp_path.parent / "evil.txt").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_members_with_one_name_the_last_is_read_and_links_are_not(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.txt", "旧")
        archive.writestr("a.txt", "新新")
        link = zipfile.ZipInfo("l.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "a.zip").write_bytes(sink.getvalue())
    assert list_causes(tmp_path) == {
        "a.zip/a.txt~1": Cause.REPEATED_MEMBER,
        "a.zip/a.txt": None,
        "a.zip/l.txt": Cause.MEMBER_LINK,
    }
    archives = Archives(Recipe.model_validate({"name": "a", "sources": [{"path": "."}]}).limits)
    members, _ = archives.list(tmp_path / "a.zip")
    assert archives.open(tmp_path / "a.zip", members["a.txt"].place).read() == "新新".encode()


def test_links_and_devices_in_tar_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (("s", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(f"{name}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert list_causes(tmp_path) == {
        "a.tar/s.txt": Cause.MEMBER_LINK,
        "a.tar/h.txt": Cause.MEMBER_LINK,
        "a.tar/d.txt": Cause.NOT_A_FILE,
    }


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(dump_zip({"a.txt": bytes(70 * 2**20), "b.txt": "短"}))
    assert list_causes(tmp_path, {"max_expansion": 2}) == {
        "a.zip/a.txt": Cause.EXPANDS_TOO_FAR,
        "a.zip/b.txt": Cause.EXPANDS_TOO_FAR,
    }
    (tmp_path / "a.zip").unlink()
    (tmp_path / "a.tar.gz").write_bytes(dump_tar({"a.txt": bytes(70 * 2**20)}, "w:gz"))
    causes = list_causes(tmp_path, {"max_expansion": 2})
    assert causes.pop("a.tar.gz") is Cause.CANNOT_READ_TO_END
    assert set(causes.values()) <= {Cause.EXPANDS_TOO_FAR}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no archive", dump_zip(TEXTS)[:-30]])
def test_an_archive_that_is_none_is_rejected_by_name(
    make_recipe: MakeRecipe, tmp_path: Path, data: bytes
) -> None:
    out = build(make_recipe({"a.zip": data, "b.txt": "一段。".encode()}), tmp_path / "out").path
    rejected, kept = read_rows(out, "ledger")
    assert (rejected["source"], rejected["cause"]) == ("a.zip", "cannot_read_to_end")
    assert kept["state"] == "kept"
    verify_build(out)


def test_an_archive_that_is_cut_off_keeps_the_members_that_are_whole(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    files = {"a.txt": "第一篇文章。", "b.txt": os.urandom(30_000).hex(), "c.txt": "第三篇。"}
    data = dump_tar(files, "w:gz")
    out = build(make_recipe({"a.tar.gz": data[: len(data) - 1500]}), tmp_path / "out").path
    assert [(row["source"], row["state"], row["cause"]) for row in read_rows(out, "ledger")] == [
        ("a.tar.gz/a.txt", "kept", None),
        ("a.tar.gz/b.txt", "rejected", "cannot_read"),
        ("a.tar.gz", "rejected", "cannot_read_to_end"),
    ]
    verify_build(out)


def test_many_members_of_one_name_take_linear_time() -> None:
    def name(names: str) -> None:
        members = [ArchiveMember(path, 1, (index,), 1) for index, path in enumerate(names)]
        assert len(name_members(members)) == len(names)

    assert measure_growth(name, "a", 8_000) < NEARLY_LINEAR


def test_a_damaged_member_is_rejected_and_the_others_are_kept(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    data = bytearray(dump_zip({"a.txt": "一" * 50, "b.txt": "第二段文字。"}, zipfile.ZIP_STORED))
    data[data.find("一".encode())] ^= 1
    out = build(make_recipe({"a.zip": bytes(data)}), tmp_path / "out").path
    assert [(row["source"], row["state"]) for row in read_rows(out, "ledger")] == [
        ("a.zip/a.txt", "rejected"),
        ("a.zip/b.txt", "kept"),
    ]
    verify_build(out)


def test_a_changed_member_costs_only_itself_and_is_noticed(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"a.zip": dump_zip(TEXTS)})
    out = build(recipe, tmp_path / "out").path
    cache = PartCache(WorkFolder(out).parts)
    before = set(cache.list_sizes()[0])
    (recipe.parent / "a.zip").write_bytes(dump_zip({**TEXTS, "a.txt": "改了的文章。"}))
    with pytest.raises(VerifyError, match=r"a\.zip/a\.txt"):
        _ = [trace(out, chunk["id"]) for chunk in read_rows(out, "chunks")]
    assert build(recipe, out).path == out
    assert len(set(cache.list_sizes()[0]) - before) == 1
    verify_build(out)


def test_a_pattern_reaches_into_archives_and_init_writes_one_for_each_kind(
    make_recipe: MakeRecipe, tmp_path: Path
) -> None:
    sources = [
        {"path": "**/*.zip/**/*.csv", "text_column": "正文"},
        {"path": "x.zip/b/二.txt"},
    ]
    files = {**TEXTS, "d/t.csv": '正文,n\n"表里的文字。",1\n'}
    recipe = make_recipe({"x.zip": dump_zip(files)}, sources=sources)
    out = build(recipe, tmp_path / "out").path
    assert [row["source"] for row in read_rows(out, "ledger")] == ["x.zip/d/t.csv", "x.zip/b/二.txt"]
    recipe.unlink()
    drafted = write_recipe(recipe.parent, tmp_path / "new.yaml").parse()
    assert [(entry.path, entry.text_column) for entry in drafted.sources] == [
        ("**/*.zip/**/*.txt", "text"),
        ("**/*.zip/**/*.jsonl", "text"),
        ("**/*.zip/**/*.csv", "正文"),
    ]
    assert json.loads(TEXTS["c.jsonl"])["text"]


def test_a_folder_with_the_suffix_of_an_archive_is_a_folder(make_recipe: MakeRecipe, tmp_path: Path) -> None:
    recipe = make_recipe({"x.zip/a.txt": "一段。".encode()}, sources=[{"path": "*.zip/*.txt"}])
    out = build(recipe, tmp_path / "out").path
    assert [row["source"] for row in read_rows(out, "ledger")] == ["x.zip/a.txt"]
    verify_build(out)
