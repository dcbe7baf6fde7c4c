"""The program without what tells where it was built.

The compiler keeps a checksum of each module's intermediate code, for its own next build, and with it the paths that were
in that; the linker's build id is made of these. The same commit gives the same bytes without them.
"""
import hashlib
import struct

SHIPPED_FOR_COMPILERS = ".swift_modhash"
BUILD_ID = ".note.gnu.build-id"


def sections(data):
    """Offset and size of each section of a 64-bit little-endian ELF file, by name."""
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    table, = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, table + number * size) for number in range(count)]
    text = headers[names][4]
    return {data[text + h[0]:data.index(b"\0", text + h[0])].decode(): (h[4], h[5]) for h in headers}


def reproducible(program):
    """The bytes of `program` with the checksums zeroed, and a build id that follows from the rest."""
    data = bytearray(program)
    found = sections(bytes(program))
    for name in (SHIPPED_FOR_COMPILERS, BUILD_ID):
        offset, size = found.get(name, (0, 0))
        if name == BUILD_ID and size:
            # After the note's header, 12 bytes and the name "GNU".
            offset, size = offset + 16, size - 16
        data[offset:offset + size] = bytes(size)
    if BUILD_ID in found:
        offset, size = found[BUILD_ID]
        data[offset + 16:offset + size] = hashlib.sha512(data).digest()[:size - 16]
    return bytes(data)
