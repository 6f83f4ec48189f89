# SPDX-License-Identifier: Apache-2.0
"""litellm's own proxy asks Vigie through the guardrail that its users copy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.support.door import PLANTED, default_policies, publish
from tests.support.installation import Installation
from tests.support.server import free_port
from tests.support.serving import eventually
from tests.support.tree import ROOT
from tests.support.upstream import Upstream
from tests.support.upstream_script import call, letters
from vigie import keys
from vigie.screening.access import AccessKey, Scope, digest_of
from vigie.settings import Settings

pytestmark = pytest.mark.whole
PYTHON = os.environ.get("VIGIE_LITELLM", "")
EXAMPLE = ROOT / "examples" / "litellm"
START = "from litellm.proxy.proxy_cli import run_server; run_server()"
MASTER = "sk-test"
KEY = "vg_for_litellm"
CALM = "A calm answer about boats and potatoes. "
STOPPED = "content_policy_violation"
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


@dataclass
class Proxy:
    """A running litellm proxy."""

    url: str
    upstream: Upstream

    def ask(self, model: str, content: Any, **more: Any) -> httpx2.Response:
        body = {"model": model, "messages": [{"role": "user", "content": content}], **more}
        headers = {"Authorization": f"Bearer {MASTER}"}
        return httpx2.post(
            f"{self.url}/v1/chat/completions", json=body, headers=headers, timeout=60
        )

    def forwarded(self) -> int:
        """How often the model was asked."""
        return len(self.upstream.requests)


def said(answer: httpx2.Response) -> str:
    """Return the text of a stream, as far as it came."""
    events = [
        json.loads(line.removeprefix("data: "))
        for line in answer.text.splitlines()
        if line.startswith("data: {")
    ]
    choices = [choice for event in events for choice in event.get("choices") or ()]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def stopped(answer: httpx2.Response) -> dict[str, Any]:
    """Return what a refusal says beside its message."""
    assert answer.status_code == 400, answer.text
    beside: dict[str, Any] = answer.json()["error"]["provider_specific_fields"]
    assert beside["code"] == STOPPED
    return beside


@pytest.fixture(scope="module")
def vigie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway in a process of its own; its address."""
    folder = tmp_path_factory.mktemp("vigie") / "data"
    settings = Settings.from_env({}, data_dir=folder)
    keys.create_missing(settings.keys_dir)
    key = AccessKey(id="1", sha256=digest_of(KEY), scopes=(Scope.AI,))
    publish(settings.snapshots_dir, policies=default_policies(), access=[key])
    port = free_port()
    process = Installation(folder).start("serve", "--role", "gateway", "--port", str(port))
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: process.poll() is None and answers(f"{url}/ai/v1/models"))
        yield url
    finally:
        end(process)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """The model's server."""
    with Upstream() as server:
        server.on("calm", letters(CALM * 6, 4))
        server.on("bad", letters(f"{CALM * 4}Then comes {PLANTED} and more follows.", 4))
        server.on(
            "tool", call("look", '{"q": "', "".join(f"\\u{ord(c):04x}" for c in PLANTED), '"}')
        )
        yield server


def start(folder: Path, vigie: str, upstream: Upstream) -> tuple[subprocess.Popen[bytes], str]:
    """Start litellm's proxy with the example's own files; one model of any name."""
    shutil.copy(EXAMPLE / "vigie_guardrail.py", folder)
    config = yaml.safe_load((EXAMPLE / "config.yaml").read_text(encoding="utf-8"))
    (model,) = config["model_list"]
    model["model_name"], model["litellm_params"]["model"] = "*", "openai/*"
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_port()
    given = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MASTER_KEY": MASTER,
        "MODEL_BASE": f"{upstream.url}/v1",
        "MODEL_KEY": "none",
        "VIGIE_API_BASE": f"{vigie}/ai/v1",
        "VIGIE_API_KEY": KEY,
    }
    command = [PYTHON, "-c", START, "--config", "config.yaml", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--telemetry", "False"],
        env={**os.environ, **given},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: process.poll() is None and answers(f"{url}/health/liveliness"))
    return process, url


@pytest.fixture(scope="module")
def proxy(
    tmp_path_factory: pytest.TempPathFactory, vigie: str, upstream: Upstream
) -> Iterator[Proxy]:
    """litellm before a model, with Vigie as its guardrail."""
    if not Path(PYTHON).is_file():
        pytest.skip("VIGIE_LITELLM names no Python with litellm[proxy]")
    process, url = start(tmp_path_factory.mktemp("litellm"), vigie, upstream)
    yield Proxy(url, upstream)
    end(process)


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5).status_code < 500
    except httpx2.HTTPError:
        return False


def end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def test_what_is_harmless_passes_whole(proxy: Proxy) -> None:
    plain = proxy.ask("calm", "Hello")
    assert plain.status_code == 200
    assert plain.json()["choices"][0]["message"]["content"] == CALM * 6
    streamed = proxy.ask("calm", "Hello", stream=True)
    assert said(streamed) == CALM * 6
    assert streamed.text.rstrip().endswith("data: [DONE]")


def test_a_prompt_is_stopped_before_the_model_is_asked(proxy: Proxy) -> None:
    before = proxy.forwarded()
    beside = stopped(proxy.ask("calm", f"Tell me of {PLANTED}."))
    assert beside["categories"]
    assert proxy.forwarded() == before


def test_earlier_turns_are_judged_too(proxy: Proxy) -> None:
    said = {"role": "assistant", "content": "Yes?"}
    turns = [{"role": "user", "content": PLANTED}, said, {"role": "user", "content": "Go on."}]
    stopped(proxy.ask("calm", "", messages=turns))


def test_a_picture_that_cannot_be_judged_is_not_let_through(proxy: Proxy) -> None:
    before = proxy.forwarded()
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    answer = proxy.ask("calm", [{"type": "text", "text": "What is this?"}, picture])
    assert answer.status_code == 503
    assert proxy.forwarded() == before


def test_a_plain_answer_is_stopped(proxy: Proxy) -> None:
    answer = proxy.ask("bad", "Hello")
    stopped(answer)
    assert PLANTED not in answer.text
    assert CALM.strip() not in answer.text


def test_a_stream_is_released_in_windows_and_ends_before_the_term(proxy: Proxy) -> None:
    answer = proxy.ask("bad", "Hello", stream=True)
    text = said(answer)
    assert text
    assert f"{CALM * 4}Then comes ".startswith(text)
    assert STOPPED in answer.text
    assert PLANTED not in answer.text


def test_arguments_of_a_tool_are_judged_without_their_escapes(proxy: Proxy) -> None:
    stopped(proxy.ask("tool", "Hello", tools=TOOLS))


def test_without_vigie_nothing_is_let_through(
    tmp_path: Path, upstream: Upstream, proxy: Proxy
) -> None:
    before = proxy.forwarded()
    process, url = start(tmp_path, f"http://127.0.0.1:{free_port()}", upstream)
    try:
        answer = Proxy(url, upstream).ask("calm", "Hello")
    finally:
        end(process)
    assert answer.status_code == 503
    assert proxy.forwarded() == before
