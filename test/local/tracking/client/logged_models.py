import os
import tempfile

from mlflow import MlflowClient
from mlflow.entities import LoggedModelParameter, LoggedModelStatus, Metric

from case import case, equal, fresh, refused, true
from differences import expected

client = MlflowClient()
WITH_500 = "a refusal that the stock server makes with 500"
experiment = client.create_experiment(fresh("logged"))


def model(name="m", **more):
    return client.create_logged_model(experiment, name=name, **more).model_id


@case("a created model is PENDING and comes back with what it was given")
def _():
    run = client.create_run(experiment).info.run_id
    made = client.create_logged_model(
        experiment, name="rain", source_run_id=run, tags={"a": "1"}, params={"depth": "3"}, model_type="tree"
    )
    found = client.get_logged_model(made.model_id)
    equal((found.name, found.model_type, found.source_run_id), ("rain", "tree", run))
    equal((found.status, found.tags, found.params), (LoggedModelStatus.PENDING, {"a": "1"}, {"depth": "3"}))
    equal((found.experiment_id, found.metrics), (experiment, []))
    equal(found.artifact_location, f"mlflow-artifacts:/{experiment}/models/{made.model_id}/artifacts")
    true(made.model_id.startswith("m-") and len(made.model_id) == 34, made.model_id)
    true(found.creation_timestamp > 1_600_000_000_000, str(found.creation_timestamp))


@case("a model without a name gets one")
def _():
    true(client.get_logged_model(client.create_logged_model(experiment).model_id).name, "the name is empty")


@case("finalize makes it READY or FAILED")
def _():
    made = model()
    equal(client.finalize_logged_model(made, "READY").status, LoggedModelStatus.READY)
    other = model()
    client.finalize_logged_model(other, LoggedModelStatus.FAILED)
    equal(client.get_logged_model(other).status, LoggedModelStatus.FAILED)


@case("tags are set, replaced and deleted, whatever letters their keys have")
def _():
    made = model(tags={"kept": "1"})
    client.set_logged_model_tags(made, {"a/b c:ü": "1", "two": "2"})
    client.set_logged_model_tags(made, {"two": "3"})
    equal(client.get_logged_model(made).tags, {"kept": "1", "a/b c:ü": "1", "two": "3"})
    client.delete_logged_model_tag(made, "two")
    equal(client.get_logged_model(made).tags, {"kept": "1", "a/b c:ü": "1"})
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_logged_model_tag(made, "two"))


@case("parameters are added later")
def _():
    made = model(params={"a": "1"})
    client.log_model_params(made, {"b": "2", "c": "x"})
    equal(client.get_logged_model(made).params, {"a": "1", "b": "2", "c": "x"})


@case("a deleted model is hidden from get and search")
def _():
    made = model(name=fresh("gone"))
    client.delete_logged_model(made)
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_logged_model(made), made)
    found = client.search_logged_models([experiment])
    true(made not in [each.model_id for each in found], "search still finds it")


@case("an unknown model is RESOURCE_DOES_NOT_EXIST")
def _():
    nobody = "m-" + "0" * 32
    for call in [
        lambda: client.get_logged_model(nobody),
        lambda: client.finalize_logged_model(nobody, "READY"),
        lambda: client.delete_logged_model(nobody),
    ]:
        refused("RESOURCE_DOES_NOT_EXIST", call)
    # The client puts its own words here when it hears that the model does not exist.
    refused("INVALID_PARAMETER_VALUE", lambda: client.set_logged_model_tags(nobody, {"a": "1"}), nobody)


@case("its artifacts are logged, listed and fetched")
def _():
    made = model()
    with tempfile.TemporaryDirectory() as folder:
        for path, text in [("MLmodel", "flavors: {}\n"), ("data/weights.txt", "1 2 3\n")]:
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w") as file:
                file.write(text)
        client.log_model_artifacts(made, folder)
        client.log_model_artifact(made, os.path.join(folder, "MLmodel"))
    listed = {(each.path, each.is_dir, each.file_size) for each in client.list_logged_model_artifacts(made)}
    equal(listed, {("MLmodel", False, 12), ("data", True, None)})
    equal([each.path for each in client.list_logged_model_artifacts(made, "data")], ["data/weights.txt"])


@case("search filters by attributes, parameters, tags and metrics")
def _():
    own = client.create_experiment(fresh("models"))
    run = client.create_run(own).info.run_id
    made = {}
    for name, kind, accuracy in [("a", "tree", 0.5), ("b", "net", 0.75), ("c", "net", None)]:
        one = client.create_logged_model(own, name=name, model_type=kind, params={"kind": kind}, source_run_id=run)
        client.set_logged_model_tags(one.model_id, {"letter": name})
        made[one.model_id] = name
        if accuracy is not None:
            metrics = [Metric("acc", accuracy, 1, 0, one.model_id, dataset_name="rain", dataset_digest="d1", run_id=run)]
            client.log_batch(run, metrics=metrics)

    def found(filter_string=None, order_by=None, **more):
        page = client.search_logged_models([own], filter_string, order_by=order_by, **more)
        return "".join(made[each.model_id] for each in page)

    by_name = [{"field_name": "name", "ascending": True}]
    equal(found(), "cba")
    equal(found("name = 'a'"), "a")
    equal(found("attributes.model_type = 'net'", by_name), "bc")
    equal(found("params.kind = 'net' AND tags.letter != 'b'"), "c")
    equal(found("name LIKE 'B%'"), "")
    equal(found("name ILIKE 'B%'"), "b")
    equal(found("name IN ('a', 'c')", by_name), "ac")
    equal(found(f"source_run_id = '{run}'", by_name), "abc")
    equal(found("metrics.acc > 0.6"), "b")
    equal(found("metrics.acc >= 0.5", by_name, datasets=[{"dataset_name": "rain", "dataset_digest": "d1"}]), "ab")
    equal(found("metrics.acc >= 0.5", datasets=[{"dataset_name": "snow"}]), "")
    equal(found(order_by=[{"field_name": "metrics.acc", "ascending": False}]), "bac")
    equal(found(order_by=[{"field_name": "metrics.acc", "ascending": True, "dataset_name": "rain"}]), "abc")
    equal(found(order_by=[{"field_name": "creation_timestamp", "ascending": True}]), "abc")
    refused(expected(WITH_500), lambda: found("nobody = 'a'"))
    refused("INVALID_PARAMETER_VALUE", lambda: found(order_by=[{"field_name": "nobody"}]))
    first = client.search_logged_models([own], order_by=by_name, max_results=2)
    rest = client.search_logged_models([own], order_by=by_name, max_results=2, page_token=first.token)
    equal([[each.name for each in page] for page in (first, rest)], [["a", "b"], ["c"]])
    true(not rest.token, f"the last page has the token {rest.token}")
