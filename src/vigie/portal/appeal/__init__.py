# SPDX-License-Identifier: Apache-2.0
"""Contesting a decision: on the statement, on a measure's page, after a refused notice."""
