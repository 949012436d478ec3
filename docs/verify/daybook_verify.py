#!/usr/bin/env python3
"""Verify a Daybook data folder, an export or a proof, without Daybook.

Written from docs/format/log.md, sealed.md, tree.md and export.md and the public standards that
they name (LZ4, RFC 6962 and 9162, C2SP signed-note and tlog); it shares no code with Daybook. It
needs Python 3.11, and the package "cryptography" where there are signatures to check. It writes
nothing. From top to bottom: checksums and LZ4, the tree, the report, active segments,
sealed segments, indexes, keys and checkpoints, tiles, the data folder, exports, proofs, main.
"""
import argparse
import base64
import errno
import hashlib
import json
import os
import re
import stat
import struct
import sys
import time
from datetime import date, timedelta

MIB = 1 << 20
BLOCK, SECTOR, BATCH_MAX = 4096, 512, 4 * MIB
RECORD_MAX, SEGMENT_MAX = 65_535, 1 << 40
FRAME_RAW_MAX, FRAME_OVERHEAD = 262_144, 27
NOTE_MAX, SIGNATURES_MAX = MIB, 100
# Limits of this reader alone, so that hostile sizes cannot fill the memory.
FOOTER_MAX, INDEX_MAX = 16 * MIB, 64 * MIB
MANIFEST_MAX, SUMMARY_MAX = MIB, 32 * MIB
LISTED_MAX, NAMES_MAX = 1000, 1_000_000
ZEROS = bytes(MIB)
NO_SEQUENCE = (1 << 64) - 1


class Bad(Exception):
    """Something is not as it was written: a problem's code, and what is wrong."""

    def __init__(self, code, detail):
        super().__init__(detail)
        self.code, self.detail = code, detail


class BadHeader(Bad):
    """An active segment whose header does not read: damaged, or a torn roll."""


class WrongUse(Exception):
    """The caller asked for what cannot be meant: exit code 2."""


# --- Checksums and LZ4 -----------------------------------------------------------------------


def crc_tables():
    """Eight tables for CRC-32C (polynomial 0x1EDC6F41, reflected): eight bytes at a time."""
    tables = [[]]
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        tables[0].append(value)
    for _ in range(7):  # each further table is one zero byte on
        tables.append([tables[0][v & 255] ^ v >> 8 for v in tables[-1]])
    return tables


CRC_TABLES = crc_tables()


def crc32c(data):
    """CRC-32C of RFC 3720; of b"123456789" it is 0xE3069283."""
    t0, t1, t2, t3, t4, t5, t6, t7 = CRC_TABLES
    crc, whole = 0xFFFFFFFF, len(data) & ~7
    for word, e, f, g, h in struct.iter_unpack("<IBBBB", memoryview(data)[:whole]):
        word ^= crc
        crc = (t7[word & 255] ^ t6[word >> 8 & 255] ^ t5[word >> 16 & 255] ^ t4[word >> 24]
               ^ t3[e] ^ t2[f] ^ t1[g] ^ t0[h])
    for value in data[whole:]:
        crc = t0[(crc ^ value) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def xxh32(data):
    """XXH32 with seed 0, the checksum of LZ4 frames."""
    p1, p2, p3, p4, p5 = 2654435761, 2246822519, 3266489917, 668265263, 374761393
    mask = 0xFFFFFFFF

    def rotate(value, bits):
        return (value << bits | value >> 32 - bits) & mask

    whole = len(data) & ~15
    total = p5
    if whole:
        a, b, c, d = (p1 + p2) & mask, p2, 0, -p1 & mask
        for w, x, y, z in struct.iter_unpack("<IIII", memoryview(data)[:whole]):
            a = a + w * p2 & mask
            a = (a << 13 | a >> 19) * p1 & mask
            b = b + x * p2 & mask
            b = (b << 13 | b >> 19) * p1 & mask
            c = c + y * p2 & mask
            c = (c << 13 | c >> 19) * p1 & mask
            d = d + z * p2 & mask
            d = (d << 13 | d >> 19) * p1 & mask
        total = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)
    total = total + len(data) & mask
    words = whole + (len(data) - whole & ~3)
    for (word,) in struct.iter_unpack("<I", memoryview(data)[whole:words]):
        total = rotate(total + word * p3 & mask, 17) * p4 & mask
    for value in data[words:]:
        total = rotate(total + value * p5 & mask, 11) * p1 & mask
    total = (total ^ total >> 15) * p2 & mask
    total = (total ^ total >> 13) * p3 & mask
    return total ^ total >> 16


