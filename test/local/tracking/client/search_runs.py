import math

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType

from case import case, equal, fresh, refused, true
from differences import expected
from rest import post

client = MlflowClient()
experiment = client.create_experiment(fresh("search"))
ids = {}

#: name: start, metrics, params, tags
RUNS = {
    "a": (1000, {"loss": 0.1, "size": 10}, {"kind": "Tree", "rate": "0.1"}, {"team x": "Rain", "n": "1"}),
    "b": (2000, {"loss": 0.2, "size": 9}, {"kind": "tree", "rate": "10"}, {"team x": "rain", "n": "2"}),
    "c": (3000, {"loss": math.nan}, {"kind": "net"}, {"team x": "100%_sure"}),
    "d": (3000, {"size": -1}, {}, {}),
    "e": (4000, {"loss": math.inf}, {"kind": "net\nwork"}, {"quote": "it's", "n": "10"}),
    "f": (5000, {"loss": -0.5}, {"kind": "größe"}, {}),
}
for name, (start, metrics, params, tags) in RUNS.items():
    made = client.create_run(experiment, start_time=start, run_name=f"run {name}").info.run_id
    ids[name] = made
    client.log_batch(
        made,
        [Metric(key, value, 1, 0) for key, value in metrics.items()],
        [Param(key, value) for key, value in params.items()],
        [RunTag(key, value) for key, value in tags.items()],
    )
client.set_terminated(ids["a"], "FINISHED", 1500)
client.set_terminated(ids["b"], "FAILED", 2600)
by_id = {made: name for name, made in ids.items()}
for name, context in [("a", "train"), ("b", "test")]:
    dataset = Dataset(f"rain-{name}", f"digest-{name}", "local", "{}")
    client.log_inputs(ids[name], [DatasetInput(dataset, [InputTag("mlflow.data.context", context)])])


def found(filter_string="", order_by=("attributes.run_name ASC",), **more):
    runs = client.search_runs([experiment], filter_string, order_by=list(order_by), **more)
    return "".join(by_id[run.info.run_id] for run in runs)


@case("filters on metrics compare numbers, and a run without the metric never matches")
def _():
    equal(found("metrics.loss > 0"), "abe")
    equal(found("metrics.loss <= 0.1"), "af")
    equal(found("metrics.loss != 0.1"), "bcef")
    equal(found("metrics.size < 10"), "bd")
    equal(found("metrics.size = -1"), "d")
    equal(found("metrics.size >= 9 AND metrics.loss < 0.15"), "a")
    equal(found("metric.loss = 0.2"), "b")
    equal(found("metrics.`loss` > -1 and metrics.\"size\" > 0"), "ab")
    equal(found("metrics.nobody != 1"), "")


@case("filters on parameters compare text")
def _():
    equal(found("params.kind = 'tree'"), "b")
    equal(found("params.kind != 'tree'"), "acef")
    equal(found("parameters.kind LIKE 'tre_'"), "b")
    equal(found("params.kind ILIKE 'TRE%'"), "ab")
    equal(found("params.kind LIKE 'net%'"), "ce")
    equal(found("params.kind = \"größe\""), "f")
    equal(found("params.rate = '10'"), "b")
    equal(found("params.kind IS NULL"), "d")
    equal(found("params.rate IS NOT NULL"), "ab")


@case("filters on tags know quoted keys, wildcards, and IS NULL")
def _():
    equal(found("tags.`team x` = 'rain'"), "b")
    equal(found("tag.\"team x\" ILIKE 'rain'"), "ab")
    equal(found("tags.quote = \"it's\""), "e")
    equal(found("tags.n != '1'"), "be")
    equal(found("tags.n IS NULL"), "cdf")
    equal(found("tags.n IS NOT NULL AND tags.quote IS NULL"), "ab")


@case("filters on attributes know names, ids, status and times")
def _():
    equal(found("run_name = 'run a'"), "a")
    equal(found("attributes.run_name LIKE 'run _'"), "abcdef")
    equal(found("attr.`Run name` ILIKE 'RUN B'"), "b")
    equal(found("status = 'FINISHED'"), "a")
    equal(found("attributes.status != 'RUNNING'"), "ab")
    equal(found("start_time = 3000"), "cd")
    equal(found("attributes.start_time > 2000 AND start_time <= 4000"), "cde")
    equal(found("end_time >= 1500"), "ab")
    equal(found("attributes.`end_time` < 2000"), "a")
    equal(found(f"run_id = '{ids['c']}'"), "c")
    equal(found(f"attributes.run_id IN ('{ids['c']}', '{ids['a']}', 'nobody')"), "ac")
    equal(found(f"run_id NOT IN ('{ids['c']}', '{ids['a']}')"), "bdef")
    equal(found("artifact_uri LIKE 'mlflow-artifacts:/%'"), "abcdef")


@case("filters on datasets know name, digest and context")
def _():
    equal(found("dataset.name = 'rain-a'"), "a")
    equal(found("datasets.name LIKE 'rain-%'"), "ab")
    equal(found("dataset.digest IN ('digest-b', 'x')"), "b")
    equal(found("dataset.context = 'train'"), "a")
    equal(found("dataset.name ILIKE 'RAIN%' AND dataset.context != 'train'"), "b")


@case("conditions join with AND in any case, and run over lines")
def _():
    equal(found("metrics.loss > 0 and\n  params.kind = 'tree' AnD status != 'RUNNING'"), "b")


