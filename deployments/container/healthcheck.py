"""Ask the service in this container whether it is ready; ends with 0 or 1. Needs nothing but Python.

`python /app/healthcheck.py /metrics` asks something else in the same way.
"""

import http.client
import os
import sys

ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}     # where a service that listens everywhere is found
SECONDS = 4


def ask(environment, path="/ready"):
    """Return (whether it is 200, the body) of GET `path` from the service in this environment."""
    host = environment.get("HEADGATE_HOST") or "127.0.0.1"
    port = environment.get("HEADGATE_PORT") or "8000"
    connection = http.client.HTTPConnection(ANY.get(host, host), int(port), timeout=SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status == 200, answer.read().decode("utf-8", "replace")
    except OSError as error:
        return False, f"{host}:{port} does not answer: {error}"
    finally:
        connection.close()


if __name__ == "__main__":
    ready, told = ask(os.environ, *sys.argv[1:2])
    sys.stdout.write(f"{told}\n")
    sys.exit(0 if ready else 1)