def lz4_block(source, raw_size):
    """The content of one LZ4 block (LZ4 Block Format), exactly raw_size bytes, or ValueError."""
    out, at, end = bytearray(), 0, len(source)
    while at < end:
        token = source[at]
        at += 1
        literals = token >> 4
        if literals == 15:
            literals, at = lz4_length(source, at, literals)
        if at + literals > end or len(out) + literals > raw_size:
            raise ValueError("literals go beyond the end")
        out += source[at : at + literals]
        at += literals
        if at == end:  # the last sequence has no match
            if len(out) != raw_size:
                raise ValueError("the content is shorter than stated")
            return bytes(out)
        if at + 2 > end:
            raise ValueError("a match without an offset")
        offset = source[at] | source[at + 1] << 8
        at += 2
        match = token & 15
        if match == 15:
            match, at = lz4_length(source, at, match)
        match += 4
        start = len(out) - offset
        # The format's end condition: the last five bytes are literals.
        if offset == 0 or start < 0 or len(out) + match > raw_size - 5:
            raise ValueError("a match that is not within the content")
        if offset >= match:
            out += out[start : start + match]
        else:  # it overlaps what it writes: the last bytes, repeated
            out += (out[start:] * (match // offset + 1))[:match]
    raise ValueError("the block ends in the middle of a sequence")


def lz4_length(source, at, length):
    """A length of 15 goes on in further bytes, until one that is not 255."""
    while at < len(source):
        length += source[at]
        at += 1
        if source[at - 1] != 255:
            return length, at
    raise ValueError("a length without an end")


# --- The tree (RFC 6962, section 2.1) --------------------------------------------------------


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf; it keeps only its frontier, the largest subtree first."""

    def __init__(self, size=0, frontier=b""):
        self.size = size
        self.hashes = [frontier[i : i + 32] for i in range(0, len(frontier), 32)]
        self.on_subtree = None  # called for each finished subtree of 256, 65,536 … leaves

    def add(self, record):
        value = hashlib.sha256(b"\x00" + record).digest()
        size, level = self.size, 0
        while size >> level & 1:
            value = hashlib.sha256(b"\x01" + self.hashes.pop() + value).digest()
            level += 1
            if not level & 7 and self.on_subtree:
                self.on_subtree(level // 8, size >> level, value)
        self.hashes.append(value)
        self.size = size + 1

    def frontier(self):
        return b"".join(self.hashes)

    def root(self):
        if not self.hashes:
            return hashlib.sha256(b"").digest()
        value = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            value = node_hash(left, value)
        return value


def inclusion_root(leaf, index, size, path):
    """The root that an inclusion path leads to (RFC 9162, section 2.1.3.2), or ValueError."""
    first, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long")
        if first & 1 or first == last:
            value = node_hash(sibling, value)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return value


# --- The report, and reading files -----------------------------------------------------------


class Report:
    """The verdict of docs/format/tree.md, as it comes to be."""

    def __init__(self, kind):
        self.fields = {
            "kind": kind, "verdict": "good", "records": 0, "firstSequence": None,
            "treeSize": None, "root": None, "sealedSegments": 0, "activeSegments": 0,
            "checkpoints": 0, "checkpointSize": None, "anchoring": "none",
            "problems": [], "remarks": [],
        }
        self.left_out, self.read, self.shown = 0, 0, 0.0
        self.began = time.monotonic()

    def problem(self, code, path, detail):
        self.fields["verdict"] = "bad"
        self._list("problems", {"code": code, "path": path, "detail": detail})

    def remark(self, text):
        self._list("remarks", text)

    def _list(self, name, item):
        if len(self.fields[name]) < LISTED_MAX:
            self.fields[name].append(item)
        else:
            self.left_out += 1

    def progress(self, count, path):
        self.read += count
        now = time.monotonic()
        if sys.stderr.isatty() and now - self.shown > 0.5:
            self.shown = now
            rate = self.read / MIB / max(now - self.began, 0.001)
            line = f"{plain(path)}: {self.read // MIB} MiB read, {rate:.1f} MiB/s"
            print(f"\r{line:<78.78}", end="", file=sys.stderr, flush=True)

    def show(self, as_json):
        if self.left_out:
            self.fields["remarks"].append(f"{self.left_out} more problems or remarks left out")
        if self.shown:
            print(f"\r{'':78}\r", end="", file=sys.stderr)
        text = json.dumps(self.fields, separators=(",", ":")) if as_json else "\n".join(
            plain(line) for line in self.lines())
        try:
            print(text, flush=True)
        except BrokenPipeError:  # a reader that goes away (| head) is no error
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if self.fields["verdict"] == "good" else 1

    def lines(self):
        f = self.fields
        yield f"{f['verdict']}: {f['kind']}"
        if f["kind"] != "export":
            yield f"  records      {f['records']}, from sequence {or_none(f['firstSequence'])}"
            yield f"  tree         size {or_none(f['treeSize'])}, root {or_none(f['root'])}"
            yield f"  segments     {f['sealedSegments']} sealed, {f['activeSegments']} active"
            yield (f"  checkpoints  {f['checkpoints']} agree, "
                   f"the largest of size {or_none(f['checkpointSize'])}")
        yield f"  anchoring    {f['anchoring']}"
        for item in f["problems"]:
            yield f"problem {item['code']} {item['path']}: {item['detail']}"
        for text in f["remarks"]:
            yield f"remark {text}"


def or_none(value):
    return "none" if value is None else value


def reason(error):
    """What an error says, without the path, which the report has already."""
    return getattr(error, "strerror", None) or str(error)


def plain(text):
    """Control characters never reach a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


class Source:
    """A regular file, read by offset. A pipe or a device is refused, since it could block."""

    def __init__(self, path, report=None, shown_as=""):
        self.report, self.shown_as = report, shown_as
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        status = os.fstat(self.fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(self.fd)
            raise OSError("not a regular file")
        self.size = status.st_size

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def read(self, offset, count):
        """The bytes there; fewer only where the file ends."""
        parts = []
        while count > 0 and (part := os.pread(self.fd, min(count, MIB), offset)):
            parts.append(part)
            offset, count = offset + len(part), count - len(part)
            if self.report:
                self.report.progress(len(part), self.shown_as)
        return b"".join(parts)

    def is_zero(self, start, end):
        while start < end:
            try:
                start = os.lseek(self.fd, start, os.SEEK_DATA)  # a hole is zeros
            except OSError as error:
                if error.errno == errno.ENXIO:  # a hole to the end
                    return True
                raise
            if start >= end:
                return True
            part = self.read(start, min(MIB, end - start))
            if not part or part != ZEROS[: len(part)]:
                return False
            start += len(part)
        return True


def read_whole(path, limit):
    with Source(path) as source:
        if source.size > limit:
            raise ValueError(f"larger than the {limit} bytes that are read")
        return source.read(0, limit)


def walk(folder):
    """(parent, folders, files) of all that stands below, sorted; OSError where not all is seen."""
    def fail(error):
        if not isinstance(error, FileNotFoundError) or error.filename != folder:
            raise error

    seen = 0
    for parent, folders, files in os.walk(folder, onerror=fail):
        folders.sort()
        seen += len(files)
        if seen > NAMES_MAX:
            raise OSError(f"more than {NAMES_MAX} files below {folder}")
        if links := [f for f in folders if os.path.islink(os.path.join(parent, f))]:
            raise OSError(f"{links[0]} is a symbolic link to a folder, which is not followed")
        yield parent, folders, sorted(files)


def varint(data, at):
    """A varint in its shortest form, and the place behind it, or ValueError."""
    value, shift = 0, 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            if byte == 0 and shift:
                raise ValueError("a varint that is not in its shortest form")
            return value, at
        shift += 7
    raise ValueError("a varint without an end")


def split_records(body, count):
    """The records of a body (varint length, bytes, back to back), exactly count, or ValueError."""
    records, at, end = [], 0, len(body)
    while at < end:
        length = body[at]
        if length < 128:
            at += 1
        else:
            length, at = varint(body, at)
        if length > RECORD_MAX or at + length > end or len(records) == count:
            raise ValueError("a record too long, or one too many")
        records.append(body[at : at + length])
        at += length
    if len(records) != count:
        raise ValueError(f"{len(records)} records where {count} are stated")
    return records


# --- Active segments (log.md) ----------------------------------------------------------------


class ActiveSegment:
    """One .log file. The constructor checks its header; batches() checks and yields the rest."""

    form = "active"

    def __init__(self, source, name):
        self.source = source
        block = source.read(0, BLOCK)
        if len(block) < BLOCK or block[:8] != b"DAYBKLOG":
            raise BadHeader("segment-damaged", "the header's magic is wrong")
        if crc32c(block[:4092]) != int.from_bytes(block[4092:], "little"):
            raise BadHeader("segment-damaged", "the header's CRC is wrong")
        version, zero, self.identity, self.first, _, size, self.term, tree_size = struct.unpack(
            "<II16sQqQQQ", block[8:72])
        if version != 1:
            raise Bad("segment-foreign", f"version {version} is unknown")
        length = 32 * self.first.bit_count()
        self.frontier = block[72 : 72 + length]
        if (zero or tree_size != self.first or any(block[72 + length : 4092]) or size % BLOCK
                or not 2 * BLOCK <= size <= SEGMENT_MAX or self.term == NO_SEQUENCE):
            raise Bad("segment-damaged", "the header's fields contradict each other")
        if self.first != name:
            raise Bad("segment-foreign", f"the header names sequence {self.first}")
        self.size, self.last_term = size, self.term
        self.torn = None  # what is torn at the end, where something is

    def batches(self):
        """The records of each batch, whole batches only. At the end, self.torn may be set."""
        offset, self.sequence = BLOCK, self.first
        self.chain = hashlib.sha256(struct.pack("<Q", self.first) + self.frontier).digest()[:4]
        while offset < self.size:
            sector = self.source.read(offset, SECTOR)
            if sector == ZEROS[:SECTOR]:
                self._end(offset)
                break
            stored, raw, body_crc, count, codec = self._header(sector, offset)
            end = offset + 68 + stored
            next_offset = -(-end // BLOCK) * BLOCK
            rest = self.source.read(offset + 68, next_offset - offset - 68)
            body = rest[:stored]
            if offset + 68 + len(rest) < next_offset:
                raise Bad("segment-damaged", f"the batch at offset {offset} is cut short")
            if crc32c(body) != body_crc or any(rest[stored:]):
                self._bad_body(offset, sector[:68] + body, next_offset, any(rest[stored:]))
                break
            yield self._records(offset, body, raw, count, codec)
            self.sequence += count
            offset = next_offset
        # The file had its size before its header was written: no crash changes it.
        if self.source.size != self.size:
            raise Bad("segment-damaged",
                      f"{self.source.size} bytes, where the header states {self.size}")

    def _header(self, sector, offset):
        """Checks a batch header, in the order of log.md, and moves chain and term on."""
        at = f"the batch at offset {offset}"
        sealed_part = self.identity + struct.pack("<Q", self.first) + sector[8:68]
        crc = sector[4:8]
        if sector[:4] != b"DBat" or crc32c(sealed_part) != int.from_bytes(crc, "little"):
            raise Bad("segment-damaged", f"{at}: its header is not as it was written")
        (stored, raw, body_crc, count, sequence, durable, term, chain, codec, flags,
         key) = struct.unpack(
            "<IIIIQQQ4sB3s12s", sector[8:68])
        if codec > 1 or flags not in (b"\0\0\0", b"\1\0\0") or any(key):
            raise Bad("segment-foreign", f"{at}: an unknown codec, flag or key")
        if sequence != self.sequence:
            raise Bad("segment-foreign", f"{at}: sequence {sequence}, not {self.sequence}")
        if term < max(self.last_term, 1):
            raise Bad("segment-foreign", f"{at}: term {term} after {self.last_term}")
        if chain != self.chain:
            raise Bad("segment-damaged", f"{at}: it does not follow on the batch before")
        is_mark = flags[0] == 1
        if (is_mark and (stored or raw or count or codec)) or (not is_mark and not (raw and count)):
            raise Bad("segment-damaged", f"{at}: a mark with records, or a batch without")
        if (is_mark != (stored == 0) or count > raw or term == NO_SEQUENCE
                or (durable != NO_SEQUENCE and durable >= sequence)):
            raise Bad("segment-damaged", f"{at}: its header contradicts itself")
        extent = -(-(68 + stored) // BLOCK) * BLOCK
        if (extent > BATCH_MAX or raw > BATCH_MAX or offset + extent > self.size
                or (codec == 0 and raw != stored)):
            raise Bad("segment-damaged", f"{at}: its lengths cannot be")
        self.chain, self.last_term = crc, term
        return stored, raw, body_crc, count, codec

    def _records(self, offset, body, raw, count, codec):
        try:
            return split_records(lz4_block(body, raw) if codec else body, count)
        except ValueError as error:
            raise Bad("segment-damaged", f"the batch at offset {offset}: {error}") from None

    def _bad_body(self, offset, extent, next_offset, is_padding_bad):
        """Torn where a whole sector never arrived and nothing follows; else damaged."""
        sectors = (extent[i : i + SECTOR] for i in range(0, len(extent), SECTOR))
        is_torn = not is_padding_bad and any(s == ZEROS[: len(s)] for s in sectors)
        if is_torn and self.source.is_zero(next_offset, self.source.size):
            self.torn = f"the batch at offset {offset}"
        else:
            raise Bad("segment-damaged", f"the batch at offset {offset}: its body is damaged")

    def _end(self, offset):
        """The first sector is zeros: the end, or the place where a batch was torn."""
        window = min(offset + BATCH_MAX, self.source.size)
        if not self.source.is_zero(window, self.source.size):
            raise Bad("segment-damaged", f"zeros at offset {offset}, other bytes far behind them")
        if self.source.is_zero(offset, window):
            return
        for later in range(offset + BLOCK, window, BLOCK):
            header = self.source.read(later, 68)
            seed = self.identity + struct.pack("<Q", self.first)
            # A record may hold a copy of an older batch: that is no later one.
            if (header[:4] == b"DBat"
                    and crc32c(seed + header[8:]) == int.from_bytes(header[4:8], "little")
                    and int.from_bytes(header[24:32], "little") >= self.sequence
                    and int.from_bytes(header[40:48], "little") >= self.last_term):
                raise Bad("segment-damaged", f"zeros at offset {offset}, a batch at {later}")
        self.torn = f"zeros at offset {offset}, other bytes behind them"

    def finish(self, tree):
        """An active segment states nothing about its end."""


# --- Sealed segments (sealed.md) -------------------------------------------------------------


class SealedSegment:
    """One .lz4 file. The constructor checks identity and footer; batches() checks each frame."""

    form = "sealed"
    torn = None

    def __init__(self, source, name):
        self.source = source
        try:
            identity_crc, data_start = self._identity(name)
            self._footer(identity_crc, data_start)
        except (struct.error, ValueError) as error:
            raise Bad("seal-invalid", str(error)) from None

    def _identity(self, name):
        frame = self.source.read(0, 8 + 64 + 64 * 32 + 4)
        magic, size = struct.unpack("<II", frame[:8])
        payload = frame[8 : 8 + size]
        if magic != 0x184D2A50 or len(payload) != size or payload[:8] != b"DAYBKSEG":
            raise ValueError("it does not begin with an identity frame")
        if size < 68 or crc32c(payload[:-4]) != int.from_bytes(payload[-4:], "little"):
            raise ValueError("the identity's CRC is wrong")
        version, zero, self.identity, self.first, _, self.term, zero_2 = struct.unpack(
            "<II16sQqQQ", payload[8:64])
        if version != 1:
            raise Bad("segment-foreign", f"version {version} is unknown")
        if zero or zero_2 or size != 68 + 32 * self.first.bit_count():
            raise ValueError("the identity's fields contradict each other")
        if self.first != name:
            raise Bad("segment-foreign", f"the identity names sequence {self.first}")
        self.frontier = payload[64:-4]
        return int.from_bytes(payload[-4:], "little"), 8 + size

    def _footer(self, identity_crc, data_start):
        size, magic = struct.unpack("<I8s", self.source.read(max(self.source.size - 12, 0), 12))
        start = self.source.size - size
        if magic != b"DAYBKEOF" or size > FOOTER_MAX or size < 8 + 88 or start < data_start:
            raise ValueError("it does not end with a footer")
        frame = self.source.read(start, size)
        payload = frame[8:]
        if struct.unpack("<II", frame[:8]) != (0x184D2A5F, size - 8) or payload[:8] != b"DAYBKEND":
            raise ValueError("the footer's magic or length is wrong")
        (version, frame_count, identity, first, self.count, self.raw_size, first_time, _,
         self.last_term, its_crc, zero) = struct.unpack("<II16sQQQqqQII", payload[8:88])
        self.footer_crc = int.from_bytes(payload[-16:-12], "little")
        if crc32c(payload[:-16]) != self.footer_crc:
            raise ValueError("the footer's CRC is wrong")
        if version != 1:
            raise Bad("segment-foreign", f"version {version} is unknown")
        table_end = 88 + 32 * frame_count
        frontier_end = table_end + 32 * (first + self.count).bit_count()
        if (frontier_end + 32 + 16 != len(payload) or not frame_count or not self.count or zero
                or identity != self.identity or first != self.first or its_crc != identity_crc
                or self.last_term < max(self.term, 1)):
            raise ValueError("the footer contradicts itself or the identity")
        self.frames = list(struct.iter_unpack("<QQqII", payload[88:table_end]))
        self.end_frontier = payload[table_end:frontier_end]
        self.end_root = payload[frontier_end : frontier_end + 32]
        self._frame_table(data_start, start, first_time)

    def _frame_table(self, data_start, data_end, first_time):
        """Frames join without a gap, and each begins with a later record than the one before."""
        place, sequence = data_start, self.first
        if not self.count <= self.raw_size <= len(self.frames) * FRAME_RAW_MAX:
            raise ValueError("the footer states a size of the records that its frames cannot have")
        for number, (offset, first, _, size, _) in enumerate(self.frames):
            if offset != place or (first <= sequence if number else first != sequence):
                raise ValueError(f"frame {number} is not where the one before ends")
            if not FRAME_OVERHEAD < size <= FRAME_RAW_MAX + FRAME_OVERHEAD:
                raise ValueError(f"frame {number} is of a size that none has")
            place, sequence = place + size, first
        if place != data_end or sequence >= self.first + self.count:
            raise ValueError("the frames do not end where the footer begins")
        if self.frames[0][2] != first_time:
            raise ValueError("the first frame's time is not that of the first record")

    def batches(self):
        """The records of each frame, whole frames only."""
        ends = [frame[1] for frame in self.frames[1:]] + [self.first + self.count]
        total = 0
        for number, ((offset, first, _, size, crc), end) in enumerate(zip(self.frames, ends)):
            try:
                content = self._frame(offset, size, crc)
                records = split_records(content, end - first)
            except (struct.error, ValueError) as error:
                raise Bad("seal-invalid", f"frame {number} at offset {offset}: {error}") from None
            total += len(content)
            yield records
        if total != self.raw_size:
            raise Bad("seal-invalid", f"{total} bytes, where the footer states {self.raw_size}")

    def _frame(self, offset, size, crc):
        """The content of one LZ4 frame of the one form that sealed.md allows."""
        frame = self.source.read(offset, size)
        if crc32c(frame) != crc:
            raise ValueError("its CRC is wrong")
        magic, flags, block, content_size, check, length = struct.unpack("<IBBQBI", frame[:19])
        stored = length & 0x7FFFFFFF
        if (magic, flags, block) != (0x184D2204, 0x6C, 0x50) or size != 19 + stored + 8:
            raise ValueError("it is not of the form that is used")
        if check != xxh32(frame[4:14]) >> 8 & 255:
            raise ValueError("its header checksum is wrong")
        if not 0 < content_size <= FRAME_RAW_MAX:
            raise ValueError("its content size cannot be")
        body = frame[19:-8]
        content = body if length >> 31 else lz4_block(body, content_size)
        end_mark, checksum = struct.unpack("<II", frame[-8:])
        if len(content) != content_size or end_mark or xxh32(content) != checksum:
            raise ValueError("its content checksum, size or end mark is wrong")
        return content

    def finish(self, tree):
        """The footer states the tree at the end."""
        if tree.frontier() != self.end_frontier or tree.root() != self.end_root:
            raise Bad("seal-invalid", "the footer's frontier or root is not that of the records")


# --- Indexes (sealed.md, derived) ------------------------------------------------------------


class Index:
    """One .idx file. ValueError where it does not pass for good: then it is only made anew."""

    def __init__(self, path, name, identity):
        data = read_whole(path, INDEX_MAX)
        if len(data) < 80 or data[:8] != b"DAYBKIDX" or crc32c(data[:-4]) != int.from_bytes(
                data[-4:], "little"):
            raise ValueError("its magic or CRC is wrong")
        (version, self.footer_crc, its_identity, first, self.count, _, self.keys,
         self.size) = struct.unpack("<II16sQQQII", data[8:64])
        if version != 2 or its_identity != identity or first != name:
            raise ValueError("another version, identity or segment")
        self.data = data

    def tail_contradiction(self, end):
        """What of the pages' checksums and the tail, from end on, cannot be; or None."""
        data, pages = self.data, -(-end // 4096)
        remote, odd = divmod(len(data) - 12 - 4 * pages - end, 8)
        if remote < 0 or odd:
            return "its sizes are not those of the segment"
        count, checksum = struct.unpack("<II", data[-12:-4])
        if count != remote or crc32c(data[:64] + data[end:-8]) != checksum:
            return "its tail does not match its checksum"
        hashes = struct.unpack(f"<{remote}Q", data[end:end + 8 * remote])
        if any(a >= b for a, b in zip(hashes, hashes[1:])):
            return "its remote keys are not in order"
        table = struct.unpack(f"<{pages}I", data[end + 8 * remote:-12])
        starts = range(0, end, 4096)
        if any(crc32c(data[n:min(n + 4096, end)]) != crc for n, crc in zip(starts, table)):
            return "a page does not match its checksum"
        return None

    def contradiction(self, segment):
        """What it says that cannot be, where it passes for that segment's own; or None."""
        start = 64 + 16 * self.keys
        if self.count != segment.count:
            return "its sizes are not those of the segment"
        if detail := self.tail_contradiction(start + self.size):
            return detail
        postings, place, last_key = self.data[start:start + self.size], 0, -1
        for key, offset, count in struct.iter_unpack("<QII", self.data[64:start]):
            if key <= last_key or offset != place or not count:
                return "its keys are not in order"
            last_key, sequence = key, -1
            for number in range(count):
                try:
                    step, place = varint(postings, place)
                except ValueError as error:
                    return str(error)
                if number and not step:
                    return "a key's sequences do not ascend"
                sequence = sequence + step if number else step
                if sequence >= self.count:
                    return "a sequence beyond the segment"
        return None if place == len(postings) else "postings that belong to no key"


# --- Keys and checkpoints (tree.md) ----------------------------------------------------------


def strict_base64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 that is not in its one form")
    return data


def parse_key(text, kind):
    """A verifier key: (name, key id, 32 bytes), or ValueError. Kind 1 is a log's, 4 a witness's."""
    name, key_id, encoded = text.split("+", 2)
    key = strict_base64(encoded)
    wanted = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if not is_key_name(name) or len(key) != 33 or key_id != wanted.hex():
        raise ValueError("its key id is not that of its name and key")
    if key[0] != kind:
        raise ValueError(f"its type is {key[0]}, not {kind}")
    return name, wanted, key[1:]


def is_key_name(name):
    return name != "" and "+" not in name and not any(c.isspace() for c in name)


def ed25519_is_valid(public_key, signature, message):
    """None where this cannot be checked, since "cryptography" is not installed."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


class Checkpoint:
    """A signed note with a tree's size and root; ValueError where it is not one."""

    def __init__(self, data):
        text = data.decode("utf-8")
        if any(c < " " and c != "\n" for c in text):
            raise ValueError("a control character")
        body, gap, tail = text.rpartition("\n\n")
        lines = body.split("\n")
        if not gap or not tail.endswith("\n") or len(lines) != 3 or not lines[0]:
            raise ValueError("not a checkpoint: three lines, an empty one, signatures")
        self.body = (body + "\n").encode()
        self.origin = lines[0]
        if not re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]) or int(lines[1]) >> 64:
            raise ValueError("the tree size is not a number")
        self.size, self.root = int(lines[1]), strict_base64(lines[2])
        if len(self.root) != 32:
            raise ValueError("the root is not 32 bytes")
        self.signatures = [self._signature(line) for line in tail[:-1].split("\n")]
        if len(self.signatures) > SIGNATURES_MAX:
            raise ValueError("too many signatures")

    @staticmethod
    def _signature(line):
        dash, name, encoded = line.split(" ")
        data = strict_base64(encoded)
        if dash != "\u2014" or not is_key_name(name) or len(data) < 5:
            raise ValueError("a line that is not a signature")
        return name, data[:4], data[4:]

    def check(self, log_keys, witnesses):
        """True where a witness signed too; None where nothing could be checked. Else ValueError."""
        own = {(name, key_id): key for name, key_id, key in log_keys if name == self.origin}
        if not own:
            raise ValueError(f"no key of the origin {self.origin} was given")
        others = {(name, key_id): key for name, key_id, key in witnesses}
        results, is_witnessed = [], False
        for name, key_id, signature in self.signatures:
            message = self.body
            if (name, key_id) in own:
                key = own[name, key_id]
            elif (name, key_id) in others and len(signature) == 72:
                key, when = others[name, key_id], int.from_bytes(signature[:8], "big")
                if when >> 63:
                    raise ValueError(f"the cosignature of {name} has a time that cannot be")
                message = f"cosignature/v1\ntime {when}\n".encode() + message
                signature, is_witnessed = signature[8:], True
            elif (name, key_id) in others:
                raise ValueError(f"the cosignature of {name} has a wrong length")
            else:
                continue  # unknown keys are ignored
            results.append(((name, key_id) in own, ed25519_is_valid(key, signature, message)))
            if results[-1][1] is False:
                raise ValueError(f"the signature of {name} is not valid")
        if not any(is_own for is_own, _ in results):
            raise ValueError("no signature of the log's key")
        return None if any(valid is None for _, valid in results) else is_witnessed


NO_CRYPTOGRAPHY = ("signatures could not be checked: Python's package \"cryptography\" is not "
                   "installed; a check that was not made is not a pass")


# --- Tiles (tree.md, derived) ----------------------------------------------------------------


def tile_path(level, number):
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return f"tree/tile/{level}/" + "/".join(["x" + g for g in groups[:-1]] + groups[-1:])


class Tiles:
    """The stored tiles, each compared as soon as the tree has grown over it."""

    def __init__(self, folder, report):
        self.folder, self.report = folder, report
        self.stored, self.growing = set(), {}
        self.missing, self.unread, self.not_tiles = [], [], []
        try:
            paths = files_below(folder, "tree")
        except OSError as error:
            report.problem("tile-mismatch", "tree", reason(error))
            paths = []
        for path in paths:
            match = re.fullmatch(r"tree/tile/([1-7])/((?:x[0-9]{3}/){0,6}[0-9]{3})", path)
            number = int(re.sub("[^0-9]", "", match[2])) if match else 0
            is_tile = (match and tile_path(int(match[1]), number) == path
                       and not number + 1 << 8 * int(match[1]) + 8 >> 64)
            (self.stored.add if is_tile else self.not_tiles.append)(path)

    def subtree(self, level, index, value):
        """A subtree of 2^(8·level) leaves is whole: entry index mod 256 of a tile."""
        number, entry = index >> 8, index & 255
        first, hashes = self.growing.setdefault(level, (entry, []))
        hashes.append(value)
        if entry == 255:
            del self.growing[level]
            self._compare(tile_path(level, number), first, b"".join(hashes))

    def _compare(self, path, first, wanted):
        if path not in self.stored:
            self.missing.append(path)
            return
        self.stored.remove(path)
        data = self._read(path)
        if len(data) != 8192:
            self.unread.append(path)
        elif data[32 * first :] != wanted:
            self.report.problem("tile-mismatch", path, "its hashes are not those of the records")

    def _read(self, path):
        try:
            return read_whole(os.path.join(self.folder, path), 8192)
        except (OSError, ValueError):
            return b""

    def finish(self, first_sequence, size, is_whole):
        """What the tree did not reach: it says that there were more records."""
        for path in sorted(self.stored):
            level, digits = path.split("/", 3)[2:]
            end = int(re.sub("[^0-9]", "", digits)) + 1 << 8 * int(level) + 8
            if end > first_sequence and end > size and is_whole and len(self._read(path)) == 8192:
                self.report.problem("tile-mismatch", path, f"it speaks of {end} records")
            else:
                self.unread.append(path)
        summarize(self.report, "full tiles are missing", self.missing)
        summarize(self.report, "tiles were not compared", self.unread)
        summarize(self.report, "files in tree/ are not tiles of level 1 and up", self.not_tiles)


def summarize(report, words, paths):
    if paths:
        report.remark(f"{words}: {len(paths)}, the first {paths[0]}")


def files_below(folder, name):
    """The paths of all files below folder/name, relative to the folder."""
    found = []
    for parent, _, files in walk(os.path.join(folder, name)):
        found += (os.path.relpath(os.path.join(parent, f), folder) for f in files)
    return found


# --- The data folder -------------------------------------------------------------------------


class DataFolder:
    """Reads checkpoints, then every segment in order, and compares the two as the tree grows."""

    def __init__(self, folder, log_keys, witnesses, report):
        self.folder, self.report = folder, report
        self.log_keys, self.witnesses = log_keys, witnesses
        self.checkpoints = {}  # tree size: (path, root, whether a witness signed)
        self.identity, self.tree = None, None
        self.is_linked = True  # no problem so far: the next segment continues the tree
        # The segment before, where its end is known: (whether sealed, end, frontier, last term).
        self.before = None
        self.anchored_size = None
        self.no_index, self.ignored_indexes, self.end_remark = [], [], None

    def path(self, relative):
        return os.path.join(self.folder, relative)

    def verify(self):
        segments = self._list_log()
        self._read_checkpoints()
        self.tiles = Tiles(self.folder, self.report)
        if not segments:
            self.report.problem("segment-missing", "log", "there is no segment")
            self.is_linked = False
        elif min(segments) == 0:
            self._start_tree(Tree())
        names = sorted(segments)
        for name in names:
            self._segment(name, segments[name], is_last=name == names[-1])
        self._judge_end(names, segments)
        self._orphan_indexes(segments)
        self._finish()

    def _list_log(self):
        """Segment name: the set of forms that stand."""
        segments, self.indexes, other = {}, set(), []
        folder = self.path("log")
        for entry in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            match = re.fullmatch(r"([0-9]{20})\.(log|lz4|idx|sealing)", entry)
            match = match if match and not int(match[1]) >> 64 else None
            if match and match[2] in ("log", "lz4"):
                segments.setdefault(int(match[1]), set()).add(match[2])
            elif match and match[2] == "idx":
                self.indexes.add(int(match[1]))
            else:
                other.append("log/" + entry)
        summarize(self.report, "files in log/ that are not part of the log", other)
        return segments

    def _start_tree(self, tree):
        self.tree, self.first = tree, tree.size
        tree.on_subtree = self.tiles.subtree
        if tree.size:
            self.report.remark(f"records before sequence {tree.size} are not here: their hashes "
                               "are the first segment's, and proved only by a checkpoint")
        self._compare_checkpoint()

    # Segments

    def _segment(self, name, forms, is_last):
        main = "log" if "log" in forms else "lz4"
        path = f"log/{name:020d}.{main}"
        end, sealed = None, None
        try:
            self._check_name(name, path)
            with Source(self.path(path), self.report, path) as source:
                segment = self._open(source, name, main, is_last)
                if segment:
                    end = self._read_segment(segment, is_last)
                    sealed = segment if main == "lz4" else None
        except Bad as error:
            self._problem(error.code, path, error.detail)
        except OSError as error:
            code = "segment-damaged" if main == "log" else "seal-invalid"
            self._problem(code, path, f"it cannot be read: {reason(error)}")
        if forms == {"log", "lz4"}:
            sealed = self._second_form(name, end)
        if sealed:
            self._index(name, sealed)
        self.before = end and (sealed is not None, *end)

    def _problem(self, code, path, detail):
        self.report.problem(code, path, detail)
        self.is_linked = False

    def _check_name(self, name, path):
        if self.before and name > self.before[1]:
            self._problem("segment-missing", path,
                          f"records {self.before[1]} to {name - 1} are missing before it")
            self.before = None  # checked alone from here on
        elif self.before and name < self.before[1]:
            raise Bad("segment-foreign", f"it begins before the segment before ends, at "
                                         f"{self.before[1]}")

    def _open(self, source, name, form, is_last):
        """The segment with its header checked; None for a torn roll, which is only remarked."""
        try:
            segment = (ActiveSegment if form == "log" else SealedSegment)(source, name)
        except BadHeader:
            is_possible = source.size % BLOCK == 0 and source.size >= 2 * BLOCK
            # A segment is sealed only after the next one's header was on disk.
            is_possible = is_possible and is_last and not (self.before and self.before[0])
            if is_possible and source.is_zero(BLOCK, source.size):
                self.end_remark = (source.shown_as, "a torn roll, a bad header and zeros")
                return None
            raise
        self._seam(segment)
        return segment

    def _seam(self, segment):
        """What the segment's start says must be what the end of the one before says."""
        if self.identity is None:
            self.identity = segment.identity
        if segment.identity != self.identity:
            raise Bad("segment-foreign", f"it is of another log, {segment.identity.hex()}")
        if self.before:
            _, _, frontier, term = self.before
            if segment.term < term:
                raise Bad("segment-foreign", f"term {segment.term} after {term}")
            if segment.frontier != frontier:
                raise Bad("segment-damaged" if segment.form == "active" else "seal-invalid",
                          "the frontier at its start is not that of the records before")

    def _read_segment(self, segment, is_last):
        """Adds every record to the tree, or to one of its own once the tree has ended."""
        self.report.fields[segment.form + "Segments"] += 1
        if self.is_linked and self.tree is None:
            self._start_tree(Tree(segment.first, segment.frontier))
        is_linked = self.is_linked
        tree = self.tree if is_linked else Tree(segment.first, segment.frontier)
        for records in segment.batches():
            for record in records:
                tree.add(record)
                if is_linked and tree.size in self.checkpoints:
                    self._compare_checkpoint()
        segment.finish(tree)
        if segment.torn:
            if not is_last:
                raise Bad("segment-damaged", f"{segment.torn}, and a later segment stands")
            self.end_remark = (segment.source.shown_as, f"a torn tail: {segment.torn}")
        return tree.size, tree.frontier(), segment.last_term

    def _second_form(self, name, end):
        """The .lz4 beside a .log: the .log counts, but the other must say the same."""
        path = f"log/{name:020d}.lz4"
        self.report.remark(f"both forms of a segment stand, {path} beside its .log")
        try:
            with Source(self.path(path), self.report, path) as source:
                segment = SealedSegment(source, name)
                if self.identity not in (None, segment.identity):
                    raise Bad("segment-foreign", f"it is of another log, {segment.identity.hex()}")
                tree = Tree(segment.first, segment.frontier)
                for records in segment.batches():
                    for record in records:
                        tree.add(record)
                segment.finish(tree)
                if end and (tree.size, tree.frontier()) != end[:2]:
                    raise Bad("seal-invalid", "its records are not those of the .log beside it")
                return segment
        except Bad as error:
            self.report.problem(error.code, path, error.detail)
        except OSError as error:
            self.report.problem("seal-invalid", path, f"it cannot be read: {reason(error)}")
        return None

    def _judge_end(self, names, segments):
        """A torn end is harmless only where nothing says that more was durable."""
        if names and "lz4" in segments[names[-1]]:
            self._problem("segment-missing", f"log/{names[-1]:020d}.lz4",
                          "the active segment after it is missing")
        if self.end_remark:
            path, detail = self.end_remark
            later = [p for size, (p, _, _) in self.checkpoints.items() if self._is_beyond(size)]
            if later and self.is_linked:
                self._problem("segment-damaged", path, f"{detail}; but {min(later)} says that "
                                                       "more was durable")
            else:
                self.report.remark(f"{path}: {detail}; it was never acknowledged")

    def _is_beyond(self, size):
        return self.tree is None or size > self.tree.size

    # Indexes

    def _index(self, name, segment):
        path = f"log/{name:020d}.idx"
        if name not in self.indexes:
            self.no_index.append(path)
            return
        self.indexes.remove(name)
        try:
            index = Index(self.path(path), name, segment.identity)
        except (OSError, ValueError, struct.error):
            self.ignored_indexes.append(path)
            return
        if index.footer_crc != segment.footer_crc:
            self.ignored_indexes.append(path)
        elif detail := index.contradiction(segment):
            self.report.problem("index-mismatch", path, detail)

    def _orphan_indexes(self, segments):
        """An index without its sealed segment; a valid one beyond the end is evidence."""
        for name in sorted(self.indexes):
            path = f"log/{name:020d}.idx"
            self.ignored_indexes.append(path)
            try:
                index = Index(self.path(path), name, self.identity)
            except (OSError, ValueError, struct.error):
                continue
            if name not in segments and self.is_linked and self._is_beyond(name + index.count):
                self.report.problem("segment-missing", path,
                                    f"it speaks of records to {name + index.count - 1}")
        summarize(self.report, "sealed segments without an index", self.no_index)
        summarize(self.report, "indexes were ignored (to be made anew)", self.ignored_indexes)

    # Checkpoints

    def _read_checkpoints(self):
        folder = self.path("checkpoints")
        entries = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        notes = [e for e in entries
                 if re.fullmatch(r"[0-9]{20}\.note", e) and not int(e[:20]) >> 64]
        known = {"keys", "superseded"} | set(notes)
        summarize(self.report, "files in checkpoints/ that are not checkpoints",
                  [f"checkpoints/{e}" for e in entries if e not in known])
        if not notes:
            return
        if not self.log_keys:
            self._keys_of_folder()
        unchecked = 0
        for entry in notes[:NAMES_MAX]:
            unchecked += self._read_checkpoint(f"checkpoints/{entry}", int(entry[:20]))
        if unchecked:
            self.report.problem("checkpoint-invalid", "checkpoints", NO_CRYPTOGRAPHY)
        if len(notes) > NAMES_MAX:
            self.report.problem("checkpoint-invalid", "checkpoints", "more than this reader takes")

    def _keys_of_folder(self):
        try:
            lines = read_whole(self.path("checkpoints/keys"), MIB).decode().split("\n")
            self.log_keys = [parse_key(line, 1) for line in lines if line]
            self.report.remark("the key was taken from the folder itself (checkpoints/keys): "
                               "whoever wrote the folder chose it; give the log's with --key")
        except (OSError, ValueError) as error:
            self.report.problem("checkpoint-invalid", "checkpoints/keys",
                                f"no key was given, and this is no list of keys: {reason(error)}")

    def _read_checkpoint(self, path, name):
        """Keeps a valid one for comparison. Answers whether its signature went unchecked."""
        try:
            checkpoint = Checkpoint(read_whole(self.path(path), NOTE_MAX))
            if checkpoint.size != name:
                raise ValueError(f"its tree size is {checkpoint.size}")
            is_witnessed = checkpoint.check(self.log_keys, self.witnesses)
        except (OSError, ValueError) as error:
            self.report.problem("checkpoint-invalid", path, reason(error))
            return False
        self.checkpoints[name] = (path, checkpoint.root, is_witnessed)
        return is_witnessed is None

    def _compare_checkpoint(self):
        """Called at each tree size for which there is a checkpoint."""
        path, root, is_witnessed = self.checkpoints.pop(self.tree.size, (None, None, None))
        if path is None:
            return
        if root != self.tree.root():
            self.report.problem("checkpoint-mismatch", path,
                                f"the root of the records is {self.tree.root().hex()}")
        elif is_witnessed is not None:
            self.report.fields["checkpoints"] += 1
            self.report.fields["checkpointSize"] = self.tree.size
            if is_witnessed:
                self.anchored_size = self.tree.size

    def _finish(self):
        fields, before = self.report.fields, []
        for size, (path, _, is_witnessed) in sorted(self.checkpoints.items()):
            if self.is_linked and is_witnessed is not None and self._is_beyond(size):
                self.report.problem("segment-missing", path, f"it speaks of {size} records")
            else:
                before.append(path)
        summarize(self.report, "checkpoints were not compared", before)
        if self.tree:
            fields["treeSize"], fields["root"] = self.tree.size, self.tree.root().hex()
            fields["records"] = self.tree.size - self.first
            fields["firstSequence"] = self.first if fields["records"] else None
        self.tiles.finish(self.first if self.tree else 0, fields["treeSize"] or 0, self.is_linked)
        state_anchoring(self.report, self.anchored_size)


def state_anchoring(report, anchored_size):
    """Self-signed only is never a pass without remark (tree.md)."""
    size = report.fields["checkpointSize"]
    if size is None:
        report.remark("no checkpoint was compared: nothing signed says that these are the records")
    elif anchored_size is None:
        report.fields["anchoring"] = "self-signed"
        report.remark("self-signed only: whoever holds the log's key could have written it anew")
    else:
        report.fields["anchoring"] = "anchored"
        if anchored_size < size:
            report.remark(f"a witness signed through tree size {anchored_size}, not {size}")


# --- Exports (export.md) ---------------------------------------------------------------------

SHARED = {"format": int, "day": str, "complete": bool, "logIdentity": str, "firstSequence": int,
          "lastSequence": int, "previousLastSequence": int}
DAY_FILES = {"manifest.json", "runs.jsonl", "summary.json"}
NULLABLE = {"firstSequence", "lastSequence", "previousLastSequence"}


def read_json(path, limit):
    """One JSON object, in which no member stands twice; ValueError where it is not."""
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a member stands twice")
        return dict(pairs)

    def constant(name):
        raise ValueError(f"{name} is no JSON")

    try:
        value = json.loads(read_whole(path, limit).decode("utf-8"), object_pairs_hook=members,
                           parse_constant=constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    for name, kind in SHARED.items():
        is_null = name in NULLABLE and name in value and value[name] is None
        if not is_null and type(value.get(name)) is not kind:
            raise ValueError(f"{name} is missing or of a wrong kind")
    if value["format"] != 1:
        raise ValueError(f"format {value['format']} is unknown")
    return value


class Export:
    """Every day below a folder: files against manifest, summary against manifest, day after day."""

    def __init__(self, folder, report):
        self.folder, self.report, self.days = folder, report, []

    def verify(self):
        strays = []
        for parent, folders, files in walk(self.folder):
            if "manifest.json" in files:
                self._day(parent, set(files), folders)
            elif {"runs.jsonl", "summary.json"} & set(files):
                self._problem(parent, "a day without a manifest.json")
            else:
                strays += (os.path.relpath(os.path.join(parent, f), self.folder) for f in files)
        summarize(self.report, "files that are not part of an export", strays)
        self._chain()
        self.report.remark("an export is not signed: compare its logIdentity, sequences and state "
                           "with a verified log")

    def _problem(self, path, detail):
        self.report.problem("export-mismatch", os.path.relpath(path, self.folder), detail)

    def _day(self, parent, files, folders):
        manifest_path = os.path.join(parent, "manifest.json")
        try:
            manifest = read_json(manifest_path, MANIFEST_MAX)
            self._manifest(parent, manifest)
        except (OSError, ValueError) as error:
            self._problem(manifest_path, reason(error))
            return
        self.days.append((manifest, manifest_path))
        for extra in sorted((files | set(folders)) - DAY_FILES):
            self._problem(os.path.join(parent, extra), "the manifest does not name it")
        for entry in manifest["files"]:
            path = os.path.join(parent, entry["name"])
            try:
                lines = self._file(path, entry)
                if entry["name"] == "runs.jsonl":
                    run_lines = lines
                else:
                    self._summary(path, manifest, run_lines)
            except (OSError, ValueError) as error:
                self._problem(path, reason(error))
                run_lines = None

    def _manifest(self, parent, manifest):
        """Its own members, and whether it stands in its day's folder."""
        entries = manifest.get("files")
        if not isinstance(entries, list) or any(not isinstance(e, dict) for e in entries):
            raise ValueError("files is not a list of objects")
        if [e.get("name") for e in entries] != ["runs.jsonl", "summary.json"]:
            raise ValueError("it does not name runs.jsonl and summary.json")
        for e in entries:
            digest = e.get("sha256")
            if (type(e.get("bytes")) is not int or not isinstance(digest, str)
                    or not re.fullmatch("[0-9a-f]{64}", digest)):
                raise ValueError(f"bytes or sha256 of {e['name']} cannot be")
        if date.fromisoformat(manifest["day"]).isoformat() != manifest["day"]:
            raise ValueError("day is not written YYYY-MM-DD")
        first, last, before = (manifest[n] for n in sorted(NULLABLE))
        start = 0 if before is None else before + 1
        if (first is None) != (last is None) or (first is not None and not start == first <= last):
            raise ValueError("its sequences contradict each other")
        place = re.search(r"(\d{4})/(\d\d)/(\d\d)(?:\.incomplete-(\d{20}))?$",
                          os.path.realpath(parent))
        if place and ("-".join(place.groups()[:3]) != manifest["day"]
                      or (place[4] is None) != manifest["complete"]
                      or (place[4] and last is not None and int(place[4]) != last)):
            raise ValueError("it stands in the folder of another day")

    def _file(self, path, entry):
        """Size and SHA-256 of a file; answers how many lines it has."""
        digest, lines, at = hashlib.sha256(), 0, 0
        with Source(path, self.report, entry["name"]) as source:
            if source.size != entry["bytes"]:
                raise ValueError(f"{source.size} bytes, where the manifest states {entry['bytes']}")
            while part := source.read(at, MIB):
                digest.update(part)
                lines, at = lines + part.count(b"\n"), at + len(part)
        if digest.hexdigest() != entry["sha256"]:
            raise ValueError(f"its SHA-256 is {digest.hexdigest()}, not the manifest's")
        return lines

    def _summary(self, path, manifest, run_lines):
        summary = read_json(path, SUMMARY_MAX)
        for name in SHARED:
            if summary[name] != manifest[name]:
                raise ValueError(f"{name} is not the manifest's")
        first, last = summary["firstSequence"], summary["lastSequence"]
        events = 0 if first is None else last - first + 1
        if (summary.get("events") or 0) != events:
            raise ValueError(f"events is not {events}, the number of its sequences")
        counts = summary.get("eventCounts")
        if not isinstance(counts, dict) or any(type(n) is not int for n in counts.values()):
            raise ValueError("eventCounts is not an object of numbers")
        if sum(counts.values()) != events:
            raise ValueError("eventCounts does not add up to events")
        if run_lines is not None and summary.get("runLines") != run_lines:
            raise ValueError(f"runLines is not {run_lines}, the lines of runs.jsonl")

    def _chain(self):
        """Each day begins with the record after the last one of the day before."""
        before = None
        for manifest, path in sorted(self.days, key=lambda d: (d[0]["day"], d[0]["complete"])):
            if before:
                self._join(before, manifest, path)
            if manifest["complete"]:
                before = manifest

    def _join(self, before, manifest, path):
        if manifest["logIdentity"] != before["logIdentity"]:
            self._problem(path, f"it is of another log than {before['day']}")
            return
        end = before["lastSequence"]
        end = before["previousLastSequence"] if end is None else end
        start = manifest["previousLastSequence"]
        days = date.fromisoformat(manifest["day"]) - date.fromisoformat(before["day"])
        is_gap = days > timedelta(1)
        if (-1 if start is None else start) < (-1 if end is None else end) or (
                not is_gap and start != end):
            self._problem(path, f"it follows on {start}, but {before['day']} ends at {end}")
        elif is_gap:
            self.report.remark(f"days between {before['day']} and {manifest['day']} are not here")


# --- Proofs (tree.md) ------------------------------------------------------------------------


def verify_proof(path, record_path, log_keys, witnesses, report):
    name = os.path.basename(path)
    try:
        index, hashes, note = parse_proof(read_whole(path, NOTE_MAX + 4096))
        record = read_whole(record_path, RECORD_MAX)
    except (OSError, ValueError) as error:
        report.problem("proof-invalid", name, reason(error))
        return
    try:
        if len(note) > NOTE_MAX:
            raise ValueError("the note is too long")
        checkpoint = Checkpoint(note)
        is_witnessed = checkpoint.check(log_keys, witnesses)
    except ValueError as error:
        report.problem("checkpoint-invalid", name, reason(error))
        return
    if is_witnessed is None:
        report.problem("checkpoint-invalid", name, NO_CRYPTOGRAPHY)
    report.fields.update(records=1, firstSequence=index, treeSize=checkpoint.size)
    try:
        if index >= checkpoint.size:
            raise ValueError(f"index {index} is not below the tree size {checkpoint.size}")
        leaf = hashlib.sha256(b"\x00" + record).digest()
        root = inclusion_root(leaf, index, checkpoint.size, hashes)
        report.fields["root"] = root.hex()
        if root != checkpoint.root:
            raise ValueError("record and path do not lead to the checkpoint's root")
    except ValueError as error:
        report.problem("proof-invalid", name, reason(error))
        return
    if is_witnessed is not None:
        report.fields.update(checkpoints=1, checkpointSize=checkpoint.size)
    state_anchoring(report, checkpoint.size if is_witnessed else None)


def parse_proof(data):
    """Index, path and note of a C2SP tlog-proof, or ValueError."""
    head, gap, note = data.partition(b"\n\n")
    lines = head.decode("ascii").split("\n")
    if not gap or lines[0] != "c2sp.org/tlog-proof@v1":
        raise ValueError("not a tlog-proof, version 1")
    match = re.fullmatch("index (0|[1-9][0-9]{0,19})", lines[1]) if len(lines) > 1 else None
    if not match:
        raise ValueError("the line with the index is missing")
    hashes = [strict_base64(line) for line in lines[2:]]
    if len(hashes) > 64 or any(len(value) != 32 for value in hashes):
        raise ValueError("a hash of the path is not 32 bytes, or there are too many")
    if int(match[1]) >> 64:
        raise ValueError("the index is beyond any tree")
    return int(match[1]), hashes, note


# --- Main ------------------------------------------------------------------------------------


def given_keys(arguments, kind):
    """Each is a verifier key, or a file with one a line."""
    keys = []
    for argument in arguments:
        try:
            lines = [argument]
            if os.path.isfile(argument):
                lines = read_whole(argument, MIB).decode().splitlines()
            keys += [parse_key(line.strip(), kind) for line in lines if line.strip()]
        except (OSError, ValueError) as error:
            raise WrongUse(f"{argument} is not a verifier key of type {kind}: {error}") from None
    return keys


def has_export(path):
    try:
        return any(DAY_FILES & set(files) for _, _, files in walk(path))
    except (OSError, RecursionError):
        return True  # not all can be seen: a verdict will say so


def verify(options):
    """The report on what the options name, or WrongUse."""
    keys, witnesses = given_keys(options.key, 1), given_keys(options.witness, 4)
    path = options.path
    if os.path.isfile(path):
        if not keys or not options.record or not os.path.isfile(options.record):
            raise WrongUse("a proof is checked with --key VKEY and --record FILE")
        report, code = Report("proof"), "proof-invalid"
        work = lambda: verify_proof(path, options.record, keys, witnesses, report)
    elif options.record:
        raise WrongUse("--record goes with a proof file")
    elif any(os.path.isdir(os.path.join(path, name)) for name in ("log", "checkpoints", "tree")):
        report, code = Report("data"), "segment-damaged"
        work = DataFolder(path, keys, witnesses, report).verify
    elif os.path.isdir(path) and has_export(path):
        report, code = Report("export"), "export-mismatch"
        work = Export(path, report).verify
    else:
        raise WrongUse(f"{path} is no data folder (with log/), no export and no proof file")
    try:
        work()
    except Exception as error:  # whatever stopped the work: what was not checked is no pass
        report.problem(code, "", f"not verified to the end: {type(error).__name__}: {error}")
    return report


def main():
    parser = argparse.ArgumentParser(description="Verify a Daybook data folder, export or proof.")
    parser.add_argument("path", help="a data folder, an export's folder, or a proof file")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY|FILE",
                        help="the log's verifier key, or a file of them; may be repeated")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY|FILE",
                        help="a witness's verifier key; may be repeated")
    parser.add_argument("--record", metavar="FILE", help="the record that a proof is for")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        sys.stderr.reconfigure(errors="backslashreplace")
        return verify(options).show(options.json)
    except WrongUse as error:
        print(f"daybook_verify: {plain(str(error))}", file=sys.stderr)
        return 2
    except (Exception, KeyboardInterrupt) as error:  # not a pass
        print(f"daybook_verify: not verified: {type(error).__name__} {plain(str(error))}",
              file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
