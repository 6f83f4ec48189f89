# SPDX-License-Identifier: Apache-2.0
"""curl, and litellm as a client, in front of the gateway."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import pytest

from tests.support.gateway import STOPPED, TRUSTED, Gateway
from tests.support.upstream_script import call, letters, say

CURL = shutil.which("curl")
LITELLM = os.environ.get("VIGIE_LITELLM", "")
CALM = ("A calm answer ", "about boats ", "and potatoes.")
SAID = "".join(CALM)


def curl(gateway: Gateway, path: str, body: dict[str, Any], *more: str) -> str:
    done = subprocess.run(
        [
            *(str(CURL), "--silent", "--no-buffer", "--max-time", "20", *more),
            *("-H", f"Authorization: Bearer {TRUSTED}", "-H", "Content-Type: application/json"),
            *("-d", json.dumps(body), gateway.url + path),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout


def body_of(model: str, text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


@pytest.mark.skipif(not CURL, reason="curl is not installed")
def test_curl_reads_plain_answers_streams_and_refusals(gateway, upstream):
    upstream.on("calm", say(*CALM))
    upstream.on("bad", letters(f"{SAID} {STOPPED}. {SAID}", 3))
    path = "/ai/v1/chat/completions"
    assert json.loads(curl(gateway, path, body_of("calm")))["choices"][0]["message"]
    stream = curl(gateway, path, body_of("calm", stream=True))
    assert stream.endswith("data: [DONE]\n\n")
    cut = curl(gateway, path, body_of("bad", stream=True))
    assert '"content_filter"' in cut
    assert cut.endswith("data: [DONE]\n\n")
    assert "zorb" not in cut
    refused = curl(gateway, path, body_of("calm", STOPPED), "--include")
    assert refused.startswith("HTTP/1.1 400")
    assert "vigie-decision: " in refused.lower()


@pytest.mark.skipif(not CURL, reason="curl is not installed")
def test_curl_over_a_connection_that_is_kept_asks_twice(gateway, upstream):
    upstream.on("calm", say(*CALM))
    path = "/ai/v1/chat/completions"
    body, url = body_of("calm", stream=True), gateway.url + path
    again = curl(gateway, path, body, "--write-out", "%{num_connects} ", url)
    assert again.count("[DONE]") == 2
    assert "0 " in again


ASK = """
import json, sys, asyncio
import litellm
litellm.telemetry = False
base, key, anthropic = sys.argv[1:4]
def ask(model, **more):
    base_url = anthropic if model.startswith("anthropic/") else base
    messages = more.pop("messages", [{"role": "user", "content": "Hello"}])
    return litellm.completion(model=model, messages=messages, api_base=base_url, api_key=key,
                              num_retries=0, **more)
def text(stream):
    parts, ends = [], []
    for chunk in stream:
        parts.append(chunk.choices[0].delta.content or "")
        ends.append(chunk.choices[0].finish_reason)
    return "".join(parts), [end for end in ends if end]
said = {}
for kind in ("openai", "anthropic"):
    said[kind] = {
        "plain": ask(f"{kind}/calm").choices[0].message.content,
        "stream": text(ask(f"{kind}/calm", stream=True)),
        "cut": text(ask(f"{kind}/bad", stream=True)),
    }
    try:
        ask(f"{kind}/calm", messages=[{"role": "user", "content": sys.argv[4]}])
    except litellm.BadRequestError as problem:
        said[kind]["refused"] = type(problem).__name__
tool = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
called = ask("openai/tool", tools=[tool]).choices[0].message.tool_calls[0].function
said["tool"] = [called.name, called.arguments]
print(json.dumps(said))
"""


@pytest.mark.whole
@pytest.mark.skipif(not LITELLM, reason="VIGIE_LITELLM names no interpreter with litellm")
def test_litellm_as_a_client_reads_answers_streams_cuts_and_refusals(gateway, upstream, tmp_path):
    upstream.on("calm", say(*CALM))
    upstream.on("bad", letters(f"{SAID} {STOPPED}. {SAID}", 3))
    upstream.on("tool", call("look_up", '{"q": "potatoes"}'))
    done = subprocess.run(
        [LITELLM, "-c", ASK, gateway.v1, TRUSTED, f"{gateway.url}/ai", STOPPED],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    said = json.loads(done.stdout.splitlines()[-1])
    for kind in ("openai", "anthropic"):
        found = said[kind]
        assert (found["plain"], found["stream"]) == (SAID, [SAID, ["stop"]])
        text, ends = found["cut"]
        assert f"{SAID} ".startswith(text)
        assert ends in (["content_filter"], ["stop"])
        assert found["refused"]
    assert said["openai"]["cut"][1] == ["content_filter"]
    assert said["tool"] == ["look_up", '{"q": "potatoes"}']
