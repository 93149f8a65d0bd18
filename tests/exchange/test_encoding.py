"""Which encoding a file is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskcrm.exchange.encoding import EncodingError, UnknownEncodingError, detect_encoding

ENCODINGS = Path(__file__).parents[3] / "shared" / "data" / "encodings"


def written(folder: Path, data: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "utf-8"),
        (b"name,phone\n", "utf-8"),
        ("姓名,手机\n".encode(), "utf-8"),
        ("姓名,手机\n".encode("utf-8-sig"), "utf-8-sig"),
        ("姓名,手机\n".encode("gbk"), "gb18030"),
        ("㐂㛃,𠮷\n".encode("gb18030"), "gb18030"),
        ("姓名,手机\n".encode("utf-16"), "utf-16"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, data: bytes, expected: str) -> None:
    assert detect_encoding(written(tmp_path, data)) == expected


def test_a_name_after_a_million_plain_bytes_still_counts(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n" * 300_000 + "张三,李四\n".encode("gb18030"))
    assert detect_encoding(path) == "gb18030"


def test_big5_is_a_choice(tmp_path: Path) -> None:
    path = written(tmp_path, "客戶,電話\n".encode("big5"))
    assert path.read_text(encoding=detect_encoding(path, "Big5")) == "客戶,電話\n"


def test_a_choice_that_does_not_fit_is_refused_with_the_position(tmp_path: Path) -> None:
    path = written(tmp_path, b"abc\xff\n")
    with pytest.raises(EncodingError) as caught:
        detect_encoding(path, "utf-8")
    assert caught.value.values["position"] == 3


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncodingError):
        detect_encoding(written(tmp_path, b"a"), "klingon")


def test_a_file_cut_inside_a_character_is_refused_unless_a_fallback_is_given(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "姓名,备注\n".encode() + b"\xff\xff")
    with pytest.raises(EncodingError):
        detect_encoding(path)
    assert detect_encoding(path, fallback="latin-1") == "latin-1"


@pytest.mark.parametrize("prefix", ["gb2312", "GB2312"])
def test_real_chinese_pages_are_found_to_be_gb18030(prefix: str) -> None:
    pages = sorted(ENCODINGS.glob(f"{prefix}__*"))
    if not pages:
        pytest.skip(f"no sample pages in {ENCODINGS}")
    assert {detect_encoding(page) for page in pages} == {"gb18030"}
