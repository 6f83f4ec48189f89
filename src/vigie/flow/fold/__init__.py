# SPDX-License-Identifier: Apache-2.0
"""From the journals into the store: records, effects, archive segments.

Two consumers read each writer's journal with positions of their own: `effects`
takes what becomes a record, `archive` takes every decision. Each moves its
position in the transaction that holds what it made.
"""
