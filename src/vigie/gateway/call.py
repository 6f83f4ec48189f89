# SPDX-License-Identifier: Apache-2.0
"""A request that is no exchange, such as for embeddings: admitted, counted, without content."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

import msgspec

from vigie.core.errors import RefusedError, VigieError
from vigie.core.gateway import Ending, ExchangeFacts, Feature
from vigie.gateway import refusals
from vigie.gateway.caller import Caller
from vigie.gateway.services import Gateway


class Call:
    """What is known of one such request. Its owner adds to `facts` what it learns."""

    def __init__(self, gateway: Gateway, caller: Caller, feature: Feature, route: str) -> None:
        self._gateway = gateway
        self._caller = caller
        self._clock = time.perf_counter()
        self._is_recorded = False
        self.facts = ExchangeFacts(
            application=caller.key.id,
            route=route,
            feature=feature,
            ending=Ending.FAILED,
            mode=caller.profile.mode,
            profile=caller.profile.name,
            began=gateway.clock.now_ms(),
        )

    @contextlib.asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        """Take from the key's budget, look at the brake, record how it ended.

        Raises BudgetError, RefusedError where the operator has stopped this, and what
        is raised within.
        """
        budgets, key = self._gateway.budgets, self._caller.key
        budgets.take(key, self.facts.began)
        try:
            await self._check()
            yield
            await self._end(Ending.RELEASED)
        except VigieError:
            await self._end(Ending.FAILED)
            raise
        finally:
            recorded = self.facts if self._is_recorded else None
            budgets.ended(key, self._gateway.clock.now_ms(), recorded)

    def note(self, **known: str | int) -> None:
        """Take in what was learnt: fields of ExchangeFacts by name."""
        self.facts = msgspec.structs.replace(self.facts, **known)

    async def _check(self) -> None:
        brake = self._gateway.books.brake(self.facts.feature, self.facts.country)
        if brake is None:
            return
        await self._end(Ending.BRAKED)
        told = refusals.braked(brake, refusals.language_of(*self._caller.languages))
        raise RefusedError(told.message, code=told.code)

    async def _end(self, ending: Ending) -> None:
        if self._is_recorded:
            return
        self._is_recorded = True
        took = int((time.perf_counter() - self._clock) * 1000)
        self.note(ending=ending, took_ms=took)
        self._gateway.metrics.exchanges.labels(self.facts.route, ending.value).inc()
        await self._gateway.books.ended(self.facts, [])
