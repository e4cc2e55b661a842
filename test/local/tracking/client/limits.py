"""Every limit: what is just allowed, and one more. Where the published list and 3.17.2 differ, 3.17.2 is meant."""

from case import RUN, case, equal, fresh, true
from differences import MILLRACE
from rest import AJAX, get, ok, post, send

experiment = ok(post("/experiments/create", {"name": fresh("limits")}))["experiment_id"]
run = ok(post("/runs/create", {"experiment_id": experiment}))["run"]["info"]["run_id"]
model = fresh("limits")
_made = 0


def text(size):
    """A text of this many characters that no other call has sent."""
    global _made
    _made += 1
    return f"{RUN}{_made}".ljust(size, "x")[:size]


def refused(answer, what):
    equal((answer.status, answer.code), (400, "INVALID_PARAMETER_VALUE"), f"{what}: {answer!r}")


def limit(name, most, call):
    """A case: `call(most)` is taken and `call(most + 1)` is refused."""

    @case(f"{name}: {most} and no more")
    def _():
        ok(call(most))
        refused(call(most + 1), f"{name} of {most + 1}")


def truncated(name, most, call, kept):
    @case(f"{name}: {most}, and what is longer is cut")
    def _():
        for size in (most, most + 1):
            key = fresh("key")
            ok(call(key, "v" * size))
            equal(len(kept()[key]), most, f"what is kept of {size}")


def data(kind):
    return {each["key"]: each["value"] for each in ok(get(f"/runs/get?run_id={run}"))["run"]["data"].get(kind, [])}


def tag(route, **where):
    return lambda key="k", value="v": post(route, {**where, "key": key, "value": value})


def metric(key):
    return {"key": key, "value": 1, "timestamp": 1}


def batch(metrics=0, params=0, tags=0):
    stem = fresh("b")
    return post(
        "/runs/log-batch",
        {
            "run_id": ok(post("/runs/create", {"experiment_id": experiment}))["run"]["info"]["run_id"],
            "metrics": [metric(f"{stem}{i % 7}") | {"step": i} for i in range(metrics)],
            "params": [{"key": f"{stem}{i}", "value": "1"} for i in range(params)],
            "tags": [{"key": f"{stem}{i}", "value": "1"} for i in range(tags)],
        },
    )


def dataset(tags=(), **fields):
    given = {"name": text(20), "digest": "d", "source_type": "local", "source": "{}", **fields}
    return post("/runs/log-inputs", {"run_id": run, "datasets": [{"dataset": given, "tags": list(tags)}]})


limit("metrics in a batch", 1000, lambda size: batch(metrics=size))
limit("parameters in a batch", 100, lambda size: batch(params=size))
limit("tags in a batch", 100, lambda size: batch(tags=size))
limit("metrics, parameters and tags in a batch", 1000, lambda size: batch(size - 200, 100, 100))

limit("the key of a metric", 250, lambda size: post("/runs/log-metric", {"run_id": run, **metric(text(size))}))
limit("the key of a parameter", 250, lambda size: tag("/runs/log-parameter", run_id=run)(text(size)))
limit("the key of a run's tag", 250, lambda size: tag("/runs/set-tag", run_id=run)(text(size)))
truncated("the value of a parameter", 6000, tag("/runs/log-parameter", run_id=run), lambda: data("params"))
truncated("the value of a run's tag", 8000, tag("/runs/set-tag", run_id=run), lambda: data("tags"))


@case("values in a batch are cut like those of single calls")
def _():
    key = fresh("long")
    entry = {"key": key, "value": "v" * 8001}
    ok(post("/runs/log-batch", {"run_id": run, "params": [entry], "tags": [entry]}))
    equal((len(data("params")[key]), len(data("tags")[key])), (6000, 8000))


limit("the name of an experiment", 500, lambda size: post("/experiments/create", {"name": text(size)}))
limit(
    "the artifact location of an experiment",
    2048,
    lambda size: post(
        "/experiments/create", {"name": text(20), "artifact_location": "mlflow-artifacts:/" + "x" * (size - 18)}
    ),
)
set_experiment_tag = tag("/experiments/set-experiment-tag", experiment_id=experiment)
limit("the key of an experiment's tag", 250, lambda size: set_experiment_tag(text(size)))
limit("the value of an experiment's tag", 20_000, lambda size: set_experiment_tag("k", text(size)))


