"""The picture that the command `queue` begins with: messages in a line, the first one leaving."""

from __future__ import annotations

BANNER = r"""
  ___   ___   ___         ___
 |\_/| |\_/| |\_/|  -->  |\_/|   TaskOverflow
 |___| |___| |___|       |___|   see what a queue does
"""
"""ASCII, at most 60 columns; begins and ends with a line feed."""
