"""One newsbot.toml is in force; relative paths are relative to its folder."""

import re
from pathlib import Path

import pytest

from newsbot import project
from newsbot.config import (
    Config,
    child_environment,
    load_config,
    project_of,
    unknown_variables,
    use_config_file,
)
from newsbot.errors import ConfigError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of /etc/newsbot."""
    folder = tmp_path / "etc"
    folder.mkdir()
    monkeypatch.setattr(project, "_SYSTEM_FOLDER", folder)
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Path) -> Path:
    """The working directory: an empty folder of no project."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def project_in(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scrapy.cfg").write_text("[settings]\ndefault = newsbot.settings\n")
    return folder


def write(folder: Path, text: str = "") -> Path:
    path = folder / "newsbot.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_paths_are_relative_to_the_checkout(elsewhere: Path) -> None:
    config = load_config()
    assert config.installation.file is None
    assert config.store_url == str(ROOT / "archive")
    assert config.state_folder == ROOT / "var"
    assert config.seeds_folder == ROOT / "seeds"
    assert config.ledger_url == f"sqlite:///{ROOT / 'var' / 'ledger.sqlite'}"


def test_without_a_file_or_a_checkout_they_are_relative_to_the_users_data_folder(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "_PACKAGE", tmp_path / "site-packages" / "newsbot")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    config = load_config()
    assert config.store_url == str(tmp_path / "data" / "newsbot" / "archive")
    with pytest.raises(ConfigError, match="newsbot init DIR"):
        project_of(config)


def test_the_first_file_that_exists_is_in_force(
    elsewhere: Path, system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "_PACKAGE", project_in(tmp_path / "checkout") / "newsbot")
    found = [write(system)]
    assert load_config().installation.file == found[-1]
    for folder in (tmp_path / "checkout", elsewhere):
        found.append(write(folder))
        assert load_config().installation.file == found[-1]
    named = tmp_path / "named.toml"
    named.write_text('store = "there"')
    monkeypatch.setenv("NEWSBOT_CONFIG", "../named.toml")
    config = load_config()
    assert config.installation.file == named
    assert config.store_url == str(tmp_path / "there")


def test_a_folder_below_a_project_is_of_that_project(
    tmp_path: Path, system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project_in(tmp_path / "made")
    write(made)
    (made / "spiders").mkdir()
    monkeypatch.chdir(made / "spiders")
    config = load_config()
    assert config.installation.file == made / "newsbot.toml"
    assert project_of(config) == made
    assert child_environment(config) == {"NEWSBOT_CONFIG": str(made / "newsbot.toml")}


def test_a_foreign_scrapy_project_is_none_of_ours(elsewhere: Path) -> None:
    (elsewhere / "scrapy.cfg").write_text("[settings]\ndefault = other.settings\n")
    write(elsewhere)
    assert project_of(load_config()) == ROOT


def test_the_project_of_a_file_goes_before_that_of_the_working_directory(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_in(elsewhere)
    inner = project_in(tmp_path / "other") / "demo"
    inner.mkdir()
    monkeypatch.setenv("NEWSBOT_CONFIG", str(write(inner)))
    assert project_of(load_config()) == tmp_path / "other"


def test_the_configuration_stays_where_it_was_loaded(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(elsewhere, 'state = "mine"')
    config = load_config()
    monkeypatch.chdir(tmp_path)
    assert config.state_folder == elsewhere / "mine"


def test_variables_win_over_the_file_and_their_paths_are_relative_to_it_too(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(elsewhere, 'store = "in-file"\ncontact = "us@example.org"')
    monkeypatch.setenv("NEWSBOT_STORE", "in-variable")
    config = load_config()
    assert config.store_url == str(elsewhere / "in-variable")
    assert config.origin("store") == "NEWSBOT_STORE"
    assert config.origin("contact") == str(path)
    assert config.origin("seeds") == "default"


def test_a_synthetic_file_is_read_without_the_variables(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(elsewhere, 'synthetic = true\nstore = "in-file"')
    monkeypatch.setenv("NEWSBOT_STORE", "s3://live/archive")
    monkeypatch.setenv("NEWSBOT_DATABASE_URL", "postgresql+psycopg://live/ledger")
    config = load_config()
    assert config.store_url == str(elsewhere / "in-file")
    assert config.ledger_url == f"sqlite:///{elsewhere / 'var' / 'ledger.sqlite'}"
    assert config.origin("store") == str(elsewhere / "newsbot.toml")


@pytest.mark.parametrize("written", ["true", '"true"', '"yes"', "1"])
def test_synthetic_is_meant_however_it_is_written(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    path = write(elsewhere, f'synthetic = {written}\nworkers = "abc"')
    monkeypatch.setenv("NEWSBOT_WORKERS", "2")
    with pytest.raises(ConfigError, match=f"^{re.escape(str(path))}: workers: "):
        load_config()
    write(elsewhere, f"synthetic = {written}")
    config = load_config()
    assert config.synthetic
    assert config.workers is None


def test_what_is_no_setting_is_named(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(elsewhere, 'contakt = "us"')
    with pytest.raises(ConfigError, match="contakt: unknown key; `newsbot config` lists"):
        load_config()
    monkeypatch.setenv("NEWSBOT_CONTAKT", "us")  # Kubernetes sets such for a service of our name
    monkeypatch.setenv("NEWSBOT_CONTACT", "us")
    monkeypatch.setenv("NEWSBOT_CONFIG", str(elsewhere / "newsbot.toml"))
    assert unknown_variables() == ["NEWSBOT_CONTAKT"]


def test_a_ledgers_file_is_the_same_from_every_folder(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(elsewhere, 'database_url = "sqlite:///ledgers/one.sqlite"')
    assert load_config().ledger_url == f"sqlite:///{elsewhere / 'ledgers' / 'one.sqlite'}"
    for given in ("sqlite:////srv/one.sqlite", "postgresql+psycopg://db.example/one"):
        monkeypatch.setenv("NEWSBOT_DATABASE_URL", given)
        assert load_config().ledger_url == given


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("store = ", "newsbot.toml: "),
        ('workers = "many"', "newsbot.toml: workers: "),
        ('colour = "red"', "newsbot.toml: colour: "),
        ("store = ''", "newsbot.toml: store: "),
    ],
)
def test_a_bad_file_is_named_with_its_key(elsewhere: Path, text: str, message: str) -> None:
    write(elsewhere, text)
    with pytest.raises(ConfigError, match=str(elsewhere / message)):
        load_config()


def test_a_bad_variable_is_named(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(elsewhere)
    monkeypatch.setenv("NEWSBOT_WORKERS", "many")
    with pytest.raises(ConfigError, match=r"^NEWSBOT_WORKERS: "):
        load_config()


def test_a_named_file_that_is_not_there_is_an_error(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSBOT_CONFIG", "")  # as good as unset
    use_config_file(write(elsewhere))
    assert load_config().installation.file == elsewhere / "newsbot.toml"
    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such file"):
        use_config_file(Path("nowhere.toml"))


def test_every_field_says_what_it_is() -> None:
    assert all(field.description for field in Config.model_fields.values())
