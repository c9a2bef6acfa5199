"""Ask the service in this container whether it is ready; ends with 0 or 1. Needs nothing but Python."""

import http.client
import os
import sys

ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}     # where a service that listens everywhere is found
SECONDS = 4


def ask(environment):
    """Return (ready, why): what GET /ready of the service in this environment answers."""
    host = environment.get("HEADGATE_HOST") or "127.0.0.1"
    port = environment.get("HEADGATE_PORT") or "8000"
    connection = http.client.HTTPConnection(ANY.get(host, host), int(port), timeout=SECONDS)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        return answer.status == 200, answer.read(2000).decode("utf-8", "replace")
    except OSError as error:
        return False, f"{host}:{port} does not answer: {error}"
    finally:
        connection.close()


if __name__ == "__main__":
    ready, told = ask(os.environ)
    sys.stdout.write(f"{told}\n")
    sys.exit(0 if ready else 1)
