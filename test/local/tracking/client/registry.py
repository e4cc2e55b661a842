import os
from contextlib import contextmanager

from mlflow import MlflowClient

from case import case, equal, fresh, refused, true
from differences import MILLRACE, expected

client = MlflowClient()
experiment = client.create_experiment(fresh("registry"))
run = client.create_run(experiment).info.run_id
client.log_text(run, "flavors: {}\n", "model/MLmodel")
SOURCE = f"{client.get_run(run).info.artifact_uri}/model"


def model(word="model", **more):
    return client.create_registered_model(fresh(word), **more).name


def version(name, **more):
    return client.create_model_version(name, SOURCE, run, **more).version


def tags(name, number):
    """The version's tags without those that the platform writes."""
    found = client.get_model_version(name, number).tags
    return {key: value for key, value in found.items() if not key.startswith("millrace.")}


def versions(filter_string, **more):
    return [found.version for found in client.search_model_versions(filter_string, **more)]


@case("a created model comes back with description, tags and times")
def _():
    name = model(tags={"team": "rain"}, description="It rains, or not")
    found = client.get_registered_model(name)
    equal((found.name, found.description, found.tags), (name, "It rains, or not", {"team": "rain"}))
    equal((found.aliases, found.latest_versions), ({}, []))
    equal(found.creation_timestamp, found.last_updated_timestamp)
    true(found.creation_timestamp > 1_600_000_000_000, str(found.creation_timestamp))


@case("a name that is taken is RESOURCE_ALREADY_EXISTS, an unknown one RESOURCE_DOES_NOT_EXIST")
def _():
    name = model()
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_registered_model(name), name)
    nobody = fresh("nobody")
    for call in [
        lambda: client.get_registered_model(nobody),
        lambda: client.rename_registered_model(nobody, fresh("x")),
        lambda: client.update_registered_model(nobody, "d"),
        lambda: client.delete_registered_model(nobody),
        lambda: client.set_registered_model_tag(nobody, "a", "1"),
        lambda: client.set_registered_model_alias(nobody, "a", "1"),
        lambda: client.get_latest_versions(nobody),
        lambda: client.create_model_version(nobody, SOURCE, run),
        lambda: client.get_model_version(nobody, "1"),
    ]:
        refused("RESOURCE_DOES_NOT_EXIST", call, nobody)


@case("names with a slash or a colon are refused")
def _():
    for bad in ["a/b", "a:b", ""]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.create_registered_model(bad))


@case("versions count from 1, are READY at once, and keep what they were given")
def _():
    name = model()
    first = client.create_model_version(name, SOURCE, run, tags={"a": "1"}, description="first", run_link="http://l")
    equal((first.version, first.status, first.current_stage), ("1", "READY", "None"))
    equal([version(name), version(name)], ["2", "3"])
    found = client.get_model_version(name, "1")
    equal((found.source, found.run_id, found.run_link), (SOURCE, run, "http://l"))
    equal((found.description, tags(name, "1"), found.aliases), ("first", {"a": "1"}, []))
    equal(found.creation_timestamp, found.last_updated_timestamp)
    equal(client.get_model_version_download_uri(name, "1"), SOURCE)
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version(name, "4"), "4")


@case("a logged model names the versions that are made of it")
def _():
    name = model()
    made = client.create_logged_model(experiment, name="m", source_run_id=run, params={"depth": "3"})
    client.finalize_logged_model(made.model_id, "READY")
    location = client.get_logged_model(made.model_id).artifact_location
    client.create_model_version(name, location, run, model_id=made.model_id)
    noted = client.get_logged_model(made.model_id).tags
    true(name in noted.get("mlflow.modelVersions", ""), repr(noted))


@case("descriptions of models and versions are replaced")
def _():
    name = model(description="old")
    version(name)
    client.update_registered_model(name, "new")
    client.update_model_version(name, "1", "also new")
    equal(client.get_registered_model(name).description, "new")
    equal(client.get_model_version(name, "1").description, "also new")


@case("tags of models and versions are set, replaced and deleted")
def _():
    name = model()
    version(name)
    client.set_registered_model_tag(name, "a b", "1")
    client.set_registered_model_tag(name, "a b", "2")
    client.set_model_version_tag(name, "1", "c/d", "1")
    client.set_model_version_tag(name, "1", "c/d", "ü")
    equal(client.get_registered_model(name).tags, {"a b": "2"})
    equal(tags(name, "1"), {"c/d": "ü"})
    client.delete_registered_model_tag(name, "a b")
    client.delete_model_version_tag(name, "1", "c/d")
    equal((client.get_registered_model(name).tags, tags(name, "1")), ({}, {}))
    # Deleting a tag that is not there is nothing.
    client.delete_registered_model_tag(name, "a b")
    client.delete_model_version_tag(name, "1", "c/d")


@case("an alias names a version, moves, and is shown on model and version")
def _():
    name = model()
    version(name), version(name)
    client.set_registered_model_alias(name, "best-1", "1")
    equal(client.get_model_version_by_alias(name, "best-1").version, "1")
    client.set_registered_model_alias(name, "best-1", "2")
    client.set_registered_model_alias(name, "other", "2")
    equal(client.get_registered_model(name).aliases, {"best-1": "2", "other": "2"})
    equal(sorted(client.get_model_version(name, "2").aliases), ["best-1", "other"])
    equal(client.get_model_version(name, "1").aliases, [])
    client.delete_registered_model_alias(name, "best-1")
    refused("INVALID_PARAMETER_VALUE", lambda: client.get_model_version_by_alias(name, "best-1"), "best-1")
    client.delete_registered_model_alias(name, "best-1")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.set_registered_model_alias(name, "x", "9"))


