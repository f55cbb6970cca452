#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What crosses a firewall in tests. usage:
  talk.py serve ADDR PORT        takes connections until it is ended; answers each with what it got of whom
  talk.py send ADDR PORT BYTES   prints that answer, if it is of what was sent
  talk.py udp-serve ADDR PORT    answers datagrams alike
  talk.py udp ADDR PORT BYTES    one datagram; prints the answer
"""
import hashlib
import random
import socket
import sys


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def payload(size):
    return random.Random(size).randbytes(size)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def read_all(s):
    parts = []
    while part := s.recv(1 << 20):
        parts.append(part)
    return b"".join(parts)


def serve(address, port):
    with socket.create_server((address, port), family=family(address)) as s:
        print("ready", flush=True)
        while True:
            peer, whom = s.accept()
            with peer:
                peer.sendall(f"{digest(read_all(peer))} {whom[0]}".encode())


def serve_udp(address, port):
    with socket.socket(family(address), socket.SOCK_DGRAM) as s:
        s.bind((address, port))
        print("ready", flush=True)
        while True:
            data, whom = s.recvfrom(1 << 16)
            s.sendto(f"{digest(data)} {whom[0]}".encode(), whom)


def check(answer, data):
    got, whom = answer.decode().split()
    if got != digest(data):
        sys.exit("it got something else")
    print(whom)


def send(address, port, size):
    data = payload(size)
    with socket.create_connection((address, port), timeout=5) as s:
        s.settimeout(30)
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        check(read_all(s), data)


def udp(address, port, size):
    data = payload(size)
    with socket.socket(family(address), socket.SOCK_DGRAM) as s:
        s.settimeout(3)
        s.connect((address, port))
        s.send(data)
        check(s.recv(1 << 16), data)


def main():
    what, address, port, *size = sys.argv[1:]
    call = {"serve": serve, "udp-serve": serve_udp, "send": send, "udp": udp}[what]
    try:
        call(address, int(port), *map(int, size))
    except OSError as e:
        sys.exit(f"{type(e).__name__}: {e}")


main()
