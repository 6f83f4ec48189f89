# SPDX-License-Identifier: Apache-2.0
"""The victim's path: intimate pictures and deepfakes (Directive (EU) 2024/1385 Art. 5, 23).

A person's own device computes hashes of her picture; they find copies and decide
nothing. A reviewer confirms on one blurred copy; from then on the platform's own
hash of that copy acts.
"""
