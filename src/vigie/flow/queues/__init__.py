# SPDX-License-Identifier: Apache-2.0
"""Queues of cases: who sees which, which comes next, who holds it, how long it waits.

`route` places new cases, `serve` hands them out, `claims` keeps two people off
one case, `moves` lets them go elsewhere, `figures` says how long they wait.
"""
