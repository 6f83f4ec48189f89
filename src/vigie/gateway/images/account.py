# SPDX-License-Identifier: Apache-2.0
"""How an exchange about pictures is accounted for: pictures beside words, many results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from vigie.core.gateway import Ending, ExchangeFacts, Stage, UpstreamKind
from vigie.gateway.account import Account
from vigie.gateway.caller import Caller
from vigie.gateway.dialects.base import Conversation, Part
from vigie.gateway.images.request import ImageRequest, ImageRoute
from vigie.gateway.services import Gateway, Judged


class Road:
    """What records say of a route."""

    kind = UpstreamKind.OPENAI

    def __init__(self, route: ImageRoute) -> None:
        self.name = route.value
        self.feature = route.feature


class ImageAccount(Account):
    """As of text; each result has a decision of its own."""

    def __init__(self, gateway: Gateway, caller: Caller, request: ImageRequest) -> None:
        super().__init__(gateway, caller, Road(request.route), _conversation(request))
        self.count = request.count
        self.made = 0
        """Pictures that left."""
        # One decision a result; the first name is the prompt's.
        self.names = (*self.names, *gateway.books.names(request.count - 1))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The words to be judged."""
        return self._conversation.parts

    def admit(self) -> None:
        """Take pictures from the key's budget, too. Raises BudgetError."""
        self._gateway.budgets.take(self._caller.key, self._began, images=self.count)
        self._is_admitted = True

    def facts(self, ending: Ending, stage: Stage | None = None, **named: str) -> ExchangeFacts:
        """Return what is kept of the exchange."""
        found = super().facts(ending, stage, **named)
        return msgspec.structs.replace(found, images=self.made)

    async def end_with(
        self, ending: Ending, results: Sequence[Judged], stage: Stage | None = None
    ) -> None:
        """Record how the exchange ended; of the results what stopped comes last."""
        judged = [*([self.prompt] if self.prompt else []), *results]
        self._facts = facts = self.facts(
            ending,
            stage,
            prompt_decision=self.names[0] if self.prompt else "",
            answer_decision=results[-1].decision.decision_id if results else "",
        )
        await self._gateway.books.ended(facts, judged)

    def close(self) -> None:
        """Count what was used, give back pictures that were not made."""
        if self._is_admitted:
            now = self._gateway.clock.now_ms()
            budgets = self._gateway.budgets
            budgets.ended(self._caller.key, now, self._facts, images=self.count)
            self._is_admitted = False
        super().close()


def _conversation(request: ImageRequest) -> Conversation:
    body: dict[str, Any] = {"model": request.model, **request.fields}
    words = (Part("user", request.prompt, "prompt"),) if request.prompt else ()
    return Conversation(
        model=request.model,
        parts=words,
        user=request.user,
        choices=request.count,
        country=request.country,
        body=body,
    )
