#!/usr/bin/env python3
"""Documents that want a login, by name `plain.yml`; `elsewhere.yml` leads to another host, `socket.yml` to a local socket.

usage: asking_server.py LOG

Lines of LOG: host, path, and what `Authorization` says.
"""
import http.server, sys

LOG = sys.argv[1]
PLACES = {
    "/elsewhere.yml": "http://localhost:PORT/plain.yml",
    "/socket.yml": "http+unix://%2Fvar%2Frun%2Fdocker.sock/containers/json",
}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        login = self.headers.get("Authorization")
        with open(LOG, "a") as file:
            file.write(f"{self.headers['Host']} {self.path} {login or '-'}\n")
        body = b"kind: Plain\n" if login else b""
        self.send_response(302 if self.path in PLACES else 200 if login else 401)
        if self.path in PLACES:
            self.send_header("Location", PLACES[self.path].replace("PORT", str(self.server.server_port)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler).serve_forever()
