"""What the client cannot send, or what a user of plain HTTP sees."""

import json

from case import case, equal, fresh, true
from differences import MILLRACE, expected
from rest import AJAX, API, get, ok, post, send

experiment = ok(post("/experiments/create", {"name": fresh("wire")}))["experiment_id"]
JSON_TYPE = {"Content-Type": "application/json"}
INVALID = (400, "INVALID_PARAMETER_VALUE")


def run(**more):
    return ok(post("/runs/create", {"experiment_id": experiment, **more}))["run"]["info"]["run_id"]


def tags(made):
    return {tag["key"]: tag["value"] for tag in ok(get(f"/runs/get?run_id={made}"))["run"]["data"]["tags"]}


def invalid(answer, text):
    equal((answer.status, answer.code), INVALID, repr(answer))
    true(text in answer.text, f"got {answer.text!r}, expected {text!r} in it")


@case("every route exists below api and ajax-api")
def _():
    for base in [API, AJAX]:
        equal(ok(send("GET", f"{base}/experiments/get?experiment_id=0"))["experiment"]["name"], "Default")
        equal(ok(send("GET", f"{base}/experiments/search?max_results=1"))["experiments"][0]["lifecycle_stage"], "active")


@case("health, version and server-info answer without the API's prefix, and with it")
def _():
    equal((send("GET", "/health").status, send("GET", "/health").body), (200, b"OK"))
    true(send("GET", "/version").body.startswith(b"3."), repr(send("GET", "/version")))
    for base in ["/api", "/ajax-api"]:
        told = ok(send("GET", f"{base}/3.0/mlflow/server-info"))
        equal((told["workspaces_enabled"], isinstance(told["store_type"], str)), (False, True))


@case("an unknown route is a JSON 404 ENDPOINT_NOT_FOUND")
def _():
    for path in [f"{API}/nobody", f"{AJAX}/runs/nobody", "/api/2.0/nobody"]:
        answer = send("GET", path)
        equal((answer.status, answer.code), expected("an unknown route"), path)
    equal(send("POST", f"{API}/webhooks/nobody/x", {}).status, 404)


@case("a missing field is named, with its path inside a list")
def _():
    made = run()
    invalid(post("/experiments/create", {}), "Missing value for required parameter 'name'")
    invalid(post("/experiments/create", {"name": None}), "Missing value for required parameter 'name'")
    invalid(get("/runs/get"), "Missing value for required parameter 'run_id'")
    one = {"run_id": made, "key": "m", "value": 1}
    invalid(post("/runs/log-metric", one), "Missing value for required parameter 'timestamp'")
    invalid(post("/runs/log-metric", {**one, "timestamp": 1, "value": None}), "parameter 'value'")
    for field in ["key", "value", "timestamp"]:
        metric = {"key": "m", "value": 1, "timestamp": 1}
        del metric[field]
        batch = {"run_id": made, "metrics": [{"key": "a", "value": 1, "timestamp": 1}, metric]}
        invalid(post("/runs/log-batch", batch), f"Missing value for required parameter 'metrics[1].{field}'")
    for kind in ["params", "tags"]:
        invalid(post("/runs/log-batch", {"run_id": made, kind: [{"value": "1"}]}), f"parameter '{kind}[0].key'")


@case("a field of the wrong kind is named with its value")
def _():
    made = run()
    invalid(post("/experiments/create", {"name": 5}), "Invalid value 5 for parameter 'name'")
    invalid(post("/experiments/create", {"name": fresh("x"), "tags": "a"}), "for parameter 'tags'")
    invalid(post("/runs/log-batch", {"run_id": made, "params": "a"}), "for parameter 'params'")
    one = {"run_id": made, "key": "m", "value": 1, "timestamp": 1}
    invalid(post("/runs/log-metric", {**one, "value": "x"}), "for parameter 'value'")
    invalid(post("/runs/log-metric", {**one, "timestamp": "x"}), "for parameter 'timestamp'")
    invalid(post("/runs/log-metric", {**one, "timestamp": -1}), "Invalid value -1 for parameter 'timestamp'")
    batch = {"run_id": made, "metrics": [{"key": "a*", "value": 1, "timestamp": 1}]}
    invalid(post("/runs/log-batch", batch), "for parameter 'metrics[0].name'")
    search = {"experiment_ids": [experiment]}
    invalid(post("/runs/search", {**search, "order_by": "a"}), "for parameter 'order_by'")
    invalid(post("/runs/search", {**search, "max_results": -1}), "max_results")
    invalid(get("/experiments/get?experiment_id=abc"), "experiment ID")


