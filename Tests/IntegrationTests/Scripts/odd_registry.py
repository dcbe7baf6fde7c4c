#!/usr/bin/env python3
"""A registry in memory that has one oddity, and writes a line a request to a file.

usage: odd_registry.py LOG ODDITY

Oddities: `crowded` takes four requests at once and answers 429 to others; `early` answers the PUT of a large blob before
it has read it, then falls silent, `early-201` with a success; `endless` answers POST and PUT without a length on an open
connection.
"""
import hashlib, http.server, sys, threading, time

LOG, ODDITY = sys.argv[1], sys.argv[2]
BLOBS, MANIFESTS, LOCK, COUNT = {}, {}, threading.Lock(), [0]


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        with open(LOG, "a") as file:
            file.write(f"{self.command} {self.path} {status}\n")
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if ODDITY == "endless" and self.command in ("POST", "PUT"):
            self.end_headers()
            return threading.Event().wait(60)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def serve(self):
        if ODDITY != "crowded":
            return self.work()
        with LOCK:
            COUNT[0] += 1
            crowd = COUNT[0]
        try:
            time.sleep(0.01)
            if crowd > 4:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                return self.answer(429, b'{"errors":[{"code":"TOOMANYREQUESTS"}]}')
        finally:
            with LOCK:
                COUNT[0] -= 1
        self.work()

    def work(self):
        path = self.path.partition("?")[0]
        name = path.rsplit("/", 1)[-1]
        length = int(self.headers.get("Content-Length") or 0)
        if ODDITY.startswith("early") and self.command == "PUT" and "/uploads/" in path and length > 1 << 20:
            status = 201 if ODDITY == "early-201" else 413
            self.answer(status, b'{"errors":[{"code":"SIZE_INVALID","message":"too large for us"}]}')
            return threading.Event().wait(60)
        body = self.rfile.read(length)
        if self.command == "POST":
            return self.answer(202, headers=[("Location", path + "session")])
        if self.command == "PUT" and "/uploads/" in path:
            BLOBS[digest(body)] = body
            return self.answer(201)
        if self.command == "PUT":
            MANIFESTS[name] = MANIFESTS[digest(body)] = (self.headers["Content-Type"], body)
            return self.answer(201, headers=[("Docker-Content-Digest", digest(body))])
        if "/manifests/" in path and name in MANIFESTS:
            type_, body = MANIFESTS[name]
            return self.answer(200, body, [("Content-Type", type_), ("Docker-Content-Digest", digest(body))])
        if "/blobs/" in path and name in BLOBS:
            return self.answer(200, BLOBS[name], [("Content-Type", "application/octet-stream")])
        self.answer(404, b'{"errors":[]}')

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = serve


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


Server(("127.0.0.1", 0), Handler).serve_forever()
