# SPDX-License-Identifier: Apache-2.0
"""What tests share: a private PostgreSQL, the skip guard, the import probe."""
