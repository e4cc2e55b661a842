"""HTTP calls as no client library would send them: the path goes out byte for byte."""

import base64
import http.client
import json
import os
from urllib.parse import unquote, urlsplit

_URI = urlsplit(os.environ["MLFLOW_TRACKING_URI"])
PREFIX = _URI.path.rstrip("/")
API = "/api/2.0/mlflow"
AJAX = "/ajax-api/2.0/mlflow"
BYTES = "/api/2.0/mlflow-artifacts/artifacts"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The error code of a refusal; nothing where the body is not an MLflow error."""
        try:
            return self.json.get("error_code")
        except (ValueError, AttributeError):
            return None

    @property
    def text(self):
        return self.json.get("message", "")

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


def _authorization():
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if token:
        return {"Authorization": f"Bearer {token}"}
    if _URI.username:
        pair = f"{unquote(_URI.username)}:{unquote(_URI.password or '')}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    return {}


def send(method, path, body=None, headers=None):
    """`body` as bytes or text goes out as it is; anything else as JSON."""
    sent = {"Accept": "*/*", **_authorization()}
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
        sent["Content-Type"] = "application/json"
    sent.update(headers or {})
    make = http.client.HTTPSConnection if _URI.scheme == "https" else http.client.HTTPConnection
    connection = make(_URI.hostname, _URI.port, timeout=60)
    try:
        connection.putrequest(method, PREFIX + path, skip_accept_encoding=True)
        data = body.encode() if isinstance(body, str) else body
        for name, value in sent.items():
            connection.putheader(name, value)
        if data is not None or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(data or b"")))
        connection.endheaders(data)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def post(path, body, **more):
    return send("POST", API + path, body, **more)


def get(path, **more):
    return send("GET", API + path, **more)


def ok(answer):
    """The JSON of an answer that has to be a success."""
    if answer.status != 200:
        raise AssertionError(f"got {answer!r}, expected 200")
    return answer.json
