# SPDX-License-Identifier: Apache-2.0
"""The one error root and the one JSON shape in which every door refuses."""

from __future__ import annotations

import msgspec


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a caller reads: a machine code, words, the field and the fix."""

    code: str
    message: str
    field: str | None = None
    fix: str | None = None
    request_id: str | None = None


class ErrorEnvelope(msgspec.Struct, frozen=True):
    """`{"error": {...}}`, the only error shape at any door."""

    error: ErrorBody


class VigieError(Exception):
    """Root of every error that a caller can act on.

    Subclasses set ``code`` and ``http_status``; ``diagnostics`` is for the
    operator and never leaves the server.
    """

    code = "failed"
    http_status = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        fix: str | None = None,
        http_status: int | None = None,
        diagnostics: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.fix = fix
        self.http_status = http_status or type(self).http_status
        self.diagnostics = diagnostics

    def body(self, request_id: str | None = None) -> ErrorBody:
        """Return what the caller may read."""
        return ErrorBody(
            code=self.code,
            message=self.message,
            field=self.field,
            fix=self.fix,
            request_id=request_id,
        )


class InvalidInputError(VigieError):
    """The input does not fit the contract; names the field and the fix."""

    code = "invalid"
    http_status = 422


class ConflictError(VigieError):
    """Somebody or something was first; nothing was changed."""

    code = "conflict"
    http_status = 409


class NotFoundError(VigieError):
    """No such record, or none that this caller may see."""

    code = "not_found"
    http_status = 404


class RefusedError(VigieError):
    """The caller is known and may not do this."""

    code = "forbidden"
    http_status = 403


class UnavailableError(VigieError):
    """Vigie cannot do it now; trying again later is right."""

    code = "unavailable"
    http_status = 503


class OutsideError(VigieError):
    """A party outside Vigie failed (command line exit code 3)."""

    code = "outside"
    http_status = 502
