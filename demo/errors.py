# SPDX-License-Identifier: Apache-2.0
"""What ends the demo early."""

from __future__ import annotations


class DemoError(Exception):
    """Something is not as the story says; the message tells a newcomer what to do."""
