"""Paths that try to leave their folder, and sources that name what is not the platform's."""

from case import case, equal, fresh, true
from differences import MILLRACE
from rest import BYTES, get, ok, post, send

experiment = ok(post("/experiments/create", {"name": fresh("traversal")}))["experiment_id"]
run = ok(post("/runs/create", {"experiment_id": experiment}))["run"]["info"]["run_id"]
ROOT = f"{experiment}/{run}/artifacts"
INVALID = (400, "INVALID_PARAMETER_VALUE")

#: What the stock server refuses.
LEAVING = [
    "../x",
    "..%2fx",
    "%2e%2e/x",
    "%2e%2e%2fx",
    "%252e%252e%252fx",
    "a/../../x",
    "a/..%252f..%252fx",
]
#: What it takes for a name, or answers with 500.
SUSPECT = ["..%5cx", "C:%5cx", "file:///etc/passwd", "a%00b", "a//b", "./a", "a/./b", "a/.", "%c0%ae%c0%ae/x", "a%0d%0ab"]


def refused(answer, what):
    equal((answer.status, answer.code), INVALID, f"{what}: {answer!r}")


@case("paths that leave their folder are refused on every artifact route")
def _():
    for path in LEAVING:
        refused(send("GET", f"{BYTES}/{ROOT}/{path}"), f"GET {path}")
        refused(send("PUT", f"{BYTES}/{ROOT}/{path}", b"x"), f"PUT {path}")
        refused(send("DELETE", f"{BYTES}/{ROOT}/{path}"), f"DELETE {path}")
        refused(send("GET", f"{BYTES}?path={ROOT}/{path}"), f"list {path}")
        refused(get(f"/artifacts/list?run_id={run}&path={path}"), f"artifacts/list {path}")
        refused(send("GET", f"/get-artifact?run_id={run}&path={path}"), f"get-artifact {path}")


@case("what could be read as leaving a folder is refused too, never repaired")
def _():
    for path in SUSPECT if MILLRACE else []:
        for method, body in [("GET", None), ("PUT", b"x"), ("DELETE", None)]:
            answer = send(method, f"{BYTES}/{ROOT}/{path}", body)
            # A gateway in front may have words of its own for a broken line.
            true(400 <= answer.status < 404 and answer.code is not None, f"{method} {path}: {answer!r}")


@case("a path is decoded once, and dots inside a name are a name")
def _():
    for path, name in [("a%2525b.txt", "a%25b.txt"), ("a..b", "a..b"), ("...", "..."), ("%C3%BC.txt", "ü.txt")]:
        equal(send("PUT", f"{BYTES}/{ROOT}/names/{path}", name.encode()).status, 200, path)
        equal(send("GET", f"{BYTES}/{ROOT}/names/{path}").body, name.encode(), path)
    listed = {each["path"] for each in ok(send("GET", f"{BYTES}?path={ROOT}/names"))["files"]}
    true({"a..b", "...", "ü.txt"} <= listed, repr(listed))


@case("artifacts are answered as attachments that no browser reinterprets")
def _():
    for name, kind in [("p.html", "text/html"), ("p.json", "application/json"), ("p.bin", "application/octet-stream")]:
        equal(send("PUT", f"{BYTES}/{ROOT}/{name}", b"<script>1</script>").status, 200)
        for path in [f"{BYTES}/{ROOT}/{name}", f"/get-artifact?run_id={run}&path={name}"]:
            answer = send("GET", path)
            headers = {key.lower(): value for key, value in answer.headers.items()}
            equal((answer.status, answer.body), (200, b"<script>1</script>"), path)
            equal(headers.get("x-content-type-options"), "nosniff", path)
            true("attachment" in headers.get("content-disposition", ""), f"{path}: {headers}")
    equal(send("GET", f"{BYTES}/{ROOT}/nobody").status, 404)


@case("a version's source cannot be a file, another host, or a path that leaves its folder")
def _():
    name = fresh("sources")
    ok(post("/registered-models/create", {"name": name}))
    for source in [
        "/etc/passwd",
        "file:///etc",
        "//host/x",
        "http://169.254.169.254/x",
        "https://example.org/x",
        f"mlflow-artifacts:/{experiment}/../2",
        f"mlflow-artifacts:/{experiment}/%2e%2e/2",
        f"mlflow-artifacts:/{experiment}/%252e%252e/2",
        f"runs:/{run}/../m",
    ]:
        refused(post("/model-versions/create", {"name": name, "source": source, "run_id": run}), source)
    equal(post("/model-versions/create", {"name": name, "source": "models:/nobody-here/1"}).status, 404)
    found = ok(get(f"/model-versions/search?filter=name%3D%27{name}%27"))
    equal(found.get("model_versions", []), [], "versions made by refused calls")
