"""Settings are read whole, refused whole, and never quote a secret."""

import stat
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from billing.seller import DEMO, BankAccount, Seller
from mailer.relay import Relay, relay
from purser.settings import FOREIGN, STRIPE, Settings, SettingsError, load, table

DATABASE = "postgresql://purser:hunter2@db.example:5432/purser"
OWNER = "postgresql://owner:hunter2@db.example:5432/purser"
SECRET = "s" * 32


def refusal(**environ: str) -> str:
    with pytest.raises(SettingsError) as error:
        load({f"PURSER_{name}": value for name, value in environ.items()})
    return str(error.value)


SELLER = ("seller_name", "seller_address", "seller_country", "seller_tax_id")


def test_nothing_set_is_the_demo_on_loopback() -> None:
    settings = load({"PATH": "/bin"})
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.database_url is None
    assert settings.data_dir == Path.cwd() / "var"
    assert settings.demo


def test_everything_can_be_set() -> None:
    settings = load(
        {
            "PURSER_HOST": "::1",
            "PURSER_PORT": "9000",
            "PURSER_DATA_DIR": "/srv/purser",
            "PURSER_DATABASE_URL": DATABASE,
            "PURSER_DATABASE_OWNER_URL": OWNER,
            "PURSER_SECRET_KEY": SECRET,
            "PURSER_PUBLIC_URL": "https://plans.example/",
            "PURSER_DEMO": "1",
            "PURSER_SMTP_URL": "smtps://purser:hunter2@mail.example",
            "PURSER_MAIL_FROM": "Plans <plans@example.org>",
            "PURSER_RATE_LIMIT_URL": "redis://:hunter2@limits.example:6379/1",
            "PURSER_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "PURSER_SANDBOX_URL": "http://sandbox.example:8001/",
        }
    )
    assert settings.model_dump(exclude={"secret_key", "smtp_url", "bank_account", *STRIPE, *SELLER}) == {
        "host": "::1",
        "port": 9000,
        "data_dir": Path("/srv/purser"),
        "database_url": DATABASE,
        "database_owner_url": OWNER,
        "public_url": "https://plans.example",
        "demo": True,
        "mail_from": "Plans <plans@example.org>",
        "rate_limit_url": "redis://:hunter2@limits.example:6379/1",
        "trusted_proxies": (ip_network("10.0.0.0/8"), ip_network("::1")),
        "gateway": "sandbox",
        "sandbox_url": "http://sandbox.example:8001",
    }
    assert settings.secret() == SECRET
    assert settings.smtp_url is not None
    assert settings.smtp_url.get_secret_value() == "smtps://purser:hunter2@mail.example"


def test_stripe_can_be_set() -> None:
    settings = load(
        {
            "PURSER_GATEWAY": "stripe",
            "PURSER_STRIPE_SECRET_KEY": "sk_test_hunter2",
            "PURSER_STRIPE_PUBLISHABLE_KEY": "pk_test_1",
            "PURSER_STRIPE_WEBHOOK_SECRET": "whsec_hunter2",
            "PURSER_STRIPE_API_URL": "http://127.0.0.1:8420",
        }
    )
    assert (settings.gateway, settings.stripe_publishable_key) == ("stripe", "pk_test_1")
    assert settings.stripe_api_url == "http://127.0.0.1:8420"
    assert settings.stripe_secret_key
    assert settings.stripe_secret_key.get_secret_value() == "sk_test_hunter2"
    assert "hunter2" not in repr(settings)


def test_who_sells_can_be_set() -> None:
    seller = load(
        {
            "PURSER_SELLER_NAME": "Example Software",
            "PURSER_SELLER_ADDRESS": "1 Road|1010 Wien",
            "PURSER_SELLER_COUNTRY": "AT",
            "PURSER_SELLER_TAX_ID": "U13585627",
            "PURSER_BANK_ACCOUNT": "DE89 3704 0044 0532 0130 00\nCOBADEFFXXX",
        }
    ).seller
    bank = BankAccount("DE89370400440532013000", "COBADEFFXXX")
    assert seller == Seller("Example Software", ("1 Road", "1010 Wien"), "AT", "ATU13585627", bank)
    assert refusal(SELLER_COUNTRY="XX", SELLER_TAX_ID="DE1", BANK_ACCOUNT="DE00").splitlines()[1:] == [
        "  PURSER_BANK_ACCOUNT: has a wrong IBAN or BIC",
        "  PURSER_SELLER_COUNTRY: must be the two letters of ISO 3166, such as DE",
        "  PURSER_SELLER_TAX_ID: is no tax id of DE",
    ]


def test_a_demo_sells_by_itself_and_others_are_called_by_their_host() -> None:
    assert load({}).seller == DEMO
    assert load({"PURSER_PUBLIC_URL": "https://plans.example"}).seller == Seller("plans.example")


