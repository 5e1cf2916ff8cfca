"""Times one request by its bytes: from the first that is sent to the last that comes, with nothing of the client's own in between."""
import socket
import time

# Orthanc closes a connection that is idle for a second.
LONGEST_IDLE = 0.5


class Stopwatch:
    """A client of one server with one connection, opened before the clock starts. What an answer says is read after it has stopped:
    Python's own client takes as long for a handful of headers as the server for a hit, which would be counted against who sends them."""

    def __init__(self, server):
        self.server, self.connection, self.used = server, None, 0
        self.buffer = bytearray(1 << 20)

    def get(self, path):
        """Milliseconds, status, headers and length of the body of the answer to one GET, which must have a Content-Length."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nAccept-Encoding: identity\r\n\r\n".encode()
        if self.connection is None or time.perf_counter() - self.used > LONGEST_IDLE:
            self.close()
            self.connection = socket.create_connection(("127.0.0.1", self.server.port), timeout=120)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.perf_counter()
        self.connection.sendall(request)
        head, length, rest = self.head()
        while rest > 0:
            rest -= self.receive(self.buffer)
        self.used = time.perf_counter()
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        return (self.used - begin) * 1000, int(lines[0].split()[1]), headers, length

    def head(self):
        """The bytes of the head, the length that it announces, and how much of the body is still to come."""
        have = 0
        while True:
            have += self.receive(memoryview(self.buffer)[have:])
            end = self.buffer.find(b"\r\n\r\n", 0, have)
            if end >= 0:
                head = bytes(self.buffer[:end])
                at = head.lower().find(b"\r\ncontent-length:")
                if at < 0:
                    raise RuntimeError(f"{self.server.name}: an answer without a length: {head}")
                length = int(head[at + 17:].split(b"\r\n", 1)[0])
                return head, length, length - (have - end - 4)

    def receive(self, target):
        count = self.connection.recv_into(target)
        if count == 0:
            raise RuntimeError(f"{self.server.name} closes the connection in the middle of an answer")
        return count

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
