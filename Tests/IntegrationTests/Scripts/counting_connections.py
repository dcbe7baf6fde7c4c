#!/usr/bin/env python3
"""Passes bytes on to a server, and writes a line a connection to a file.

usage: counting_connections.py BACKEND-PORT LOG
"""
import asyncio, sys

BACKEND, LOG = int(sys.argv[1]), sys.argv[2]


async def copy(reader, writer):
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def serve(reader, writer):
    there, back = await asyncio.open_connection("127.0.0.1", BACKEND)
    with open(LOG, "a") as file:
        file.write("connection\n")
    await asyncio.gather(copy(reader, back), copy(there, writer))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=128)
    await server.serve_forever()


asyncio.run(main())
