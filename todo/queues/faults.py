"""What the errors of AWS's client library mean to a person: one line each that says what to do. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from todo.errors import BadInput, NotFound, QueueUnavailable, TodoError

_MISSING = {"NonExistentQueue", "QueueDoesNotExist"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
_SKEWED = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}
_SIGNATURE = {"SignatureDoesNotMatch", "InvalidSignatureException", "InvalidSignature", "IncompleteSignature"}
_STRANGERS = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "AuthFailure",
    "InvalidSecurity",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "UnauthorizedOperation",
    "KmsAccessDenied",
    "OptInRequired",
}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "KmsThrottled",
    "SlowDown",
    "OverLimit",
}
_KEYS = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones, AWS_SESSION_TOKEN"
_OPTIONS = {
    "profile": ", here or in .env, or choose a --profile",
    "sign_in": "run `aws sso login`, with the --profile if you use one",
    "address": "check the network and --region, or --endpoint-url if it is a server of your own",
    "slower": "try a lower --rate, --concurrency or --consumers",
    "others": "choose others with --profile",
    "renew": "get new ones, in .env too if they are there",
}
_SETTINGS = {
    "profile": ", or AWS_PROFILE, for the web server",
    "sign_in": "run `aws sso login` where the web server runs",
    "address": "check the network and AWS_DEFAULT_REGION, or AWS_ENDPOINT_URL if it is a server of your own",
    "slower": "it may pass",
    "others": "give the web server others",
    "renew": "give the web server new ones",
}
_SKEW_SECONDS = 60
_TEXT_CHARACTERS = 300


def explain(
    error: BotoCoreError | ClientError,
    operation: str,
    *,
    endpoint: str,
    queue: str | None,
    now: datetime | None = None,
    of: str = "sqs",
    by_settings: bool = False,
) -> TodoError:
    """The error as one of ours. `operation` is in snake case; `now` shows whether this machine's clock is wrong.

    `of` is the service in the names of permissions. `by_settings`: who reads it has settings to change, no options.
    """
    ways = _SETTINGS if by_settings else _OPTIONS
    if isinstance(error, ClientError):
        return _answered(error, f"{of}:{operation}", queue, now or datetime.now(UTC), ways)
    if isinstance(error, boto.NoCredentialsError):
        return QueueUnavailable(f"There are no AWS credentials: set {_KEYS}{ways['profile']}")
    if isinstance(error, boto.PartialCredentialsError):
        return QueueUnavailable(f"The AWS credentials are incomplete: set {_KEYS}")
    if isinstance(error, boto.ProfileNotFound):
        return BadInput(f"{one_line(error)}; `aws configure list-profiles` lists those there are", field="profile")
    if isinstance(error, boto.ConfigParseError | boto.ConfigNotFound):
        return QueueUnavailable(f"AWS's configuration cannot be read, mend it: {one_line(error)}")
    if isinstance(error, boto.InvalidRegionError | boto.NoRegionError):
        return BadInput(f"{one_line(error)}; name one such as us-east-1", field="region")
    if isinstance(error, _SSO):
        return QueueUnavailable(f"The sign-in to AWS is over: {ways['sign_in']}")
    if isinstance(error, boto.CredentialRetrievalError | boto.MetadataRetrievalError):
        return QueueUnavailable(f"The AWS credentials cannot be had, see to the role or profile: {one_line(error)}")
    if isinstance(error, boto.SSLError):
        return QueueUnavailable(f"{endpoint} has no certificate that is trusted here; AWS_CA_BUNDLE names another")
    if type(error) is boto.HTTPClientError and isinstance(error.kwargs.get("error"), ValueError):
        return QueueUnavailable(f"The AWS credentials hold a character that none can have: check {_KEYS}")
    if isinstance(error, boto.HTTPClientError | boto.ConnectionError):
        slow = isinstance(error, boto.ReadTimeoutError | boto.ConnectTimeoutError)
        reason = "does not answer in time" if slow else "cannot be reached"
        return QueueUnavailable(f"{endpoint} {reason}: {ways['address']}", is_passing=True)
    if isinstance(error, boto.ParamValidationError):
        return BadInput(f"The queue service cannot be asked so: {one_line(error)}")
    if type(error).__name__ == "ResponseParserError":
        return QueueUnavailable(f"{endpoint} does not answer as SQS does: is the address right?")
    return QueueUnavailable(f"{operation} failed: {one_line(error)}")


_SSO = (
    boto.SSOTokenLoadError,
    boto.UnauthorizedSSOTokenError,
    boto.TokenRetrievalError,
    boto.SSOError,
)


def _answered(
    error: ClientError, service_operation: str, queue: str | None, now: datetime, ways: dict[str, str]
) -> TodoError:
    service, _, operation = service_operation.partition(":")
    about: dict[str, Any] = error.response.get("Error", {})
    metadata: dict[str, Any] = error.response.get("ResponseMetadata", {})
    code = str(about.get("Code", "")).rpartition("#")[2].rpartition(".")[2]
    status = metadata.get("HTTPStatusCode", 0)
    text = one_line(about.get("Message") or code or status)
    if text.startswith("<"):  # a page of something that is no SQS, or of an emulator that broke
        text = code
    skew = _skew(metadata, now)
    if code in _MISSING:
        return NotFound(f"The queue {queue} is not there any more: somebody deleted it", field="name")
    if code in _THROTTLED or status == 429:
        return QueueUnavailable(
            f"The queue service says it gets too many calls ({code}): {ways['slower']}",
            code=code,
            is_passing=True,
        )
    if code in _SKEWED or (code in _SIGNATURE and ("expired" in text or "not yet" in text or abs(skew) > 240)):
        by = f" by {abs(skew) / 60:.0f} minutes" if abs(skew) > _SKEW_SECONDS else ""
        return QueueUnavailable(f"This machine's clock is wrong{by}: set it, AWS refuses what is signed so", code=code)
    if code in _EXPIRED:
        return QueueUnavailable(f"The AWS credentials have expired: {ways['renew']}", code=code)
    if code in _STRANGERS or code in _SIGNATURE:
        return QueueUnavailable(f"AWS does not know these credentials ({code}): check {_KEYS}", code=code)
    if code in _DENIED or status == 403:
        action = f"{service}:{camel(operation.removesuffix('_batch'))}"
        return QueueUnavailable(
            f"These credentials may not do {action}{f' on {queue}' if queue else ''}: have it permitted, or"
            f" {ways['others']}",
            code=code,
        )
    if code.isdigit() and status not in (500, 502, 503, 504):  # the status alone: not even an error of SQS's kind
        return QueueUnavailable(f"What answers there is no SQS ({code}): is the address right?", code=code)
    if status >= 500:
        return QueueUnavailable(
            f"The queue service failed at {camel(operation)} ({text}): try again, it may pass",
            code=code,
            is_passing=True,
        )
    return QueueUnavailable(f"{camel(operation)} was refused: {text.rstrip('.')} ({code})", code=code)


def _skew(metadata: dict[str, Any], now: datetime) -> float:
    """Seconds that this machine is ahead of the service by the answer's own date; 0 when it has none."""
    try:
        date = parsedate_to_datetime(metadata["HTTPHeaders"]["date"])
    except (KeyError, TypeError, ValueError):
        return 0.0
    return (now - (date if date.tzinfo else date.replace(tzinfo=UTC))).total_seconds()


def camel(operation: str) -> str:
    """`send_message` as AWS writes it: `SendMessage`."""
    return "".join(part.capitalize() for part in operation.split("_"))


def one_line(error: object) -> str:
    """A text from outside that stays within a line of a terminal and cannot steer it."""
    text = " ".join(str(error).split())
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:_TEXT_CHARACTERS]
