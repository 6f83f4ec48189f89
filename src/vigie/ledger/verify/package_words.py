# SPDX-License-Identifier: Apache-2.0
"""What the verifier says of a package: English, French, German."""

from __future__ import annotations

from typing import Dict, Tuple

LANGUAGES = ("en", "fr", "de")
_SENTENCES: Dict[str, Tuple[str, str, str]] = {
    "files": ("files", "fichiers", "Dateien"),
    "export": ("export", "remise", "Ausgabe"),
    "signature": ("signature", "signature", "Signatur"),
    "records": ("records", "enregistrements", "Aufzeichnungen"),
    "history": ("history", "historique", "Verlauf"),
    "contents": ("contents", "contenus", "Inhalte"),
    "custody": ("custody", "conservation", "Verwahrung"),
    "handled": ("handled", "traitement", "Bearbeitung"),
    "times": ("times", "dates", "Zeiten"),
    "verifier": ("verifier", "vérificateur", "Prüfprogramm"),
    "verified": ("verified", "vérifié", "geprüft"),
    "failed": ("failed", "échec", "fehlgeschlagen"),
    "not_checked": ("not checked", "non vérifié", "nicht geprüft"),
    "noted": ("noted", "à noter", "Hinweis"),
    "files_ok": (
        "all {files} files of {package} are there, none was added and each fits its manifest",
        (
            "les {files} fichiers de {package} sont là, aucun n'a été ajouté et chacun correspond "
            "à son manifeste"
        ),
        "alle {files} Dateien von {package} sind da, keine kam hinzu, jede passt zu ihrem Manifest",
    ),
    "export_ok": (
        "{origin} holds, at {index} of {size}, the record of this very package",
        (
            "{origin} contient, à la position {index} sur {size}, l'enregistrement de cette remise "
            "précise"
        ),
        "{origin} enthält an Stelle {index} von {size} die Aufzeichnung genau dieses Pakets",
    ),
    "signature_ok": (
        "{signer} signed the package; the log names this key",
        "{signer} a signé le paquet ; le journal nomme cette clé",
        "{signer} hat das Paket signiert; das Protokoll nennt diesen Schlüssel",
    ),
    "records_ok": (
        (
            "records: {records}; each stands in {origin} as it is shown ({opened} fields opened, "
            "{withheld} withheld)"
        ),
        (
            "enregistrements : {records} ; chacun figure dans {origin} tel qu'il est montré "
            "({opened} champs ouverts, {withheld} gardés fermés)"
        ),
        (
            "Aufzeichnungen: {records}; jede steht so in {origin}, wie sie gezeigt wird "
            "({opened} Felder offen, {withheld} verschlossen)"
        ),
    ),
    "history_ok": (
        "consistency proofs: {proofs}; the log only grew, from {first} to {last} entries",
        (
            "preuves de cohérence : {proofs} ; le journal n'a fait que croître, de {first} à "
            "{last} "
            "entrées"
        ),
        "Konsistenzbeweise: {proofs}; das Protokoll wuchs nur, von {first} auf {last} Einträge",
    ),
    "contents_ok": (
        "items: {items}, account files: {accounts}; each is, byte for byte, what was sealed",
        (
            "contenus : {items}, fichiers de compte : {accounts} ; chacun est, octet pour octet, "
            "ce qui a été scellé"
        ),
        (
            "Inhalte: {items}, Kontodateien: {accounts}; jede ist Byte für Byte das, was "
            "versiegelt wurde"
        ),
    ),
    "custody_ok": (
        (
            "events of custody: {events}, in order and each from the sealing on; the lists say "
            "what the records say"
        ),
        (
            "événements de conservation : {events}, dans l'ordre et depuis la mise sous scellé ; "
            "les listes disent ce que disent les enregistrements"
        ),
        (
            "Ereignisse der Verwahrung: {events}, geordnet und ab der Versiegelung; die Listen "
            "sagen, was die Aufzeichnungen sagen"
        ),
    ),
    "handled_ok": (
        "lines: {lines}; receipt, time and outcome are those of the log; still open: {open}",
        (
            "lignes : {lines} ; réception, date et issue sont celles du journal ; encore "
            "ouvertes : {open}"
        ),
        ("Zeilen: {lines}; Eingang, Zeit und Ausgang sind die des Protokolls; noch offen: {open}"),
    ),
    "times_ok": (
        "no record is later than what outsiders say of it",
        "aucun enregistrement n'est postérieur à ce qu'en disent les tiers",
        "keine Aufzeichnung ist später als das, was Außenstehende von ihr sagen",
    ),
    "witnessed": (
        "cosigned by {who}, at the latest at {when}",
        "cosigné par {who}, au plus tard à {when}",
        "mitsigniert von {who}, spätestens um {when}",
    ),
    "no_witness": (
        (
            "no witness that you believe has cosigned: that everybody is shown one history is not "
            "established"
        ),
        (
            "aucun témoin que vous reconnaissez n'a cosigné : il n'est pas établi que chacun "
            "voie le "
            "même historique"
        ),
        (
            "kein Zeuge, dem Sie vertrauen, hat mitsigniert: dass allen ein Verlauf gezeigt wird, "
            "steht nicht fest"
        ),
    ),
    "stamp_ok": (
        "a time-stamp authority that you believe says that it was there at {when}",
        "une autorité d'horodatage que vous reconnaissez atteste son existence à {when}",
        "ein Zeitstempeldienst, dem Sie vertrauen, bezeugt den Bestand um {when}",
    ),
    "stamp_open": (
        "a time stamp names {when}; whose it is was not checked ({why})",
        "un horodatage indique {when} ; son auteur n'a pas été vérifié ({why})",
        "ein Zeitstempel nennt {when}; von wem er ist, wurde nicht geprüft ({why})",
    ),
    "no_roots": (
        "give the authority's certificate with --tsa",
        "donnez le certificat de l'autorité avec --tsa",
        "geben Sie das Zertifikat des Dienstes mit --tsa an",
    ),
    "no_openssl": (
        "openssl is not installed here",
        "openssl n'est pas installé ici",
        "openssl ist hier nicht installiert",
    ),
    "no_stamp": (
        "no time stamp: times rest on the operator's clock{rest}",
        "pas d'horodatage : les dates reposent sur l'horloge de l'opérateur{rest}",
        "kein Zeitstempel: die Zeiten beruhen auf der Uhr des Betreibers{rest}",
    ),
    "and_witnesses": (" and on the witnesses", " et sur les témoins", " und auf den Zeugen"),
    "verifier_ok": (
        (
            "verify.py is the file that verify.sha256 names; compare that sum with the one that is "
            "published, and do not rely on a program that came with what it checks"
        ),
        (
            "verify.py est le fichier que nomme verify.sha256 ; comparez cette somme à celle qui "
            "est publiée, et ne vous fiez pas à un programme venu avec ce qu'il vérifie"
        ),
        (
            "verify.py ist die Datei, die verify.sha256 nennt; vergleichen Sie die Summe mit der "
            "veröffentlichten und verlassen Sie sich nicht auf ein Programm, das mit dem Geprüften "
            "kam"
        ),
    ),
    "no_key": (
        "no key was given, so nobody vouches for the log (use --policy or --key)",
        "aucune clé n'a été donnée : personne ne répond du journal (--policy ou --key)",
        "kein Schlüssel wurde angegeben, niemand bürgt für das Protokoll (--policy oder --key)",
    ),
    "after_failure": (
        "not looked at, because of the failure above",
        "non examiné, à cause de l'échec ci-dessus",
        "nicht angesehen, wegen des Fehlers oben",
    ),
    "closing": (
        (
            "What this shows: these files, records and times stand unchanged in the log that your "
            "policy names.\nWhat it does not show: that everything there is was put in, or that "
            "what "
            "people wrote is true."
        ),
        (
            "Ce que cela établit : ces fichiers, enregistrements et dates figurent inchangés "
            "dans le "
            "journal que nomme votre politique.\nCe que cela n'établit pas : que tout ce qui "
            "existe a "
            "été remis, ni que ce que des personnes ont écrit est vrai."
        ),
        (
            "Was das zeigt: diese Dateien, Aufzeichnungen und Zeiten stehen unverändert im "
            "Protokoll, "
            "das Ihre Policy nennt.\nWas es nicht zeigt: dass alles, was es gibt, hineinkam, oder "
            "dass wahr ist, was Menschen schrieben."
        ),
    ),
}


def say(language: str, key: str, **values: object) -> str:
    """Return a sentence in a language; English where the language is not known."""
    at = LANGUAGES.index(language) if language in LANGUAGES else 0
    return _SENTENCES[key][at].format(**values)


def state_word(language: str, state: str) -> str:
    """Return the word for a finding's state."""
    return say(language, state) if state in _SENTENCES else state.replace("_", " ")
