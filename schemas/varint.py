"""Avro's whole numbers: zig-zag, seven bits to a byte."""

from __future__ import annotations

LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
ONE_BYTE = 64
"""Numbers from 0 up to here (exclusive) take one byte: most lengths, and all marks of unions."""
_SHORT = tuple(bytes([number << 1]) for number in range(ONE_BYTE))


def varint(number: int) -> bytes:
    """Avro's zig-zag variable-length encoding of a long. Raises OverflowError beyond 64 bits."""
    if 0 <= number < ONE_BYTE:
        return _SHORT[number]
    if not LONG_MIN <= number <= LONG_MAX:
        raise OverflowError(f"{number} is no long of 64 bits")
    rest = (number << 1) ^ (number >> 63)
    out = bytearray()
    while rest > 0x7F:
        out.append((rest & 0x7F) | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def varint_end(value: bytes, start: int) -> int:
    """Where the number that begins at `start` ends."""
    end = start
    while value[end] & 0x80:
        end += 1
    return end + 1
