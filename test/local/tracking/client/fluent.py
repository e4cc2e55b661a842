import os
import tempfile
import threading

import mlflow
import numpy
import onnx
import pandas as pd
from mlflow import MlflowClient
from mlflow.models import infer_signature
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

from case import case, equal, fresh, true

client = MlflowClient()
X = pd.DataFrame({"temp": [1.0, 2.0, 30.0, 40.0] * 5, "wind": [3.0, 1.0, 2.0, 5.0] * 5})
#: Without it each call takes five seconds to find out; the scikit-learn cases have that done.
NEEDS = ["onnx", "onnxruntime"]
y = pd.Series([0, 0, 1, 1] * 5, name="rain")
experiment = mlflow.set_experiment(fresh("fluent")).experiment_id


def doubling():
    """An ONNX model that doubles what it is given."""
    node = helper.make_node("Mul", ["x", "two"], ["y"])
    two = helper.make_tensor("two", TensorProto.FLOAT, [1], [2.0])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in "xy"]
    graph = helper.make_graph([node], "doubling", [ends[0]], [ends[1]], [two])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@case("set_experiment makes an experiment once, and start_run writes into it")
def _():
    name = fresh("set")
    first = mlflow.set_experiment(name)
    equal(mlflow.set_experiment(name).experiment_id, first.experiment_id)
    with mlflow.start_run(run_name="r", description="why", tags={"a": "1"}) as run:
        equal(run.info.experiment_id, first.experiment_id)
    found = mlflow.get_run(run.info.run_id)
    equal((found.info.status, found.data.tags["mlflow.note.content"]), ("FINISHED", "why"))
    true(found.info.end_time >= found.info.start_time, f"ended at {found.info.end_time}")
    mlflow.set_experiment(experiment_id=experiment)


@case("set_experiment of one name from eight threads makes one experiment")
def _():
    name, seen, errors = fresh("race"), set(), []

    def one():
        try:
            seen.add(mlflow.set_experiment(name).experiment_id)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=one) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    equal((len(seen), errors), (1, []))
    mlflow.set_experiment(experiment_id=experiment)


@case("a run that raises is FAILED, and one that is resumed goes on")
def _():
    try:
        with mlflow.start_run() as run:
            mlflow.log_metric("m", 1, step=0)
            raise ValueError("as if training had failed")
    except ValueError:
        pass
    equal(mlflow.get_run(run.info.run_id).info.status, "FAILED")
    with mlflow.start_run(run_id=run.info.run_id):
        mlflow.log_metric("m", 2, step=1)
    found = mlflow.get_run(run.info.run_id)
    equal((found.info.status, found.data.metrics), ("FINISHED", {"m": 2.0}))


@case("nested runs name their parents, and a search finds the children")
def _():
    with mlflow.start_run() as parent:
        children = []
        for i in range(3):
            with mlflow.start_run(nested=True) as child:
                mlflow.log_param("i", i)
                children.append(child.info.run_id)
    mine = f"tags.mlflow.parentRunId = '{parent.info.run_id}'"
    found = mlflow.search_runs([experiment], mine, output_format="list")
    equal({run.info.run_id for run in found}, set(children))
    equal(mlflow.get_parent_run(children[0]).info.run_id, parent.info.run_id)


@case("log_params, log_metrics, set_tags and log_input write what they say")
def _():
    with mlflow.start_run() as run:
        mlflow.log_params({f"p{i}": i for i in range(150)})
        mlflow.log_metrics({"a": 1.5, "b": float("nan")}, step=3)
        mlflow.set_tags({"t": "1", "u": "2"})
        mlflow.delete_tag("u")
        mlflow.log_input(mlflow.data.from_pandas(X, name="rain"), context="training", tags={"k": "v"})
        mlflow.log_metric("later", 1, synchronous=False).wait()
        mlflow.flush_async_logging()
    found = mlflow.get_run(run.info.run_id)
    equal((len(found.data.params), found.data.params["p149"], found.data.metrics["a"]), (150, "149", 1.5))
    equal((found.data.tags["t"], "u" in found.data.tags, found.data.metrics["later"]), ("1", False, 1.0))
    equal({tag.key: tag.value for tag in found.inputs.dataset_inputs[0].tags}, {"k": "v", "mlflow.data.context": "training"})


@case("search_runs answers a data frame with a column for each key")
def _():
    own = mlflow.set_experiment(fresh("frame")).experiment_id
    for i in range(3):
        with mlflow.start_run(run_name=f"r{i}"):
            mlflow.log_param("p", i)
            if i != 1:
                mlflow.log_metric("m", i / 2)
    mlflow.set_experiment(experiment_id=experiment)
    frame = mlflow.search_runs([own], order_by=["metrics.m DESC"])
    equal(list(frame["tags.mlflow.runName"]), ["r2", "r0", "r1"])
    equal((list(frame["params.p"]), list(frame["metrics.m"])[:2]), (["2", "0", "1"], [1.0, 0.0]))
    true(numpy.isnan(frame["metrics.m"][2]) and str(frame["start_time"].dtype).startswith("datetime64"), str(frame))
    equal(len(mlflow.search_runs(experiment_ids=[own], filter_string="metrics.m > 0.1", max_results=5)), 1)


