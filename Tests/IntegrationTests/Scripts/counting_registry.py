#!/usr/bin/env python3
"""A registry that has every tag, and writes a line a request to a file.

usage: counting_registry.py LOG

Lines: `OPEN PORT METHOD PATH`: how many connections were open then, and the client's port. Answers take 10 ms, so that requests overlap.
"""
import http.server, hashlib, sys, threading, time

LOG = sys.argv[1]
MANIFEST = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"layers":[]}'
lock, connections = threading.Lock(), set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def finish(self):
        super().finish()
        with lock:
            connections.discard(self.client_address)

    def do_GET(self):
        with lock, open(LOG, "a") as file:
            # What only tried TLS sends no request.
            connections.add(self.client_address)
            file.write(f"{len(connections)} {self.client_address[1]} {self.command} {self.path}\n")
        time.sleep(0.01)
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
        self.send_header("Docker-Content-Digest", "sha256:" + hashlib.sha256(MANIFEST).hexdigest())
        self.send_header("Content-Length", str(len(MANIFEST)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(MANIFEST)

    do_HEAD = do_GET


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


Server(("127.0.0.1", 0), Handler).serve_forever()
