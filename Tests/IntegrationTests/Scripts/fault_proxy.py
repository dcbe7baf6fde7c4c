#!/usr/bin/env python3
"""A registry whose answers go wrong: passes requests on to another registry, and does to some what its rules say.

usage: fault_proxy.py BACKEND LOG RULES [CERTIFICATE KEY]

RULES is a JSON array. A rule applies to requests of its `method` whose path has a match of its regular expression `path`;
it passes over the first `skip` of these, then applies `times` times (1; -1 is always). The first that applies counts.
Its `fault` is one of:

  reset            the connection is reset before the answer        stall         no answer ever comes
  reset-body       … in the middle of the body                      stall-body    … half of the body, then nothing
  truncate         the connection is closed in the middle           short         the body's second half is left out
  corrupt          a byte in the middle is another                  longer        more bytes than there are
  slow             `pieces` pieces with `pause` seconds before each status        `status` with `body`, `headers`
  answer           the whole answer is `body` or `size` bytes       headers       the answer with other `headers` (null: none)
  redirect         to `location`; {path} is the request's           deaf          the request's body isn't read
  wrong-range      the answer to a Range request is another range   ignore-range  … is everything
  garble           the bytes that are uploaded are altered          lose          the request is passed on, the answer isn't
  cut              a half of the body is passed on, then the connection is reset
  early            `status` comes before the request's body is read, and the connection is closed

Lines of LOG: `METHOD PATH STATUS FAULT RANGE AUTHORIZATION`, with `-` for nothing.
"""
import http.client, http.server, json, re, socket, ssl, struct, sys, threading, time

BACKEND, LOG = sys.argv[1], sys.argv[2]
with open(sys.argv[3]) as file:
    RULES = json.load(file)
CERTIFICATE = sys.argv[4:6]
lock = threading.Lock()


def rule_for(method, path):
    for rule in RULES:
        if rule.get("method", method) != method or not re.search(rule.get("path", ""), path):
            continue
        with lock:
            seen = rule["seen"] = rule.get("seen", 0) + 1
        first, times = rule.get("skip", 0), rule.get("times", 1)
        if seen > first and (times < 0 or seen <= first + times):
            return rule
    return {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def note(self, status, fault):
        fields = [self.command, self.path, status, fault or "-", self.headers.get("Range", "-").replace(" ", ""),
                  self.headers.get("Authorization", "-").replace(" ", "_")]
        with lock, open(LOG, "a") as file:
            file.write(" ".join(map(str, fields)) + "\n")

    def reset(self):
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.close_connection = True
        # Both file objects hold the socket open.
        self.connection.close() if CERTIFICATE else socket.socket.close(self.connection)
        for file in (self.rfile, self.wfile):
            try:
                file.close()
            except OSError:
                pass

    def head(self, status, headers):
        self.send_response_only(status)
        for name, value in headers:
            if value is not None:
                self.send_header(name, str(value))
        self.end_headers()
        self.wfile.flush()

    def ask(self, body, drop_range):
        connection = http.client.HTTPConnection(BACKEND, timeout=60)
        dropped = {"connection", "content-length", "host", "transfer-encoding", "authorization"} | ({"range"} if drop_range else set())
        headers = {k: v for k, v in self.headers.items() if k.lower() not in dropped}
        if len(body) != int(self.headers.get("Content-Length") or 0):
            headers.pop("Content-Range", None)
        headers["Host"] = f"127.0.0.1:{self.server.server_port}"
        if CERTIFICATE:
            headers["X-Forwarded-Proto"] = "https"
        connection.request(self.command, self.path, body, headers)
        response = connection.getresponse()
        data = response.read()
        fields = [(k, v) for k, v in response.getheaders() if k.lower() not in ("connection", "transfer-encoding", "date")]
        connection.close()
        return response.status, fields, data

    def handle_any(self):
        try:
            self.serve()
        except (OSError, ValueError):
            self.close_connection = True

    def serve(self):
        rule = rule_for(self.command, self.path)
        fault = rule.get("fault")
        if fault == "deaf":
            self.note("-", fault)
            time.sleep(rule.get("pause", 600))
            return self.close()
        if fault == "early":
            self.note(rule["status"], fault)
            self.head(rule["status"], [("Content-Length", 0), ("Connection", "close")])
            time.sleep(0.2)
            return self.close()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if fault in ("reset", "stall", "status", "answer", "redirect"):
            self.note(rule.get("status", "-"), fault)
            if fault == "reset":
                return self.reset()
            if fault == "stall":
                time.sleep(600)
                return self.close()
            data = rule.get("body", "").encode()
            if "size" in rule:
                data = b" " * rule["size"]
            if "nested" in rule:
                data = b'{"schemaVersion":2,"x":' + b"[" * rule["nested"]
            status = rule.get("status", 307 if fault == "redirect" else 200)
            headers = list(rule.get("headers", {}).items())
            if fault == "redirect":
                headers.append(("Location", rule["location"].replace("{path}", self.path)))
            self.head(status, headers + [("Content-Length", len(data))])
            if self.command != "HEAD":
                self.wfile.write(data)
            return
        if fault == "garble" and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        if fault == "cut":
            self.ask(body[:len(body) // 2], False)
            self.note("-", fault)
            return self.reset()
        status, headers, data = self.ask(body, fault in ("ignore-range", "wrong-range"))
        self.note(status, fault)
        if fault == "lose":
            return self.reset()
        if fault == "headers":
            changed = {k.lower() for k in rule["headers"]}
            headers = [(k, v) for k, v in headers if k.lower() not in changed] + list(rule["headers"].items())
        if fault == "wrong-range":
            status = 206
            headers.append(("Content-Range", f"bytes 7-{len(data) - 1}/{len(data)}"))
            data = data[7:]
        half = len(data) // 2
        if fault == "corrupt":
            data = data[:half] + bytes([data[half] ^ 1]) + data[half + 1:]
        if fault == "longer":
            data += b"x" * rule.get("bytes", 1000)
        if fault == "short":
            data = data[:half]
        length = next((v for k, v in headers if k.lower() == "content-length"), None)
        if self.command != "HEAD" or length is None:
            length = len(data)
        headers = [(k, v) for k, v in headers if k.lower() != "content-length"] + [("Content-Length", length)]
        self.head(status, headers)
        if self.command == "HEAD":
            return
        if fault in ("reset-body", "stall-body", "truncate"):
            self.wfile.write(data[:half])
            self.wfile.flush()
            if fault == "stall-body":
                time.sleep(600)
            if fault == "reset-body":
                # The bytes shall arrive before the reset does away with them.
                time.sleep(0.1)
                return self.reset()
            return self.close()
        if fault == "slow":
            pieces = rule.get("pieces", 8)
            size = len(data) // pieces + 1
            for start in range(0, len(data), size):
                time.sleep(rule.get("pause", 0.2))
                self.wfile.write(data[start:start + size])
                self.wfile.flush()
            return
        self.wfile.write(data)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if CERTIFICATE:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
