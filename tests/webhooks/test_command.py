"""`lusha-async webhooks` as people run it: processes, files, ports and signals."""

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lusha_async import sandbox
from lusha_async.cli import app as command
from lusha_async.webhooks import App, InboxPolicy, MemoryInbox, SQLiteInbox, State

from .sending import SECRET, message, opt_out, payload, signed, until
from .serving import post, served

ENVIRONMENT = {**os.environ, "LUSHA_WEBHOOK_SECRET": SECRET, "COLUMNS": "200"}
COMMAND = [sys.executable, "-m", "lusha_async", "webhooks"]


class Done:
    """How the command ended."""

    def __init__(self, status: int, stdout: str, stderr: str) -> None:
        self.returncode, self.stdout, self.stderr = status, stdout, stderr


def run(*arguments: object, secret: str | None = SECRET, **environment: str) -> Done:
    """Run the command to its end, in this process: only what serves a port needs one of its own."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    variables = {"LUSHA_WEBHOOK_SECRET": secret or "", "COLUMNS": "200", **environment}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        for name, value in variables.items():
            patch.setenv(name, value)
        status = command.run(["webhooks", *map(str, arguments)])
    texts = [stream.buffer.getvalue().decode() for stream in (output, errors)]  # type: ignore[attr-defined]
    return Done(status, *texts)


def saved(folder: Path, body: bytes, headers: Any) -> list[object]:
    """The arguments for a delivery kept in two files."""
    (folder / "body.json").write_bytes(body)
    as_text = isinstance(headers, str)
    (folder / "headers.txt").write_text(headers if as_text else json.dumps(headers))
    return [folder / "body.json", "--headers", folder / "headers.txt"]


def test_verify_accepts_the_genuine(tmp_path: Path) -> None:
    """Headers as JSON or as lines; the event in a line without personal data."""
    body, headers = signed()
    lines = "POST / HTTP/1.1\n" + "\n".join(f"{name.lower()}: {value}" for name, value in headers.items())
    for form in (headers, lines):
        done = run("verify", *saved(tmp_path, body, form))
        assert done.returncode == 0, done.stderr
        assert done.stdout == "genuine: promotion of contact 4158887495, 1 credit\n"
    done = run("verify", *saved(tmp_path, *signed(opt_out())))
    assert "opt-out of contact 987654321: 2 data points" in done.stdout
    assert "Avery" not in done.stdout


@pytest.mark.parametrize(
    ("change", "secret", "options", "cause"),
    [
        (b"", "whsec_other", [], "wrong_secret"),
        (b"", SECRET.removeprefix("whsec_"), [], "secret_prefix_missing"),
        (b" cut", SECRET, [], "body_altered"),
        (b"", SECRET, ["--tolerance", "5"], "clock_skew"),
    ],
)
def test_verify_prints_why_not(tmp_path: Path, change: bytes, secret: str, options: list[str], cause: str) -> None:
    """Exit status 3 and the likely cause, without the secret."""
    body, headers = signed(at=time.time() - 100)
    done = run("verify", *saved(tmp_path, body + change, headers), *options, secret=secret)
    assert done.returncode == 3
    assert f"likely cause: {cause}" in done.stdout
    assert "0123456789abcdef" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["verify", "nowhere", "--headers", "nowhere"], 'cannot read "nowhere"'),
        (["replay", "nowhere"], 'there is no inbox "nowhere"'),
        (["listen", "--secret-env", "NO_SUCH_VARIABLE"], "no webhook secret in NO_SUCH_VARIABLE"),
        (["listen", "--port", "0", "--forward", "http://example.com/"], "https://"),
        (["listen", "--port", "0", "--inbox", "no/such/folder/inbox.db"], "there is no folder"),
    ],
)
def test_mistakes_are_refused_in_one_line(arguments: list[str], problem: str) -> None:
    """A mistake is reported at once, in one line without a traceback."""
    done = run(*arguments)
    assert done.returncode in {2, 3}
    assert problem in done.stderr
    assert done.stderr.count("\n") == 1


@asynccontextmanager
async def listening(*arguments: str) -> AsyncIterator[tuple["asyncio.subprocess.Process", int]]:
    """The listener in a process of its own, and its port; stopped by Ctrl-C."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "listen", "--port", "0", *arguments, env=ENVIRONMENT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        first = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", first)
        assert found, first
        yield process, int(found[1])
    finally:
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 20)
        process._transport.close()  # type: ignore[attr-defined]


async def lines_of(process: "asyncio.subprocess.Process", count: int) -> Sequence[str]:
    """So many lines of standard output."""
    assert process.stdout is not None
    return [(await asyncio.wait_for(process.stdout.readline(), 20)).decode() for _ in range(count)]


@pytest.mark.asyncio
async def test_listen_shows_what_is_genuine_as_json(tmp_path: Path) -> None:
    """Each genuine event is acknowledged, kept in the file, and printed once; Ctrl-C ends it in order."""
    async with listening("--json", "--inbox", str(tmp_path / "inbox.db")) as (process, port):
        for number in range(3):
            assert (await post(port, *signed(payload(number), at=time.time()))).status == 201
        assert (await post(port, *signed(payload(1), at=time.time()))).status == 201
        assert (await post(port, *signed(payload(9), at=time.time(), secret="whsec_forged"))).status == 401
        lines = [json.loads(line) for line in await lines_of(process, 3)]
    assert process.returncode == 0
    assert [line["payload"]["id"] for line in lines] == [payload(number)["id"] for number in range(3)]
    async with SQLiteInbox(tmp_path / "inbox.db") as inbox:
        assert (await inbox.counts()).handled == 3


