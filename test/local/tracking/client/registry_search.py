from mlflow import MlflowClient

from case import case, equal, fresh, refused, true

client = MlflowClient()
experiment = client.create_experiment(fresh("registry-search"))
first, second = (client.create_run(experiment).info.run_id for _ in range(2))
word = fresh("found")
NAMES = [f"{word}-a", f"{word}-b", f"{word.upper()}-c"]
for name, tags in zip(NAMES, [{"k e": "Val"}, {"k e": "other"}, {}]):
    client.create_registered_model(name, tags=tags)
for name, run, tags in [
    (NAMES[0], first, {"n": "1"}),
    (NAMES[0], first, {"n": "2"}),
    (NAMES[0], second, {}),
    (NAMES[1], second, {"n": "1"}),
]:
    client.create_model_version(name, f"mlflow-artifacts:/{experiment}/{run}/artifacts/m", run, tags=tags)


def models(filter_string, **more):
    return "".join(found.name[-1] for found in client.search_registered_models(filter_string, **more))


def versions(filter_string, **more):
    return " ".join(f"{found.name[-1]}{found.version}" for found in client.search_model_versions(filter_string, **more))


@case("models are found by name and tags")
def _():
    equal(models(f"name = '{NAMES[0]}'"), "a")
    equal(models(f"name LIKE '{word}%'"), "ab")
    equal(sorted(models(f"name ILIKE '{word}%'")), ["a", "b", "c"])
    equal(models(f"name LIKE '{word}%' AND name != '{NAMES[0]}'"), "b")
    equal(models(f"name ILIKE '{word}%' AND tags.`k e` = 'Val'"), "a")
    equal(models(f"name ILIKE '{word}%' AND tag.\"k e\" != 'Val'"), "b")
    equal(models(f"name ILIKE '{word}%' AND tags.`k e` ILIKE 'VA_'"), "a")
    found = client.search_registered_models(f"name = '{NAMES[0]}'")[0]
    equal([(each.version, each.current_stage) for each in found.latest_versions], [("3", "None")])


@case("models come by name, or by time, in pages that together are everything")
def _():
    mine = f"name LIKE '{word}%'"
    equal(models(mine, order_by=["name DESC"]), "ba")
    equal(models(mine, order_by=["timestamp ASC"]), "ab")
    equal(models(mine, order_by=["last_updated_timestamp DESC", "name ASC"]), "ba")
    one = client.search_registered_models(mine, max_results=1)
    two = client.search_registered_models(mine, max_results=1, page_token=one.token)
    equal(([each.name for each in one], [each.name for each in two]), ([NAMES[0]], [NAMES[1]]))
    true(not two.token, f"the last page has the token {two.token}")


@case("versions are found by name, run, source, number and tags, latest change first")
def _():
    mine = f"name LIKE '{word}%'"
    equal(versions(f"name = '{NAMES[0]}'"), "a3 a2 a1")
    equal(versions(f"run_id = '{first}'"), "a2 a1")
    equal(versions(f"run_id IN ('{first}', '{second}') AND {mine}"), "b1 a3 a2 a1")
    equal(versions(f"source_path = 'mlflow-artifacts:/{experiment}/{second}/artifacts/m'"), "b1 a3")
    equal(versions(f"{mine} AND version_number = 1"), "b1 a1")
    equal(versions(f"{mine} AND version_number > 1"), "a3 a2")
    equal(versions(f"name IN ('{NAMES[0]}', 'nobody')"), "a3 a2 a1")
    equal(versions(f"{mine} AND tags.n = '1'"), "b1 a1")
    equal(versions(f"name = '{NAMES[0]}' AND tags.n != '1'"), "a2")


@case("versions come in the order that is asked for, in pages")
def _():
    mine = f"name LIKE '{word}%'"
    equal(versions(mine, order_by=["name DESC", "version_number ASC"]), "b1 a1 a2 a3")
    equal(versions(mine, order_by=["creation_timestamp ASC"]), "a1 a2 a3 b1")
    one = client.search_model_versions(mine, max_results=3)
    two = client.search_model_versions(mine, max_results=3, page_token=one.token)
    equal(([each.version for each in one], [each.name for each in two]), (["1", "3", "2"], [NAMES[0]]))
    true(not two.token, f"the last page has the token {two.token}")


@case("what is not in the grammar is refused")
def _():
    for bad in ["name > 'a'", "nobody = 'a'", "name = a", "name = 'a' OR name = 'b'"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_registered_models(bad))
    for bad in ["name > 'a'", "nobody = 'a'", "run_id = 1", "source_path IN ('a')"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_model_versions(bad))
    for bad in ["nobody", "name UP", "tags.a"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_registered_models(order_by=[bad]))
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_model_versions(order_by=[bad]))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_registered_models(max_results=1001), "max_results")
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_model_versions(max_results=200_001), "max_results")
