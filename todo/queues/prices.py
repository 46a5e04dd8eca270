"""What AWS asks for requests to SQS, by its list; knows no region's own price and no account's discount."""

from __future__ import annotations

# AWS's list, https://aws.amazon.com/sqs/pricing/, for us-east-1 and up to 100 billion requests a month, as quoted in
# March and June 2026. Beyond that it falls; other regions ask up to a third more.
DOLLARS_PER_MILLION_STANDARD = 0.40
DOLLARS_PER_MILLION_FIFO = 0.50
PRICED_IN = "June 2026"
TERMS = f"list price of {PRICED_IN}, us-east-1, without the free tier"
"""What is said beside every cost."""

FREE_REQUESTS_A_MONTH = 1_000_000
"""Of standard and FIFO queues together, every month: the free tier, which what is told as a cost leaves out."""

CHUNK_BYTES = 64 * 1024
"""A request counts once for each such piece of what it carries, a batch's messages taken together."""


def cost(requests: int, *, is_fifo: bool) -> float:
    """Dollars at list price in us-east-1, without the free tier, for requests of no more than 64 kB each."""
    return requests * (DOLLARS_PER_MILLION_FIFO if is_fifo else DOLLARS_PER_MILLION_STANDARD) / 1_000_000
