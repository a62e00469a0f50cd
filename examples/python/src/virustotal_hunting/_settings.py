"""The settings of one client, as the environment that the component reads them from.

What a setting may be is the component's to say, at every call; here only the types are checked, and what this host cannot
do is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from ._contract import Error, ErrorKind
from ._errors import ConfigurationError

COMPONENT_VARIABLES = (
    "VT_APIKEY",
    "VT_URL",
    "VT_ALLOW_HTTP",
    "VT_TIMEOUT",
    "VT_MAX_RESPONSE_BYTES",
    "VT_ACCESS",
    "VT_RETRIES",
    "VT_REQUESTS_PER_MINUTE",
)
"""What the component reads. `VT_APIKEY_FROM_HOST` is not among them: wasmtime for Python cannot add a header."""


class Secret:
    """A text that shows itself to nobody who does not ask."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "[redacted]"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("an API key is not pickled")


class Settings:
    """A client's settings, checked as far as Python can."""

    __slots__ = ("_public", "_key")

    def __init__(self, key: Secret, public: Mapping[str, str]) -> None:
        self._key = key
        self._public = dict(public)

    @property
    def keeps_a_rate(self) -> bool:
        """Whether the component counts its requests, for which all calls have to run in one instance."""
        return bool(self._public.get("VT_REQUESTS_PER_MINUTE", "").strip())

    def environment(self) -> list[tuple[str, str]]:
        """What the component gets, the key among it."""
        return [*self._public.items(), ("VT_APIKEY", self._key.reveal())]

    def __repr__(self) -> str:
        url = self._public.get("VT_URL")
        return "api_key=[redacted]" + ("" if url is None else f", url={url}")


def from_arguments(
    key: Secret,
    *,
    url: str | None,
    timeout: float | None,
    max_response_bytes: int | None,
    access: Literal["full", "read-only"] | None,
    retries: int | None,
    requests_per_minute: int | Literal["public"] | None,
    allow_http: bool | None,
    verify_ssl: bool,
    http_proxy: str | None,
) -> Settings:
    """The settings that a constructor was given."""
    if not isinstance(verify_ssl, bool):
        raise TypeError(f"`verify_ssl` takes a bool, not {type(verify_ssl).__name__}")
    if not verify_ssl:
        _refuse("verify_ssl", "certificates are always checked")
    if http_proxy is not None:
        _refuse("http_proxy", "connections are always direct")
    public: dict[str, str] = {}
    for name, variable, value, types in (
        ("url", "VT_URL", url, (str,)),
        ("timeout", "VT_TIMEOUT", timeout, (int, float)),
        ("max_response_bytes", "VT_MAX_RESPONSE_BYTES", max_response_bytes, (int,)),
        ("access", "VT_ACCESS", access, (str,)),
        ("retries", "VT_RETRIES", retries, (int,)),
        ("requests_per_minute", "VT_REQUESTS_PER_MINUTE", requests_per_minute, (int, str)),
        ("allow_http", "VT_ALLOW_HTTP", allow_http, (bool,)),
    ):
        if value is None:
            continue
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            wanted = " or ".join(one.__name__ for one in types)
            raise TypeError(f"`{name}` takes {wanted} or None, not {type(value).__name__}")
        if isinstance(value, float):
            # Never in the form 1e-05, which is no decimal number to the component.
            text = f"{value:.6f}"
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
        _no_nul(name, text)
        public[variable] = text
    _check_key(key)
    return Settings(key, public)


def from_environment() -> Settings:
    """The settings that this process's environment has. Raises `ConfigurationError` for what this host cannot do."""
    if os.environ.get("VT_HTTP_PROXY", "").strip():
        _refuse("VT_HTTP_PROXY", "connections are always direct")
    if os.environ.get("VT_VERIFY_SSL", "").strip().lower() in ("false", "0", "no", "off"):
        _refuse("VT_VERIFY_SSL", "certificates are always checked")
    names = [name for name in COMPONENT_VARIABLES if name != "VT_APIKEY" and name in os.environ]
    return Settings(Secret(os.environ.get("VT_APIKEY", "")), {name: os.environ[name] for name in names})


def _check_key(key: Secret) -> None:
    if not isinstance(key.reveal(), str):
        raise TypeError(f"`api_key` takes a str, not {type(key.reveal()).__name__}")
    _no_nul("api_key", key.reveal())


def _no_nul(name: str, text: str) -> None:
    # In C, where settings pass through, it would end the text.
    if "\0" in text:
        del text
        raise ValueError(f"`{name}` holds the character U+0000")


def _refuse(name: str, instead: str) -> None:
    raise ConfigurationError(
        Error(
            kind=ErrorKind.CONFIGURATION,
            code="HostOnlySetting",
            message=f"`{name}` cannot be set: wasmtime for Python has no setting for it, and {instead}. Leave it out, "
            "or use the host in Rust, which has both.",
            retryable=False,
        )
    )
