"""The view of queues on the laboratory, used as a person does; what the laboratory does not do is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.conformance.lab_server import LabServer
from tests.end_to_end.page import LONG_MS, NO_LINE, Complaints, Open, Site, until, watch_requests
from tests.end_to_end.queue_answers import BROKER, CARDS, LONG_NAME, answer, answer_all, figures, message, source

pytest_plugins = ["tests.end_to_end.page_fixtures"]

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def lab() -> Iterator[LabServer]:
    with LabServer(strict=True) as lab:
        yield lab


@pytest.fixture(scope="module")
def running_site(lab: LabServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The module's server; it sees the laboratory and may change things there."""
    site = Site(tmp_path_factory.mktemp("page"), {**lab.environment, "QUEUES_WRITABLE": "true"})
    try:
        site.start()
        yield site
    finally:
        site.kill()


class Sqs:
    """The laboratory's SQS, as another client uses it."""

    def __init__(self, lab: LabServer) -> None:
        environment = lab.environment
        self._client = boto3.client(
            "sqs",
            endpoint_url=lab.endpoint,
            region_name=environment["AWS_DEFAULT_REGION"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def make(self, name: str, **attributes: str) -> None:
        if name.endswith(".fifo"):
            attributes["FifoQueue"] = "true"
        self._client.create_queue(QueueName=name, Attributes=attributes)

    def make_pair(self, name: str) -> None:
        """A queue and its dead-letter queue, where a message goes after one receive."""
        self.make(f"{name}-dlq")
        target = f"arn:aws:sqs:us-east-1:123456789012:{name}-dlq"
        policy = {"deadLetterTargetArn": target, "maxReceiveCount": 1}
        self.make(name, VisibilityTimeout="0", RedrivePolicy=json.dumps(policy))

    def url(self, name: str) -> str:
        return str(self._client.get_queue_url(QueueName=name)["QueueUrl"])

    def send(self, name: str, *bodies: str, **options: Any) -> None:
        for body in bodies:
            self._client.send_message(QueueUrl=self.url(name), MessageBody=body, **options)

    def receive(self, name: str) -> list[dict[str, Any]]:
        return list(self._client.receive_message(QueueUrl=self.url(name), MaxNumberOfMessages=10).get("Messages", []))

    def kill(self, name: str, count: int) -> None:
        """Have so many messages of a pair's queue become dead letters."""
        while self.available(f"{name}-dlq") < count:
            self.receive(name)

    def available(self, name: str) -> int:
        wanted = "ApproximateNumberOfMessages"
        found = self._client.get_queue_attributes(QueueUrl=self.url(name), AttributeNames=[wanted])
        return int(found["Attributes"][wanted])

    def set(self, name: str, **attributes: str) -> None:
        self._client.set_queue_attributes(QueueUrl=self.url(name), Attributes=attributes)

    def delete(self, *names: str) -> None:
        for name in names:
            self._client.delete_queue(QueueUrl=self.url(name))


@pytest.fixture
def sqs(lab: LabServer) -> Sqs:
    return Sqs(lab)


def table(page: Page, name: str = "SQS") -> Locator:
    return page.get_by_role("table", name=name)


def cells(page: Page, queue: str, name: str = "SQS") -> list[str]:
    """What the table says of a queue, without its name."""
    row = table(page, name).get_by_role("row").filter(has=page.get_by_role("link", name=queue, exact=True).first)
    return [text.strip() for text in row.first.get_by_role("cell").all_inner_texts()]


def tile(page: Page, name: str) -> Locator:
    """The number that stands under a name."""
    return page.locator(".tiles > div", has=page.get_by_text(name, exact=True)).locator("dd").first


def pair(page: Page, name: str) -> Locator:
    return page.locator(".pairs > div", has=page.get_by_text(name, exact=True)).locator("dd").first


def chart(page: Page, name: str) -> Locator:
    return page.get_by_role("img", name=name)


def test_every_queue_is_listed_by_name_and_what_changes_appears_without_a_reload(
    page: Page, site: Site, sqs: Sqs
) -> None:
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="Queues").click()
    expect(page).to_have_url(f"{site.address}/queues")
    expect(page.get_by_role("heading", name="Queues", level=1)).to_be_focused()
    names = table(page).get_by_role("rowheader")
    expect(names.first).to_have_text("csse6400_prac")
    found = names.all_inner_texts()
    assert found == sorted(found)
    assert {"csse6400_prac", "csse6400_prac.fifo", "ical", "ical-dlq"} <= set(found)
    expect(page.get_by_text("region us-east-1 · an emulator: this is not AWS")).to_be_visible()
    sqs.make("new-one")
    sqs.send("new-one", "a", "b")
    link = page.get_by_role("link", name="new-one", exact=True)
    expect(link).to_be_visible(timeout=LONG_MS)
    until(page, lambda: cells(page, "new-one")[2:5] == ["2", "0", "0"])
    assert cells(page, "new-one")[0] == "Standard"
    assert cells(page, "csse6400_prac.fifo")[6] == "yes"
    sqs.delete("new-one")
    link.focus()
    expect(link).to_have_count(0, timeout=LONG_MS)
    expect(page.get_by_role("heading", name="Queues", level=1)).to_be_focused()


def test_what_no_queue_of_a_source_knows_has_no_column(page: Page) -> None:
    page.goto("/queues")
    files = table(page, "Files, the embedded broker")
    expect(files.get_by_role("columnheader")).to_have_text(["Name", "Available"])
    expect(table(page).get_by_role("columnheader")).to_have_count(9)


def test_news_are_quiet(page: Page, sqs: Sqs) -> None:
    page.goto("/queues")
    link = page.get_by_role("link", name="csse6400_prac", exact=True)
    link.focus()
    page.evaluate(
        """() => { window.said = []; window.had = document.activeElement;
          for (const region of document.querySelectorAll("[role=status], [role=alert], [aria-live]"))
            new MutationObserver((all) => window.said.push(...all.map(({ type }) => type)))
              .observe(region, { childList: true, subtree: true, characterData: true }); }"""
    )
    before = cells(page, "csse6400_prac")
    sqs.send("csse6400_prac", "news")
    until(page, lambda: cells(page, "csse6400_prac") != before)
    assert page.evaluate("window.said") == []
    assert page.evaluate("document.activeElement === window.had")


def test_a_queue_has_an_address_of_its_own(page: Page, site: Site, sqs: Sqs) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": "one", "Effect": "Allow", "Action": "sqs:SendMessage"}]}
    sqs.set("ical", Policy=json.dumps(policy))
    page.goto("/queues/sqs/ical")
    expect(page.get_by_role("heading", name="ical", level=1)).to_be_visible()
    expect(page).to_have_title("ical – TaskOverflow")
    for name in ("What was done", "What was in it"):
        expect(chart(page, name)).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(2)  # what else is drawn is decoration
    until(page, lambda: page.evaluate("document.images[0].naturalWidth") > 0, "its parts are not found from here")
    expect(tile(page, "Available")).to_have_text("0")
    expect(pair(page, "Visibility timeout")).to_have_text("5 minutes")
    expect(pair(page, "Largest message")).to_have_text("1,048,576 bytes")
    expect(pair(page, "ARN")).to_have_text("arn:aws:sqs:us-east-1:123456789012:ical")
    expect(pair(page, "Dead-letter queue")).to_have_text("ical-dlq, after 5 receives")
    shown = page.get_by_role("region", name="Access policy").locator("pre")
    expect(shown).to_have_text(json.dumps(policy, indent=2), use_inner_text=True)
    pair(page, "Dead-letter queue").get_by_role("link").click()
    expect(page).to_have_url(f"{site.address}/queues/sqs/ical-dlq")
    expect(page.get_by_role("heading", name="ical-dlq", level=1)).to_be_focused()
    expect(pair(page, "Gets the dead letters of")).to_have_text("ical")
    page.get_by_role("link", name="Tasks", exact=True).click()
    expect(page).to_have_url(f"{site.address}/")
    page.go_back()
    expect(page.get_by_role("heading", name="ical-dlq", level=1)).to_be_visible()
    page.get_by_role("link", name="All queues").click()
    expect(page.get_by_role("heading", name="Queues", level=1)).to_be_focused()


@pytest.mark.parametrize("path", ["queues/", "queues/sqs"])
def test_halfway_addresses_lead_to_all_queues(page: Page, site: Site, path: str) -> None:
    page.goto(f"/{path}")
    expect(page).to_have_url(f"{site.address}/queues")
    expect(table(page)).to_be_visible()


def test_an_address_with_more_in_it_is_none(site: Site) -> None:
    assert requests.get(f"{site.address}/queues/sqs/ical/more", timeout=20).status_code == 404


def test_back_leads_to_where_one_was(page: Page) -> None:
    many = [CARDS[0] | {"name": f"queue-{number}"} for number in range(120)]
    answer(page, "", {"is_writable": False, "sources": [source(queues=many)]})
    answer_all(page, "ical")
    page.unroute("**/api/v1/queues")
    answer(page, "", {"is_writable": False, "sources": [source(queues=[*many, CARDS[0] | {"name": "z"}])]})
    answer(page, "/sqs/queue-99", CARDS[0] | {"name": "queue-99"})
    answer(page, "/sqs/queue-99/figures?*", figures())
    page.goto("/queues")
    expect(table(page).get_by_role("rowheader").nth(2)).to_have_text("queue-2")  # numbers by their size
    page.get_by_role("link", name="queue-99").scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 500
    page.get_by_role("link", name="queue-99").click()
    expect(page.get_by_role("heading", name="queue-99", level=1)).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(page.get_by_role("heading", name="Queues", level=1)).to_be_focused()
    until(page, lambda: abs(page.evaluate("scrollY") - place) < 5, "elsewhere")
    page.go_forward()
    expect(page.get_by_role("heading", name="queue-99", level=1)).to_be_focused()


def test_what_went_through_a_queue_is_drawn_and_told(page: Page, sqs: Sqs) -> None:
    sqs.make("busy", VisibilityTimeout="30")
    page.goto("/queues/sqs/busy")
    expect(page.get_by_text("Counted by the laboratory")).to_be_visible()
    sqs.send("busy", "a", "b", "c")
    sqs.receive("busy")
    done = chart(page, "What was done")
    expect(done.locator("desc")).to_contain_text("Sent: 3. Received: 3. Deleted: 0.", timeout=LONG_MS)
    expect(chart(page, "What was in it").locator("desc")).to_contain_text("In flight: 3 at most.", timeout=LONG_MS)
    page.get_by_role("radio", name="6 hours").check()
    expect(page.get_by_text("Each part is 6 minutes.").first).to_be_visible()
    expect(done.locator("desc")).to_contain_text("Within 6 hours. Sent: 3.")
    page.reload()
    expect(page.get_by_role("radio", name="6 hours")).to_be_checked()
    expect(done.locator("desc")).to_contain_text("Sent: 3.")
    sqs.delete("busy")


def test_figures_are_put_into_columns(page: Page) -> None:
    answer_all(page, "ical")
    page.goto("/queues/sqs/ical")
    done = chart(page, "What was done")
    expect(done.locator("desc")).to_contain_text("Within 10 minutes. Sent: 420. Received: 420. Deleted: 0.")
    assert done.locator("rect.done").count() == 2 * 6  # a minute in parts of ten seconds, sent and received
    levels = chart(page, "What was in it")
    expect(levels.locator("desc")).to_contain_text("Available: 4 at most. In flight: 4 at most.")
    expect(levels.locator("desc")).to_contain_text("Age of the oldest: 1 min 20 sec")
    page.get_by_text("The same as a table").first.click()
    rows = page.get_by_role("table", name="What was done").locator("tbody tr")
    assert rows.count() == 6
    assert rows.first.locator("td").all_inner_texts() == ["70", "70", "0", "0"]
    page.get_by_text("The same as a table").last.click()
    assert page.get_by_role("table", name="What was in it").locator("tbody tr").count() == 54
    box = done.bounding_box()
    assert box
    done.hover(position={"x": box["width"] * 24.5 / 60, "y": 60})
    expect(page.get_by_text("Sent 70, Received 70, Deleted 0, Empty receives 0")).to_be_visible()


def test_cloudwatch_is_asked_for_no_more_than_it_has(page: Page) -> None:
    answer_all(page, "ical")
    page.unroute("**/api/v1/queues/sqs/ical/figures?*")
    each: dict[str, Any] = {name: [1] * 180 for name in ("sent", "received", "deleted")}
    told = figures(**each, origin="CloudWatch", step_seconds=60)
    for name in ("empty_receives", "available", "in_flight", "oldest_seconds"):
        told[name] = [None] * 180
    answer(page, "/sqs/ical/figures?*", told)
    page.goto("/queues/sqs/ical#6-hours")
    expect(page.get_by_text("Counted by CloudWatch")).to_be_visible()
    expect(page.get_by_role("radio", name="3 hours")).to_be_checked()
    expect(chart(page, "What was done").locator("desc")).to_contain_text(
        "Within 3 hours. Sent: 180. Received: 180. Deleted: 180. Empty receives: not known."
    )
    expect(chart(page, "What was in it").locator("desc")).to_contain_text("Available: not known.")


def test_where_nobody_counts_the_page_shows_what_it_saw(page: Page) -> None:
    page.goto("/queues/broker/ical")
    expect(page.get_by_text("Nobody counts here. Shown is what this page has seen itself since")).to_be_visible()
    expect(chart(page, "What was in it").locator("desc")).to_contain_text("Available: 0 at most.")
    expect(chart(page, "What was done")).to_have_count(0)
    with page.expect_response("**/queues/broker/ical", timeout=4_000):
        pass  # by a look every 2 seconds
    expect(page.get_by_role("heading", name="Access policy")).to_have_count(0)


def test_dead_letters_are_read_when_somebody_asks_for_them(page: Page, sqs: Sqs) -> None:
    sqs.make_pair("jobs")
    body = '{"task":"ical","number":12345678901234567890,"empty":{},"words":"a \\"b\\" {c}","list":[1,[]]}'
    attributes = {"run": {"DataType": "String", "StringValue": HOSTILE}}
    sqs.send("jobs", body, HOSTILE, MessageAttributes=attributes)
    sqs.kill("jobs", 2)
    asked = watch_requests(page, "GET", "/messages")
    page.goto("/queues/sqs/jobs-dlq")
    expect(tile(page, "Available")).to_have_text("2")
    page.wait_for_timeout(500)
    assert asked == []
    expect(page.get_by_text("SQS counts each look as a receive")).to_be_visible()
    page.get_by_role("button", name="Read the messages").click()
    expect(page.get_by_text("2 messages.")).to_be_visible()
    expect(page.get_by_role("button", name="Read them again")).to_be_focused()
    readable = """{
  "task": "ical",
  "number": 12345678901234567890,
  "empty": {},
  "words": "a \\"b\\" {c}",
  "list": [
    1,
    []
  ]
}"""
    letters = page.get_by_role("article")
    expect(letters).to_have_count(2)
    bodies = {text.strip() for text in letters.locator("pre").all_inner_texts()}
    assert bodies == {readable, HOSTILE}
    expect(letters.first).to_contain_text(f"run: {HOSTILE}")
    expect(letters.first.get_by_role("link", name="jobs")).to_be_visible()
    assert len(asked) == 1
    assert sqs.available("jobs-dlq") == 2, "they do not stay there"
    sqs.delete("jobs", "jobs-dlq")


def test_a_queue_without_dead_letters_has_no_part_for_them(page: Page) -> None:
    page.goto("/queues/sqs/csse6400_prac")
    expect(tile(page, "Available")).to_be_visible()
    expect(page.get_by_role("heading", name="Dead letters")).to_have_count(0)
    expect(page.get_by_role("button", name="Redrive")).to_have_count(0)


def test_a_redrive_is_confirmed_and_followed_beyond_a_reload(page: Page, sqs: Sqs) -> None:
    sqs.make_pair("work")
    sqs.send("work", *(str(number) for number in range(12)))
    sqs.kill("work", 12)
    asked = watch_requests(page, "POST", "/redrive")
    page.goto("/queues/sqs/work-dlq")
    page.get_by_role("button", name="Read the messages").click()
    expect(page.get_by_role("article").first).to_be_visible()
    button = page.get_by_role("button", name="Redrive…")
    button.click()
    dialog = page.get_by_role("dialog", name="Redrive work-dlq")
    expect(dialog).to_contain_text("about 12")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    assert asked == []
    button.click()
    dialog.get_by_label("Messages a second").fill("none")
    dialog.get_by_role("button", name="Redrive", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("A whole number from 1 to 500, or nothing.")
    dialog.get_by_label("Messages a second").fill("2")
    dialog.get_by_role("combobox", name="To").select_option("work")
    dialog.get_by_role("button", name="Redrive", exact=True).click()
    expect(dialog).to_have_count(0)
    assert [json.loads(request.post_data or "") for request in asked] == [{"to": "work", "per_second": 2}]
    bar = page.get_by_role("progressbar", name="Moved so far")
    expect(bar).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(0)
    page.reload()
    expect(bar).to_be_visible()
    expect(page.get_by_text("of 12")).to_be_visible()
    assert button.get_attribute("aria-disabled") == "true"
    expect(page.get_by_text("The last redrive moved 12 messages.")).to_be_visible(timeout=LONG_MS)
    expect(bar).to_have_count(0)
    assert (sqs.available("work"), sqs.available("work-dlq")) == (12, 0)
    expect(tile(page, "Available")).to_have_text("0", timeout=LONG_MS)
    sqs.delete("work", "work-dlq")


def test_who_may_only_look_is_told_by_which_setting(page: Page) -> None:
    answer_all(page, is_writable=False)
    page.goto("/queues/sqs/ical-dlq")
    expect(page.get_by_text("is allowed by a setting of the server: QUEUES_WRITABLE=true")).to_be_visible()
    expect(page.get_by_role("button", name="Redrive")).to_have_count(0)
    expect(page.get_by_role("button", name="Read the messages")).to_be_visible()


def test_what_the_server_refuses_is_told_in_its_words(page: Page, complaints: Complaints) -> None:
    answer_all(page)
    answer(page, "/sqs/ical-dlq/redrive", {"status": "FAILED", "moved": 3, "total": 9, "reason": "No such queue"})
    page.route(
        "**/api/v1/queues/sqs/ical-dlq/redrive",
        lambda route: (
            route.fulfill(status=403, json={"error": "Set QUEUES_WRITABLE to allow it", "status": 403})
            if route.request.method == "POST"
            else route.fallback()
        ),
    )
    page.goto("/queues/sqs/ical-dlq")
    expect(page.get_by_text("The last redrive failed after 3 messages. No such queue")).to_be_visible()
    page.get_by_role("button", name="Redrive…").click()
    page.get_by_role("dialog").get_by_role("button", name="Redrive", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Set QUEUES_WRITABLE to allow it")
    answer(page, "/sqs/ical-dlq/messages?*", {"error": "SQS refuses the keys", "status": 503}, 503)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Read the messages").click()
    expect(page.get_by_text("They could not be read. SQS refuses the keys")).to_be_visible()
    complaints.forgive(NO_LINE)


def test_more_dead_letters_are_read_on_request(page: Page) -> None:
    answer_all(page)
    answer(page, "/sqs/ical-dlq/messages?limit=50", {"messages": [message(1)], "is_all": True, "note": None})
    page.goto("/queues/sqs/ical-dlq")
    page.get_by_role("button", name="Read the messages").click()
    expect(page.get_by_text("2 messages; there are more.")).to_be_visible()
    expect(page.get_by_text("The body is longer: only its beginning is shown.")).to_be_visible()
    page.get_by_role("button", name="Read up to 50").click()
    expect(page.get_by_text("1 message.")).to_be_visible()
    expect(page.get_by_role("button", name="Read up to 50")).to_have_count(0)


def test_a_service_that_hangs_is_said_and_the_others_are_shown(page: Page, lab: LabServer) -> None:
    page.goto("/queues")
    expect(table(page)).to_be_visible()
    lab.suspend()
    try:
        trouble = page.get_by_role("region", name="SQS").get_by_role("status")
        expect(trouble.get_by_role("button", name="Try again: SQS")).to_be_visible(timeout=LONG_MS)
        expect(trouble).to_contain_text(str(lab.port))
        expect(table(page, "Files, the embedded broker")).to_be_visible()
        expect(table(page)).to_have_count(0)
    finally:
        lab.resume()
    expect(table(page)).to_be_visible(timeout=LONG_MS)
    expect(trouble).to_be_empty()


def test_trouble_is_tried_again_by_hand(page: Page) -> None:
    answer(page, "", {"is_writable": False, "sources": [source(queues=[], trouble="SQS refuses the keys")]})
    page.goto("/queues")
    expect(page.get_by_text("SQS refuses the keys")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again: SQS").click()
    expect(table(page)).to_be_visible(timeout=3_000)
    expect(page.get_by_role("heading", name="Queues", level=1)).to_be_focused()


def test_a_server_that_went_away_is_said_and_the_page_goes_on_when_it_is_back(
    page: Page, complaints: Complaints
) -> None:
    page.goto("/queues/sqs/ical")
    expect(tile(page, "Available")).to_be_visible()
    page.route("**/api/v1/queues/**", lambda route: route.abort())
    failed = page.get_by_text("No news: The server cannot be reached. What is shown was true before.")
    expect(failed).to_be_visible(timeout=LONG_MS)
    expect(tile(page, "Available")).to_be_visible()
    page.unroute_all()
    expect(failed).to_have_count(0, timeout=LONG_MS)
    complaints.forgive(NO_LINE)


def test_a_queue_that_is_not_there_is_said(page: Page, complaints: Complaints) -> None:
    page.goto("/queues/sqs/nowhere")
    expect(page.get_by_text("Unable to find a Queue by this name nowhere")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.get_by_role("link", name="All queues").click()
    expect(table(page)).to_be_visible()
    complaints.forgive(NO_LINE)


def test_where_there_is_none_the_page_says_how_to_see_some(page: Page) -> None:
    answer(page, "", {"is_writable": False, "sources": []})
    page.goto("/queues")
    expect(page.get_by_text("There are no queues yet")).to_be_visible()
    expect(page.get_by_role("region", name="Commands")).to_contain_text("taskoverflow lab")
    expect(page.get_by_role("region", name="Commands")).to_contain_text("AWS_ENDPOINT_URL=http://127.0.0.1:6401")


def test_beside_another_broker_the_way_to_sqs_is_told_too(page: Page) -> None:
    answer(page, "", {"is_writable": False, "sources": [BROKER]})
    page.goto("/queues")
    expect(page.get_by_role("heading", name="Queues of SQS")).to_be_visible()
    expect(page.get_by_role("region", name="Commands")).to_contain_text("taskoverflow lab")


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
@pytest.mark.parametrize("size", [{"width": width, "height": 640} for width in (320, 640, 737)])
@pytest.mark.parametrize("path", ["", "/sqs/ical-dlq", f"/sqs/{LONG_NAME}", "/broker/ical"])
def test_nothing_scrolls_sideways(open_window: Open, site: Site, path: str, size: Any, locale: str) -> None:
    page = open_window(viewport=size, device_scale_factor=2, locale=locale)
    answer_all(page, LONG_NAME)
    answer_all(page)
    page.goto(f"/queues{path}")
    expect(page.locator("main :is(table, .tiles)").first).to_be_visible()
    if path.endswith("-dlq"):
        page.locator("main button", has_text="les" if locale == "de-DE" else "Read").first.click()
        expect(page.get_by_role("article")).to_have_count(2)
    assert page.evaluate(OVERFLOW) <= 0
    for link in page.get_by_role("navigation").get_by_role("link").all():
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert link.evaluate("link => link.scrollWidth <= link.clientWidth"), "a name is cut"


def test_a_queue_s_address_opens_without_a_line(open_window: Open, site: Site, complaints: Complaints) -> None:
    page = open_window(service_workers="allow")
    page.goto("/queues/sqs/ical")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.reload()
    expect(tile(page, "Available")).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", name="ical", level=1)).to_be_visible()
    expect(page.get_by_role("main").get_by_text("The server cannot be reached.").first).to_be_visible()
    page.context.set_offline(False)
    expect(tile(page, "Available")).to_be_visible(timeout=LONG_MS)
    complaints.forgive(NO_LINE)
