# SPDX-License-Identifier: Apache-2.0
"""Orders of authorities: received, proven, answered; nothing leaves unproven."""
