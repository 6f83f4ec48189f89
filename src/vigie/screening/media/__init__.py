# SPDX-License-Identifier: Apache-2.0
"""Pictures: what is found out about their bytes, in worker processes with limits."""