@pytest.mark.asyncio
async def test_listen_passes_on_what_the_other_can_verify(tmp_path: Path) -> None:
    """`--forward` sends the same bytes and headers; while the other is down, the event is tried again."""
    target = App(SECRET, MemoryInbox())
    async with served(target) as other, listening("--forward", f"http://127.0.0.1:{other}") as (process, port):
        body, headers = signed(at=time.time())
        await post(port, body, headers)
        await until(lambda: _stored(target, 1))
        (stored,) = await target.inbox.list_events()
        assert (stored.body, stored.signature) == (body, headers["X-Lusha-Signature"])
        assert (await lines_of(process, 1))[0].startswith("promotion of contact 4158887495, 1 credit")
        target.inbox, kept = _Failing(), target.inbox
        await post(port, *signed(payload(2), at=time.time()))
        await until(lambda: _failed(target))
        target.inbox = kept
        await until(lambda: _stored(target, 2))


class _Failing(MemoryInbox):
    async def put(self, message: Any) -> bool:
        raise OSError


async def _stored(app: App, count: int) -> bool:
    return app.counts["stored"] == count


async def _failed(app: App) -> bool:
    return app.counts["OSError"] > 0


@pytest.mark.asyncio
async def test_replay_makes_dead_events_wait_again(tmp_path: Path) -> None:
    """Dead ones by default; `--dry-run` changes nothing; `--state handled` and `--key` choose others."""
    path = tmp_path / "inbox.db"
    async with SQLiteInbox(path, policy=InboxPolicy(max_attempts=1)) as inbox:
        for number in range(4):
            await inbox.put(message(number))
        for lease in (await inbox.claim(max_events=4, lease=60))[0]:
            if lease.number <= 2:
                await inbox.nack(lease, delay=None, error="x")
            else:
                await inbox.ack(lease)
    assert "2 would be replayed" in (await asyncio.to_thread(run, "replay", path, "--dry-run")).stderr
    done = await asyncio.to_thread(partial(run, "replay", path, "--json", secret=None))
    assert done.returncode == 0
    assert "2 requeued" in done.stderr
    assert len(done.stdout.splitlines()) == 2
    one = await asyncio.to_thread(run, "replay", path, "--state", "handled", "--key", message(3).key)
    assert "1 requeued" in one.stderr
    async with SQLiteInbox(path) as inbox:
        counts = await inbox.counts()
        assert (counts.waiting, counts.handled, counts.dead) == (3, 1, 0)


@pytest.mark.asyncio
async def test_replay_sends_anew_with_a_fresh_signature(tmp_path: Path) -> None:
    """`--to` signs with now's time, so that an old event is taken; the inbox stays as it is."""
    path = tmp_path / "inbox.db"
    async with SQLiteInbox(path) as inbox:
        for number in range(3):
            await inbox.put(message(number, at=1_500_000_000.0))
    target = App(SECRET, MemoryInbox(), tolerance=300)
    async with served(target) as other:
        done = await asyncio.to_thread(
            run, "replay", path, "--state", "waiting", "--to", f"http://127.0.0.1:{other}"
        )
    assert done.returncode == 0, done.stderr
    assert target.counts["stored"] == 3
    failed = await asyncio.to_thread(run, "replay", path, "--state", "waiting", "--to", "http://127.0.0.1:9")
    assert failed.returncode == 3
    assert "0 sent, 3 failed" in failed.stderr
    async with SQLiteInbox(path) as inbox:
        assert len(await inbox.list_events(State.WAITING)) == 3


@pytest.mark.asyncio
async def test_subscriptions_from_the_command(tmp_path: Path) -> None:
    """Create, list and test against a sandbox whose deliveries a receiver here takes; create again changes nothing."""
    app = App("whsec_to_come", MemoryInbox())
    async with served(app) as port, sandbox.serve(companies=300) as server:
        environment = {"LUSHA_BASE_URL": server.url, "LUSHA_API_KEY": server.api_key}

        async def command(*arguments: str) -> Done:
            return await asyncio.to_thread(partial(run, *arguments, **environment))

        secret = server.sandbox.state.webhooks.regenerate_secret()
        app._ring.add(secret)
        person = sandbox.contact_ids(1)[0]
        create = ["create", f"contact:{person}", "--url", f"http://127.0.0.1:{port}/", "--signal", "promotion"]
        dry = await command(*create, "--dry-run")
        assert "1 to create" in dry.stdout
        empty = await command("list")
        assert (empty.stdout, empty.stderr) == ("", "the account has no subscriptions\n")
        made = await command(*create)
        assert (made.returncode, made.stdout.splitlines()[-1]) == (0, "done"), made.stderr
        assert "0 to create, 0 to update, 0 to delete, 1 unchanged" in (await command(*create)).stdout
        listed = (await command("list")).stdout.splitlines()
        assert len(listed) == 1
        assert listed[0].endswith("promotion  active")
        (as_json,) = (await command("list", "--json")).stdout.splitlines()
        assert json.loads(as_json)["entity_id"] == person
        tested = await command("test", json.loads(as_json)["id"])
        assert (tested.returncode, "delivered, the receiver responded with 201" in tested.stdout) == (0, True), (
            tested.stdout
        )
        assert app.counts["stored"] == 1
        wrong = await command("create", "planet:1", "--url", "https://x.example/", "--signal", "promotion")
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
        plain = await command("create", "company:1", "--url", "http://x.example/", "--signal", "promotion")
        assert (plain.returncode, "must be an https URL" in plain.stderr) == (2, True)
        none = await command("create", "company:1", "--url", "https://x.example/", "--signal", "nonsense")
        assert (none.returncode, none.stdout.splitlines()[-1]) == (3, "done, 1 failed")
        missing = await command("test", "nothing")
        assert (missing.returncode, missing.stderr.count("\n")) == (3, 1)
