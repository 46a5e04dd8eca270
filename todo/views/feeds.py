"""The API's feeds: saved filters over a list, each a calendar with an address."""

from __future__ import annotations

from typing import cast

from apiflask import APIBlueprint
from flask import Response, current_app

from todo import feeds
from todo.models import Feed, db
from todo.tokens import Tokens
from todo.views.feed_payloads import FeedChange, FeedsQuery, NewFeedOfList, feed_json
from todo.views.openapi import answers
from todo.views.routes import bell, id_of, json_response
from todo.views.urls import external_url

feed_api = APIBlueprint("feeds", __name__, url_prefix="/api/v1", tag="TaskOverflow")


@feed_api.get("/feeds")
@feed_api.input(FeedsQuery, location="query")
@feed_api.doc(responses=answers({200: ("The feeds, the default feed first", "Feeds")}, errors=[400, 404]))
def list_feeds(query_data: FeedsQuery) -> Response:
    """The feeds of a list. Each has an address that a calendar app subscribes to, and that is its only secret."""
    return json_response([_json(feed) for feed in feeds.all_of(db.session(), query_data.list_id, _tokens())])


@feed_api.post("/feeds")
@feed_api.input(NewFeedOfList)
@feed_api.doc(responses=answers({201: ("The new feed", "Feed")}, errors=[400, 404, 413, 415]))
def create_feed(json_data: NewFeedOfList) -> Response:
    """Make a feed. It is built when it is first fetched."""
    feed = feeds.create(db.session(), json_data.list_id, json_data.columns(), tokens=_tokens())
    return json_response(_json(feed), 201, {"Location": external_url(f"/api/v1/feeds/{feed.id}")})


@feed_api.get("/feeds/<feed_id>")
@feed_api.doc(responses=answers({200: ("The feed", "Feed")}, errors=[404]))
def get_feed(feed_id: str) -> Response:
    """One feed."""
    return json_response(_json(feeds.get(db.session(), id_of(feed_id, "feed_id"))))


@feed_api.patch("/feeds/<feed_id>")
@feed_api.input(FeedChange)
@feed_api.doc(responses=answers({200: ("The feed as it is now", "Feed")}, errors=[400, 404, 413, 415]))
def change_feed(feed_id: str, json_data: FeedChange) -> Response:
    """Change the fields given; the others stay, and so does the address."""
    feed = feeds.change(db.session(), id_of(feed_id, "feed_id"), json_data.columns(), ring=bell().ring)
    return json_response(_json(feed))


@feed_api.delete("/feeds/<feed_id>")
@feed_api.doc(
    responses=answers({200: ("It is gone; nothing happens when there is none", "Nothing")}, errors=[400, 404])
)
def delete_feed(feed_id: str) -> Response:
    """Delete a feed; its address answers 404 from now on. A list's default feed stays."""
    feeds.delete(db.session(), id_of(feed_id, "feed_id"))
    return json_response({})


@feed_api.post("/feeds/<feed_id>/rotate")
@feed_api.doc(responses=answers({200: ("The feed with its new address", "Feed")}, errors=[404]))
def rotate_feed(feed_id: str) -> Response:
    """Give a feed a new address; the old one answers 404 from now on."""
    return json_response(_json(feeds.rotate(db.session(), id_of(feed_id, "feed_id"), _tokens())))


@feed_api.post("/feeds/<feed_id>/revoke")
@feed_api.doc(responses=answers({200: ("The feed without an address", "Feed")}, errors=[404]))
def revoke_feed(feed_id: str) -> Response:
    """Take a feed's address away; `rotate` gives it a new one."""
    return json_response(_json(feeds.revoke(db.session(), id_of(feed_id, "feed_id"))))


def address_of(feed: Feed) -> str | None:
    """The feed's address; None when it has none."""
    token = feeds.token_of(feed, _tokens())
    return token and external_url(f"/feeds/{token}.ics")


@feed_api.after_request
def _keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"  # it holds addresses, which are secrets
    return response


def _json(feed: Feed) -> dict[str, object]:
    return feed_json(feed, address_of(feed))


def _tokens() -> Tokens:
    return cast("Tokens", current_app.config["TOKENS"])
