# SPDX-License-Identifier: Apache-2.0
"""Signatures of documents from strangers: checked in a process of its own, without the network."""