@case("order by a metric: numbers, then NaN, then runs without it, in both directions")
def _():
    # Where runs tie the newer one comes first, so `d` is before nothing here: it alone has no loss.
    equal(found(order_by=["metrics.loss ASC"]), "fabecd")
    equal(found(order_by=["metrics.loss DESC"]), "ebafcd")
    equal(found(order_by=["metrics.size DESC"])[:3], "abd")
    equal(sorted(found(order_by=["metrics.size ASC"])[3:]), ["c", "e", "f"])


@case("order by parameters, tags and attributes; what is missing comes last")
def _():
    equal(found(order_by=["params.rate ASC", "start_time ASC"])[:2], "ab")
    equal(found(order_by=["params.rate DESC"])[:2], "ba")
    equal(found(order_by=["tags.n ASC"])[:3], "aeb")
    equal(found(order_by=["tags.`n` DESC"])[:3], "bea")
    equal(found(order_by=["attributes.end_time DESC"])[:2], "ba")
    equal(found(order_by=["end_time ASC"])[:2], "ab")
    equal(found(order_by=["run_name DESC"]), "fedcba")
    equal(found(order_by=["status ASC", "run_name ASC"])[:2], "ba")


@case("without an order the newest start comes first, and ties go by id")
def _():
    tied = "".join(sorted("cd", key=lambda name: ids[name]))
    equal(found(order_by=[]), "fe" + tied + "ba")
    equal(found(order_by=["metrics.nobody"]), "fe" + tied + "ba")


@case("pages together are everything, once each, in whatever order")
def _():
    for order in [[], ["metrics.loss ASC"], ["params.kind DESC"], ["start_time ASC"], ["tags.n", "metrics.size DESC"]]:
        seen, token = "", None
        while True:
            page = client.search_runs([experiment], "", order_by=order, max_results=2, page_token=token)
            seen += "".join(by_id[run.info.run_id] for run in page)
            token = page.token
            if not token:
                break
        equal(seen, found(order_by=order), f"pages of order {order}")


@case("a page token on another query is refused, not misread")
def _():
    query = {"experiment_ids": [experiment], "max_results": 2, "order_by": ["run_name ASC"]}
    token = post("/runs/search", query).json["next_page_token"]
    equal(post("/runs/search", {**query, "page_token": token}).status, 200)
    other = post("/runs/search", {**query, "order_by": ["run_name DESC"], "page_token": token})
    equal(other.status, expected("a page token on another query"))


@case("view types choose active, deleted or all runs")
def _():
    own = client.create_experiment(fresh("views"))
    kept, gone = (client.create_run(own).info.run_id for _ in range(2))
    client.delete_run(gone)

    def seen(view):
        return {run.info.run_id for run in client.search_runs([own], run_view_type=view)}

    equal(seen(ViewType.ACTIVE_ONLY), {kept})
    equal(seen(ViewType.DELETED_ONLY), {gone})
    equal(seen(ViewType.ALL), {kept, gone})


@case("several experiments are searched as one, and none gives nothing")
def _():
    other = client.create_experiment(fresh("second"))
    made = client.create_run(other, start_time=2500).info.run_id
    runs = client.search_runs([experiment, other], "start_time <= 3000", order_by=["start_time DESC"])
    equal([run.info.start_time for run in runs], [3000, 3000, 2500, 2000, 1000])
    true(made in [run.info.run_id for run in runs], "the other experiment's run is missing")
    equal(len(client.search_runs([])), 0)
    equal(len(client.search_runs(["999999999"])), 0)


@case("a change is seen by the search after it: metric, tag, name, deletion and restoration")
def _():
    own = client.create_experiment(fresh("changes"))
    made = client.create_run(own).info.run_id
    client.log_metric(made, "m", 1, step=0)

    def matches(filter_string):
        return len(client.search_runs([own], filter_string))

    equal(matches("metrics.m = 1"), 1)
    client.log_metric(made, "m", 2, step=1)
    equal((matches("metrics.m = 1"), matches("metrics.m = 2")), (0, 1))
    client.set_tag(made, "t", "x")
    equal(matches("tags.t = 'x'"), 1)
    client.delete_tag(made, "t")
    equal(matches("tags.t IS NULL"), 1)
    client.update_run(made, name="renamed")
    equal(matches("run_name = 'renamed'"), 1)
    client.delete_run(made)
    equal(matches(""), 0)
    client.restore_run(made)
    equal(matches(""), 1)


@case("what is not in the grammar is refused with INVALID_PARAMETER_VALUE")
def _():
    for bad in [
        "metrics.loss > 'a'",
        "metrics.loss LIKE '1%'",
        "params.kind > 'a'",
        "params.kind = tree",
        "metrics.loss > 1 OR metrics.loss < 0",
        "nobody.key = '1'",
        "nobody = '1'",
        "metrics.loss",
        "metrics.loss >",
        "(metrics.loss > 1)",
        "status IN ('RUNNING')",
        "run_id IN (1)",
        "dataset.size = '1'",
        "start_time = 'now'",
        "params.kind = 'tree",
        "metrics.loss > 1; DROP TABLE runs",
    ]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs([experiment], bad))


@case("orders that are none, and pages of a wrong size, are refused")
def _():
    for bad in ["metrics.loss SIDEWAYS", "nobody.key ASC", "nobody ASC", "metrics.loss ASC DESC"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs([experiment], order_by=[bad]))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs([experiment], max_results=50_001), "max_results")
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_runs([experiment], page_token="nonsense"))
