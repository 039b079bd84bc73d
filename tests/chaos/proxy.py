"""A TCP proxy that stands between ndscheduler and a database, and fails in chosen ways."""

from __future__ import annotations

import contextlib
import re
import socket
import threading

MODES = ("pass", "refuse", "hang", "drop", "cut_on_commit", "cut_before_commit")
CHUNK = 65536
# The statement as psycopg and as PyMySQL send it, and not READ COMMITTED.
COMMIT = re.compile(rb"COMMIT(\x00|$)")


class Proxy:
    """Forwards connections on `port` of 127.0.0.1 to a server, as its `mode` says.

    pass               forward everything
    refuse             refuse new connections; those that stand are cut when it begins
    hang               accept connections and take bytes, but hold them until the mode ends, as a
                       stopped server process does
    drop               as `hang`, but connections that had to wait are dead for ever, as behind a
                       firewall that forgot them
    cut_on_commit      forward each COMMIT, wait until the server has answered, cut in its place
    cut_before_commit  cut at each COMMIT, which the server never sees

    `mode` may be set at any time and from any thread.
    """

    def __init__(self, target_host: str, target_port: int) -> None:
        self._target = (target_host, target_port)
        self._mode = "pass"
        self._changed = threading.Condition()
        self._links: set[_Link] = set()
        self._listener: socket.socket | None = None
        # Bound, never listening: it keeps the port ours while connections are refused.
        self._holder = _bound_socket(0)
        self.port: int = self._holder.getsockname()[1]
        self.commits_cut = 0
        self.is_closing = False

    def start(self) -> Proxy:
        """Begin to accept connections."""
        self._listen()
        return self

    def stop(self) -> None:
        """Cut everything and free the port."""
        with self._changed:
            self.is_closing = True
            self._changed.notify_all()
        self._refuse()
        self._holder.close()

    def __enter__(self) -> Proxy:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def mode(self) -> str:
        """What happens to connections now; see the class."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        if mode not in MODES:
            raise ValueError(f"{mode!r} is none of {MODES}")
        with self._changed:
            self._mode = mode
            for link in self._links:
                link.is_dead |= mode == "drop"
            self._changed.notify_all()
        if mode == "refuse":
            self._refuse()
        elif self._listener is None:
            self._listen()

    def cut(self) -> None:
        """Cut every connection that stands; new ones are taken as the mode says."""
        with self._changed:
            links = list(self._links)
            self._changed.notify_all()
        for link in links:
            link.close()

    def connections(self) -> int:
        """How many connections stand."""
        with self._changed:
            return len(self._links)

    def wait_for_passage(self, link: _Link) -> bool:
        """Wait while nothing may pass; False if `link` will never carry anything again."""
        with self._changed:
            link.is_dead |= self._mode == "drop"
            self._changed.wait_for(
                lambda: (
                    link.is_closed
                    or self.is_closing
                    or not (link.is_dead or self._mode in ("hang", "drop"))
                )
            )
        return not (link.is_closed or self.is_closing)

    def forget(self, link: _Link) -> None:
        """`link` is closed."""
        with self._changed:
            self._links.discard(link)
            self._changed.notify_all()

    def _listen(self) -> None:
        listener = _bound_socket(self.port)
        listener.listen(128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _refuse(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            # A thread that waits in accept() keeps a closed socket listening: wake it first.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            link = _Link(self, client)
            with self._changed:
                self._links.add(link)
            threading.Thread(target=link.open, args=(self._target,), daemon=True).start()
            if self._listener is not listener:
                link.close()


class _Link:
    """One connection of a client, and the one to the server that belongs to it."""

    def __init__(self, proxy: Proxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self.is_closed = False
        self.is_dead = False
        self._commit_sent = False

    def open(self, target: tuple[str, int]) -> None:
        """Connect to the server, then carry bytes both ways until one side ends."""
        # The server may be away, and the client may have left meanwhile.
        with contextlib.suppress(OSError):
            if self._proxy.wait_for_passage(self):
                self._server = socket.create_connection(target, timeout=10)
                self._carry_both_ways(self._server)
        self.close()

    def _carry_both_ways(self, server: socket.socket) -> None:
        server.settimeout(None)
        for end in (self._client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=self._carry, args=(server, self._client), daemon=True)
        back.start()
        self._carry(self._client, server)

    def close(self) -> None:
        """Cut both connections."""
        self.is_closed = True
        for end in (self._client, self._server):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._proxy.forget(self)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK):
                if not self._proxy.wait_for_passage(self) or self._is_cut_at(chunk, source):
                    break
                sink.sendall(chunk)
        self.close()

    def _is_cut_at(self, chunk: bytes, source: socket.socket) -> bool:
        """True if the connection ends here, before `chunk` is carried on."""
        if source is self._server:
            is_cut = self._commit_sent
        else:
            is_commit = COMMIT.search(chunk) is not None
            self._commit_sent |= is_commit and self._proxy.mode == "cut_on_commit"
            is_cut = is_commit and self._proxy.mode == "cut_before_commit"
        self._proxy.commits_cut += is_cut
        return is_cut


def _bound_socket(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound
