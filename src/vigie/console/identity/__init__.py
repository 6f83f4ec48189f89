# SPDX-License-Identifier: Apache-2.0
"""Who somebody is: second factors, passkeys and the operator's own sign-in, by allauth.

allauth keeps the factors and walks through the steps of a sign-in; what it
looks like, how long a session lives and who must have a second factor is ours.
"""
