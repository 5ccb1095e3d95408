"""Batches that are small on the wire and large when decompressed, made by hand: runs of one byte.

Each codec's function gives `prefix` and then `zeros` zero bytes, compressed as far as the format goes.
"""

import struct
import zlib

KIB, MIB = 1024, 1024 * 1024


def gzip(prefix, zeros):
    packer = zlib.compressobj(9, wbits=31)
    packed = packer.compress(prefix)
    for start in range(0, zeros, MIB):
        packed += packer.compress(bytes(min(MIB, zeros - start)))
    return packed + packer.flush()


def leb128(number):
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def snappy_block(prefix, zeros, claimed=None):
    """Its elements copy 64 bytes at most, for 3 bytes: 21 to 1 is as far as snappy goes."""
    literal = prefix + b"\0"
    copies, rest = divmod(zeros - 1, 64)
    block = leb128(len(prefix) + zeros if claimed is None else claimed)
    block += bytes([len(literal) - 1 << 2]) + literal
    block += bytes([63 << 2 | 2, 1, 0]) * copies
    return block + (bytes([rest - 1 << 2 | 2, 1, 0]) if rest else b"")


def snappy(prefix, zeros, claimed=None):
    """In the frame of Java's snappy library."""
    block = snappy_block(prefix, zeros, claimed)
    return b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, len(block)) + block


def _lz4_length(length):
    """The half byte and the bytes after it by which a sequence tells a length."""
    if length < 15:
        return length, b""
    return 15, b"\xff" * ((length - 15) // 255) + bytes([(length - 15) % 255])


def _lz4_block(prefix, zeros):
    """One sequence of `prefix`, a zero and a copy of it, then the five literals that end a block."""
    literal = prefix + b"\0"
    literal_token, literal_more = _lz4_length(len(literal))
    match_token, match_more = _lz4_length(zeros - 1 - 5 - 4)
    block = bytes([literal_token << 4 | match_token]) + literal_more + literal
    block += b"\1\0" + match_more + bytes([5 << 4]) + bytes(5)
    return struct.pack("<I", len(block)) + block


def lz4(prefix, zeros):
    """Independent blocks of 4 MiB; 0x73 is the checksum of the frame's descriptor."""
    first = min(zeros, 4 * MIB - len(prefix))
    full, rest = divmod(zeros - first, 4 * MIB)
    frame = bytes.fromhex("04224d18607073") + _lz4_block(prefix, first)
    frame += _lz4_block(b"", 4 * MIB) * full
    # A last block is long enough for the rules that end one, or all literals.
    if rest >= 32:
        frame += _lz4_block(b"", rest)
    elif rest:
        frame += struct.pack("<I", rest | 1 << 31) + bytes(rest)
    return frame + bytes(4)


def zstd(prefix, zeros, claimed=None):
    """Blocks of one repeated byte, 128 KiB for 4 bytes, in a window of 1 MiB."""
    if claimed is None:
        frame = bytes.fromhex("28b52ffd0050")
    else:  # a content size of eight bytes in the header
        frame = bytes.fromhex("28b52ffdc050") + struct.pack("<Q", claimed)

    def header(size, kind, last=0):
        return struct.pack("<I", size << 3 | kind << 1 | last)[:3]

    frame += header(len(prefix), 0) + prefix
    full, rest = divmod(zeros, 128 * KIB)
    return frame + (header(128 * KIB, 1) + b"\0") * full + header(rest, 1, last=1) + b"\0"


CODECS = {"gzip": (1, gzip), "snappy": (2, snappy), "lz4": (3, lz4), "zstd": (4, zstd)}