@case("a body that is no JSON object is refused, and never a server error")
def _():
    send_raw = lambda text: send("POST", f"{API}/experiments/create", text, headers=JSON_TYPE)  # noqa: E731
    for text in ["", '{"name"', "null"]:
        equal(send_raw(text).status, 400, f"the status for {text!r}")
    for text in ["[1]", '"x"', "5"]:
        equal(send_raw(text).status, expected("a body that is JSON but no object"), f"the status for {text!r}")


@case("a JSON text that holds the JSON, as clients before 1.0 send it, is read")
def _():
    made = run()
    body = json.dumps(json.dumps({"run_id": made, "key": "twice", "value": "1"}))
    ok(send("POST", f"{API}/runs/set-tag", body, headers=JSON_TYPE))
    equal(tags(made)["twice"], "1")


@case("a body of another content type is refused; a charset is none")
def _():
    made = run()
    body = json.dumps({"run_id": made, "key": "typed", "value": "1"})
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]:
        invalid(send("POST", f"{API}/runs/set-tag", body, headers={"Content-Type": kind}), "Content-Type")
    true("typed" not in tags(made), "a refused call has written")
    equal(send("POST", f"{API}/runs/set-tag", body).status, expected("a body without a content type"))
    ok(send("POST", f"{API}/runs/set-tag", body, headers={"Content-Type": "application/json; charset=utf-8"}))
    equal(tags(made)["typed"], "1")


@case("int64 fields are read as numbers and as text, and answered as exact numbers")
def _():
    made = run(start_time="1700000000123")
    big = 2**53 + 1
    ok(post("/runs/log-metric", {"run_id": made, "key": "m", "value": 1, "timestamp": str(big), "step": str(big)}))
    ok(post("/runs/log-metric", {"run_id": made, "key": "m", "value": 2, "timestamp": big, "step": big + 2}))
    history = ok(get(f"/metrics/get-history?run_id={made}&metric_key=m"))["metrics"]
    equal([(point["timestamp"], point["step"]) for point in history], [(big, big), (big, big + 2)])
    info = ok(get(f"/runs/get?run_id={made}"))["run"]["info"]
    equal(info["start_time"], 1_700_000_000_123)


@case("NaN and infinities are read and answered as JSON can hold them")
def _():
    made = run()
    for step, value in enumerate(["NaN", "Infinity", "-Infinity", "1.5"]):
        ok(post("/runs/log-metric", {"run_id": made, "key": "m", "value": value, "timestamp": step, "step": step}))
    answer = get(f"/metrics/get-history?run_id={made}&metric_key=m")
    strict = json.loads(answer.body, parse_constant=lambda word: f"bare {word}")
    largest = 1.7976931348623157e308
    equal([point["value"] for point in strict["metrics"]], ["NaN", largest, -largest, 1.5])


@case("run_uuid is read for run_id, and both are answered")
def _():
    made = run()
    ok(post("/runs/set-tag", {"run_uuid": made, "key": "a", "value": "1"}))
    info = ok(get(f"/runs/get?run_uuid={made}"))["run"]["info"]
    equal((info["run_id"], info["run_uuid"]), (made, made))


