# SPDX-License-Identifier: Apache-2.0
"""`vigie serve`: keeps the web process and the jobs process running, and stops them in order."""
