"""What an operator may set: PURSER_* names of the environment, read once at start."""

import difflib
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from babel import Locale
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from billing.rules.tax import checked
from billing.seller import DEMO, Seller, account
from mailer.mail import sender
from mailer.relay import relay
from models.database import credentials

PREFIX = "PURSER_"
# Read by the build of the web pages and by the tests.
FOREIGN = frozenset({"PURSER_SKIP_WEB", "PURSER_TEST_POSTGRES"})
SECRET_LENGTH = 32
STRIPE = ("stripe_secret_key", "stripe_publishable_key", "stripe_webhook_secret", "stripe_api_url")
RATE_LIMIT_URL = re.compile(r"(redis|valkey)s?://([^@/?#]*@)?[^@/?#]+(:\d+)?(/\d*)?")
COUNTRY = re.compile("[A-Z]{2}")
NAME = re.compile(r"[^:]*[^\d.:][^:]*")  # of a host, which is not just a number


def _lines(given: Any) -> Any:
    """Lines of one value: between bars or line breaks."""
    return tuple(part.strip() for part in re.split(r"[|\n]", given)) if isinstance(given, str) else given


Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]


class SettingsError(Exception):
    """Everything that is wrong with the settings, in one message for the operator."""


def _origin(data: dict[str, Any]) -> str:
    host = f"[{data['host']}]" if ":" in data["host"] else data["host"]
    return f"http://{host}:{data['port']}"


def _bare(url: str) -> str:
    """An origin without a slash at its end. Raises ValueError."""
    parts = urlsplit(url)
    bare = parts._replace(path=parts.path.removesuffix("/")).geturl()
    if parts.scheme not in {"http", "https"} or not parts.hostname or bare != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be http(s)://host[:port], without a path or query")
    return bare


def _sender(data: dict[str, Any]) -> str:
    host = urlsplit(data["public_url"]).hostname or ""
    return f"Purser <purser@{host if NAME.fullmatch(host) else 'localhost'}>"


