# SPDX-License-Identifier: Apache-2.0
"""One day at Agora: a fictional platform drives a real server, over HTTP alone."""
