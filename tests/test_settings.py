"""Every wrong setting stops the start with a sentence that names it and never shows a secret."""

import re
from pathlib import Path

import pytest

from portal.environment import NAMES, ROOT
from portal.settings import Settings, WrongSettings, connections, database_url_from_env

SECRET = "k3Jx9vQp2LmT7wZr5NcYb8HsGf4DuEa1"
GOOD = {
    "SECRET_KEY": SECRET,
    "BASE_URL": "https://courses.example.org",
    "DATABASE_URL": "sqlite:////var/lib/portal/db",
}


def test_a_good_environment() -> None:
    settings = Settings.from_env({**GOOD, "DEMO": "no", "SESSION_IDLE_MINUTES": "20", "TRUSTED_PROXIES": "1"})
    assert settings.secure
    assert settings.host == "courses.example.org"
    assert settings.session_idle.total_seconds() == 1200
    assert settings.trusted_proxies == 1
    assert SECRET not in repr(settings)


def test_a_demo_may_do_without_https() -> None:
    assert not Settings.from_env({"SECRET_KEY": SECRET, "DEMO": "1"}).secure


def test_an_empty_value_is_as_if_it_were_not_there() -> None:
    assert Settings.from_env({**GOOD, "TIME_ZONE": " ", "MAX_UPLOAD": ""}) == Settings.from_env(GOOD)


