#!/usr/bin/env python3
"""A proxy that leads every request to one backend, and writes a line a connection to a file.

usage: proxy.py BACKEND LOG [STATUS]

STATUS is what it answers to CONNECT: where it isn't 200, there are no tunnels, and where it is 403, other requests are
refused with their own words.

Lines: the first line of the request, and what `Proxy-Authorization` says.
"""
import json, socket, sys, threading

(HOST, BACKEND), LOG = sys.argv[1].split(":"), sys.argv[2]
STATUS = sys.argv[3] if len(sys.argv) > 3 else "200"


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client):
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(65536)
        if not data:
            return client.close()
        head += data
    lines = head.split(b"\r\n")
    login = next((line.split(b":", 1)[1].strip() for line in lines if line.lower().startswith(b"proxy-authorization:")), b"-")
    with open(LOG, "ab") as file:
        file.write(lines[0] + b" " + login + b"\n")
    if STATUS != "200" and lines[0].startswith(b"CONNECT "):
        client.sendall(f"HTTP/1.1 {STATUS} No\r\nContent-Length: 0\r\n\r\n".encode())
        return client.close()
    if STATUS == "403":
        words = json.dumps({"errors": [{"code": "DENIED", "message": head.decode("latin1")}]}).encode()
        fields = b"HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(words)
        client.sendall(fields if head.startswith(b"HEAD ") else fields + words)
        return client.close()
    backend = socket.create_connection((HOST, int(BACKEND)))
    if lines[0].startswith(b"CONNECT "):
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    else:
        method, url, version = lines[0].split(b" ")
        path = b"/" + url.split(b"/", 3)[3]
        backend.sendall(head.replace(lines[0], b" ".join([method, path, version]), 1))
    threading.Thread(target=copy, args=(backend, client), daemon=True).start()
    copy(client, backend)


listener = socket.create_server(("127.0.0.1", 0), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