def test_settings_of_a_gateway_are_judged_together() -> None:
    assert refusal(GATEWAY="stripe", STRIPE_SECRET_KEY="sk_live_hunter2", SANDBOX_URL="http://s").splitlines()[1:] == [  # noqa: S106
        "  PURSER_SANDBOX_URL: is for PURSER_GATEWAY=sandbox only",
        "  PURSER_STRIPE_PUBLISHABLE_KEY: is needed with PURSER_GATEWAY=stripe",
        "  PURSER_STRIPE_WEBHOOK_SECRET: is needed with PURSER_GATEWAY=stripe",
    ]
    assert refusal(STRIPE_PUBLISHABLE_KEY="pk").splitlines()[1:] == [
        "  PURSER_STRIPE_PUBLISHABLE_KEY: is for PURSER_GATEWAY=stripe only"
    ]
    assert "PURSER_GATEWAY: Input should be 'sandbox' or 'stripe'" in refusal(GATEWAY="cash")
    assert "PURSER_SANDBOX_URL: must be http(s)://host[:port]" in refusal(SANDBOX_URL="sandbox")
    with pytest.raises(ValidationError, match="PURSER_STRIPE_SECRET_KEY"):
        Settings(gateway="stripe")


def test_an_owner_owns_the_database_that_is_named() -> None:
    assert refusal(DATABASE_OWNER_URL=OWNER).endswith("  PURSER_DATABASE_URL: is needed with PURSER_DATABASE_OWNER_URL")
    with pytest.raises(ValidationError, match="database_url is needed"):
        Settings(database_owner_url=OWNER)


def test_empty_value_counts_as_not_set() -> None:
    assert load({"PURSER_PORT": "", "PURSER_DATABASE_URL": "", "PURSER_PUBLIC_URL": ""}) == load({})


def test_public_url_follows_host_and_port() -> None:
    assert load({"PURSER_HOST": "::1", "PURSER_PORT": "81"}).public_url == "http://[::1]:81"


@pytest.mark.parametrize(
    ("environ", "demo"),
    [
        ({}, True),
        ({"PURSER_PUBLIC_URL": "https://plans.example"}, False),
        ({"PURSER_DATABASE_URL": DATABASE, "PURSER_SECRET_KEY": SECRET}, False),
        ({"PURSER_DEMO": "0"}, False),
        ({"PURSER_DEMO": "1", "PURSER_PUBLIC_URL": "https://plans.example"}, True),
    ],
)
def test_demo_is_for_a_private_installation_unless_said_otherwise(environ: dict[str, str], *, demo: bool) -> None:
    assert load(environ).demo is demo


def test_one_message_lists_everything_wrong_missing_and_unknown() -> None:
    message = refusal(
        HOST="::1",
        PORT="70000",
        DATABASE_URL=DATABASE,
        PUBLIC_URL="plans.example",
        DEMO="maybe",
        PROT="1",
        COLOUR="red",
    )
    assert message == (
        "Purser cannot start with these settings:\n"
        "  PURSER_COLOUR: is not a setting\n"
        "  PURSER_DEMO: Input should be a valid boolean, unable to interpret input\n"
        "  PURSER_PORT: Input should be less than or equal to 65535\n"
        "  PURSER_PROT: is not a setting; did you mean PURSER_PORT?\n"
        "  PURSER_PUBLIC_URL: must be http(s)://host[:port], without a path or query\n"
        "  PURSER_SECRET_KEY: is needed with PURSER_DATABASE_URL"
    )


def test_names_are_in_capitals() -> None:
    assert refusal(Port="80").splitlines()[1:] == ["  PURSER_Port: is not a setting; did you mean PURSER_PORT?"]


def test_wrong_port_is_the_only_complaint_when_the_public_url_follows_from_it() -> None:
    assert refusal(PORT="http").splitlines()[1:] == [
        "  PURSER_PORT: Input should be a valid integer, unable to parse string as an integer"
    ]


@pytest.mark.parametrize(
    "url", ["mysql://purser:hunter2@db/purser", "hunter2", "postgresql://p:hunter2@db:hunter2/p", "postgres://[hunter2"]
)
def test_wrong_database_url_is_told_without_its_password(url: str) -> None:
    message = refusal(DATABASE_URL=url, SECRET_KEY=SECRET)
    assert "PURSER_DATABASE_URL: must be postgresql://user:password@host:port/database" in message
    assert "hunter2" not in message


def test_short_secret_is_told_without_it() -> None:
    message = refusal(SECRET_KEY="hunter2")  # noqa: S106  # not one of ours
    assert "PURSER_SECRET_KEY: must have at least 32 characters" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example",
        "https://",
        "https://a.example/purser",
        "https://a.example?b",
        "https://a.example#b",
        "//a.example",
    ],
)
def test_public_url_is_an_origin(url: str) -> None:
    assert "PURSER_PUBLIC_URL" in refusal(PUBLIC_URL=url)


