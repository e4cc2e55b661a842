import time

from mlflow import MlflowClient
from mlflow.data.pandas_dataset import from_pandas
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)

from case import case, equal, fresh, refused, true
from differences import expected

client = MlflowClient()
experiment = client.create_experiment(fresh("runs"))


def run(**more):
    return client.create_run(experiment, **more).info.run_id


@case("a created run comes back with its name, tags, start time, status and artifact folder")
def _():
    made = client.create_run(experiment, start_time=1_700_000_000_123, tags={"a": "1"}, run_name="first")
    found = client.get_run(made.info.run_id)
    info = found.info
    equal((info.run_name, info.status, info.start_time, info.end_time), ("first", "RUNNING", 1_700_000_000_123, None))
    equal((info.experiment_id, info.lifecycle_stage), (experiment, "active"))
    equal(info.artifact_uri, f"mlflow-artifacts:/{experiment}/{info.run_id}/artifacts")
    equal({k: v for k, v in found.data.tags.items()}, {"a": "1", "mlflow.runName": "first"})
    true(len(info.run_id) == 32 and int(info.run_id, 16) >= 0, f"the id {info.run_id} is 32 hex digits")
    equal((found.data.metrics, found.data.params, found.inputs.dataset_inputs), ({}, {}, []))


@case("a run without a name gets one, the same as field and as tag")
def _():
    found = client.get_run(run())
    true(found.info.run_name.count("-") >= 2, f"{found.info.run_name} is no adjective-noun-number")
    equal(found.data.tags["mlflow.runName"], found.info.run_name)


@case("the name as tag alone names the run, and as both they have to agree")
def _():
    equal(client.get_run(run(tags={"mlflow.runName": "by tag"})).info.run_name, "by tag")
    equal(client.get_run(run(run_name="same", tags={"mlflow.runName": "same"})).info.run_name, "same")
    refused("INVALID_PARAMETER_VALUE", lambda: run(run_name="one", tags={"mlflow.runName": "other"}), "one")


@case("a new name by update_run and by the tag change both")
def _():
    made = run(run_name="before")
    client.update_run(made, name="after")
    found = client.get_run(made)
    equal((found.info.run_name, found.data.tags["mlflow.runName"]), ("after", "after"))
    client.set_tag(made, "mlflow.runName", "by tag")
    found = client.get_run(made)
    equal((found.info.run_name, found.data.tags["mlflow.runName"]), ("by tag", "by tag"))


@case("update_run and set_terminated change status and end time")
def _():
    made = run()
    client.update_run(made, status="SCHEDULED")
    equal(client.get_run(made).info.status, "SCHEDULED")
    for status in ["FINISHED", "FAILED", "KILLED"]:
        client.set_terminated(made, status, end_time=1_700_000_000_999)
        equal((client.get_run(made).info.status, client.get_run(made).info.end_time), (status, 1_700_000_000_999))
    client.set_terminated(made)
    true(client.get_run(made).info.end_time > 1_700_000_001_000, "set_terminated without a time means now")


@case("an unknown run or experiment is RESOURCE_DOES_NOT_EXIST")
def _():
    nobody = "0" * 32
    for call in [
        lambda: client.get_run(nobody),
        lambda: client.delete_run(nobody),
        lambda: client.restore_run(nobody),
        lambda: client.set_terminated(nobody),
        lambda: client.log_batch(nobody, tags=[RunTag("a", "1")]),
        lambda: client.create_run("999999999"),
    ]:
        refused("RESOURCE_DOES_NOT_EXIST", call)


@case("a deleted run can be read and restored, and takes nothing")
def _():
    made = run()
    client.log_param(made, "a", "1")
    client.delete_run(made)
    equal((client.get_run(made).info.lifecycle_stage, client.get_run(made).data.params), ("deleted", {"a": "1"}))
    for call in [
        lambda: client.log_param(made, "b", "1"),
        lambda: client.log_metric(made, "m", 1),
        lambda: client.set_tag(made, "t", "1"),
        lambda: client.delete_tag(made, "mlflow.runName"),
        lambda: client.log_batch(made, params=[Param("c", "1")]),
        lambda: client.set_terminated(made),
    ]:
        refused("INVALID_PARAMETER_VALUE", call, "active")
    client.restore_run(made)
    client.log_param(made, "b", "2")
    equal(client.get_run(made).data.params, {"a": "1", "b": "2"})


@case("the same parameter again is fine, another value is refused with both values")
def _():
    made = run()
    client.log_param(made, "rate", 0.1)
    client.log_param(made, "rate", 0.1)
    error = refused("INVALID_PARAMETER_VALUE", lambda: client.log_param(made, "rate", 0.2), "0.1")
    true("0.2" in error.message, error.message)
    batch = [Param("rate", "0.3"), Param("new", "1")]
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_batch(made, params=batch), "0.1")
    client.log_batch(made, params=[Param("rate", "0.1"), Param("more", "")])
    equal(client.get_run(made).data.params["rate"], "0.1")
    equal(client.get_run(made).data.params["more"], "")


