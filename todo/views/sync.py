"""The API's way to keep a copy of a list: what differs, by chunks, compressed."""

from __future__ import annotations

import gzip

from apiflask import APIBlueprint
from flask import Response, request

from todo import sync
from todo.models import db
from todo.views import payloads
from todo.views.openapi import answers
from todo.views.routes import id_of, json_response

sync_api = APIBlueprint("sync", __name__, url_prefix="/api/v1", tag="TaskOverflow")

_SHORT_OCTETS = 1_024
_QUICK = 1  # a level of gzip: the next ones take twice as long for a tenth less


@sync_api.post("/lists/<list_id>/sync")
@sync_api.input(payloads.SyncRequest)
@sync_api.doc(responses=answers({200: ("What differs from what the client has", "Sync")}, errors=[400, 404, 413, 415]))
def sync_list(list_id: str, json_data: payloads.SyncRequest) -> Response:
    """What of a list differs from a copy of it, in one moment: todos by chunks, those with the newest todos first.

    A chunk is some of the list's todos, for good, and its stamp another one after each change of them. Replace the
    todos of each answered chunk, oldest first (none: all were deleted), and forget chunks that are gone. When
    `installation` is another than before, so is the database: forget everything, and ask again.
    """
    found = sync.compare(db.session(), id_of(list_id, "list_id"), json_data.chunks, json_data.limit)
    response = json_response(payloads.difference_json(found))
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0 and len(response.data) > _SHORT_OCTETS:
        response.data = gzip.compress(response.data, _QUICK, mtime=0)
        response.content_encoding = "gzip"
    return response


@sync_api.after_request
def _keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
