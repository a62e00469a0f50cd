"""VirusTotal's hunting: livehunt, retrohunt and the IoC stream.

    from virustotal_hunting import Hunting, NotificationsQuery

    with Hunting(api_key) as hunting:
        for hit in hunting.iter_livehunt_notifications(NotificationsQuery(limit=100)):
            print(hit.rule_name, hit.file_sha256)

`Hunting` blocks, `AsyncHunting` is for asyncio. Each action of the contract is a method; the records and enums that they
take and give are here as well, and so is an exception for each kind of failure, below `HuntingError`.
"""

from ._client import AsyncHunting as AsyncHunting
from ._client import Hunting as Hunting
from ._contract import *
from ._contract import CONTRACT as CONTRACT
from ._errors import (
    AuthenticationError as AuthenticationError,
    ComponentError as ComponentError,
    ConfigurationError as ConfigurationError,
    ConflictError as ConflictError,
    DeadlineError as DeadlineError,
    ForbiddenError as ForbiddenError,
    HuntingError as HuntingError,
    InvalidArgumentError as InvalidArgumentError,
    NotFoundError as NotFoundError,
    OtherError as OtherError,
    ProtocolError as ProtocolError,
    QuotaExceededError as QuotaExceededError,
    RateLimitedError as RateLimitedError,
    TooLargeError as TooLargeError,
    TransportError as TransportError,
    UnavailableError as UnavailableError,
)

__version__ = "0.1.0"
