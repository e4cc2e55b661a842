"""Fills the results of the stock server's SQL store into stock-search.json. Run it with the pinned MLflow:
python test/tracking/stock_search.py"""
import json, pathlib, tempfile
from mlflow.entities import (Dataset, DatasetInput, InputTag, LoggedModelParameter, LoggedModelTag, Metric, Param, RunTag,
                             ViewType, ExperimentTag)
from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelTag
from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking
import mlflow.store.tracking.sqlalchemy_store as tracking_module
import mlflow.store.model_registry.sqlalchemy_store as registry_module

file = pathlib.Path(__file__).with_name("stock-search.json")
facts = json.loads(file.read_text())
folder = tempfile.mkdtemp()
uri = f"sqlite:///{folder}/facts.db"
tracking, registry = Tracking(uri, folder), Registry(uri)
clock = [0]
for module in (tracking_module, registry_module):
    module.get_current_time_millis = lambda: clock[0]

def number(value):
    return float(value)

experiments = {}
for experiment in facts["experiments"]:
    clock[0] = experiment["created"]
    id = tracking.create_experiment(experiment["name"], None, [ExperimentTag(k, v) for k, v in experiment["tags"].items()])
    experiments[id] = experiment["name"]
    assert id == experiment["id"], id

names = {}
for run in facts["runs"]:
    made = tracking.create_run("0", run["user"], run["start"], [RunTag(k, v) for k, v in run["tags"].items()], run["name"])
    id = made.info.run_id
    run["id"], names[id] = id, run["name"]
    for key, value in run["metrics"].items():
        tracking.log_metric(id, Metric(key, number(value), 1, 0))
    for key, value in run["params"].items():
        tracking.log_param(id, Param(key, value))
    if run["datasets"]:
        tracking.log_inputs(id, [DatasetInput(Dataset(d["name"], d["digest"], "local", "x"),
                                              [InputTag("mlflow.data.context", d["context"])] if "context" in d else [])
                                 for d in run["datasets"]])
    if "end" in run:
        tracking.update_run_info(id, 3, run["end"], None)

for model in facts["models"]:
    clock[0] = model["created"]
    registry.create_registered_model(model["name"], [RegisteredModelTag(k, v) for k, v in model["tags"].items()])
    for version in model["versions"]:
        clock[0] = version["created"]
        registry.create_model_version(model["name"], version["source"], version["run_id"],
                                      [ModelVersionTag(k, v) for k, v in version["tags"].items()])
# Metrics of models count for the run too: for one outside the searches.
trainer = tracking.create_run("1", "ann", 0, [], "trainer").info.run_id
logged = {}
for model in facts["logged"]:
    clock[0] = model["created"]
    made = tracking.create_logged_model("0", model["name"], None, [LoggedModelTag(k, v) for k, v in model["tags"].items()],
                                        [LoggedModelParameter(k, v) for k, v in model["params"].items()], model["type"])
    model["id"], logged[made.model_id] = made.model_id, model["name"]
    for m in model["metrics"]:
        tracking.log_metric(trainer, Metric(m["key"], m["value"], m["timestamp"], m["step"], model_id=made.model_id,
                            dataset_name=m.get("dataset_name"), dataset_digest=m.get("dataset_digest")))

def answer(search, filter, order, more):
    if search == "runs":
        return [names[r.info.run_id] for r in tracking.search_runs(["0"], filter, ViewType.ACTIVE_ONLY, 100, order)]
    if search == "experiments":
        found = tracking.search_experiments(ViewType.ACTIVE_ONLY, 100, filter, order)
        return [e.name for e in found if e.experiment_id != "0"]
    if search == "models":
        return [m.name for m in registry.search_registered_models(filter, 100, order)]
    if search == "versions":
        return [f"{v.name}/{v.version}" for v in registry.search_model_versions(filter, 100, order)]
    return [logged[m.model_id] for m in tracking.search_logged_models(["0"], filter, more.get("datasets"), 100, order)]

for query in facts["queries"]:
    for gone in ("results", "refused"):
        query.pop(gone, None)
    try:
        query["results"] = answer(query["search"], query.get("filter"), query.get("order"), query)
    except Exception:
        query["refused"] = True
lines = [json.dumps(q, ensure_ascii=False) for q in facts.pop("queries")]
head = json.dumps(facts, ensure_ascii=False, indent=1)[:-2]
file.write_text(head + ',\n "queries": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n")
