"""The contract's failures as exceptions: one class for each kind, so that `except` can choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _contract

if TYPE_CHECKING:
    from ._contract import Error, ErrorKind, ResponseInfo


class HuntingError(Exception):
    """An action that failed. Each kind of failure is a subclass; catch this for all of them.

    `retryable` is true only if the very same call may succeed later and repeating it cannot act twice; then wait
    `retry_after` seconds where it is given. No text in it holds the API key.
    """

    kind: ErrorKind
    """The kind, as the contract names it."""
    code: str
    """VirusTotal's code, or one of the component's own. For logs and rare cases; branch on the class."""
    message: str
    """What happened, to what, and what to do next, for a person."""
    status: int | None
    """The HTTP status; `None` when no answer came."""
    retry_after: int | None
    """Seconds to wait before the next attempt, where VirusTotal asked for that."""
    retryable: bool
    """Whether the very same call may succeed later, and repeating it cannot act twice."""
    response: ResponseInfo | None
    """Status and headers of the call's last answer; `None` when it got none, or where an iterator raised."""
    cursor: str | None
    """From an iterator: where a new one goes on, with the same query. `None` when there is no such place."""

    def __init__(self, error: Error, *, response: ResponseInfo | None = None, cursor: str | None = None) -> None:
        super().__init__(error, response, cursor)
        self.kind = error.kind
        self.code = error.code
        self.message = error.message
        self.status = error.status
        self.retry_after = error.retry_after
        self.retryable = error.retryable
        self.response = response
        self.cursor = cursor

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, status={self.status!r}, message={self.message!r})"

    def __reduce__(self) -> tuple[object, ...]:
        # For process pools: made from its parts, as the constructor takes them.
        error, response, cursor = self.args
        return _rebuilt, (error, response, cursor)


class InvalidArgumentError(HuntingError):
    """The arguments are wrong, by the component's check or by VirusTotal's. Mend what `message` names."""


class ConfigurationError(HuntingError):
    """A setting is missing or wrong. Nothing was sent."""


class AuthenticationError(HuntingError):
    """VirusTotal does not accept the API key. Never worth repeating with the same key."""


class ForbiddenError(HuntingError):
    """The key lacks the privilege, or the settings allow reading only."""


class NotFoundError(HuntingError):
    """There is no such object."""


class ConflictError(HuntingError):
    """There is such an object already."""


class QuotaExceededError(HuntingError):
    """A quota of the key or its group is used up."""


class RateLimitedError(HuntingError):
    """Too many requests in a short time. Wait `retry_after` seconds, or some."""


class UnavailableError(HuntingError):
    """The service cannot answer now."""


class DeadlineError(HuntingError):
    """The call's deadline passed, or VirusTotal's own did. Not a `TimeoutError`, which asyncio raises for its own."""


class TransportError(HuntingError):
    """The connection failed: name resolution, refusal, TLS, or an answer cut short."""


class ProtocolError(HuntingError):
    """An answer that is not VirusTotal's API."""


class TooLargeError(HuntingError):
    """More than the configured cap, or VirusTotal refused the size."""


class OtherError(HuntingError):
    """Anything else; `code` says what."""


class ComponentError(RuntimeError):
    """The component broke off, which is a fault of it or of its surroundings and not of the service.

    The action may have been carried out. The next call starts afresh.
    """


_CLASSES: dict[ErrorKind, type[HuntingError]] = {
    _contract.ErrorKind.INVALID_ARGUMENT: InvalidArgumentError,
    _contract.ErrorKind.CONFIGURATION: ConfigurationError,
    _contract.ErrorKind.AUTHENTICATION: AuthenticationError,
    _contract.ErrorKind.FORBIDDEN: ForbiddenError,
    _contract.ErrorKind.NOT_FOUND: NotFoundError,
    _contract.ErrorKind.CONFLICT: ConflictError,
    _contract.ErrorKind.QUOTA_EXCEEDED: QuotaExceededError,
    _contract.ErrorKind.RATE_LIMITED: RateLimitedError,
    _contract.ErrorKind.UNAVAILABLE: UnavailableError,
    _contract.ErrorKind.TIMEOUT: DeadlineError,
    _contract.ErrorKind.TRANSPORT: TransportError,
    _contract.ErrorKind.PROTOCOL: ProtocolError,
    _contract.ErrorKind.TOO_LARGE: TooLargeError,
    _contract.ErrorKind.OTHER: OtherError,
}


def from_record(
    error: Error, *, response: ResponseInfo | None = None, cursor: str | None = None
) -> HuntingError:
    """The exception of the error's kind."""
    return _CLASSES[error.kind](error, response=response, cursor=cursor)


def _rebuilt(error: Error, response: ResponseInfo | None, cursor: str | None) -> HuntingError:
    return from_record(error, response=response, cursor=cursor)
