# SPDX-License-Identifier: Apache-2.0
"""Benchmarks: `make bench`. Every figure is CPU time of all threads and children."""
