# SPDX-License-Identifier: Apache-2.0
"""The form for notices: one question a page, no account, no script needed."""
