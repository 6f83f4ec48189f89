# SPDX-License-Identifier: Apache-2.0
"""Terms of the AI gateway's tables: figures, fingerprints, what was stopped, brakes."""

from __future__ import annotations

from typing import Final

from vigie.flow import terms_gateway
from vigie.flow.retain_rule import FOR_GOOD, Rule
from vigie.store import models as m

RULES: Final = (
    Rule(
        what="upstreams and profiles of the gateway",
        models=(m.GatewayUpstream, m.GatewayProfile),
        why="how the gateway works",
        term="until the operator changes them",
        redaction="none: they hold no personal data, and no key of an upstream",
    ),
    Rule(
        what="use of gateway keys by day",
        models=(m.GatewayUsage,),
        why="budgets of applications, and to settle accounts of a year",
        term="400 days",
        redaction="the row is deleted",
        enforce=terms_gateway.usage,
    ),
    Rule(
        what="daily figures of the gateway",
        models=(m.GatewayDay,),
        why="to show what was asked, refused and cut (Art. 24, 42 DSA)",
        term="25 months",
        redaction="the row is deleted; digests of people never outlast their day",
        enforce=terms_gateway.days,
    ),
    Rule(
        what="what the gateway stopped, and cases of repeated stops",
        models=(m.GatewayStop, m.GatewayCase),
        why="to explain an intervention, to hear a complaint (Art. 17, 20 DSA), to see misuse",
        term="the user's pseudonym: 30 days after its week, while the case is open at most 180",
        redaction="the pseudonym and notes on a case are blanked; numbers, category and times "
        "stay; the excerpt ends with its own term",
        enforce=terms_gateway.stops,
    ),
    Rule(
        what="similarity fingerprints of prompts",
        models=(m.GatewayPrint,),
        why="to see that somebody tries variants of what was refused",
        term="30 days",
        redaction="the row is deleted",
        enforce=terms_gateway.prints,
    ),
    Rule(
        what="alarms and brakes of the gateway, with their timelines",
        models=(m.GatewayAlarm, m.GatewayBrake, m.GatewayIncidentLine),
        why="to show what went wrong, who stopped what and who agreed to its start",
        term=FOR_GOOD,
        redaction="none: they name people of the operator, never the public",
    ),
)
