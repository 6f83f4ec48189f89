# SPDX-License-Identifier: Apache-2.0
"""The servers that are compared, each in processes of its own: stub, Vigie, litellm."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.common import tree
from benchmarks.gateway.client import Target
from benchmarks.server import wait_for

LITELLM: Final = "VIGIE_LITELLM"
"""Path of a Python with `litellm[proxy]`."""
CATEGORIES: Final = (
    "harmful_violence",
    "harmful_self_harm",
    "harmful_illegal_weapons",
    "bias_racial",
)
_RUN_LITELLM: Final = "from litellm.proxy.proxy_cli import run_server; run_server()"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def stub() -> Iterator[Target]:
    """Run the stub of a model's server."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.gateway.stub", str(port)]
    with _running(command, dict(os.environ)) as pid:
        _until_open(port)
        yield Target("stub", port, "/v1/chat/completions", "none", pid)


@contextlib.contextmanager
def vigie(folder: Path, upstream: Target) -> Iterator[Target]:
    """Run the gateway door over a folder as `vigie init` makes it, with a key of its own.

    Policies and detectors are those that ship; the profile is the default one
    (`paced`); the journal is written as ever.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")},
        "VIGIE_DATA_DIR": str(folder),
    }
    say = _command(environment)
    say("init")
    key = say("key", "create", "bench", "--scope", "ai", "--scope", "trusted")["key"]
    address = f"http://127.0.0.1:{upstream.port}/v1"
    say("gateway", "upstream", "add", "stub", "--url", address, "--private", "--no-key")
    port = free_port()
    command = [sys.executable, "-m", "vigie", "serve", "--role", "gateway", "--port", str(port)]
    with _running(command, environment) as pid:
        _until_open(port)
        yield Target("vigie", port, "/ai/v1/chat/completions", key, pid)


@contextlib.contextmanager
def litellm(folder: Path, python: str, upstream: Target) -> Iterator[Target]:
    """Run litellm's proxy with its own content filter on prompts and answers, one worker."""
    port, key = free_port(), "sk-bench"
    config = folder / "litellm.json"
    config.write_text(json.dumps(_litellm_config(upstream)), encoding="utf-8")
    environment = {
        **os.environ,
        "LITELLM_MASTER_KEY": key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
    }
    arguments = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    command = [python, "-c", _RUN_LITELLM, *arguments, "--num_workers", "1", "--telemetry", "False"]
    with _running(command, environment, cwd=folder) as pid:
        wait_for(f"http://127.0.0.1:{port}/health/liveliness", 120)
        yield Target("litellm", port, "/v1/chat/completions", key, pid)


def _litellm_config(upstream: Target) -> dict[str, Any]:
    address = f"http://127.0.0.1:{upstream.port}/v1"

    def model(name: str) -> dict[str, Any]:
        known = {"model": f"openai/{name}", "api_base": address, "api_key": "none"}
        return {"model_name": name, "litellm_params": known}

    names = [{"category": one, "enabled": True, "action": "BLOCK"} for one in CATEGORIES]
    guardrail = {
        "guardrail": "litellm_content_filter",
        "mode": ["pre_call", "post_call"],
        "default_on": True,
        "categories": names,
    }
    return {
        "model_list": [model("fast"), model("paced")],
        "guardrails": [{"guardrail_name": "content-filter", "litellm_params": guardrail}],
    }


def pin(pid: int, cores: set[int]) -> None:
    """Keep a process, its threads and its children on some cores (Linux)."""
    for process in tree(pid):
        for task in Path(f"/proc/{process}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores)


def _command(environment: dict[str, str]) -> Any:
    def say(*arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "vigie", *arguments, "--json"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"vigie {' '.join(arguments[:2])}: {done.stderr or done.stdout}")
        return json.loads(done.stdout)

    return say


@contextlib.contextmanager
def _running(
    command: Sequence[str], environment: dict[str, str], cwd: Path | None = None
) -> Iterator[int]:
    quiet = None if os.environ.get("VIGIE_BENCH_LOUD") else subprocess.DEVNULL
    process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=quiet, stderr=quiet)
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_open(port: int, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")
