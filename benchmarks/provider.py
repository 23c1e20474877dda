"""A local Twilio and SendGrid that accepts everything and counts it, in its own process.

It answers after a chosen wait: none measures the sender alone, 50 ms is about what a request to a
real provider takes. Real accounts are paced as well.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

_numbers = itertools.count(1)
_accepted = {"sms": 0, "email": 0}
_wait = 0.0


async def take_text(request: web.Request) -> web.Response:
    form = await request.post()
    await asyncio.sleep(_wait)
    _accepted["sms"] += 1
    return web.json_response(
        {"sid": f"SM{next(_numbers):032x}", "status": "accepted", "to": form["To"]}, status=201
    )


async def take_mail(request: web.Request) -> web.Response:
    await asyncio.sleep(_wait)
    _accepted["email"] += len((await request.json())["personalizations"])
    return web.Response(status=202, headers={"X-Message-Id": f"id-{next(_numbers)}"})


async def tell(request: web.Request) -> web.Response:
    counted = dict(_accepted)
    _accepted.update(sms=0, email=0)
    return web.json_response(counted)


def serve(port: int, wait: float) -> None:
    global _wait
    _wait = wait
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", take_text)
    app.router.add_post("/v3/mail/send", take_mail)
    app.router.add_get("/counted", tell)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


@contextmanager
def running(wait: float) -> Iterator[str]:
    """The address of a provider that lives as long as the block; it waits before each answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.provider", str(port), str(wait)])
    url = f"http://127.0.0.1:{port}"
    try:
        for _attempt in range(100):
            try:
                urllib.request.urlopen(f"{url}/counted").close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]))
