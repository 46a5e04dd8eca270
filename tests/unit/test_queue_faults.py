"""What AWS's errors say to a person: one line, which names what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from todo.errors import BadInput, NotFound, QueueUnavailable, TodoError
from todo.queues.faults import explain

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENDPOINT = "https://sqs.us-east-1.amazonaws.com"


def explained(error: BotoCoreError | ClientError, operation: str = "send_message_batch") -> TodoError:
    found = explain(error, operation, endpoint=ENDPOINT, queue="q", now=NOW)
    assert "\n" not in str(found)
    assert str(found).isprintable()
    assert len(str(found)) < 450
    return found


def answered(code: str, message: str = "", status: int = 400, date: str | None = None) -> TodoError:
    metadata: dict[str, Any] = {"HTTPStatusCode": status, "HTTPHeaders": {"date": date} if date else {}}
    return explained(
        ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "SendMessageBatch")
    )


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"])
def test_a_queue_that_is_gone(code: str) -> None:
    error = answered(code)
    assert isinstance(error, NotFound)
    assert "queue q is not there any more" in str(error)


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("ExpiredToken", 403, "have expired: get new ones"),
        ("ExpiredTokenException", 400, "have expired: get new ones"),
        ("InvalidClientTokenId", 403, "does not know these credentials"),
        ("UnrecognizedClientException", 400, "does not know these credentials"),
        ("SignatureDoesNotMatch", 403, "does not know these credentials"),
        ("AccessDenied", 403, "may not do sqs:SendMessage on q"),
        ("AccessDeniedException", 400, "may not do sqs:SendMessage on q"),
        ("SomethingNew", 403, "may not do sqs:SendMessage on q"),
        ("404", 404, "is no SQS"),
        ("501", 501, "is no SQS"),
        ("InvalidAttributeValue", 400, "SendMessageBatch was refused: why (InvalidAttributeValue)"),
    ],
)
def test_refusals_say_what_to_do_and_do_not_pass(code: str, status: int, says: str) -> None:
    error = answered(code, "why", status)
    assert isinstance(error, QueueUnavailable)
    assert says in str(error)
    assert not error.is_passing


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("RequestThrottled", 403),
        ("AWS.SimpleQueueService.OverLimit", 400),
        ("429", 429),
        ("Whatever", 429),
        ("InternalError", 500),
        ("ServiceUnavailable", 503),
        ("500", 500),
    ],
)
def test_too_many_calls_and_failures_of_the_service_pass(code: str, status: int) -> None:
    error = answered(code, "<html> a page </html>", status)
    assert isinstance(error, QueueUnavailable)
    assert error.is_passing
    assert "<html>" not in str(error)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RequestTimeTooSkewed", ""),
        ("InvalidSignatureException", "Signature expired: 20261121T103000Z is now earlier than …"),
        ("SignatureDoesNotMatch", "Signature not yet current: …"),
        ("SignatureDoesNotMatch", ""),
    ],
)
def test_a_wrong_clock_is_told_with_how_wrong_it_is(code: str, message: str) -> None:
    error = answered(code, message, 403, date="Sat, 21 Nov 2026 13:30:00 GMT")
    assert "This machine's clock is wrong by 90 minutes: set it" in str(error)


def test_a_wrong_clock_is_told_without_the_answers_date() -> None:
    assert "This machine's clock is wrong: set it" in str(answered("RequestTimeTooSkewed"))


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (boto.NoCredentialsError(), QueueUnavailable, "There are no AWS credentials: set AWS_ACCESS_KEY_ID"),
        (boto.PartialCredentialsError(provider="env", cred_var="x"), QueueUnavailable, "are incomplete"),
        (boto.ProfileNotFound(profile="p"), BadInput, "could not be found"),
        (boto.ConfigParseError(path="/x"), QueueUnavailable, "cannot be read, mend it"),
        (boto.InvalidRegionError(region_name="x y"), BadInput, "us-east-1"),
        (boto.UnauthorizedSSOTokenError(), QueueUnavailable, "aws sso login"),
        (boto.SSOTokenLoadError(error_msg="x"), QueueUnavailable, "aws sso login"),
        (
            boto.CredentialRetrievalError(provider="container-role", error_msg="x\ny"),
            QueueUnavailable,
            "role or profile",
        ),
        (boto.EndpointConnectionError(endpoint_url=ENDPOINT), QueueUnavailable, "cannot be reached: check the network"),
        (boto.ConnectTimeoutError(endpoint_url=ENDPOINT), QueueUnavailable, "does not answer in time"),
        (boto.ReadTimeoutError(endpoint_url=ENDPOINT), QueueUnavailable, "does not answer in time"),
        (boto.ConnectionClosedError(endpoint_url=ENDPOINT), QueueUnavailable, "cannot be reached"),
        (boto.ProxyConnectionError(proxy_url="http://p"), QueueUnavailable, "cannot be reached"),
        (boto.SSLError(endpoint_url=ENDPOINT, error="x"), QueueUnavailable, "AWS_CA_BUNDLE"),
        (boto.HTTPClientError(error=UnicodeEncodeError("x", "x", 0, 1, "x")), QueueUnavailable, "hold a character"),
        (boto.ParamValidationError(report="a\nb"), BadInput, "a b"),
        (BotoCoreError(), QueueUnavailable, "failed"),
    ],
)
def test_what_never_came_to_an_answer(error: BotoCoreError, kind: type[TodoError], says: str) -> None:
    found = explained(error)
    assert isinstance(found, kind)
    assert says in str(found)


def test_what_the_network_does_passes() -> None:
    found = explained(boto.ReadTimeoutError(endpoint_url=ENDPOINT))
    assert isinstance(found, QueueUnavailable)
    assert found.is_passing


def test_a_message_of_many_lines_that_steers_terminals_becomes_one_that_does_not() -> None:
    error = answered("Strange", "a\n\x1b[31mb\r" + "x" * 5000)
    assert "a ?[31mb" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        boto.NoCredentialsError(),
        boto.UnauthorizedSSOTokenError(),
        boto.EndpointConnectionError(endpoint_url=ENDPOINT),
        boto.ReadTimeoutError(endpoint_url=ENDPOINT),
        *(
            ClientError({"Error": {"Code": code, "Message": "no"}}, "ListQueues")
            for code in ("ExpiredToken", "AccessDenied", "ThrottlingException", "InvalidClientTokenId")
        ),
    ],
)
def test_who_has_settings_to_change_is_told_of_no_option(error: BotoCoreError | ClientError) -> None:
    told = explain(error, "list_queues", endpoint=ENDPOINT, queue=None, now=NOW, by_settings=True)
    assert "--" not in str(told)


def test_a_permission_is_of_the_service_that_was_asked() -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetMetricData")
    told = explain(error, "get_metric_data", endpoint="AWS's cloudwatch", queue="q", now=NOW, of="cloudwatch")
    assert "cloudwatch:GetMetricData on q" in str(told)
