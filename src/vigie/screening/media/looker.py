# SPDX-License-Identifier: Apache-2.0
"""One looker process: decodes pictures, hashes every frame, asks the image detectors.

Run as `python -m vigie.screening.media.looker MEGABYTES SECONDS`. It limits
itself as `worker` does, after the detectors have loaded what they need: no file
can be opened or grow from then on, so no pixel reaches a disk.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Final

from PIL import Image

from vigie.screening.detectors.image import ImageDetector, installed
from vigie.screening.media.facts import prepare_decoders
from vigie.screening.media.formats import DECODERS
from vigie.screening.media.frames import look
from vigie.screening.media.protocol import Looked
from vigie.screening.media.worker import limit_process, serve

SIDES: Final = {"PNG": 700}
"""Of one picture of the warm-up: a detector may look at large ones in another way."""


def warm_up(detectors: tuple[ImageDetector, ...]) -> None:
    """Look at one picture of each format, as nothing can be loaded once limits are set."""
    for decoder in DECODERS.values():
        picture = io.BytesIO()
        side = SIDES.get(decoder, 64)
        Image.new("RGB", (side, side)).save(picture, decoder)
        look(picture.getvalue(), None, detectors)


def main() -> None:
    """Load the detectors, limit this process, then serve."""
    megabytes, seconds = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare_decoders()
    detectors = tuple(kind.load() for kind in installed())
    warm_up(detectors)
    limit_process(megabytes)

    def answer(_task: int, data: bytes, mime: str | None, _mark: str) -> Looked:
        return look(data, mime, detectors)

    serve(sys.stdin.buffer, sys.stdout.buffer, seconds, answer)
    os._exit(0)


if __name__ == "__main__":
    main()
