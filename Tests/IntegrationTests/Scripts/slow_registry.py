#!/usr/bin/env python3
"""A registry behind a slow line: passes requests on to another one and sends blobs at so many bytes a second.

usage: slow_registry.py UPSTREAM (host:port) BYTES_PER_SECOND
"""
import http.client, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

upstream, rate = sys.argv[1], int(sys.argv[2])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def slowly(self, read, write, count):
        """Moves `count` bytes in pieces of a twentieth of a second."""
        while count > 0:
            piece = read(min(count, max(1, rate // 20)))
            if not piece:
                return
            write(piece)
            count -= len(piece)
            time.sleep(len(piece) / rate)

    def handle_any(self):
        connection = http.client.HTTPConnection(upstream, timeout=60)
        length = int(self.headers.get("Content-Length", 0))
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        if "/blobs/" in self.path:
            self.slowly(self.rfile.read, connection.send, length)
        elif length:
            connection.send(self.rfile.read(length))
        response = connection.getresponse()
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.end_headers()
        size = int(response.getheader("Content-Length", 0))
        if self.command == "HEAD":
            return
        if "/blobs/" in self.path:
            self.slowly(response.read, self.wfile.write, size)
        else:
            self.wfile.write(response.read(size))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = handle_any


ThreadingHTTPServer(("127.0.0.1", 0), Handler).serve_forever()
