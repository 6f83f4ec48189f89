# SPDX-License-Identifier: Apache-2.0
"""Reports and file details as XML, in the order of elements that the schema enforces."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lxml import etree

from vigie.core.clock import iso
from vigie.exchange.cybertip.form import Capture, File, Report, Reporter

_HASH_NAMES: Final = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256", "pdq": "PDQ"}
MAX_SCHEMA: Final = 2_000_000
Rules = etree.XMLSchema


def report_xml(report: Report, reporter: Reporter, note: str) -> bytes:
    """Return a `<report>`; `note` stands under additional information."""
    root = etree.Element("report")
    _incident(root, report)
    for url in report.urls:
        page = _add(_add(root, "internetDetails"), "webPageIncident")
        _add(page, "url", url)
    if not report.urls:
        other = _add(_add(root, "internetDetails"), "nonInternetIncident")
        _add(other, "additionalInfo", "No address is known: see the account.")
    _reporter(root, reporter)
    _person(root, report)
    if note:
        _add(root, "additionalInfo", note)
    return _bytes(root)


def file_xml(report_id: str, file_id: str, file: File) -> bytes:
    """Return `<fileDetails>` of an uploaded file."""
    root = etree.Element("fileDetails")
    _add(root, "reportId", report_id)
    _add(root, "fileId", file_id)
    if file.name:
        _add(root, "originalFileName", file.name)
    if file.uploaded_at is not None:
        _add(root, "uploadedToEspTimestamp", iso(file.uploaded_at))
    if file.url:
        _add(root, "locationOfFile", file.url)
    _add(root, "fileViewedByEsp", _word(file.viewed))
    if file.public is not None:
        _add(root, "publiclyAvailable", _word(file.public))
    _add(root, "fileRelevance", "Reported")
    if file.annotations:
        marks = _add(root, "fileAnnotations")
        for one in file.annotations:
            _add(marks, one, _word(True))
    for kind, value in sorted(file.hashes.items()):
        _add(root, "originalFileHash", value).set("hashType", _HASH_NAMES[kind])
    return _bytes(root)


def schema(text: bytes) -> etree.XMLSchema:
    """Read the interface's schema. Raises ValueError where it is none."""
    if len(text) > MAX_SCHEMA:
        raise ValueError("the schema is too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.XMLSchema(etree.fromstring(text, parser))
    except etree.LxmlError as problem:
        raise ValueError("it is no schema") from problem


def problems(document: bytes, by: etree.XMLSchema) -> list[str]:
    """Return where a document breaks the schema: lines and elements, never values."""
    if by.validate(etree.fromstring(document)):
        return []
    return [f"line {one.line}: {one.type_name}" for one in by.error_log]


def _incident(root: etree._Element, report: Report) -> None:
    one = _add(root, "incidentSummary")
    _add(one, "incidentType", report.incident_type)
    if report.urgent:
        _add(one, "escalateToHighPriority", report.urgent)
    _add(one, "incidentDateTime", iso(report.incident_at))
    if report.incident_at_means:
        _add(one, "incidentDateTimeDescription", report.incident_at_means)


def _reporter(root: etree._Element, reporter: Reporter) -> None:
    one = _add(root, "reporter")
    person = _add(one, "reportingPerson")
    _add(person, "firstName", reporter.first_name)
    _add(person, "lastName", reporter.last_name)
    _add(person, "email", reporter.email)
    if reporter.company:
        _add(one, "companyTemplate", reporter.company)
    if reporter.legal_url:
        _add(one, "legalURL", reporter.legal_url)


def _person(root: etree._Element, report: Report) -> None:
    if not (report.account or report.screen_name or report.captures):
        return
    one = _add(root, "personOrUserReported")
    if report.account:
        _add(one, "espIdentifier", report.account)
    if report.service:
        _add(one, "espService", report.service)
    if report.screen_name:
        _add(one, "screenName", report.screen_name)
    _captures(one, report.captures)


def _captures(parent: etree._Element, captures: Iterable[Capture]) -> None:
    for capture in captures:
        one = _add(parent, "ipCaptureEvent")
        _add(one, "ipAddress", capture.address)
        _add(one, "eventName", capture.event)
        if capture.at is not None:
            _add(one, "dateTime", iso(capture.at))
        if capture.port is not None:
            _add(one, "port", str(capture.port))


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    made = etree.SubElement(parent, name)
    if text:
        # XML knows no other control characters; they would stop the whole report.
        made.text = "".join(sign for sign in text if sign >= " " or sign in "\t\n")
    return made


def _word(value: bool, /) -> str:
    return "true" if value else "false"


def _bytes(root: etree._Element) -> bytes:
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made
