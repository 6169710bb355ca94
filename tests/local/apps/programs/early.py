"""Answers each request when it has read the head, and closes the connection with the body unread. argv[1]: its port.

The path says how: /length, /chunked (framing of the answer), /close (neither), /two (in two writes), /large (50 kB),
/reading (reads 10 kB first). GET is answered with 200.
"""

import socket
import sys
import threading


def answer(connection: socket.socket) -> None:
    with connection:
        # As asyncio's servers do. Otherwise the system holds a second small write back, and forgets it with the close.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(1024)
            if not data:
                return
            head += data
        method, path = head.split(b" ", 2)[:2]
        if method == b"GET":
            connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
            return
        if path == b"/reading":
            left = 10_000
            while left > 0 and (data := connection.recv(left)):
                left -= len(data)
        start = b"HTTP/1.1 413 Too Large\r\nconnection: close\r\n"
        if path == b"/chunked":
            connection.sendall(start + b"transfer-encoding: chunked\r\n\r\n9\r\ntoo large\r\n0\r\n\r\n")
        elif path == b"/close":
            connection.sendall(start + b"\r\ntoo large")
        elif path == b"/two":
            connection.sendall(start + b"content-length: 9\r\n\r\n")
            connection.sendall(b"too large")
        elif path == b"/large":
            connection.sendall(start + b"content-length: 50000\r\n\r\n" + b"x" * 50_000)
        else:
            connection.sendall(start + b"content-length: 9\r\n\r\ntoo large")


with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64) as server:
    while True:
        threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()
