"""The HTTP interface's guard: which host names are answered, and the security headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.http_input import BadRequest

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""Names answered by default. Others are refused, so that a page from elsewhere whose name was
made to point at this machine (DNS rebinding) reads nothing. `*` answers every name."""


def hosts_for(listening: str) -> tuple[str, ...]:
    """The names to answer when listening on this address.

    Beyond loopback whoever can reach us may read, so a foreign name gains nothing.
    """
    return LOOPBACK_HOSTS if listening in ("localhost", "127.0.0.1", "::1") else ("*",)


SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """ASGI middleware, without buffering, so that streams flow through it."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = _without_port(Headers(scope=scope).get("host", ""))
        if "*" not in self._hosts and host not in self._hosts:
            sentence = f"{host[:80]!r} is not a name of this server; allow it in its settings"
            answer = BadRequest(421, "not_allowed", sentence, "host").answer()
            await answer(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def _without_port(host: str) -> str:
    head, colon, port = host.lower().rpartition(":")
    return head if colon and port.isdigit() else host.lower()


def noticing(app: ASGIApp, asked: Callable[[], None]) -> ASGIApp:
    """The application, with `asked` called before every request."""

    async def noticed(scope: Scope, receive: Receive, send: Send) -> None:
        asked()
        await app(scope, receive, send)

    return noticed
