"""mpp.toml, and the order in which data are looked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mpp_cli.cli.config.load
from mpp_cli.cli.config.data_location import DataChoice, resolve_data
from mpp_cli.cli.config.load import Config, load_config
from mpp_cli.cli.config.options import Default
from mpp_cli.common.errors import DataError, MppError, UsageError, render

SAMPLE = DataChoice((), sample=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str) -> Config:
    Path("mpp.toml").write_text(text, encoding="utf-8")
    return load_config(None, enabled=True)


def choose(
    option: list[str] | None = None,
    config: Config | None = None,
    variable: str | None = None,
    asked: str | None = None,
) -> DataChoice:
    environ = {} if variable is None else {"MPP_DATA": variable}
    return resolve_data(
        option or [],
        config or Config(),
        environ,
        output=asked == "output",
        quiet=asked == "quiet",
        strict=asked == "strict",
    )


# ------------------------------------------------------------------ defaults


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('as-of = "2020-12-31"', "as_of", "2020-12-31"),
        ('as_of = "2020-12-31"', "as_of", "2020-12-31"),
        ("as-of = 2020-12-31", "as_of", "2020-12-31"),
        ('as-of = "12/31/2020"', "as_of", "2020-12-31"),
        ("max-age = 40", "max_age", 40),
        ('by = "nationality"', "by", ("nationality",)),
        ('by = ["nationality", "month"]', "by", ("nationality", "month")),
        ('where = ["docket=mpp", "note=a=b"]', "where", ("docket=mpp", "note=a=b")),
        ('where = "docket=mpp"', "where", ("docket=mpp",)),
        ('where = { docket = "mpp", year = 2020 }', "where", ("docket=mpp", "year=2020")),
        ("[where]\nfiled = 2020-01-05", "where", ("filed=2020-01-05",)),
        ('rejects = "rejects.csv"', "rejects", "rejects.csv"),
        ("strict = true", "strict", True),
        ("max-set-aside = 100", "max_set_aside", "100"),
        ('max-set-aside = "100"', "max_set_aside", "100"),
        ('max-set-aside = "0.1%"', "max_set_aside", "0.1%"),
        ('format = "markdown"', "format", "markdown"),
        ('output = "report.md"', "output", "report.md"),
        ('output = "-"', "output", "-"),
        ('engine = "duckdb"', "engine", "duckdb"),
        ('engine = "spark://host:7077"', "engine", "spark://host:7077"),
        ("quiet = false", "quiet", False),
        ("newest-release = true", "newest_release", True),
    ],
)
def test_the_default_of_an_option(line: str, key: str, value: Default) -> None:
    assert load(line).defaults == {key: value}


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ('\nformats = "csv"', 2, 'unknown key "formats"', 'did you mean "format"?'),
        ("AS_OF = 2020-12-31", 1, 'unknown key "AS_OF"', 'did you mean "as-of"?'),
        ("[reports]\nx = 1", 1, 'unknown key "reports"', "known names: data, tables, as-of"),
        ("as-of = 2020-12-31\nas_of = 2020-12-31", 2, '"as_of" is set twice', "keep one"),
        ('as-of = "31/12/2020"', 1, '"as-of" is "31/12/2020"', "YYYY-MM-DD or M/D/YYYY"),
        ('as-of = "2020-02-30"', 1, '"as-of" is "2020-02-30"', "a date"),
        ("as-of = 2020-12-31T00:00:00", 1, '"as-of" is 2020-12-31 00:00:00', "a date"),
        ("max-age = -1", 1, '"max-age" is -1', "a whole number from 0"),
        ("max-age = true", 1, '"max-age" is true', "a whole number from 0"),
        ('max-age = "40"', 1, '"max-age" is "40"', "a whole number from 0"),
        ("max-age = 1.5", 1, '"max-age" is 1.5', "a whole number from 0"),
        ('strict = "yes"', 1, '"strict" is "yes"', "true or false"),
        ("quiet = 1", 1, '"quiet" is 1', "true or false"),
        ('max-set-aside = "101%"', 1, '"max-set-aside" is "101%"', "a share of them"),
        ('max-set-aside = "few"', 1, '"max-set-aside" is "few"', "a share of them"),
        ("max-set-aside = 0.1", 1, '"max-set-aside" is 0.1', "a share of them"),
        ('format = "cvs"', 1, '"format" is "cvs"', 'did you mean "csv"?'),
        ('engine = "duckbd"', 1, '"engine" is "duckbd"', 'did you mean "duckdb"?'),
        ('engine = "spark://host"', 1, '"engine" is "spark://host"', "spark://HOST:PORT"),
        ('output = ""', 1, '"output" is ""', "text"),
        ("by = [1]", 1, '"by" is a list', "a list of texts"),
        ('where = ["docket"]', 1, '"where" is a list', '["docket=mpp"]'),
        ('where = ["=mpp"]', 1, '"where" is a list', '["docket=mpp"]'),
        ("[where]\ndocket = true", 1, '"where" is a table', '["docket=mpp"]'),
        ("[where]\nx.y = 1", 1, '"where" is a table', '["docket=mpp"]'),
        ("data = 5", 1, '"data" is 5', "a list of texts"),
        ("\ntables = 1", 2, '"tables" is 1', "a section for each table"),
    ],
)
def test_what_mpp_does_not_know_is_refused(text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(text)
    assert (caught.value.file, caught.value.line) == ("mpp.toml", line)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "line", "excerpt"),
    [
        ("quiet = true\nformat csv\n", 2, "format csv"),
        ("quiet = true\nquiet = true\n", 2, "quiet = true"),
        ("quiet = true\nby = [", 2, "by = ["),
        ("max-age = " + "9" * 5000, None, None),
        ("by = " + "[" * 5000, None, None),
    ],
)
def test_bad_toml_names_file_and_line(text: str, line: int | None, excerpt: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        load(text)
    assert caught.value.file == "mpp.toml"
    assert caught.value.message.startswith("this is not TOML: ")
    assert "line" not in caught.value.message
    if line is not None:
        assert (caught.value.line, caught.value.excerpt) == (line, excerpt)


def test_a_file_that_is_not_utf8_names_the_line(folder: Path) -> None:
    (folder / "mpp.toml").write_bytes(b"quiet = true\noutput = 'caf\xe9.md'\n")
    with pytest.raises(UsageError, match="not UTF-8") as caught:
        load_config(None, enabled=True)
    assert caught.value.line == 2


def test_a_byte_order_mark_and_windows_line_ends_are_read(folder: Path) -> None:
    (folder / "mpp.toml").write_bytes(b"\xef\xbb\xbfquiet = true\r\nstrict = true\r\n")
    assert load_config(None, enabled=True).defaults == {"quiet": True, "strict": True}


# --------------------------------------------------------------- which file


def test_without_a_file_everything_is_empty() -> None:
    assert load_config(None, enabled=True) == Config()


def test_an_empty_list_of_data_is_not_the_same_as_none() -> None:
    assert load("data = []").data == ()
    assert load("quiet = true").data is None


def test_toml_is_not_even_imported_without_a_file() -> None:
    code = (
        "import sys; from mpp_cli.cli.config.load import load_config; "
        "load_config(None, enabled=True);"
        "sys.exit('tomllib' in sys.modules or 'glob' in sys.modules)"
    )
    root = Path(mpp_cli.cli.config.load.__file__).parents[1]
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(root)})


def test_a_script_can_switch_the_file_off() -> None:
    Path("mpp.toml").write_text("nonsense")
    assert load_config(None, enabled=False) == Config()


def test_a_file_cannot_be_named_and_switched_off() -> None:
    with pytest.raises(UsageError, match="contradict"):
        load_config("mpp.toml", enabled=False)


def test_a_named_file_counts_instead_of_the_one_in_the_folder(folder: Path) -> None:
    (folder / "mpp.toml").write_text("quiet = true")
    (folder / "other.toml").write_text("strict = true")
    assert load_config("other.toml", enabled=True).defaults == {"strict": True}


def test_a_named_file_that_is_missing_is_refused(folder: Path) -> None:
    (folder / "agency.toml").write_text("")
    with pytest.raises(DataError, match="does not exist") as caught:
        load_config("agnecy.toml", enabled=True)
    assert caught.value.hint == 'did you mean "agency.toml"?'


def test_a_file_that_cannot_be_read_is_refused(folder: Path) -> None:
    (folder / "mpp.toml").mkdir()
    with pytest.raises(DataError, match="cannot be read") as caught:
        load_config(None, enabled=True)
    assert "--no-config" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"exports"', ("conf/exports",)),
        ('["a.csv", "../b.csv"]', ("conf/a.csv", "conf/../b.csv")),
        ('"/exports"', ("/exports",)),
        ('"sample"', ("sample",)),
        ('"./sample"', ("conf/./sample",)),
        ('"-"', ("-",)),
        ('"*.csv"', ("conf/*.csv",)),
        ("[]", ()),
    ],
)
def test_paths_start_at_the_folder_of_the_file(
    folder: Path, written: str, read: tuple[str, ...]
) -> None:
    (folder / "conf").mkdir()
    (folder / "conf" / "mpp.toml").write_text(f'data = {written}\noutput = "out.md"')
    config = load_config("conf/mpp.toml", enabled=True)
    assert config.data == read
    assert config.defaults == {"output": "conf/out.md"}


def test_another_current_folder_can_be_given(folder: Path) -> None:
    (folder / "there").mkdir()
    (folder / "there" / "mpp.toml").write_text('data = "x"')
    config = load_config(None, enabled=True, cwd=folder / "there")
    assert config.data == (str(folder / "there" / "x"),)


def test_a_bracket_in_the_name_of_the_folder_is_no_pattern(folder: Path) -> None:
    place = folder / "data [old]"
    place.mkdir()
    (place / "cases.csv").touch()
    (place / "mpp.toml").write_text('data = "*.csv"')
    config = load_config("data [old]/mpp.toml", enabled=True)
    assert not choose(config=config).sample


# -------------------------------------------------------- where the data are


def test_the_order_is_option_variable_config_sample(folder: Path) -> None:
    for name in ("one", "two", "three"):
        (folder / name).mkdir()
    config = Config(data=("three",))
    assert choose(["one"], config, "two").paths == ("one",)
    assert choose(None, config, "two").paths == ("two",)
    assert choose(None, config).paths == ("three",)
    assert choose() == SAMPLE


def test_each_place_can_name_several_files(folder: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (folder / name).touch()
    both = DataChoice(("one.csv", "two.csv"), sample=False)
    assert choose(["one.csv", "two.csv"]) == both
    assert choose(variable=os.pathsep.join(["one.csv", "two.csv"])) == both
    assert choose(variable=os.pathsep.join(["", "one.csv", "two.csv", ""])) == both
    assert choose(config=Config(data=("one.csv", "two.csv"))) == both


@pytest.mark.parametrize("path", ["-", "t*.csv", "**/deep.csv", "a[1].csv", "sub"])
def test_what_exists_is_handed_on_as_it_was_named(folder: Path, path: str) -> None:
    (folder / "sub").mkdir()
    for name in ("two.csv", "sub/deep.csv", "a[1].csv"):
        (folder / name).touch()
    assert choose([path]) == DataChoice((path,), sample=False)


@pytest.mark.parametrize("asked", ["output", "quiet", "strict"])
def test_the_sample_must_be_asked_for_where_nobody_looks(asked: str) -> None:
    with pytest.raises(DataError, match=f"--{asked}") as caught:
        choose(asked=asked)
    assert "use --data sample" in (caught.value.hint or "")
    assert choose(["sample"], asked=asked) == SAMPLE
    assert choose(variable="sample", asked=asked) == SAMPLE
    assert choose(config=Config(data=("sample",)), asked=asked) == SAMPLE


def test_the_word_sample_wins_over_a_folder_of_that_name(folder: Path) -> None:
    (folder / "sample").mkdir()
    assert choose(["sample"]) == SAMPLE
    assert choose(["./sample"]) == DataChoice(("./sample",), sample=False)


@pytest.mark.parametrize(
    ("option", "variable", "data", "kind", "message"),
    [
        (["sample", "one"], None, None, UsageError, "--data mixes the bundled sample"),
        ([], "one:sample", None, UsageError, "$MPP_DATA mixes the bundled sample"),
        (["-", "-"], None, None, UsageError, "--data names standard input twice"),
        ([""], None, None, DataError, "--data is set but empty"),
        (["one", ""], None, None, DataError, "--data has an empty entry"),
        ([], "", None, DataError, "$MPP_DATA is set but empty"),
        ([], " : ", None, DataError, "$MPP_DATA is set but empty"),
        ([], "gone", None, DataError, "gone: there is no such file or folder"),
        ([], "one:gone", None, DataError, "gone: there is no such file or folder"),
        ([], "*.csv", None, DataError, "*.csv: no file matches this pattern"),
        ([], None, [], DataError, "data in mpp.toml is set but empty"),
        ([], None, ["gone"], DataError, "gone: there is no such file or folder"),
        (["gone"], None, None, DataError, "gone: there is no such file or folder"),
        (["*.csv"], None, None, DataError, "*.csv: no file matches this pattern"),
        (["one/gone"], None, None, DataError, "one/gone: there is no such file or folder"),
        (["x" * 300], None, None, DataError, "cannot be read"),
    ],
)
def test_data_that_are_set_and_not_there_never_fall_through(
    folder: Path,
    option: list[str],
    variable: str | None,
    data: list[str] | None,
    kind: type[MppError],
    message: str,
) -> None:
    (folder / "one").touch()
    (folder / "two").touch()
    # The places that come later are all in order, and must not be used.
    if variable is None and data is None:
        variable = "two"
    config = Config(data=("two",) if data is None else tuple(data))
    if variable is not None:
        variable = variable.replace(":", os.pathsep)
    with pytest.raises(kind) as caught:
        choose(option, config, variable)
    assert message in render(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("exports/case.csv", "exports/cases.csv"),
        ("exports/CASES.CSV", "exports/cases.csv"),
        ("exprots/cases.csv", "exports/cases.csv"),
        ("exprots/other.csv", "exports"),
        ("export/", "exports"),
        ("./export", "./exports"),
    ],
)
def test_a_missing_path_suggests_the_nearest(folder: Path, path: str, meant: str) -> None:
    (folder / "exports").mkdir()
    (folder / "exports" / "cases.csv").touch()
    with pytest.raises(DataError) as caught:
        choose([path])
    assert caught.value.hint == f'did you mean "{meant}"?'
