#!/usr/bin/env python3
"""Runs a program whose standard error is a terminal; prints JSON: status, standard output, raw error, the screen.

usage: terminal.py COLUMNS INTERRUPT_AFTER_SECONDS (0 for never) PROGRAM ARGUMENT...
"""
import fcntl, json, os, pty, re, signal, struct, subprocess, sys, tempfile, termios, time

columns, interrupt, command = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
environment = {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "CI": os.environ.get("LAB_CI", "")}
output = tempfile.TemporaryFile()
child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=slave, env=environment)
os.close(slave)
begin, raw = time.time(), b""
if interrupt:
    if os.fork() == 0:
        time.sleep(interrupt)
        os.kill(child.pid, signal.SIGINT)
        os._exit(0)
while True:
    try:
        piece = os.read(master, 65536)
    except OSError:
        break
    if not piece:
        break
    raw += piece
status = child.wait()
output.seek(0)

# A screen that knows what a status line needs: return, line feed, erase to the end, cursor up.
rows, row, column = [[]], 0, 0
for token in re.findall(r"\x1b\[\d*[A-Za-z]|.", raw.decode(), re.S):
    if token == "\r":
        column = 0
    elif token == "\n":
        row += 1
        while len(rows) <= row:
            rows.append([])
    elif token.startswith("\x1b["):
        if token[-1] == "J":
            rows[row] = rows[row][:column]
            del rows[row + 1:]
        elif token[-1] == "A":
            row -= int(token[2:-1] or 1)
        else:
            sys.exit(f"this screen doesn't know {token!r}")
    else:
        line = rows[row]
        line.extend(" " * (column - len(line)))
        line[column:column + 1] = [token]
        column += 1
screen = ["".join(line).rstrip() for line in rows]
while screen and not screen[-1]:
    screen.pop()
print(json.dumps({
    "status": status if status >= 0 else 128 - status, "output": output.read().decode(), "raw": raw.decode(),
    "screen": screen, "seconds": time.time() - begin,
}))