@case("the alias champion is there at once")
def _():
    name = model()
    version(name)
    client.set_registered_model_alias(name, "champion", "1")
    equal(client.get_model_version_by_alias(name, "champion").version, "1")


@contextmanager
def as_scientist():
    """With a token of the role scientist alone, where the server knows tokens."""
    own = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if MILLRACE:
        os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["CONFORMANCE_SCIENTIST_TOKEN"]
    try:
        yield
    finally:
        if MILLRACE:
            os.environ["MLFLOW_TRACKING_TOKEN"] = own


@case("a scientist makes versions and sets aliases; the alias champion takes an engineer")
def _():
    with as_scientist():
        name = model()
        version(name)
        client.set_registered_model_alias(name, "best", "1")
        equal(client.get_model_version_by_alias(name, "best").version, "1")
        choose = lambda: client.set_registered_model_alias(name, "champion", "1")
        code = expected("the alias champion, set by somebody who is no engineer")
        refused(code, choose, "engineer") if code else choose()
    equal(client.get_registered_model(name).aliases.get("champion"), None if code else "1")


@case("aliases that would read as a version, and reserved ones, are refused")
def _():
    name = model()
    version(name)
    for bad in ["v1", "V12", "a b", "a.b", "ü/", "latest", "LATEST"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.set_registered_model_alias(name, bad, "1"))
    if expected("the alias live") == 400:
        refused("INVALID_PARAMETER_VALUE", lambda: client.set_registered_model_alias(name, "live", "1"), "live")
    else:
        client.set_registered_model_alias(name, "live", "1")


@case("stages: a version moves, and the others of the stage are archived when asked")
def _():
    name = model()
    for _ in range(3):
        version(name)
    client.transition_model_version_stage(name, "1", "production")
    equal(client.get_model_version(name, "1").current_stage, "Production")
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    client.transition_model_version_stage(name, "3", "Staging")
    stages = [client.get_model_version(name, each).current_stage for each in "123"]
    equal(stages, ["Archived", "Production", "Staging"])
    latest = {found.current_stage: found.version for found in client.get_latest_versions(name)}
    equal(latest, {"Archived": "1", "Production": "2", "Staging": "3"})
    equal([found.version for found in client.get_latest_versions(name, ["Staging"])], ["3"])
    equal(client.get_latest_versions(name, ["None"]), [])
    shown = {found.current_stage: found.version for found in client.get_registered_model(name).latest_versions}
    equal(shown, latest)
    equal(client.get_model_version_stages(name, "1"), ["None", "Staging", "Production", "Archived"])


@case("stages that are none, and archiving where it means nothing, are refused")
def _():
    name = model()
    version(name)
    refused("INVALID_PARAMETER_VALUE", lambda: client.transition_model_version_stage(name, "1", "Live"), "Live")
    refused("INVALID_PARAMETER_VALUE", lambda: client.get_latest_versions(name, ["Live"]), "Live")
    for stage in ["None", "Archived"]:
        refused(
            expected("a refusal that the stock server makes with 500"),
            lambda: client.transition_model_version_stage(name, "1", stage, archive_existing_versions=True),
        )


@case("rename keeps versions, aliases and tags, and frees the old name")
def _():
    old, new = model(tags={"a": "1"}), fresh("renamed")
    version(old, tags={"b": "2"})
    client.set_registered_model_alias(old, "x", "1")
    client.rename_registered_model(old, new)
    found = client.get_registered_model(new)
    equal((found.tags, found.aliases), ({"a": "1"}, {"x": "1"}))
    equal(tags(new, "1"), {"b": "2"})
    equal(client.get_model_version(new, "1").name, new)
    equal(versions(f"name = '{new}'"), ["1"])
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model(old))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version(old, "1"))
    client.create_registered_model(old)
    equal(version(old), expected("the first number under the name that a deleted or renamed model had"))
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.rename_registered_model(old, new))


@case("a deleted version is gone with its aliases, and its number is not given again")
def _():
    name = model()
    version(name), version(name)
    client.set_registered_model_alias(name, "x", "2")
    client.delete_model_version(name, "2")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version(name, "2"))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_model_version(name, "2"))
    equal(client.get_registered_model(name).aliases, {})
    equal(versions(f"name = '{name}'"), ["1"])
    equal(version(name), "3")
    client.delete_model_version(name, "1")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.set_registered_model_alias(name, "y", "1"))


@case("a deleted model is gone with its versions")
def _():
    name = model()
    version(name)
    client.delete_registered_model(name)
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model(name))
    equal(versions(f"name = '{name}'"), [])
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_registered_model(name))
    client.create_registered_model(name)
    equal(version(name), expected("the first number under the name that a deleted or renamed model had"))


@case("a copy of a version comes from models:/ and names where it is from")
def _():
    source, target = model(), fresh("copied")
    made = client.create_logged_model(experiment, name="m", source_run_id=run)
    client.finalize_logged_model(made.model_id, "READY")
    client.create_model_version(source, made.artifact_location, run, model_id=made.model_id)
    copied = client.copy_model_version(f"models:/{source}/1", target)
    equal((copied.name, copied.version, copied.run_id), (target, "1", run))
    equal(client.get_model_version(target, "1").source, f"models:/{source}/1")
    true(client.get_model_version_download_uri(target, "1").startswith("mlflow-artifacts:/"), "its bytes have no place")