class Settings(BaseModel):
    """One start's settings; `load` makes them from the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(default="127.0.0.1", min_length=1, description="Address that the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that the server listens on.")
    data_dir: Path = Field(
        default=Path("var"),
        validate_default=True,
        description="Directory of the embedded database and of the secret made for it. It is made when missing.",
    )
    database_url: str | None = Field(
        default=None,
        repr=False,
        description="`postgresql://user:password@host:port/database` of a PostgreSQL 15 or newer. "
        "When it is not set, Purser runs a PostgreSQL of its own in the data directory.",
    )
    database_owner_url: str | None = Field(
        default=None,
        repr=False,
        description="The same database, as the role that owns its tables. Migrations run as the owner then, and the "
        "role of `PURSER_DATABASE_URL` has no right to change or delete what the ledger holds. When it is not set, "
        "migrations run as that role.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description=f"Secret of at least {SECRET_LENGTH} characters that cursors and keys are derived from. "
        "Needed with `PURSER_DATABASE_URL`; otherwise one is made and kept in `secret_key` in the data directory.",
    )
    public_url: str = Field(
        default_factory=_origin,
        description="Origin under which people reach the server: `http(s)://host[:port]`, without a path. "
        "When it is not set: `http://` and the host and port above.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="`smtp://user:password@host:port` of the server that takes the mails, or `smtps://` for TLS from "
        "the first byte on; user, password and port can be left out. `?starttls=` is `required` (the default with a "
        "user), `offered` (the default without one) or `never`; `&ca=` names a file of certificates to trust, "
        "`&timeout=` the seconds to wait for an answer (60). When it is not set, mails land as files in `mail` in the "
        "data directory.",
    )
    mail_from: str = Field(
        default_factory=_sender,
        description="Whom the mails are from: `Name <address>` or an address. When it is not set: "
        "`Purser <purser@HOST>` with the host of the public URL, or `localhost` when that is a number.",
    )
    demo: bool = Field(
        default=False,
        description="`1` makes the demo company in an empty database, and `python -m purser demo` tells how to sign in "
        "as its people; `0` does neither. When it is not set: `1` with the embedded database and no "
        "`PURSER_PUBLIC_URL`, else `0`.",
    )

    rate_limit_url: str | None = Field(
        default=None,
        repr=False,
        description="`redis://[:password@]host:port/number` (or `rediss`, `valkey`, `valkeys`) of the Redis or Valkey "
        "that counts attempts for several servers together. When it is not set, each server counts by itself.",
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(),
        description="Networks of the proxies in front, as `10.0.0.0/8, ::1`: what they say in `X-Forwarded-For` is "
        "believed. Behind a proxy that is not named here, all people share its limits of attempts.",
    )
    gateway: Literal["sandbox", "stripe"] = Field(
        default="sandbox",
        description="Who takes cards: `sandbox`, which is built in and takes no money, or `stripe`. See "
        "[gateways](gateways.md).",
    )
    sandbox_url: str | None = Field(
        default=None,
        description="Origin of a sandbox that you run by `python -m purser sandbox`. When it is not set, `serve` runs "
        "one that ends with it.",
    )
    stripe_secret_key: SecretStr | None = Field(
        default=None, description="Secret key of your Stripe account. Needed with `PURSER_GATEWAY=stripe`."
    )
    stripe_publishable_key: str | None = Field(
        default=None, description="Its publishable key, for the pages. Needed with `PURSER_GATEWAY=stripe`."
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None, description="Secret of its webhook at `/webhooks/stripe`. Needed with `PURSER_GATEWAY=stripe`."
    )
    stripe_api_url: str | None = Field(
        default=None, description="Origin of Stripe's API, if it is not Stripe's own: a double for tests."
    )

    seller_name: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Who sells, as invoices name him. When it is not set: the host of the public URL; in a demo, the "
        "demo's own seller.",
    )
    seller_address: Lines = Field(
        default=(), description="His address, as on invoices: lines with `|` or a line break between them."
    )
    seller_country: str | None = Field(
        default=None,
        description="His country by ISO 3166, such as `DE`, where his taxes are due. When it is not set: `DE`.",
    )
    seller_tax_id: str | None = Field(default=None, description="His VAT id or the like, as on invoices.")
    bank_account: Lines = Field(
        default=(),
        description="Where customers transfer to: the IBAN (or account number), BIC, holder and bank, with `|` or a "
        "line break between them; all but the first may be left out. When it is not set, invoices name no account.",
    )

    @model_validator(mode="before")
    @classmethod
    def _demo(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {"demo": given.get("database_url") is None and given.get("public_url") is None} | given

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _database_url(cls, url: str | None) -> str | None:
        try:
            if url is not None:
                credentials(url)
                urlsplit(url).port  # noqa: B018  # raises for what is no number
        except ValueError:
            # In words of our own: the error may quote the password.
            raise ValueError("must be postgresql://user:password@host:port/database") from None
        return url

    @field_validator("secret_key")
    @classmethod
    def _secret_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key) < SECRET_LENGTH:
            raise ValueError(f"must have at least {SECRET_LENGTH} characters")
        return key

    @field_validator("rate_limit_url")
    @classmethod
    def _rate_limit_url(cls, url: str | None) -> str | None:
        try:
            good = url is None or (RATE_LIMIT_URL.fullmatch(url) and urlsplit(url).port != 0)
        except ValueError:
            good = False
        if not good:
            raise ValueError("must be redis://[:password@]host:port/number")
        return url

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _trusted_proxies(cls, given: Any) -> Any:
        return tuple(part.strip() for part in given.split(",")) if isinstance(given, str) else given

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, url: str) -> str:
        return _bare(url)

    @field_validator("seller_country")
    @classmethod
    def _seller_country(cls, code: str | None) -> str | None:
        if code is not None and not (COUNTRY.fullmatch(code) and code in Locale("en").territories):
            raise ValueError("must be the two letters of ISO 3166, such as DE")
        return code

    @field_validator("seller_tax_id")
    @classmethod
    def _seller_tax_id(cls, number: str | None, known: ValidationInfo) -> str | None:
        country = known.data.get("seller_country") or Seller.country
        if number is not None and not (found := checked(country, number)):
            raise ValueError(f"is no tax id of {country}")
        return found if number else None

    @field_validator("bank_account")
    @classmethod
    def _bank_account(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        if lines:
            account(lines)
        return lines

    @field_validator("sandbox_url", "stripe_api_url")
    @classmethod
    def _gateway_url(cls, url: str | None) -> str | None:
        return None if url is None else _bare(url)

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            relay(url.get_secret_value())
        return url

    @field_validator("mail_from")
    @classmethod
    def _mail_from(cls, text: str) -> str:
        sender(text)
        return text

    @model_validator(mode="after")
    def _secret_needed(self) -> Self:
        if self.database_url is not None and self.secret_key is None:
            raise ValueError("secret_key is needed with database_url")
        if self.database_owner_url is not None and self.database_url is None:
            raise ValueError("database_url is needed with database_owner_url")
        for problem in _gateway(self.gateway, {name for name in STRIPE if getattr(self, name) is not None}):
            raise ValueError(problem)
        return self

    @property
    def seller(self) -> Seller:
        """Who sells. In a demo that names nobody it is the demo's own."""
        if self.demo and self.seller_name is None:
            return DEMO
        return Seller(
            self.seller_name or urlsplit(self.public_url).hostname or "",
            self.seller_address,
            self.seller_country or Seller.country,
            self.seller_tax_id,
            account(self.bank_account) if self.bank_account else None,
        )

    @property
    def sandbox_dir(self) -> Path:
        """Where the sandbox keeps its state, and says where it listens."""
        return self.data_dir / "sandbox"

    @property
    def mail_dir(self) -> Path:
        """Where mails land that no SMTP server takes."""
        return self.data_dir / "mail"

    def secret(self) -> str:
        """The secret key: the one given, or the one kept in the data directory, made now if there is none."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        path = self.data_dir / "secret_key"
        if not path.exists():
            _keep_secret(path)
        return path.read_text(encoding="ascii").strip()


def _keep_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_urlsafe(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: of two starts at once the first one's secret stays, and both read it.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from PURSER_* names; an empty value counts as not set. Raises SettingsError."""
    ours = {name: value for name, value in environ.items() if name.startswith(PREFIX) and name not in FOREIGN}
    given = {field: ours[_name(field)] for field in Settings.model_fields if ours.get(_name(field))}
    problems = list(_unknown(ours))
    if "database_url" in given and "secret_key" not in given:
        problems.append(f"{PREFIX}SECRET_KEY: is needed with {PREFIX}DATABASE_URL")
    if "database_owner_url" in given and "database_url" not in given:
        problems.append(f"{PREFIX}DATABASE_URL: is needed with {PREFIX}DATABASE_OWNER_URL")
    problems.extend(_gateway(given.get("gateway", "sandbox"), given.keys()))
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # text, which is validated here
    except ValidationError as error:
        problems.extend(_wrong(error))
    if problems:
        lines = "\n".join(f"  {problem}" for problem in sorted(problems))
        raise SettingsError(f"Purser cannot start with these settings:\n{lines}")
    return settings


