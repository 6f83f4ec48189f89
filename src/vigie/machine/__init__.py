# SPDX-License-Identifier: Apache-2.0
"""What the machines' doors share: bodies and keys, the bench, commits, the Snapshot in force."""
