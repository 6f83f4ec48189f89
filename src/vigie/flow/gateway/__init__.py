# SPDX-License-Identifier: Apache-2.0
"""The verbs of the AI gateway's people: upstreams, profiles, brakes, alarms, excerpts, digests."""
