# SPDX-License-Identifier: Apache-2.0
"""The acts that wait for a second person, and what carries each of them out."""

from __future__ import annotations

from vigie.flow import accounts, second_person
from vigie.flow.house import House
from vigie.store.models import SecondPersonRequest, User
from vigie.store.permissions import Permission, Role

ROLE = "account.role"


def carry_out_role(house: House, request: SecondPersonRequest, user: User) -> None:
    """Give an account the role of administrator."""
    accounts.give_role(house, int(request.payload["account"]), Role.ADMIN, by=user)


second_person.register(ROLE, Permission.USER_MANAGE, carry_out_role)
