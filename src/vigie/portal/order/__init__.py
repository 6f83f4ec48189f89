# SPDX-License-Identifier: Apache-2.0
"""The form for authorities: choose the form, fill it in or add the document, get a receipt."""
