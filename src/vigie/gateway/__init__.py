# SPDX-License-Identifier: Apache-2.0
"""The door of AI applications: every prompt and every answer is judged before it is seen."""