@case("unset fields are left out; zero, false and empty text are not")
def _():
    made = run(start_time=0)
    found = ok(get(f"/runs/get?run_id={made}"))["run"]
    equal((found["info"]["start_time"], "end_time" in found["info"], found["data"].get("params")), (0, False, expected("an empty list")))
    ok(post("/runs/log-batch", {"run_id": made, "metrics": [{"key": "m", "value": 0, "timestamp": 0, "step": 0}]}))
    point = ok(get(f"/metrics/get-history?run_id={made}&metric_key=m"))["metrics"][0]
    equal((point["value"], point["timestamp"], point["step"]), (0.0, 0, 0))
    equal(post("/runs/set-tag", {"run_id": made, "key": "a", "value": "1"}).body, b"{}")


@case("fields that nobody knows are passed over")
def _():
    ok(post("/runs/set-tag", {"run_id": run(), "key": "a", "value": "1", "nobody": {"x": 1}}))


@case("a GET reads its fields from a JSON body when it has no query")
def _():
    made = run()
    equal(ok(send("GET", f"{API}/runs/get", {"run_id": made}))["run"]["info"]["run_id"], made)


@case("a history comes in pages that together are everything")
def _():
    made = run()
    metrics = [{"key": "m", "value": i, "timestamp": i, "step": i} for i in range(25)]
    ok(post("/runs/log-batch", {"run_id": made, "metrics": metrics}))
    seen, token, pages = [], "", 0
    while pages == 0 or token:
        path = f"/metrics/get-history?run_id={made}&metric_key=m&max_results=10"
        page = ok(get(path + (f"&page_token={token}" if token else "")))
        seen += [point["step"] for point in page["metrics"]]
        token, pages = page.get("next_page_token"), pages + 1
    equal((seen, pages), (list(range(25)), 3))
    equal(len(ok(get(f"/metrics/get-history?run_id={made}&metric_key=m"))["metrics"]), 25)
    equal(get(f"/metrics/get-history?run_id={made}&metric_key=m&max_results=10&page_token=x").status, 400)


@case("histories of several runs are thinned to the points that were asked for, with both ends")
def _():
    made = [run(), run()]
    for each in made:
        metrics = [{"key": "m", "value": i, "timestamp": i, "step": i} for i in range(101)]
        ok(post("/runs/log-batch", {"run_id": each, "metrics": metrics}))
    ids = "&".join(f"run_ids={each}" for each in made)
    path = f"{AJAX}/metrics/get-history-bulk-interval?{ids}&metric_key=m"
    points = ok(send("GET", f"{path}&max_results=10"))["metrics"]
    for each in made:
        steps = [point["step"] for point in points if point["run_id"] == each]
        true(10 <= len(steps) <= 12 and steps[0] == 0 and steps[-1] == 100, repr(steps))
    part = ok(send("GET", f"{path}&max_results=10&start_step=20&end_step=24"))["metrics"]
    equal(sorted({point["step"] for point in part} & set(range(20, 25))), list(range(20, 25)))
    invalid(send("GET", f"{path}&start_step=1"), "both must be specified" if not MILLRACE else "Both start_step and end_step")


@case("the datasets of experiments are listed once each with their context")
def _():
    dataset = {"name": fresh("rain"), "digest": "d1", "source_type": "local", "source": "{}"}
    for _ in range(2):
        tag = {"key": "mlflow.data.context", "value": "train"}
        ok(post("/runs/log-inputs", {"run_id": run(), "datasets": [{"dataset": dataset, "tags": [tag]}]}))
    found = ok(send("POST", f"{AJAX}/experiments/search-datasets", {"experiment_ids": [experiment]}))["dataset_summaries"]
    mine = [(each["name"], each["digest"], each["context"]) for each in found if each["name"] == dataset["name"]]
    equal(mine, [(dataset["name"], "d1", "train")])


@case("where the server wants a token, a call without one is a 401 in MLflow's shape")
def _():
    answer = send("GET", f"{API}/experiments/get?experiment_id=0", headers={"Authorization": "Bearer nobody"})
    equal(answer.status, expected("a call with a wrong token"))
    if MILLRACE:
        equal(answer.code, "UNAUTHENTICATED")
