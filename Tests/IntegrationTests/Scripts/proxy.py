#!/usr/bin/env python3
"""A proxy that leads every request to one backend, and writes a line a connection to a file.

usage: proxy.py PORT BACKEND LOG

Lines: the first line of the request, and what `Proxy-Authorization` says.
"""
import socket, sys, threading

PORT, (HOST, BACKEND), LOG = int(sys.argv[1]), sys.argv[2].split(":"), sys.argv[3]


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
    backend = socket.create_connection((HOST, int(BACKEND)))
    if lines[0].startswith(b"CONNECT "):
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    else:
        method, url, version = lines[0].split(b" ")
        path = b"/" + url.split(b"/", 3)[3]
        backend.sendall(head.replace(lines[0], b" ".join([method, path, version]), 1))
    threading.Thread(target=copy, args=(backend, client), daemon=True).start()
    copy(client, backend)


listener = socket.create_server(("127.0.0.1", PORT), backlog=64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