def _gateway(kind: str, given: AbstractSet[str]) -> Iterator[str]:
    """What does not fit together: forgotten, or set in vain, so that nobody takes the sandbox for Stripe."""
    for name in STRIPE:
        if kind == "stripe" and name not in given and name != "stripe_api_url":
            yield f"{_name(name)}: is needed with {PREFIX}GATEWAY=stripe"
        if kind == "sandbox" and name in given:
            yield f"{_name(name)}: is for {PREFIX}GATEWAY=stripe only"
    if kind == "stripe" and "sandbox_url" in given:
        yield f"{_name('sandbox_url')}: is for {PREFIX}GATEWAY=sandbox only"


def _name(field: str) -> str:
    return PREFIX + field.upper()


def _unknown(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        field = name.removeprefix(PREFIX)
        if _name(field) != name or field.lower() not in Settings.model_fields:
            near = difflib.get_close_matches(field.lower(), Settings.model_fields, n=1)
            yield f"{name}: is not a setting" + (f"; did you mean {_name(near[0])}?" if near else "")


def _wrong(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        # A default that was never computed follows from another problem; the missing secret is told by its name.
        if problem["loc"] and problem["type"] != "default_factory_not_called":
            yield f"{_name(str(problem['loc'][0]))}: {problem['msg'].removeprefix('Value error, ')}"


def table() -> str:
    """The page docs/settings.md: every setting with its default and meaning."""
    rows = "\n".join(
        f"| `{_name(name)}` | {_default(name)} | {field.description} |" for name, field in Settings.model_fields.items()
    )
    return (
        "# Settings\n\nPurser reads these names from its environment when it starts. A wrong, missing or unknown "
        "`PURSER_` name stops the start with one message that lists them all.\n\n"
        f"| Name | Default | Meaning |\n|---|---|---|\n{rows}\n"
    )


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    derived = name == "demo" or field.default_factory is not None or field.default is None
    return "" if derived or not field.default else f"`{field.default}`"
