#!/usr/bin/env python3
"""A registry behind tokens: passes requests on to another registry, and writes a line a request to a file.

usage: token_registry.py BACKEND LOG MODE...

modes: `password` (alice, s3cret), `refresh` (identity token r3fresh), `expire` (answers are slow, and a token is good for 0.15 s),
`redirect` (blobs are at another host, which must not see a token), `leak` (the token server is at a name of another host),
`further` (a token must be for `repository:real:pull` too), `broken` (the token server answers 503), `logins` (no tokens:
what is below NAME/ takes user NAME with password NAME-secret).
Lines: `token METHOD SCOPES CREDENTIALS`, `request METHOD PATH STATUS`, `storage AUTHORIZATION`.
"""
import base64, http.client, http.server, json, sys, threading, time, urllib.parse

BACKEND, LOG, MODES = sys.argv[1], sys.argv[2], set(sys.argv[3:])
lock, tokens, serial, allowed = threading.Lock(), {}, [0], set()


def note(line):
    with lock, open(LOG, "a") as file:
        file.write(line + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name, _ in headers}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def token(self, query):
        credentials = "none"
        basic = self.headers.get("Authorization", "")
        if basic.startswith("Basic "):
            credentials = base64.b64decode(basic[6:]).decode()
        if "refresh_token" in query:
            credentials = query["refresh_token"][0]
        scopes = " ".join(query.get("scope", []))
        if query.get("service") != ["lab, of its own"]:
            return self.answer(400, [], b'{"errors":[{"code":"UNSUPPORTED","message":"no service"}]}')
        note(f"token {self.command} {scopes} {credentials}")
        if "broken" in MODES:
            return self.answer(503, [])
        wanted = "alice:s3cret" if "password" in MODES else "r3fresh" if "refresh" in MODES else "none"
        if credentials != wanted:
            return self.answer(401, [], b'{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}')
        with lock:
            serial[0] += 1
            token = f"token-{serial[0]}"
            allowed.add(token) if "repository:real:pull" in scopes else None
            tokens[token] = time.monotonic() + (0.15 if "expire" in MODES else 3600)
        self.answer(200, [("Content-Type", "application/json")], json.dumps({"access_token": token}).encode())

    def authorized(self):
        token = self.headers.get("Authorization", "")[len("Bearer "):]
        if "logins" in MODES:
            name = self.path.split("/")[2]
            return self.headers.get("Authorization") == "Basic " + base64.b64encode(f"{name}:{name}-secret".encode()).decode()
        with lock:
            return tokens.get(token, 0) > time.monotonic() and ("further" not in MODES or token in allowed)

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if url.path == "/token":
            form = body.decode() if self.command == "POST" else url.query
            return self.token(urllib.parse.parse_qs(form))
        host = self.headers.get("Host", "").split(":")[0]
        if host == "localhost":
            note(f"storage {self.headers.get('Authorization', 'none')}")
        elif not self.authorized():
            realm = "localhost.localdomain" if "leak" in MODES else "127.0.0.1"
            note(f"request {self.command} {url.path} 401")
            challenge = f'Bearer service="lab, of its own",realm="http://{realm}:{self.server.server_port}/token"'
            if "further" in MODES:
                challenge += ',scope="repository:real:pull",error="insufficient_scope"'
            if "logins" in MODES:
                challenge = 'Negotiate YII==, Basic realm="lab"'
            return self.answer(401, [("WWW-Authenticate", challenge)])
        elif "expire" in MODES:
            time.sleep(0.06)
        elif "redirect" in MODES and self.command == "GET" and "/blobs/sha256:" in url.path:
            return self.answer(307, [("Location", f"http://localhost:{self.server.server_port}{self.path}")])
        connection = http.client.HTTPConnection(BACKEND, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "authorization", "connection")}
        headers["Host"] = f"127.0.0.1:{self.server.server_port}"
        connection.request(self.command, self.path, body, headers)
        response = connection.getresponse()
        data = response.read()
        note(f"request {self.command} {url.path} {response.status}")
        self.answer(response.status, [(k, v) for k, v in response.getheaders()
                                      if k.lower() not in ("connection", "transfer-encoding", "date")], data)
        connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = handle_any


http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler).serve_forever()