@case("scikit-learn's autolog writes parameters, metrics, dataset, model and signature")
def _():
    mlflow.sklearn.autolog(log_datasets=True)
    try:
        with mlflow.start_run() as run:
            model = LogisticRegression(C=0.5).fit(X, y)
            model.score(X, y)
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = mlflow.get_run(run.info.run_id)
    equal((found.data.params["C"], found.data.tags["estimator_name"]), ("0.5", "LogisticRegression"))
    wanted = {"training_score", "training_f1_score", "LogisticRegression_score_unknown_dataset"}
    equal(wanted - set(found.data.metrics), set(), f"missing of {sorted(found.data.metrics)}")
    equal(len(found.inputs.dataset_inputs), 1)
    made = client.get_logged_model(found.outputs.model_outputs[0].model_id)
    equal((str(made.status), made.source_run_id), ("READY", run.info.run_id))
    true("training_score" in {metric.key for metric in made.metrics}, "the model has no metric")
    loaded = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    equal(list(loaded.predict(X)), list(model.predict(X)))
    true("training_confusion_matrix.png" in [each.path for each in client.list_artifacts(run.info.run_id)], "no figure")


@case("a scikit-learn model is logged, registered, and loaded by every kind of address")
def _():
    name = fresh("rain")
    model = LogisticRegression().fit(X, y)
    with mlflow.start_run() as run:
        signature = infer_signature(X, model.predict(X))
        made = mlflow.sklearn.log_model(model, name="model", registered_model_name=name, signature=signature)
    client.set_registered_model_alias(name, "best", "1")
    equal(client.get_model_version(name, "1").run_id, run.info.run_id)
    for uri in [
        made.model_uri,
        f"models:/{made.model_id}",
        f"models:/{name}/1",
        f"models:/{name}@best",
        f"models:/{name}/latest",
        f"runs:/{run.info.run_id}/model",
    ]:
        equal(list(mlflow.sklearn.load_model(uri).predict(X)), list(model.predict(X)), uri)
    equal(list(mlflow.pyfunc.load_model(f"models:/{name}/1").predict(X)), list(model.predict(X)))
    equal(mlflow.models.get_model_info(f"models:/{name}/1").signature, signature)


@case("an ONNX model is logged, registered, and loaded by every kind of address")
def _():
    name = fresh("doubling")
    with mlflow.start_run() as run:
        made = mlflow.onnx.log_model(doubling(), name="onnx", registered_model_name=name, pip_requirements=NEEDS)
    client.set_registered_model_alias(name, "best", "1")
    given = numpy.array([[1.0], [2.5]], dtype=numpy.float32)
    for uri in [made.model_uri, f"models:/{name}/1", f"models:/{name}@best", f"runs:/{run.info.run_id}/onnx"]:
        onnx.checker.check_model(mlflow.onnx.load_model(uri))
        answer = mlflow.pyfunc.load_model(uri).predict(given)
        equal(numpy.asarray(answer["y"]).tolist(), [[2.0], [5.0]], uri)


@case("register_model makes versions of runs:/ and of a model's id")
def _():
    name = fresh("later")
    with mlflow.start_run() as run:
        made = mlflow.onnx.log_model(doubling(), name="onnx", pip_requirements=NEEDS)
    equal(mlflow.register_model(f"runs:/{run.info.run_id}/onnx", name).version, "1")
    second = mlflow.register_model(f"models:/{made.model_id}", name, tags={"a": "1"})
    equal((second.version, client.get_model_version(name, "2").tags["a"]), ("2", "1"))
    onnx.checker.check_model(mlflow.onnx.load_model(f"models:/{name}/2"))


@case("fluent logged models, their metrics, and search as a data frame")
def _():
    own = mlflow.set_experiment(fresh("fluent-models")).experiment_id
    with mlflow.start_run():
        made = mlflow.initialize_logged_model(name="m", params={"a": "1"}, model_type="t")
        mlflow.log_metric("acc", 0.5, model_id=made.model_id)
        mlflow.log_model_params({"b": "2"}, made.model_id)
        mlflow.set_logged_model_tags(made.model_id, {"t": "1"})
        mlflow.finalize_logged_model(made.model_id, "READY")
    mlflow.set_experiment(experiment_id=experiment)
    frame = mlflow.search_logged_models([own])
    equal(list(frame["model_id"]), [made.model_id])
    found = mlflow.get_logged_model(made.model_id)
    equal((found.params, found.tags["t"], found.metrics[0].value), ({"a": "1", "b": "2"}, "1", 0.5))


@case("artifacts of the active run are logged from files, folders and objects")
def _():
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a.txt"), "w") as file:
            file.write("x")
        mlflow.log_artifact(os.path.join(folder, "a.txt"), "one")
        mlflow.log_artifacts(folder, "two")
        mlflow.log_text("t", "t.txt")
        mlflow.log_dict({"a": 1}, "d.json")
        mlflow.log_table({"a": [1, 2]}, "table.json")
        equal(mlflow.get_artifact_uri("one"), f"mlflow-artifacts:/{experiment}/{run.info.run_id}/artifacts/one")
    names = [each.path for each in client.list_artifacts(run.info.run_id)]
    equal(names, ["d.json", "one", "t.txt", "table.json", "two"])
    equal(list(mlflow.load_table("table.json", [run.info.run_id])["a"]), [1, 2])
