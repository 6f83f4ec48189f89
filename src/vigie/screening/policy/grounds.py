# SPDX-License-Identifier: Apache-2.0
"""Whether what a policy rests on exists in the law data and can be a ground."""

from __future__ import annotations

from vigie.core.actions import ACTIONS
from vigie.law import Cls, LawTable
from vigie.screening.policy.document import Policy
from vigie.screening.policy.errors import PolicyError, did_you_mean


def check_grounds(policy: Policy, law: LawTable) -> None:
    """Raise `PolicyError` where an offence is unknown, never a ground, or reached beyond.

    Removal knows no borders, an offence does: outside class `child` only an
    action that keeps to territories can rest on it.
    """
    for number, offence in enumerate(policy.offences):
        entry = law.entries.get(offence)
        if entry is None:
            offences = [key for key, known in law.entries.items() if known.is_ground]
            raise _error(
                policy,
                number,
                f"no law entry `{offence}`",
                did_you_mean(offence, offences),
            )
        if not entry.is_ground:
            raise _error(
                policy,
                number,
                f"`{offence}` is of kind {entry.kind} and can never be a ground",
                "name an entry of kind offence",
            )
        if not ACTIONS[policy.action_kind].territorial and entry.cls is not Cls.CHILD:
            raise _error(
                policy,
                number,
                f"`{offence}` acts in its own territory only; {policy.action} acts everywhere",
                "use the action withhold",
            )


def _error(policy: Policy, number: int, message: str, fix: str) -> PolicyError:
    field = f"offences[{number}]"
    line, column = policy.fields.get(field, (1, 1))
    return PolicyError(
        message, source=policy.file or policy.id, line=line, column=column, field=field, fix=fix
    )
