# SPDX-License-Identifier: Apache-2.0
"""What the doors for people share: look, language, headers, tile map. No rules, no records."""