def test_the_usual_name_of_postgresql_gets_its_driver() -> None:
    settings = Settings.from_env({**GOOD, "DATABASE_URL": "postgresql://portal@localhost/portal"})
    assert settings.database_url == "postgresql+psycopg://portal@localhost/portal"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""), ("SECRET_KEY", "short"), ("SECRET_KEY", "x" * 64), ("SECRET_KEY", "changeme" * 8),
        ("SECRET_KEY", "secret-0123456789-abcdefghijklmnop"), ("SECRET_KEY", "password-0123456789-abcdefghijklm"),
        ("BASE_URL", ""), ("BASE_URL", "http://courses.example.org"), ("BASE_URL", "courses.example.org"),
        ("BASE_URL", "https://"), ("BASE_URL", "https://a.test/portal"), ("BASE_URL", "https://a.test?x=1"),
        ("BASE_URL", "https://user@a.test"), ("BASE_URL", "https://a.test:99999"), ("BASE_URL", "ftp://a.test"),
        ("BASE_URL", "https://[::1"), ("BASE_URL", "https://a.test:0"),
        ("DATABASE_URL", "mysql://db/portal"), ("DATABASE_URL", "portal.db"), ("DATABASE_URL", "sqlite:"),
        ("DEMO", "perhaps"), ("DEMO", "2"), ("FLASK_DEBUG", "1"), ("FLASK_DEBUG", "true"),
        ("TIME_ZONE", "Stockholm"), ("TIME_ZONE", "../../etc/passwd"), ("TIME_ZONE", "Europe"),
        ("SESSION_IDLE_MINUTES", "0"), ("SESSION_IDLE_MINUTES", "-5"), ("SESSION_IDLE_MINUTES", "soon"),
        ("SESSION_IDLE_MINUTES", "1.5"), ("SESSION_IDLE_MINUTES", "²"), ("SESSION_IDLE_MINUTES", "99999"),
        ("SESSION_ABSOLUTE_MINUTES", "5"), ("SESSION_ABSOLUTE_MINUTES", "x"),
        ("TRUSTED_PROXIES", "-1"), ("TRUSTED_PROXIES", "6"), ("TRUSTED_PROXIES", "all"),
        ("SCHEMES_DIR", "/nowhere/at/all"), ("MAX_UPLOAD", "1"), ("MAX_UPLOAD", "10MB"), ("MAX_UPLOAD", "1000000000"),
        ("SCANNER", "localhost:3310"), ("SCANNER", "clamd://"), ("SCANNER", "clamd://host:0"), ("SCANNER", "tcp://host:1"),
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "smtp://"), ("MAIL_FROM", "portal"), ("MAIL_FROM", "a@b.test\r\nBcc: c@d.test"),
        ("MAIL_FROM", "a@b, c@d"), ("PLAINTEXT", "all"), ("PLAINTEXT", "mail,"), ("SECRET_KEY_OLD", SECRET),
        ("SECRET_KEY_OLD", "short"), ("DEMO", "1"),
        ("DATABASE_URL", "postgresql://db/portal?sslmode=prefer"), ("DATABASE_URL", "postgresql://[db/portal"),
        ("DATABASE_URL", "postgresql:///portal?host=/run,db.test&sslmode=disable"),
        ("DATABASE_URL", "postgresql://localhost,db.test/portal?sslmode=allow"),
        ("SMTP_URL", "smtp://mail.example.org"), ("SMTP_URL", "smtp://user:password@mail.example.org"),
        ("SCANNER", "clamd://scanner.example.org:3310"), ("SCANNER", "clamd://10.0.0.7"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_env({**GOOD, name: value})
    lines = str(wrong.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [name]
    assert lines[0].endswith((".", ")", "'", "org"))


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_env({"TIME_ZONE": "Mars", "DEMO": "perhaps", "MAX_UPLOAD": "much"})
    named = {line.partition(":")[0] for line in str(wrong.value).splitlines()}
    assert named == {"TIME_ZONE", "DEMO", "MAX_UPLOAD", "SECRET_KEY", "BASE_URL"}


@pytest.mark.parametrize("value", ["hunter2", "postgres://user:hunter2@db", "mysql://user:hunter2@db"])
def test_a_secret_is_never_shown(value: str) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "SMTP_URL"):
        with pytest.raises(WrongSettings) as wrong:
            Settings.from_env({**GOOD, name: value})
        assert "hunter2" not in str(wrong.value)


def test_looking_after_the_database_needs_no_secret() -> None:
    assert database_url_from_env({}) == Settings.database_url
    with pytest.raises(WrongSettings, match="DATABASE_URL"):
        database_url_from_env({"DATABASE_URL": "x"})


@pytest.mark.parametrize(
    ("url", "demanded"),
    [
        ("postgresql://db.test/portal", "?sslmode=verify-full"),
        ("postgresql://u:p@127.0.0.1:5432/portal", ""), ("postgresql://[::1]:5432/portal", ""),
        ("postgresql:///portal?host=/run/postgresql", ""), ("postgresql:///portal", ""),
        ("postgresql:///portal?host=10.0.0.7", "&sslmode=verify-full"),
        ("postgresql:///portal?service=x", "&sslmode=verify-full"),
        ("postgresql://db.test/portal?sslmode=require", ""),
    ],
)  # fmt: skip
def test_a_database_on_another_machine_is_talked_to_encrypted(url: str, demanded: str) -> None:
    read = database_url_from_env({"DATABASE_URL": url})
    assert read == url.replace("postgresql:", "postgresql+psycopg:") + demanded
    assert database_url_from_env({"DATABASE_URL": url, "PLAINTEXT": "database"}).endswith(
        url.partition(":")[2]
    )


def test_what_libpq_reads_by_itself_counts_too() -> None:
    elsewhere = {"DATABASE_URL": "postgresql:///portal", "PGHOST": "db.test"}
    assert database_url_from_env(elsewhere).endswith("?sslmode=verify-full")


def test_the_clear_is_for_this_machine_or_said() -> None:
    here = {**GOOD, "SMTP_URL": "smtp://localhost:25", "SCANNER": "clamd://127.0.0.1:3310"}
    assert Settings.from_env(here).smtp_url
    assert connections(here) == []
    elsewhere = {
        "SMTP_URL": "smtp://mail.test",
        "SCANNER": "clamd://scan.test",
        "DATABASE_URL": "postgresql://db/x",
    }
    assert [good for good, _line in connections(elsewhere)] == [False, False, True]
    said = {**elsewhere, "PLAINTEXT": "mail, scanner"}
    assert Settings.from_env({**GOOD, **said}).scanner == "clamd://scan.test"
    assert connections(said) == [
        (True, "database: on another machine, encrypted"),
        (True, "mail: on another machine, in the clear, as PLAINTEXT says"),
        (True, "scanner: on another machine, in the clear, as PLAINTEXT says"),
    ]


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "SECRET_KEY_OLD", "DATABASE_URL", "SMTP_URL", "METRICS_TOKEN"]
)
def test_a_setting_is_read_from_the_file_that_is_named(name: str, tmp_path: Path) -> None:
    values = {
        "SECRET_KEY": SECRET, "SECRET_KEY_OLD": SECRET[::-1], "METRICS_TOKEN": SECRET, "SMTP_URL": "smtps://u:hunter2@mail.test",
        "DATABASE_URL": "postgresql://u:hunter2@localhost/portal",
    }  # fmt: skip
    file = tmp_path / "secret"
    file.write_text(f"{values[name]}\n", "utf-8")
    by_value = {**GOOD, name: values[name]}
    by_file = {**{key: value for key, value in GOOD.items() if key != name}, f"{name}_FILE": str(file)}
    assert Settings.from_env(by_file) == Settings.from_env(by_value)
    for wrong in (
        {**by_value, f"{name}_FILE": str(file)},
        {**by_file, f"{name}_FILE": str(tmp_path / "none")},
        {**by_file, f"{name}_FILE": str(tmp_path)},
    ):
        with pytest.raises(WrongSettings) as said:
            Settings.from_env(wrong)
        assert str(said.value).startswith(f"{name}: ")
        assert len(str(said.value).splitlines()) == 1
        assert values[name] not in str(said.value)
    file.write_text("\n", "utf-8")
    with pytest.raises(WrongSettings, match="empty file"):
        Settings.from_env(by_file)


