"""What CloudWatch has of a queue, minute by minute; and which addresses of brokers may be shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from todo.errors import QueueUnavailable
from todo.queues import addresses
from todo.queues.brokers import BrokerUrl
from todo.queues.connection import Access, Service
from todo.queues.rabbitmq import management_of
from todo.queues.watching import METRICS, Watch

NOW = 1_790_000_030.0  # half a minute past a full one
MINUTE = 1_790_000_000 // 60 * 60


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """AWS's own SQS, which is not asked."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    service = Service(Access(region="eu-west-1"), {}, by_settings=True)
    yield service
    service.close()


@pytest.fixture
def cloudwatch(service: Service) -> Iterator[Stubber]:
    with Stubber(service._client_of("cloudwatch")) as stubber:
        yield stubber


def result(column: str, values: dict[int, float]) -> dict[str, Any]:
    """One metric's values, by the minute before now."""
    moments = {MINUTE - 60 * minutes: value for minutes, value in values.items()}
    return {
        "Id": column,
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at in moments],
        "Values": list(moments.values()),
        "StatusCode": "Complete",
    }


def test_each_minute_has_its_place_and_those_without_a_value_none(service: Service, cloudwatch: Stubber) -> None:
    expected = {
        "StartTime": datetime.fromtimestamp(MINUTE - 540, UTC),
        "EndTime": datetime.fromtimestamp(MINUTE + 60, UTC),
        "MetricDataQueries": ANY,
    }
    first = {"MetricDataResults": [result("sent", {9: 3.0, 1: 5.0})], "NextToken": "more"}
    cloudwatch.add_response("get_metric_data", first, expected)
    second = {"MetricDataResults": [result("oldest_seconds", {0: 1.5}), result("available", {10: 7.0, -1: 7.0})]}
    cloudwatch.add_response("get_metric_data", second, {**expected, "NextToken": "more"})
    found = Watch(lambda: NOW).figures(service, "q", 600)
    assert (found.origin, found.step_seconds, found.start) == ("CloudWatch", 60, MINUTE - 540)
    assert found.columns["sent"] == [3, None, None, None, None, None, None, None, 5, None]
    assert found.columns["oldest_seconds"] == [None] * 9 + [1.5]
    assert found.columns["available"] == [None] * 10  # from outside the span
    assert set(found.columns) == set(METRICS)


def test_the_queue_and_its_metrics_are_asked_for(service: Service, cloudwatch: Stubber) -> None:
    asked: list[dict[str, Any]] = []
    service._client_of("cloudwatch").meta.events.register(
        "provide-client-params.cloudwatch.GetMetricData", lambda params, **_: asked.append(params)
    )
    cloudwatch.add_response("get_metric_data", {"MetricDataResults": []})
    assert len(Watch(lambda: NOW).figures(service, "q.fifo", 21_600).columns["sent"]) == 180
    queries = asked[0]["MetricDataQueries"]
    stats = {query["Id"]: query["MetricStat"] for query in queries}
    assert stats["empty_receives"]["Stat"] == "Sum"
    assert stats["in_flight"]["Stat"] == "Maximum"
    for stat in stats.values():
        assert stat["Period"] == 60
        assert stat["Metric"]["Namespace"] == "AWS/SQS"
        assert stat["Metric"]["Dimensions"] == [{"Name": "QueueName", "Value": "q.fifo"}]


def test_what_costs_is_asked_for_once_a_minute(service: Service, cloudwatch: Stubber) -> None:
    now = [NOW]
    watch = Watch(lambda: now[0])
    cloudwatch.add_response("get_metric_data", {"MetricDataResults": [result("sent", {1: 1.0})]})
    first = watch.figures(service, "q", 600)
    now[0] += 59
    assert watch.figures(service, "q", 600) is first
    now[0] += 2
    cloudwatch.add_response("get_metric_data", {"MetricDataResults": []})
    assert watch.figures(service, "q", 600) is not first
    cloudwatch.assert_no_pending_responses()


def test_a_permission_that_is_missing_is_named(service: Service, cloudwatch: Stubber) -> None:
    cloudwatch.add_client_error("get_metric_data", "AccessDenied", http_status_code=403)
    with pytest.raises(QueueUnavailable, match="cloudwatch:GetMetricData on q"):
        Watch(lambda: NOW).figures(service, "q", 600)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://", "redis://localhost:6379"),
        ("redis://:secret@host/3", "redis://host:6379/3"),
        ("redis://user:sec%2Fret@host:1/0;redis://:secret@other", "redis://host:1/0"),
        ("rediss://host/0?ssl_cert_reqs=secret", "rediss://host:6379/0"),
        ("redis://:secret@[::1]:7/0", "redis://[::1]:7/0"),
        ("redis://:sec/ret@host/0", "CELERY_BROKER_URL"),
        ("redis://:1/secret@host/0", "CELERY_BROKER_URL"),
        ("redis://:1?secret@host/0", "CELERY_BROKER_URL"),
        ("redis://:1#secret@host/0", "CELERY_BROKER_URL"),
        ("redis://host:secret/0", "CELERY_BROKER_URL"),
        ("redis://[secret", "CELERY_BROKER_URL"),
    ],
)
def test_a_brokers_address_never_holds_its_password(url: str, address: str) -> None:
    found = BrokerUrl(url, 6379)
    assert found.address == address
    assert "sec" not in address
    assert found.is_usable == (address != "CELERY_BROKER_URL")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("amqp://host//", "http://host:15672"),
        ("amqp://[::1]:7//", "http://[::1]:15672"),
        ("amqps://host//", "https://host:15671"),
        ("amqps://b-1.mq.us-east-1.amazonaws.com:5671", "https://b-1.mq.us-east-1.amazonaws.com"),
    ],
)
def test_the_password_goes_to_the_management_api_no_barer_than_to_the_broker(url: str, address: str) -> None:
    assert management_of(BrokerUrl(url, 5672)) == address


def test_addresses_of_aws_and_of_others() -> None:
    assert addresses.is_of_aws("https://sqs.us-east-1.amazonaws.com")
    assert addresses.is_of_aws("https://sqs.cn-north-1.amazonaws.com.cn")
    assert not addresses.is_of_aws("https://sqs.amazonaws.com.example.org")
    assert addresses.without_keys("http://user:secret@host:1/path?token=secret#secret") == "http://host:1/path"
    assert addresses.access_in("sqs://") == {}
    assert addresses.access_in("sqs://a:b%2Fc@host:99999//") == {}
    assert addresses.access_in("sqs://a:b%2Fc@") == {"key_id": "a", "secret": "b/c"}
