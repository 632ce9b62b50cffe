"""The frames between the program and a worker.

A frame is: length of the JSON (u32, little-endian), length of the payload (u32), JSON in UTF-8, payload. The arrays of a frame are listed
under ``arrays``, each with ``name``, ``type``, ``dims`` (x first) and where its bytes are: ``at`` an offset into the payload, or
into the segment that came with the frame as a descriptor. docs/protocol.md has the whole of it.
"""

from __future__ import annotations

import array
import json
import mmap
import os
import socket
import struct

import numpy as np

PROTOCOL = 1

#: Arrays larger than this go through a segment, not through the socket.
INLINE = 1 << 16
#: No sound frame is longer.
MAX_JSON = 64 << 20
MAX_PAYLOAD = 64 << 20
#: Arrays begin at multiples of this.
ALIGN = 64

CELL = np.dtype([("level", "<u4"), ("other", "<u4"), ("value", "<f8")])
TYPES = {"u8": np.uint8, "i8": np.int8, "u16": np.uint16, "i16": np.int16, "u32": np.uint32, "i32": np.int32,
         "u64": np.uint64, "i64": np.int64, "f32": np.float32, "f64": np.float64, "cell": CELL}
NAMES = {np.dtype(dtype): name for name, dtype in TYPES.items()}


class Closed(Exception):
    """The program has closed the connection."""


def _no_twins(pairs):
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is given twice")
    return made


class Channel:
    """A connection to the program."""

    def __init__(self, sock: socket.socket):
        self._socket = sock
        self._segments: dict[int, mmap.mmap] = {}

    def receive(self) -> tuple[dict, dict[str, np.ndarray], list[int]]:
        """A frame: its JSON, its arrays as read-only views, and descriptors that are not a segment."""
        head, descriptors = self._exactly(8, descriptors=True)
        lengths = struct.unpack("<II", head)
        if lengths[0] > MAX_JSON or lengths[1] > MAX_PAYLOAD:
            raise ValueError(f"a frame of {lengths[0]} and {lengths[1]} bytes is longer than the protocol allows")
        text, more = self._exactly(lengths[0], descriptors=True)
        payload, rest = self._exactly(lengths[1], descriptors=True)
        descriptors += more + rest
        frame = json.loads(text, object_pairs_hook=_no_twins)
        self._take_segments(frame, descriptors)
        arrays = {}
        for entry in frame.pop("arrays", []):
            source = self._segments[entry["segment"]] if "segment" in entry else payload
            arrays[entry["name"]] = view(source, entry)
        for id in frame.pop("forget", []):
            # Views of it may still be alive in the author's code: the map goes with the last of them.
            self._segments.pop(id, None)
        return frame, arrays, descriptors

    def send(self, frame: dict, arrays: dict[str, np.ndarray] | None = None) -> None:
        """Sends a frame; large arrays in a sealed memory file of their own."""
        entries, payload, large = [], bytearray(), []
        for name, values in (arrays or {}).items():
            values = np.ascontiguousarray(values)
            if values.dtype not in NAMES:
                raise ValueError(f"`{name}` is an array of {values.dtype}, which cannot cross; expected one of {', '.join(TYPES)}")
            entry = {"name": name, "type": NAMES[values.dtype], "dims": list(values.shape[::-1])}
            if values.nbytes > INLINE:
                large.append((entry, values))
            else:
                payload += b"\0" * (-len(payload) % ALIGN)
                entry["at"] = len(payload)
                payload += values.tobytes()
            entries.append(entry)
        descriptors = []
        if large:
            descriptors.append(self._segment(frame, large))
        if entries:
            frame = frame | {"arrays": entries}
        text = json.dumps(frame, ensure_ascii=False, allow_nan=False).encode()
        head = struct.pack("<II", len(text), len(payload))
        try:
            sent = 0
            whole = head + text + bytes(payload)
            if descriptors:
                ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
                sent = self._socket.sendmsg([whole], ancillary)
            self._socket.sendall(whole[sent:])
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _segment(self, frame: dict, large: list) -> int:
        import fcntl

        at = 0
        for entry, values in large:
            at += -at % ALIGN
            entry["at"], entry["segment"] = at, 0
            at += values.nbytes
        descriptor = os.memfd_create("voxomics-answer", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, at)
        for entry, values in large:
            data, offset = memoryview(values).cast("B"), entry["at"]
            while data:
                written = os.pwrite(descriptor, data, offset)
                data, offset = data[written:], offset + written
        # The program refuses a segment that could still shrink under it.
        fcntl.fcntl(descriptor, 1033, 1 | 2 | 4 | 8)  # F_ADD_SEALS: SEAL, SHRINK, GROW, WRITE
        frame["segments"] = [{"id": 0, "bytes": at}]
        return descriptor

    def _take_segments(self, frame: dict, descriptors: list[int]) -> None:
        for told in frame.pop("segments", []):
            if not descriptors:
                raise ValueError("a segment is announced, and no descriptor came with the frame")
            descriptor = descriptors.pop(0)
            try:
                # Private: kernels before 6.7 refuse a shared map of a sealed file that was opened for writing.
                self._segments[told["id"]] = mmap.mmap(descriptor, told["bytes"], mmap.MAP_PRIVATE, mmap.PROT_READ)
            finally:
                os.close(descriptor)

    def _exactly(self, count: int, descriptors: bool = False) -> tuple[bytes, list[int]]:
        data, found = bytearray(), []
        while len(data) < count:
            part, ancillary, _, _ = self._socket.recvmsg(min(count - len(data), 1 << 20), socket.CMSG_SPACE(64), socket.MSG_CMSG_CLOEXEC)
            for level, kind, content in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    whole = len(content) - len(content) % array.array("i").itemsize
                    found.extend(array.array("i", content[:whole]))
            if not part:
                raise Closed
            data += part
        return bytes(data), found


def view(source, entry: dict) -> np.ndarray:
    """An array of a frame as a read-only view, indexed [z, y, x] where it has three dimensions."""
    dtype = np.dtype(TYPES[entry["type"]])
    shape = tuple(entry["dims"][::-1])
    made = np.frombuffer(source, dtype=dtype, count=int(np.prod(shape, dtype=np.int64)), offset=entry["at"]).reshape(shape)
    made.flags.writeable = False
    return made