@pytest.mark.parametrize(
    "url",
    [
        "http://hunter2@a",
        "smtp://",
        "smtp://a:hunter2",
        "smtp://a/hunter2",
        "smtp://a?hunter2=1",
        "smtp://a?starttls=hunter2",
        "smtp://a?timeout=0",
    ],
)
def test_wrong_smtp_url_is_told_without_its_password(url: str) -> None:
    message = refusal(SMTP_URL=url)
    assert "PURSER_SMTP_URL: must be smtp(s)://user:password@host:port" in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("url", "relay_"),
    [
        ("smtp://a", Relay("a", 25, None, None, tls=False, starttls=None)),
        ("smtp://u%40b:p%2F@a", Relay("a", 587, "u@b", "p/", tls=False, starttls=True)),
        ("smtps://a", Relay("a", 465, None, None, tls=True, starttls=False)),
        ("smtp://u@a:1?starttls=never&timeout=5", Relay("a", 1, "u", "", tls=False, starttls=False, timeout=5)),
        ("smtp://[::1]:2525?ca=/ca.pem", Relay("::1", 2525, None, None, tls=False, starttls=None, ca="/ca.pem")),
    ],
)
def test_smtp_url_says_how_to_reach_the_server(url: str, relay_: Relay) -> None:
    assert relay(url) == relay_


def test_who_signs_in_to_the_mail_server_is_not_shown() -> None:
    settings = load({"PURSER_SMTP_URL": "smtp://purser:hunter2@a"})
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in repr(relay("smtp://purser:hunter2@a"))


@pytest.mark.parametrize(
    ("public_url", "sender"),
    [
        ("https://plans.example:8443", "Purser <purser@plans.example>"),
        ("http://192.0.2.1", "Purser <purser@localhost>"),
        ("http://[fe80::1]:8000", "Purser <purser@localhost>"),
    ],
)
def test_mails_are_from_the_public_host_unless_said_otherwise(public_url: str, sender: str) -> None:
    assert load({"PURSER_PUBLIC_URL": public_url}).mail_from == sender


def test_mails_are_from_an_address() -> None:
    assert "PURSER_MAIL_FROM: must be an address" in refusal(MAIL_FROM="Plans")


@pytest.mark.parametrize("url", ["hunter2", "http://hunter2@a", "redis://", "redis://a:hunter2", "redis://a/0?hunter2"])
def test_wrong_rate_limit_url_is_told_without_its_password(url: str) -> None:
    message = refusal(RATE_LIMIT_URL=url)
    assert message.splitlines()[1:] == ["  PURSER_RATE_LIMIT_URL: must be redis://[:password@]host:port/number"]


@pytest.mark.parametrize("url", ["redis://a", "rediss://:secret@a:6380/2", "valkey://user:secret@[::1]:6379"])
def test_rate_limits_are_kept_by_redis_or_valkey(url: str) -> None:
    assert load({"PURSER_RATE_LIMIT_URL": url}).rate_limit_url == url


def test_proxies_are_networks() -> None:
    assert "PURSER_TRUSTED_PROXIES" in refusal(TRUSTED_PROXIES="10.0.0.0/8, nginx")
    assert "PURSER_TRUSTED_PROXIES" in refusal(TRUSTED_PROXIES="10.0.0.1/8")


def test_names_of_the_build_and_the_tests_are_left_alone() -> None:
    assert load(dict.fromkeys(FOREIGN, "1")) == load({})


def test_settings_show_neither_secret_nor_database() -> None:
    settings = load({"PURSER_DATABASE_URL": DATABASE, "PURSER_SECRET_KEY": SECRET})
    assert "hunter2" not in repr(settings)
    assert SECRET not in repr(settings)


def test_settings_do_not_change() -> None:
    settings = load({})
    with pytest.raises(ValidationError):
        settings.port = 1


def test_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var")
    assert not settings.data_dir.exists()
    secret = settings.secret()
    assert len(secret) >= 32
    assert settings.secret() == secret
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert [kept.name for kept in settings.data_dir.iterdir()] == ["secret_key"]


def test_starts_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    for turn in range(20):
        settings = Settings(data_dir=tmp_path / str(turn))
        with ThreadPoolExecutor(8) as pool:
            secrets = set(pool.map(lambda _, settings=settings: settings.secret(), range(8)))
        assert len(secrets) == 1
        assert [kept.name for kept in settings.data_dir.iterdir()] == ["secret_key"]


def test_page_of_settings_is_current() -> None:
    page = Path(__file__).parents[1] / "docs" / "settings.md"
    assert page.read_text() == table(), "write purser.settings.table() to docs/settings.md"