@case("one parameter twice in a batch is refused")
def _():
    made = run()
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_batch(made, params=[Param("a", "1"), Param("a", "2")]), "a")
    equal(client.get_run(made).data.params, {})


@case("tags are replaced and deleted; deleting one that is not there is refused")
def _():
    made = run()
    client.set_tag(made, "t", "1")
    client.set_tag(made, "t", 2)
    client.log_batch(made, tags=[RunTag("u", "a"), RunTag("u", "b"), RunTag("t", "3")])
    tags = client.get_run(made).data.tags
    equal((tags["t"], tags["u"]), ("3", "b"))
    client.delete_tag(made, "t")
    true("t" not in client.get_run(made).data.tags, "the tag is still there")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_tag(made, "t"))


@case("keys with dots, slashes, spaces, colons and other letters are keys; others are refused by name")
def _():
    made = run()
    good = "layer 1/weights.mean_of-all:größe"
    client.log_param(made, good, "1")
    client.set_tag(made, good, "1")
    client.log_metric(made, good, 1)
    data = client.get_run(made).data
    equal((data.params[good], data.tags[good], data.metrics[good]), ("1", "1", 1.0))
    for bad in ["a*b", "a\tb?", "/abs", "../up", "a/../b", "./a", "a//b", ".", "a/"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.log_param(made, bad, "1"), bad[0])
        refused("INVALID_PARAMETER_VALUE", lambda: client.log_metric(made, bad, 1))
        refused("INVALID_PARAMETER_VALUE", lambda: client.set_tag(made, bad, "1"))


@case("a batch is written as a whole, and again without doubling")
def _():
    made = run()
    metrics = [Metric("m", float(i), 1000 + i, i) for i in range(5)]
    for _ in range(2):
        client.log_batch(made, metrics=metrics, params=[Param("p", "1")], tags=[RunTag("t", "1")])
    data = client.get_run(made).data
    equal((data.metrics, data.params, data.tags["t"]), ({"m": 4.0}, {"p": "1"}, "1"))
    equal(len(client.get_metric_history(made, "m")), 5)
    client.log_batch(made)


@case("datasets come back as inputs with their tags, once each")
def _():
    import pandas as pd

    made = run()
    dataset = from_pandas(pd.DataFrame({"a": [1, 2]}), source="https://example.org/rain.csv", name="rain", targets="a")
    inputs = DatasetInput(dataset._to_mlflow_entity(), [InputTag("mlflow.data.context", "train")])
    for _ in range(2):
        client.log_inputs(made, [inputs])
    other = DatasetInput(Dataset("other", "d1", "local", "{}", profile="p"), [])
    client.log_inputs(made, [other])
    found = client.get_run(made).inputs.dataset_inputs
    equal(sorted(each.dataset.name for each in found), ["other", "rain"])
    rain = next(each for each in found if each.dataset.name == "rain")
    equal([(tag.key, tag.value) for tag in rain.tags], [("mlflow.data.context", "train")])
    equal((rain.dataset.digest, rain.dataset.source_type), (dataset.digest, "http"))
    true("example.org" in rain.dataset.source and '"a"' in rain.dataset.schema, repr(rain.dataset))


@case("models come back as inputs and as outputs with their steps")
def _():
    made = run()
    first = client.create_logged_model(experiment, name="first").model_id
    second = client.create_logged_model(experiment, name="second", source_run_id=made).model_id
    client.log_inputs(made, models=[LoggedModelInput(first)])
    client.log_outputs(made, [LoggedModelOutput(second, 3)])
    repeat = expected("the same output again")
    if repeat is None:
        client.log_outputs(made, [LoggedModelOutput(second, 3)])
    else:
        refused(repeat, lambda: client.log_outputs(made, [LoggedModelOutput(second, 3)]))
    found = client.get_run(made)
    equal([each.model_id for each in found.inputs.model_inputs], [first])
    equal([(each.model_id, each.step) for each in found.outputs.model_outputs], [(second, 3)])


@case("a child names its parent, and get_parent_run follows")
def _():
    parent = run(run_name="parent")
    child = run(tags={"mlflow.parentRunId": parent})
    equal(client.get_parent_run(child).info.run_id, parent)
    equal(client.get_parent_run(parent), None)


@case("what is written is there for the very next call")
def _():
    made = run()
    for i in range(10):
        client.log_metric(made, "m", i, step=i)
        equal(client.get_run(made).data.metrics["m"], float(i))
        client.set_tag(made, "t", str(i))
        found = client.search_runs([experiment], f"attributes.run_id = '{made}' AND tags.t = '{i}' AND metrics.m = {i}")
        equal(len(found), 1, f"runs found after write {i}")


@case("a run's start time is now when none is given, and its user is kept")
def _():
    before = int(time.time() * 1000) - 60_000
    made = client.create_run(experiment, tags={"mlflow.user": "jo"})
    true(made.info.start_time > before, f"start_time {made.info.start_time}")
    equal(made.data.tags["mlflow.user"], "jo")
