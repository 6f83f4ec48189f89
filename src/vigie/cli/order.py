# SPDX-License-Identifier: Apache-2.0
"""`vigie order ...`: what authorities ask for, and the day on which they come themselves."""

from __future__ import annotations

import click

from vigie.cli import (
    frame,
    order_act,
    order_delivered,
    order_list,
    order_record,
    order_supply,
    search_day,
)


@click.group("order", cls=frame.Group, epilog=frame.example("vigie order list --due"))
def command() -> None:
    """Show orders of authorities and their clocks; answer them; keep the record of a search."""


command.add_command(order_list.list_)
command.add_command(order_list.show)
command.add_command(search_day.command)
command.add_command(order_record.command)
command.add_command(order_delivered.command)
command.add_command(order_supply.supply)
for one in (order_act.execute, order_act.refuse, order_act.impossible, order_act.letter):
    command.add_command(one)
