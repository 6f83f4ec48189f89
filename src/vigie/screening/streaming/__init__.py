# SPDX-License-Identifier: Apache-2.0
"""Text that is judged while it arrives: what is held, what may go, what to judge next.

Pure: no clock, no tasks, no input or output. `ChannelGuard` guards one channel of one
answer; `StreamTerms` is built once for each Snapshot. Nothing here decides: the lists
only hold text back, and `screening.judge` decides over the windows.
"""

from vigie.screening.streaming.guard import ChannelGuard
from vigie.screening.streaming.terms import LazyTerms, StreamTerms
from vigie.screening.streaming.windows import Window

__all__ = ["ChannelGuard", "LazyTerms", "StreamTerms", "Window"]
