#!/usr/bin/env python3
"""A TCP proxy that stands for a long line: what passes is late, but not slowed down.

usage: delay_proxy.py LISTEN-PORT TARGET-PORT [--round-trip MILLISECONDS]

Each direction delays by half of the round trip. A connection's first bytes wait for one round trip more, as they would
for the handshake. Any number of bytes may be on the line at once.
"""
import argparse
import asyncio
import collections


class Direction:
    """The bytes that are on their way from one end to the other."""

    def __init__(self, reader, writer, delay, opens):
        self.reader, self.writer, self.delay, self.opens = reader, writer, delay, opens
        self.line, self.arrived = collections.deque(), asyncio.Event()

    async def take(self):
        clock = asyncio.get_running_loop().time
        while True:
            try:
                data = await self.reader.read(1 << 18)
            except ConnectionError:
                data = b""
            self.line.append((max(clock() + self.delay, self.opens), data))
            self.arrived.set()
            if not data:
                return

    async def give(self):
        clock = asyncio.get_running_loop().time
        while True:
            while not self.line:
                self.arrived.clear()
                await self.arrived.wait()
            due, data = self.line.popleft()
            if due > clock():
                await asyncio.sleep(due - clock())
            try:
                if not data:
                    self.writer.close() if self.writer.is_closing() else self.writer.write_eof()
                    return
                self.writer.write(data)
                await self.writer.drain()
            except (ConnectionError, OSError, RuntimeError):
                return


async def serve(listen, target, round_trip):
    delay = round_trip / 2000

    async def connect(reader, writer):
        opens = asyncio.get_running_loop().time() + 3 * delay
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target, limit=1 << 20)
        except OSError:
            writer.close()
            return
        there = Direction(reader, far_writer, delay, opens)
        back = Direction(far_reader, writer, delay, 0)
        await asyncio.gather(there.take(), there.give(), back.take(), back.give())
        writer.close()
        far_writer.close()

    server = await asyncio.start_server(connect, "127.0.0.1", listen, limit=1 << 20, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("listen", type=int)
    parser.add_argument("target", type=int)
    parser.add_argument("--round-trip", type=float, default=40)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.listen, arguments.target, arguments.round_trip))