def test_a_demo_is_for_this_machine_only() -> None:
    for address in ("http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000"):
        assert Settings.from_env({"SECRET_KEY": SECRET, "DEMO": "1", "BASE_URL": address}).demo
    for address in ("http://10.0.0.7:8000", "https://demo.example.org", "http://localhost.example.org"):
        with pytest.raises(WrongSettings, match="DEMO: anybody can sign in"):
            Settings.from_env({"SECRET_KEY": SECRET, "DEMO": "1", "BASE_URL": address})


def test_the_settings_are_in_one_file_that_a_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "portal.env"
    lines = [
        "# the portal",
        "",
        *(f'{name}="{value}"' for name, value in GOOD.items()),
        "SCHEMES = rfr, other",
    ]
    file.write_text("\n".join(lines), "utf-8")
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORTAL_SETTINGS", str(file))
    assert Settings.from_env() == Settings.from_env({**GOOD, "SCHEMES": "rfr,other"})
    assert (database_url_from_env(), Settings.from_env().funds) == (GOOD["DATABASE_URL"], ("rfr", "other"))
    monkeypatch.setenv("TIME_ZONE", "Europe/Oslo")
    assert Settings.from_env().time_zone == "Europe/Oslo", "the environment comes first"
    file.write_text("DATABASE_ULR=sqlite:////x\nnothing\n", "utf-8")
    with pytest.raises(WrongSettings) as wrong:
        database_url_from_env()
    assert "line 1: there is no setting 'DATABASE_ULR'" in str(wrong.value)
    assert len(str(wrong.value).splitlines()) == 2
    monkeypatch.setenv("PORTAL_SETTINGS", str(tmp_path / "none"))
    with pytest.raises(WrongSettings, match="cannot be read: No such file"):
        database_url_from_env()


def test_a_path_names_the_same_place_from_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = {
        **GOOD,
        "DATABASE_URL": "sqlite:///data/db",
        "UPLOADS_DIR": "data/documents",
        "SCHEMES_DIR": "portal",
    }
    settings = Settings.from_env(told)
    assert settings.database_url == f"sqlite:///{ROOT}/data/db"
    assert (settings.uploads_dir, settings.schemes_dir) == (ROOT / "data" / "documents", ROOT / "portal")
    assert Settings.database_url == f"sqlite:///{ROOT}/var/portal.sqlite3"


def test_every_setting_is_told_on_the_page_and_in_the_example() -> None:
    page, example = (
        (ROOT / "docs" / name).read_text("utf-8") for name in ("operate.md", "operate/portal.env")
    )
    for name in NAMES:
        assert f"`{name}`" in page
        assert re.search(rf"^#?{name}(_FILE)?=", example, re.MULTILINE), name