@case("a registered model with a version, for the limits of both")
def _():
    ok(post("/registered-models/create", {"name": model}))
    source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/m"
    ok(post("/model-versions/create", {"name": model, "source": source, "run_id": run}))


set_model_tag = tag("/registered-models/set-tag", name=model)
set_version_tag = tag("/model-versions/set-tag", name=model, version="1")
limit("the key of a registered model's tag", 250, lambda size: set_model_tag(text(size)))
limit("the value of a registered model's tag", 100_000, lambda size: set_model_tag("k", text(size)))
limit("the key of a version's tag", 250, lambda size: set_version_tag(text(size)))
limit("the value of a version's tag", 100_000, lambda size: set_version_tag("k", text(size)))
limit(
    "an alias",
    255,
    lambda size: post("/registered-models/alias", {"name": model, "alias": text(size), "version": "1"}),
)

limit("the name of a dataset", 500, lambda size: dataset(name=text(size)))
limit("the digest of a dataset", 36, lambda size: dataset(digest=text(size)))
limit("the schema of a dataset", 1_048_575, lambda size: dataset(schema=text(size)))
limit("the source of a dataset", 65_535, lambda size: dataset(source=text(size)))
limit("the key of an input's tag", 255, lambda size: dataset([{"key": text(size), "value": "v"}]))
limit("the value of an input's tag", 500, lambda size: dataset([{"key": "k", "value": text(size)}]))


@case("the profile of a dataset: 16777215, or what fits into a request, and no more")
def _():
    # API Gateway takes 10 MB and the function behind it 6: a larger profile belongs into an artifact.
    most = 1_000_000 if MILLRACE else 16_777_215
    ok(dataset(profile=text(most)))
    answer = dataset(profile=text(16_777_216))
    true(answer.status in (400, 413) and answer.code is not None, repr(answer))


def search(path, **fields):
    return lambda size: post(path, {**fields, "max_results": size})


limit("runs of a search", 50_000, search("/runs/search", experiment_ids=[experiment]))
limit("experiments of a search", 50_000, search("/experiments/search"))
limit("registered models of a search", 1000, lambda size: get(f"/registered-models/search?max_results={size}"))
limit("versions of a search", 200_000, lambda size: get(f"/model-versions/search?max_results={size}"))
limit(
    "experiments whose datasets are listed",
    20,
    lambda size: send("POST", f"{AJAX}/experiments/search-datasets", {"experiment_ids": [experiment] * size}),
)


def histories(path, field, **query):
    def call(size):
        ids = "&".join([f"{field}={run}"] * size)
        return send("GET", f"{AJAX}/metrics/{path}?metric_key=m&{ids}")

    return call


limit("runs whose histories are thinned", 100, histories("get-history-bulk-interval", "run_ids"))
limit("runs whose histories are read at once", 100, histories("get-history-bulk", "run_id"))
limit(
    "points of a thinned history",
    2500,
    lambda size: send(
        "GET", f"{AJAX}/metrics/get-history-bulk-interval?metric_key=m&run_ids={run}&max_results={size}"
    ),
)


@case("a page of a history: 25000 points at most, and the rest by token")
def _():
    made = ok(post("/runs/create", {"experiment_id": experiment}))["run"]["info"]["run_id"]
    for first in range(0, 26_000, 1000):
        metrics = [{"key": "m", "value": i, "timestamp": i, "step": i} for i in range(first, first + 1000)]
        ok(post("/runs/log-batch", {"run_id": made, "metrics": metrics}))
    path = f"/metrics/get-history?run_id={made}&metric_key=m&max_results=25000"
    steps, token = [], ""
    while not steps or token:
        page = ok(get(path + (f"&page_token={token}" if token else "")))
        true(0 < len(page["metrics"]) <= 25_000, f"a page of {len(page['metrics'])} points")
        steps += [point["step"] for point in page["metrics"]]
        token = page.get("next_page_token")
    equal((len(steps), steps == list(range(26_000))), (26_000, True))
