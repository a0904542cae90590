"""The servers of a test session: one for most, and one more for each contract or pace that a test asks for."""

import threading
from types import TracebackType
from typing import Self

from mockserver.hosting import Host
from mockserver.in_process import MockApp
from mockserver.server import MockServer
from mockserver.testing.options import Options


class Fleet:
    """Servers by kind, each started when it is first asked for and stopped with the session."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, str, bool], MockServer] = {}
        self._apps: dict[tuple[str, str, bool], MockApp] = {}

    def server(self, options: Options) -> MockServer:
        """The server on a socket for these options. Raises MockError when there can be none."""
        with self._lock:
            if options.kind not in self._servers:
                self._servers[options.kind] = MockServer(options.settings()).start()
            return self._servers[options.kind]

    def app(self, options: Options) -> MockApp:
        """The application without a socket for these options. Raises MockError when there can be none."""
        with self._lock:
            if options.kind not in self._apps:
                self._apps[options.kind] = MockApp(options.settings()).start()
            return self._apps[options.kind]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        hosts: list[Host] = [*self._servers.values(), *self._apps.values()]
        for host in hosts:
            host.stop()
