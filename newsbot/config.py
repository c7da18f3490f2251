"""The configuration of everything outside a seed: NEWSBOT_* variables, then ``newsbot.toml``.

No other module reads these variables.
"""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ByteSize,
    Field,
    PrivateAttr,
    SecretStr,
    TypeAdapter,
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
from newsbot.project import CONFIG_VARIABLE, Installation, find_installation
from newsbot.stores.s3options import (
    Addressing,
    Checksum,
    CreateOnly,
    Encryption,
    Listing,
    LockMode,
    S3Options,
    Signing,
)

_PREFIX = "NEWSBOT_"
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PGPASSWORD")


def use_config_file(path: Path) -> None:
    """Put the newsbot.toml in force, for this process and its child processes.

    Raises:
        ConfigError: it does not exist.
    """
    os.environ[CONFIG_VARIABLE] = str(path)
    os.environ[CONFIG_VARIABLE] = str(find_installation().file)


def _split_commas(value: Any) -> Any:
    """Split a variable's value at its commas; newsbot.toml has a list, which is left as it is."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


_Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]


def _split_spaces(value: Any) -> Any:
    """Split a variable's value at white space; newsbot.toml has a list, which is left as it is."""
    return value.split() if isinstance(value, str) else value


def _check_web_url(value: SecretStr | None) -> SecretStr | None:
    if value is not None and not value.get_secret_value().startswith(("http://", "https://")):
        raise ValueError("not a web address; write https://host/path")
    return value


