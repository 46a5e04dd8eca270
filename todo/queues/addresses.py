"""Addresses of queue services as text: which are usable, which are AWS's own, what of them may be shown. Pure."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

_OWN_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


def is_usable(address: str) -> bool:
    """Whether it is a web address."""
    try:
        parts = urlsplit(address)
        return bool(parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0)
    except ValueError:
        return False


def is_of_aws(address: str) -> bool:
    """Whether it is AWS's own."""
    return (urlsplit(address).hostname or "").endswith(_OWN_HOSTS)


def without_keys(address: str) -> str:
    """The address without user, password, query and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def access_in(broker_url: str) -> dict[str, str]:
    """What an SQS broker's URL says of keys and address, by the names that `connection.Access` has for them.

    Read as kombu does: its host is spoken to without TLS.
    """
    try:
        parts = urlsplit(f"http://{broker_url.partition('://')[2]}")
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return {}
    found = {
        "endpoint_url": f"http://{host}" if parts.hostname else "",
        "key_id": unquote(parts.username or ""),
        "secret": unquote(parts.password or ""),
    }
    return {name: value for name, value in found.items() if value}
