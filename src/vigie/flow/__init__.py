# SPDX-License-Identifier: Apache-2.0
"""What changes records: one verb, one function, one transaction.

`check_...` raises and changes nothing; a verb commits record, ledger entry and
tasks together or not at all. Deciding by machine is not here: that is
`screening.judge`.
"""
