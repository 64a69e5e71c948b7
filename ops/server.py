"""The running server of a home: where it listens, and asking it as a client."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.home import running
from ops.settings import BrokenEnvironment

ANSWER_SECONDS = 30.0
HEALTH_SECONDS = 2.0


class ServerSaidNo(Exception):
    """The server refused; `status` is HTTP's, `answer` its JSON with reason and sentence."""

    def __init__(self, status: int, answer: Mapping[str, Any]) -> None:
        self.status = status
        self.answer = answer
        super().__init__(str(answer.get("sentence") or f"the server answered {status}"))


class Server:
    """A running server, asked over loopback."""

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def of(cls, home: Path) -> Server | None:
        """The server of this home; None where none answers."""
        found = running(home)
        server = cls(found.http) if found is not None else None
        return server if server is not None and server.answers() else None

    def answers(self) -> bool:
        """Whether the process is there."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=HEALTH_SECONDS):
                return True
        except OSError:
            return False

    def get(self, path: str, **query: object) -> Any:
        """The JSON under a path. Raises ServerSaidNo, or BrokenEnvironment where it is gone."""
        given = {
            key: str(value)
            for key, value in query.items()
            if value is not None and value is not False
        }
        url = f"{self.url}{path}" + (f"?{urllib.parse.urlencode(given)}" if given else "")
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise ServerSaidNo(error.code, _json(error.read())) from error
        except OSError as error:
            raise BrokenEnvironment(
                f"the server at {self.url} does not answer; see `lienthong doctor`."
            ) from error


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