class Config(BaseSettings):
    """The configuration of an installation: where its data is stored, and how it crawls.

    Each field is the variable ``NEWSBOT_<FIELD>`` or a key of the ``newsbot.toml`` in force
    (``newsbot.project``); the variable wins. With ``synthetic = true`` in the file, the variables
    are ignored: a demonstration must not write to where its user's variables point.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    store: str = Field("archive", min_length=1, description="Folder, or s3://bucket/prefix.")
    state: Path = Field(Path("var"), description="Folder for ledger, spool, locks and logs.")
    roll_size: ByteSize = Field(
        ByteSize(256 * 1024**2),
        gt=0,
        description="Size at which a WARC file is closed and sent to the store (256MiB).",
    )
    requisites: Literal["article", "all", "none"] | None = Field(
        None,
        description="What to keep of pages besides the pages themselves, for all sites; as their "
        "seeds say if unset.",
    )
    spool_limit: ByteSize | None = Field(
        None, description="Largest size of the spool (20GiB); a crawl stops cleanly there."
    )
    spool_reserve: ByteSize = Field(
        ByteSize(512 * 1024**2),
        description="Space to leave free on the spool's disk; a crawl stops cleanly before.",
    )
    s3_region: str | None = Field(
        None, min_length=1, description="Region to sign for (auto for R2); boto3's own if unset."
    )
    s3_addressing: Addressing = Field(
        "auto",
        description="How requests name the bucket: path, virtual (in the host's name) or auto.",
    )
    s3_signing: Signing = Field(
        "aws", description="Whose signatures the store wants: aws, or google for Google Cloud."
    )
    s3_checksum: Checksum = Field(
        "sha256", description="What the store checks a PUT by: sha256, or md5 if it refuses that."
    )
    s3_create_only: CreateOnly = Field(
        "conditional",
        description="What keeps objects from being replaced: the store (conditional), or a look "
        "before each PUT (check-first), which is weaker.",
    )
    s3_listing: Listing = Field("v2", description="Version of ListObjects: v2, or v1.")
    s3_page_size: int | None = Field(
        None, ge=1, le=1000, description="Names in one response to a listing; 1000 if unset."
    )
    s3_timeout: float = Field(
        60.0, gt=0, description="Seconds without a byte after which a request to S3 is given up."
    )
    s3_storage_class: str | None = Field(None, description="Storage class of objects put on S3.")
    s3_encryption: Encryption | None = Field(
        None, description="Encryption by the S3 server: AES256, aws:kms or aws:kms:dsse."
    )
    s3_kms_key: str | None = Field(None, description="Key for aws:kms; the bucket's if unset.")
    s3_lock_mode: LockMode | None = Field(
        None, description="Lock of objects put on S3: GOVERNANCE or COMPLIANCE."
    )
    s3_lock_days: int | None = Field(None, ge=1, description="Days that the object lock holds.")
    seeds: Path = Field(Path("seeds"), description="Folder of the sites' TOML files.")
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the ledger; SQLite in the state folder if unset."
    )
    contact: str | None = Field(
        None, description="Operator's address or page, sent to every site in the User-Agent."
    )
    secret_headers: _Names = Field(
        (),
        description="Request headers whose values are not stored, in addition to Cookie, "
        "Authorization and Proxy-Authorization; separated by commas.",
    )
    crawls_at_once: int = Field(
        2, ge=1, description="Largest number of crawls that the scheduler runs at once."
    )
    crawl_memory: int = Field(
        2048,
        gt=0,
        description="MB of memory that a scheduled crawl and its processes may use.",
    )
    stop_grace: float = Field(
        120.0, ge=0, description="Seconds that crawls have to finish when the scheduler stops."
    )
    kill_after: float = Field(
        90.0, gt=0, description="Seconds between SIGTERM to a crawl and SIGKILL."
    )
    metrics_address: str = Field(
        "127.0.0.1",
        description="Address that the scheduler serves /metrics, /healthz and /readyz on.",
    )
    metrics_port: int = Field(
        9464, ge=0, le=65535, description="Port of the metrics; 0 serves nothing."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of log lines: text or json."
    )
    workers: int | None = Field(
        None,
        ge=0,
        le=64,
        description="Number of processes that extract pages; one less than the cores if unset, "
        "0 for none.",
    )
    chromium: Path | None = Field(
        None, description="Path of the browser that renders pages; searched for if unset."
    )
    private_addresses: bool = Field(
        False, description="Let crawls reach loopback and private addresses: your own network."
    )
    notify: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split_spaces)] = Field(
        (), description="Where alarms are sent: Apprise URLs, separated by spaces."
    )
    ping: Annotated[SecretStr | None, AfterValidator(_check_web_url)] = Field(
        None,
        description="Heartbeat URL, called after each good crawl; {site} is replaced by its name.",
    )
    synthetic: bool = Field(
        False,
        description="The crawled pages are invented: runs are marked, and refused by other stores.",
    )
    _installation: Installation = PrivateAttr(default_factory=find_installation)

    @model_validator(mode="after")
    def _s3_options_fit(self) -> Self:
        if (self.s3_lock_mode is None) != (self.s3_lock_days is None):
            raise ValueError("S3_LOCK_MODE and S3_LOCK_DAYS go together: set both or none")
        if self.s3_kms_key is not None and self.s3_encryption not in ("aws:kms", "aws:kms:dsse"):
            raise ValueError("S3_KMS_KEY needs S3_ENCRYPTION aws:kms: set that too, or unset it")
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
        """Return the sources in order of precedence: arguments, variables, newsbot.toml."""
        toml = TomlConfigSettingsSource(settings_cls, find_installation().file)
        if _is_synthetic(toml.toml_data):
            return init_settings, toml
        return init_settings, env_settings, toml

    @property
    def installation(self) -> Installation:
        """The newsbot.toml in force, and the folder that relative paths are relative to."""
        return self._installation

    @cached_property
    def state_folder(self) -> Path:
        """The state folder as an absolute path."""
        return self._absolute(self.state)

    @cached_property
    def seeds_folder(self) -> Path:
        """The seeds folder as an absolute path."""
        return self._absolute(self.seeds)

    @cached_property
    def store_url(self) -> str:
        """The store: an s3:// URL, or an absolute path."""
        return self.store if "://" in self.store else str(self._absolute(Path(self.store)))

    @cached_property
    def ledger_url(self) -> str:
        """The ledger's SQLAlchemy URL; a file's path in it is absolute."""
        if self.database_url is None:
            return f"sqlite:///{self.state_folder / 'ledger.sqlite'}"
        scheme, slashes, path = self.database_url.partition(":///")
        if scheme.startswith("sqlite") and slashes and path and not path.startswith((":", "file:")):
            return f"{scheme}:///{self._absolute(Path(path))}"
        return self.database_url

    def _absolute(self, path: Path) -> Path:
        return self._installation.folder / path.expanduser()

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not appear in a log: passwords, keys and tokens of this process.

        Those of S3 are in boto3's own variables. The password of a proxy is not among them: it is
        recognised in the proxy's URL (``newsbot.logs``).
        """
        variables = (os.environ.get(name) for name in _SECRET_VARIABLES)
        password = urlsplit(self.ledger_url).password
        urls = [*self.notify, *([self.ping] if self.ping is not None else [])]
        values = (*variables, password, *(url.get_secret_value() for url in urls))
        return tuple(value for value in values if value)

    def origin(self, name: str) -> str:
        """Return where the field's value comes from: a variable, the file, or "default"."""
        variable = _variable_of(name)
        if variable is not None and not _is_synthetic(self._from_file):
            return variable
        return str(self._installation.file) if name in self._from_file else "default"

    @cached_property
    def _from_file(self) -> dict[str, Any]:
        return TomlConfigSettingsSource(type(self), self._installation.file).toml_data

    @property
    def s3(self) -> S3Options:
        """The options for objects put on S3."""
        return S3Options(
            region=self.s3_region,
            addressing=self.s3_addressing,
            signing=self.s3_signing,
            checksum=self.s3_checksum,
            create_only=self.s3_create_only,
            listing=self.s3_listing,
            page_size=self.s3_page_size,
            timeout=self.s3_timeout,
            storage_class=self.s3_storage_class,
            encryption=self.s3_encryption,
            kms_key=self.s3_kms_key,
            lock_mode=self.s3_lock_mode,
            lock_days=self.s3_lock_days,
        )

    @property
    def spool_folder(self) -> Path:
        """The folder where runs are stored until they have landed."""
        return self.state_folder / "spool"


