"""A Redis of a test's own on a free port, if need be some way off."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import redis

ROOT = Path(__file__).parents[1]


class RedisServer:
    """`url` leads to it over a proxy that takes `delay` seconds in each direction."""

    def __init__(self, *, password: str = "", delay: float = 0.0, certificate: Path | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._password = password
        self._delay = delay
        self._process: subprocess.Popen[bytes] | None = None
        self._proxy: subprocess.Popen[bytes] | None = None
        self._certificate = certificate
        tls: Any = {"ssl": True, "ssl_ca_certs": str(certificate / "certificate.pem")} if certificate else {}
        self.client: Any = redis.Redis(host="127.0.0.1", port=self._port, password=password or None, **tls)
        self.url = ""

    def start(self) -> None:
        """Start it, also after it was killed."""
        command = [str(shutil.which("redis-server")), "--save", "", "--appendonly", "no"]
        if self._certificate is None:
            command += ["--port", str(self._port)]
        else:
            command += ["--port", "0", "--tls-port", str(self._port), "--tls-auth-clients", "no"]
            command += ["--tls-cert-file", str(self._certificate / "certificate.pem")]
            command += ["--tls-key-file", str(self._certificate / "key.pem")]
        if self._password:
            command += ["--requirepass", self._password]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while True:
            try:
                self.client.ping()
                return
            except (redis.ConnectionError, redis.TimeoutError):
                assert time.monotonic() < until
                time.sleep(0.02)

    def kill(self) -> None:
        """As by `kill -9`."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        port = self._port
        if self._delay:
            port = self._proxied()
        login = f":{self._password}@" if self._password else ""
        self.url = f"redis://{login}127.0.0.1:{port}/0"
        if self._certificate is not None:
            self.url = f"rediss://{login}127.0.0.1:{port}/0?ssl_ca_certs={self._certificate / 'certificate.pem'}"
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.kill()
        if self._proxy is not None:
            self._proxy.kill()
            self._proxy.communicate()

    def _proxied(self) -> int:
        command = [sys.executable, "-m", "benchmarks.redis_server", str(self._port), str(self._delay)]
        self._proxy = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._proxy.stdout is not None
        return int(self._proxy.stdout.readline())


async def _serve(target: int, delay: float) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader2, writer2 = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(pass_on(reader, writer2), pass_on(reader2, writer))

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        try:
            while data := await reader.read(65_536):
                loop.call_later(delay, writer.write, data)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
