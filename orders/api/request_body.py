"""Request bodies, read strictly (RFC 9112): exactly the announced length, all of it bounded."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from eventlet.wsgi import ChunkReadError, Input

from orders.api.request_head import CRLF
from orders.domain.errors import MalformedRequest, RequestTimeout

MAX_CHUNK_LINE_BYTES = 1024
"""Bytes of the longest line in a chunked body that is not data: a chunk's size, or a trailer."""
MAX_CHUNK_EXTRA_BYTES = 8192
"""Bytes of chunk extensions and trailers in one body at most. Nothing here uses them."""
MAX_BODY_BYTES = 16 * 1024 * 1024
"""Bytes of one body that are read at most, even if only to skip them; the upper bound of the
setting MAX_BODY_BYTES.
"""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_CHUNK_SIZE = re.compile(
    rb"([0-9A-Fa-f]{1,16})((?:;%b(?:=(?:%b|%b))?)*)\r\n" % (_TOKEN, _TOKEN, _QUOTED)
)
_TRAILER = re.compile(
    rb"(?!content-length:|transfer-encoding:)%b:[\t\x20-\x7e\x80-\xff]*\r\n" % _TOKEN,
    re.IGNORECASE,
)


class AnnouncedBody(io.RawIOBase):
    """A body whose length Content-Length announced.

    `give_up` is called before an error is raised, because the beginning of the next request is
    unknown then.
    """

    def __init__(
        self, connection: io.BufferedReader, length: int, give_up: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._left = length
        self._readable = MAX_BODY_BYTES
        self._give_up = give_up

    def readable(self) -> bool:
        """Report that this stream can be read from."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, or as much of it as the body has left.

        Raises `MalformedRequest`, `RequestTimeout`.
        """
        wanted = memoryview(buffer)[: self._left]
        if not wanted:
            return 0
        try:
            count = self._connection.readinto(wanted)
        except TimeoutError:
            raise self._late() from None
        except OSError:
            count = 0
        if not count:
            raise self._refusal("The connection ended before the body did.")
        self._left -= count
        self._readable -= count
        if self._readable < 0:
            raise self._refusal("The body is larger than any that is read here.")
        return count

    def _late(self) -> RequestTimeout:
        self._give_up()
        return RequestTimeout()

    def _refusal(self, why: str) -> MalformedRequest:
        self._give_up()
        return MalformedRequest(why)


class ChunkedBody(AnnouncedBody):
    """A body in chunks, each with its length before it."""

    def __init__(self, connection: io.BufferedReader, give_up: Callable[[], None]) -> None:
        super().__init__(connection, 0, give_up)
        self._extra = MAX_CHUNK_EXTRA_BYTES
        self._ended = False

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, at most up to the end of a chunk.

        Raises `MalformedRequest`, `RequestTimeout`.
        """
        if not self._left and not self._ended:
            self._begin_chunk()
        count = super().readinto(buffer)
        if count and not self._left and self._line() != CRLF:
            raise self._refusal("A chunk is longer than its size says.")
        return count

    def _begin_chunk(self) -> None:
        found = _CHUNK_SIZE.fullmatch(self._line())
        if found is None:
            raise self._refusal("The size of a chunk can't be read.")
        size, extensions = found.groups()
        self._spend(extensions)
        self._left = int(size, 16)
        if not self._left:
            self._skip_trailers()
            self._ended = True

    def _skip_trailers(self) -> None:
        while (line := self._line()) != CRLF:
            if not _TRAILER.fullmatch(line):
                raise self._refusal("A trailer of the chunked body can't be read.")
            self._spend(line)

    def _line(self) -> bytes:
        try:
            line = self._connection.readline(MAX_CHUNK_LINE_BYTES)
        except TimeoutError:
            raise self._late() from None
        except OSError:
            line = b""
        if not line.endswith(CRLF):
            raise self._refusal("A line of the chunked body is too long, or does not end.")
        return line

    def _spend(self, extra: bytes) -> None:
        self._extra -= len(extra)
        if self._extra < 0:
            raise self._refusal("The chunked body has too many extensions or trailers.")


class RequestBody(Input):  # type: ignore[misc]
    """What the application finds as `wsgi.input`. Reading raises `MalformedRequest`,
    `RequestTimeout`."""

    def __init__(self, *given: Any, give_up: Callable[[], None], **named: Any) -> None:
        super().__init__(*given, **named)
        self._give_up = give_up

    def read(self, size: int | None = None) -> bytes:
        """Read that many bytes, or all."""
        return self._wanted().read(-1 if size is None else size)

    def readline(self, size: int | None = None) -> bytes:
        """Read to the end of a line."""
        return self._wanted().readline(-1 if size is None else size)

    def readlines(self, hint: int | None = None) -> list[bytes]:
        """Read lines, about `hint` bytes in all."""
        return self._wanted().readlines(-1 if hint is None else hint)

    def discard(self, buffer_size: int = 16 << 10) -> None:
        """Read what the application left unread, up to the next request.

        Raises `ChunkReadError`, which the server expects.
        """
        try:
            while self._stream.read(buffer_size):
                pass
        except (MalformedRequest, RequestTimeout) as error:
            raise ChunkReadError(str(error)) from None

    def _wanted(self) -> io.BufferedReader:
        if self.should_send_hundred_continue:
            self.is_hundred_continue_response_sent = True
            self.send_hundred_continue_response()
        return self._stream

    @cached_property
    def _stream(self) -> io.BufferedReader:
        if self.chunked_input:
            return io.BufferedReader(ChunkedBody(self.rfile, self._give_up))
        return io.BufferedReader(AnnouncedBody(self.rfile, self.content_length, self._give_up))