def load_config(**overrides: Any) -> Config:
    """Return the configuration in force.

    Raises:
        ConfigError: a variable or key cannot be used, or the key is unknown; the message names it.
            Unknown variables are ignored: `newsbot doctor` names them.
    """
    try:
        return Config(**overrides)
    except ValidationError as error:
        lines = [f"{_origin_of(problem['loc'])}: {_message(problem)}" for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from error
    except (ValueError, OSError) as error:  # newsbot.toml is not TOML, or cannot be read
        raise ConfigError(f"{find_installation().file}: {error}") from error


def project_of(config: Config) -> Path:
    """Return the folder that crawls run from.

    Raises:
        ConfigError: there is none.
    """
    if config.installation.project is None:
        raise ConfigError(
            "there is no project (a folder with spiders and seeds to crawl from) at or above "
            f"this folder or beside the package ({config.installation.describe()}); "
            "`newsbot init DIR` creates one"
        )
    return config.installation.project


def child_environment(config: Config) -> dict[str, str]:
    """Return the variables that make a child process use this newsbot.toml, wherever it runs."""
    file = config.installation.file
    return {} if file is None else {CONFIG_VARIABLE: str(file)}


def unknown_variables() -> list[str]:
    """Return the NEWSBOT_ variables of this process that set nothing."""
    known = {f"{_PREFIX}{name}".upper() for name in Config.model_fields} | {CONFIG_VARIABLE}
    found = (name for name in os.environ if name.upper().startswith(_PREFIX))
    return sorted(name for name in found if name.upper() not in known)


def _is_synthetic(toml: Mapping[str, Any]) -> bool:
    """Return whether newsbot.toml says so, in any form that the field accepts."""
    try:
        return TypeAdapter(bool).validate_python(toml.get("synthetic", False))
    except ValidationError:
        return False  # the field's own check says what is wrong


def _message(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return "unknown key; `newsbot config` lists the known ones"
    message: str = problem["msg"]
    return message.removeprefix("Value error, ")


def _variable_of(name: str) -> str | None:
    """Return the variable that sets the field, as spelled in the environment; None if none does.

    It is ignored where newsbot.toml says ``synthetic = true``.
    """
    wanted = f"{_PREFIX}{name}".upper()
    return next((variable for variable in os.environ if variable.upper() == wanted), None)


def _origin_of(location: tuple[int | str, ...]) -> str:
    """Return the variable, or the file and key, that a refused value was read from."""
    if not location:
        return "configuration"
    name = ".".join(str(part) for part in location)
    variable, file = _variable_of(str(location[0])), find_installation().file
    if file is not None and _is_synthetic(TomlConfigSettingsSource(Config, file).toml_data):
        return f"{file}: {name}"  # variables are not read then
    if variable is not None or file is None:
        return variable or f"{_PREFIX}{name.upper()}"
    return f"{file}: {name}"
