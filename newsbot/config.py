"""One Config for everything outside a crawl's seed: NEWSBOT_* variables, then ``newsbot.toml``."""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from newsbot.errors import ConfigError
from newsbot.stores.s3options import Addressing, Encryption, LockMode, S3Options

_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD")


def checkout() -> Path | None:
    """The root of the checkout that newsbot runs from, or None where it was installed alone."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "scrapy.cfg").is_file() else None


def home() -> Path:
    """What relative paths are relative to: the checkout, or the user's data folder."""
    root = checkout()
    if root is not None:
        return root
    from platformdirs import user_data_path

    return user_data_path("newsbot")


def _names(value: Any) -> Any:
    """A variable holds names parted by commas; newsbot.toml has a list."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


def _words(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


def _web_address(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(("http://", "https://")):
        raise ValueError("not a web address; write https://host/path")
    return value


class Config(BaseSettings):
    """Where things are kept and who runs the crawler.

    Each field is the variable ``NEWSBOT_<FIELD>`` or a key of ``newsbot.toml`` in the checkout's
    root (or the user's data folder); the variable wins.
    """

    model_config = SettingsConfigDict(env_prefix="NEWSBOT_", extra="forbid", frozen=True)

    store: str = Field("archive", description="Folder, or s3://bucket/prefix.")
    state: Path = Field(Path("var"), description="Folder for ledger, spool, locks and logs.")
    roll_size: ByteSize = Field(
        ByteSize(1024**3),
        gt=0,
        description="Size at which a WARC file is closed and sent to the store (1GiB).",
    )
    spool_limit: ByteSize | None = Field(
        None, description="Most that the spool may hold (20GiB); a crawl stops cleanly there."
    )
    spool_reserve: ByteSize = Field(
        ByteSize(512 * 1024**2),
        description="What must stay free on the spool's disk; a crawl stops cleanly before.",
    )
    s3_addressing: Addressing = Field(
        "auto", description="Buckets in the path of a request or as a host's name: path, virtual."
    )
    s3_storage_class: str | None = Field(None, description="Storage class of what is put on S3.")
    s3_encryption: Encryption | None = Field(
        None, description="Encryption by the S3 server: AES256, aws:kms or aws:kms:dsse."
    )
    s3_kms_key: str | None = Field(None, description="Key for aws:kms; the bucket's if unset.")
    s3_lock_mode: LockMode | None = Field(
        None, description="Object lock of what is put on S3: GOVERNANCE or COMPLIANCE."
    )
    s3_lock_days: int | None = Field(None, ge=1, description="Days that the object lock holds.")
    seeds: Path = Field(Path("seeds"), description="Folder of the sites' TOML files.")
    database_url: str | None = Field(
        None, description="Ledger; SQLite in the state folder if unset."
    )
    contact: str | None = Field(
        None, description="Operator's address or page, sent to every site in the User-Agent."
    )
    secret_headers: Names = Field(
        (),
        description="Request headers whose values are not stored, beside Cookie, Authorization and "
        "Proxy-Authorization.",
    )
    crawls_at_once: int = Field(2, ge=1, description="Crawls that the scheduler lets run at once.")
    crawl_memory: int = Field(
        2048, gt=0, description="MB that a scheduled crawl may use, with all its processes."
    )
    stop_grace: float = Field(
        120.0, ge=0, description="Seconds that crawls have to finish when the scheduler stops."
    )
    kill_after: float = Field(
        90.0, gt=0, description="Seconds between asking a crawl to end and killing it."
    )
    metrics_address: str = Field(
        "127.0.0.1", description="Where the scheduler serves /metrics, /healthz and /readyz."
    )
    metrics_port: int = Field(9464, ge=0, le=65535, description="Its port; 0 serves nothing.")
    log_format: Literal["text", "json"] = Field("text", description="Logs as text or JSON lines.")
    workers: int | None = Field(
        None,
        ge=0,
        le=64,
        description="Processes that extract pages; one per core less one if unset, 0 for none.",
    )
    chromium: Path | None = Field(
        None, description="Browser for pages that need one; searched for if unset."
    )
    private_addresses: bool = Field(
        False, description="Let crawls reach loopback and private addresses: your own network."
    )
    notify: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_words)] = Field(
        (), description="Where alarms are told: Apprise URLs, parted by spaces."
    )
    ping: Annotated[SecretStr | None, AfterValidator(_web_address)] = Field(
        None, description="Dead-man address, asked after each good crawl; {site} is its name."
    )

    @model_validator(mode="after")
    def _s3_options_fit(self) -> Self:
        if (self.s3_lock_mode is None) != (self.s3_lock_days is None):
            raise ValueError("S3_LOCK_MODE and S3_LOCK_DAYS go together: set both or none")
        if self.s3_kms_key is not None and self.s3_encryption not in ("aws:kms", "aws:kms:dsse"):
            raise ValueError("S3_KMS_KEY is for S3_ENCRYPTION aws:kms: set that too, or unset it")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's names
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then variables, then newsbot.toml."""
        toml = TomlConfigSettingsSource(settings_cls, home() / "newsbot.toml")
        return init_settings, env_settings, toml

    @cached_property
    def state_folder(self) -> Path:
        """The state folder as an absolute path."""
        return home() / self.state.expanduser()

    @cached_property
    def seeds_folder(self) -> Path:
        """The seeds folder as an absolute path."""
        return home() / self.seeds.expanduser()

    @cached_property
    def store_url(self) -> str:
        """The store: an s3:// URL, or an absolute path."""
        return self.store if "://" in self.store else str(home() / Path(self.store).expanduser())

    @cached_property
    def ledger_url(self) -> str:
        """The ledger's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.state_folder / 'ledger.sqlite'}"

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not be seen in a log: passwords, keys and tokens of this process.

        S3's come from boto3's own variables, and a proxy's from its address.
        """
        told = (os.environ.get(name) for name in _SECRET_VARIABLES)
        password = urlsplit(self.ledger_url).password
        addresses = [*self.notify, *([self.ping] if self.ping is not None else [])]
        hidden = (one.get_secret_value() for one in addresses)
        return tuple(value for value in (*told, password, *hidden) if value)

    @property
    def s3(self) -> S3Options:
        """How objects are put on S3."""
        return S3Options(
            addressing=self.s3_addressing,
            storage_class=self.s3_storage_class,
            encryption=self.s3_encryption,
            kms_key=self.s3_kms_key,
            lock_mode=self.s3_lock_mode,
            lock_days=self.s3_lock_days,
        )

    @property
    def spool_folder(self) -> Path:
        """Where runs are kept until they have landed."""
        return self.state_folder / "spool"


def load_config(**overrides: Any) -> Config:
    """The configuration in force.

    Raises:
        ConfigError: a variable or key is unknown or cannot be used; the message names it.
    """
    try:
        return Config(**overrides)
    except ValidationError as error:
        lines = [
            f"NEWSBOT_{'_'.join(str(part) for part in problem['loc']).upper()} "
            f"(or newsbot.toml): {problem['msg']}"
            for problem in error.errors()
        ]
        raise ConfigError("\n".join(lines)) from error
    except ValueError as error:  # newsbot.toml is not TOML
        raise ConfigError(f"{home() / 'newsbot.toml'}: {error}") from error
