"""A load generator for both sides: JSON lines in, one answer each.

{"url", "headers", "calls": [[{"method", "path", "body"}]]} makes each list the calls of one client, which sends them one after
the other over a connection of its own, and answers {"ms": the mean time of a call as its client saw it}. Answers are
read whole and not parsed. The kernel is told to acknowledge at once: a server that writes header and body in two pieces
waits up to 40 ms for a delayed acknowledgement otherwise, which would be measured as the server's own.
"""

import http.client
import json
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

QUICKACK = getattr(socket, "TCP_QUICKACK", None)


def quick(connection):
    if QUICKACK is not None:
        connection.sock.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)


def client(url, headers, calls, gate, told):
    address = urlsplit(url)
    try:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)
        connection.connect()
        gate.wait()
        spent = 0.0
        for call in calls:
            body = call.get("body")
            data = None if body is None else json.dumps(body).encode()
            sent = dict(headers)
            if data is not None:
                if "content-type" not in sent:
                    sent["Content-Type"] = "application/json"
            began = time.perf_counter()
            quick(connection)
            connection.request(call["method"], address.path.rstrip("/") + call["path"], data, sent)
            quick(connection)
            answer = connection.getresponse()
            quick(connection)
            content = answer.read()
            spent += time.perf_counter() - began
            if answer.status != 200:
                raise RuntimeError(f"{call['method']} {call['path']}: {answer.status} {content[:300]!r}")
            if answer.will_close:
                connection.close()
                connection.connect()
        told.append(spent * 1000 / len(calls))
    except Exception as error:
        gate.abort()
        told.append(error)


def main():
    for line in sys.stdin:
        work = json.loads(line)
        gate, told = threading.Barrier(len(work["calls"])), []
        # Each client has calls of its own, so that no two write the same.
        threads = [
            threading.Thread(target=client, args=(work["url"], work.get("headers", {}), calls, gate, told))
            for calls in work["calls"]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        errors = [str(each) for each in told if isinstance(each, Exception)]
        answer = {"error": errors[0]} if errors else {"ms": sum(told) / len(told)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
