# SPDX-License-Identifier: Apache-2.0
"""What Vigie keeps: one Django app, models by subject, append-only records."""
