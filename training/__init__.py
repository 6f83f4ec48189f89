# SPDX-License-Identifier: Apache-2.0
"""The scripts that make the weights of `vigie.screening.models`."""
