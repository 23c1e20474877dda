"""A local Twilio and SendGrid that accepts everything at once and counts it, in its own process.

It answers as fast as it can, so what is measured is the sender. Real accounts are paced far below.
"""

from __future__ import annotations

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


async def take_text(request: web.Request) -> web.Response:
    form = await request.post()
    _accepted["sms"] += 1
    return web.json_response(
        {"sid": f"SM{next(_numbers):032x}", "status": "accepted", "to": form["To"]}, status=201
    )


async def take_mail(request: web.Request) -> web.Response:
    _accepted["email"] += len((await request.json())["personalizations"])
    return web.Response(status=202, headers={"X-Message-Id": f"id-{next(_numbers)}"})


async def tell(request: web.Request) -> web.Response:
    counted = dict(_accepted)
    _accepted.update(sms=0, email=0)
    return web.json_response(counted)


def serve(port: int) -> None:
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/2010-04-01/Accounts/{sid}/Messages.json", take_text)
    app.router.add_post("/v3/mail/send", take_mail)
    app.router.add_get("/counted", tell)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


@contextmanager
def running() -> Iterator[str]:
    """The address of a provider that lives as long as the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.provider", str(port)])
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
    serve(int(sys.argv[1]))
