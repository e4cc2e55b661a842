from mlflow import MlflowClient
from mlflow.entities import ExperimentTag, ViewType

from case import RUN, case, equal, fresh, refused, true
from differences import expected

client = MlflowClient()
WITH_500 = "a refusal that the stock server makes with 500"


def names(found):
    return [experiment.name for experiment in found]


@case("experiment 0 is there, is active, and is named Default")
def _():
    default = client.get_experiment("0")
    equal((default.name, default.lifecycle_stage), ("Default", "active"))
    equal(client.get_experiment_by_name("Default").experiment_id, "0")


@case("a created experiment comes back with its name, tags, times and a location of its own")
def _():
    name = fresh("made")
    made = client.create_experiment(name, tags={"team": "weather", "note": "Grüße, 世界"})
    found = client.get_experiment(made)
    equal((found.experiment_id, found.name, found.lifecycle_stage), (made, name, "active"))
    equal(found.tags, {"team": "weather", "note": "Grüße, 世界"})
    equal(found.artifact_location, f"mlflow-artifacts:/{made}")
    equal(found.creation_time, found.last_update_time)
    true(found.creation_time > 1_600_000_000_000, f"creation_time {found.creation_time} is in milliseconds")
    true(made.isdigit(), f"the id {made} is a number, as links in the UI need it")


@case("a location that was given is kept")
def _():
    made = client.create_experiment(fresh("located"), artifact_location="mlflow-artifacts:/some/where")
    equal(client.get_experiment(made).artifact_location, "mlflow-artifacts:/some/where")


@case("a name that is taken is refused with 400 RESOURCE_ALREADY_EXISTS")
def _():
    name = fresh("taken")
    client.create_experiment(name)
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment(name), name)


@case("an unknown id or name is RESOURCE_DOES_NOT_EXIST, and None by name in the client")
def _():
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_experiment("999999999"), "999999999")
    equal(client.get_experiment_by_name(fresh("nobody")), None)


@case("rename gives the new name and frees the old one")
def _():
    old, new = fresh("old"), fresh("new")
    made = client.create_experiment(old)
    before = client.get_experiment(made)
    client.rename_experiment(made, new)
    after = client.get_experiment(made)
    equal((after.name, client.get_experiment_by_name(old)), (new, None))
    equal(client.get_experiment_by_name(new).experiment_id, made)
    true(after.last_update_time >= before.last_update_time, "last_update_time moved back")
    true(client.create_experiment(old) != made, "the old name is not free")


@case("rename to a name that is taken is refused and changes nothing")
def _():
    first, second = fresh("first"), fresh("second")
    made = client.create_experiment(first)
    client.create_experiment(second)
    # The stock server passes on what its database says.
    refused(("RESOURCE_ALREADY_EXISTS", "BAD_REQUEST"), lambda: client.rename_experiment(made, second))
    equal(client.get_experiment(made).name, first)


@case("experiment tags are set, replaced and deleted")
def _():
    made = client.create_experiment(fresh("tagged"))
    client.set_experiment_tag(made, "a/b c", "1")
    client.set_experiment_tag(made, "a/b c", "2")
    client.set_experiment_tag(made, "other", "")
    equal(client.get_experiment(made).tags, {"a/b c": "2", "other": ""})
    client.delete_experiment_tag(made, "a/b c")
    equal(client.get_experiment(made).tags, {"other": ""})
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_experiment_tag(made, "a/b c"))


@case("delete hides an experiment and its runs, keeps the name, and restore brings both back")
def _():
    name = fresh("hidden")
    made = client.create_experiment(name)
    run = client.create_run(made).info.run_id
    client.delete_experiment(made)
    equal(client.get_experiment(made).lifecycle_stage, "deleted")
    equal(client.get_experiment_by_name(name).lifecycle_stage, "deleted")
    equal(client.get_run(run).info.lifecycle_stage, "deleted")
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment(name))
    client.restore_experiment(made)
    equal(client.get_experiment(made).lifecycle_stage, "active")
    equal(client.get_run(run).info.lifecycle_stage, "active")


@case("a run that was deleted before its experiment comes back with the experiment")
def _():
    made = client.create_experiment(fresh("both"))
    run = client.create_run(made).info.run_id
    client.delete_run(run)
    client.delete_experiment(made)
    client.restore_experiment(made)
    equal(client.get_run(run).info.lifecycle_stage, "active")


@case("a deleted experiment takes no run, no tag and no new name")
def _():
    made = client.create_experiment(fresh("closed"))
    client.delete_experiment(made)
    refused("INVALID_PARAMETER_VALUE", lambda: client.create_run(made), "active")
    refused("INVALID_PARAMETER_VALUE", lambda: client.set_experiment_tag(made, "k", "v"), "active")
    refused(expected(WITH_500), lambda: client.rename_experiment(made, fresh("x")))


@case("deleting twice, and restoring what is not deleted, are refused")
def _():
    made = client.create_experiment(fresh("twice"))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.restore_experiment(made))
    client.delete_experiment(made)
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_experiment(made))


@case("search lists the newest first, by view type")
def _():
    word = fresh("view")
    made = [client.create_experiment(f"{word}-{i}") for i in range(3)]
    client.delete_experiment(made[1])
    mine = f"name LIKE '{word}-%'"
    equal(names(client.search_experiments(filter_string=mine)), [f"{word}-2", f"{word}-0"])
    equal(names(client.search_experiments(ViewType.DELETED_ONLY, filter_string=mine)), [f"{word}-1"])
    equal(len(client.search_experiments(ViewType.ALL, filter_string=mine)), 3)


@case("search filters by name and tags")
def _():
    word = fresh("Found")
    tagged = client.create_experiment(f"{word}-a", tags={"k e y": "Val", "n": "1"})
    client.create_experiment(f"{word}-b", tags={"n": "2"})
    client.create_experiment(f"{word}-c")

    def found(filter_string):
        return sorted(name[-1] for name in names(client.search_experiments(filter_string=filter_string)) if word in name)

    equal(found(f"name = '{word}-a'"), ["a"])
    equal(found(f"name != '{word}-a' AND name LIKE '{word}%'"), ["b", "c"])
    equal(found(f"attribute.name LIKE '{word.lower()}%'"), [])
    equal(found(f"name ILIKE '{word.upper()}%'"), ["a", "b", "c"])
    equal(found(f"name LIKE '{word}%' AND tags.`k e y` = 'Val'"), ["a"])
    equal(found(f"name LIKE '{word}%' AND tags.n != '1'"), ["b"])
    equal(found(f"name LIKE '{word}%' AND tags.\"k e y\" ILIKE 'va_'"), ["a"])
    equal(found(f"name LIKE '{word}%' AND tags.n IS NULL"), ["c"])
    equal(found(f"name LIKE '{word}%' AND tags.n IS NOT NULL"), ["a", "b"])
    time = client.get_experiment(tagged).creation_time
    equal(found(f"name LIKE '{word}%' AND creation_time < {time}"), [])
    equal(found(f"name LIKE '{word}%' AND creation_time >= {time} AND last_update_time >= {time}"), ["a", "b", "c"])


@case("search orders by name, times and several keys")
def _():
    word = fresh("order")
    for letter in "bca":
        client.create_experiment(f"{word}-{letter}")
    mine = f"name LIKE '{word}-%'"

    def ordered(*order_by):
        return "".join(name[-1] for name in names(client.search_experiments(filter_string=mine, order_by=list(order_by))))

    equal(ordered("name"), "abc")
    equal(ordered("name DESC"), "cba")
    equal(ordered("creation_time ASC", "name ASC"), "bca")
    equal(ordered("attribute.last_update_time DESC"), "acb")
    equal(ordered("experiment_id ASC"), "bca")


@case("search answers pages that together are everything, once each")
def _():
    word = fresh("paged")
    for i in range(7):
        client.create_experiment(f"{word}-{i}")
    seen, token, pages = [], None, 0
    while True:
        page = client.search_experiments(
            filter_string=f"name LIKE '{word}-%'", order_by=["name ASC"], max_results=3, page_token=token
        )
        seen += names(page)
        pages += 1
        token = page.token
        if not token:
            break
    equal((seen, pages), ([f"{word}-{i}" for i in range(7)], 3))


@case("search refuses what is not in its grammar, and a page of no size")
def _():
    for bad in ["name = 1", "name == 'a'", "nam = 'a'", "name > 'a'", "name = 'a' OR name = 'b'", "tags.a > '1'"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_experiments(filter_string=bad))
    for bad in ["nam ASC", "name UP", "tags.a"]:
        refused("INVALID_PARAMETER_VALUE", lambda: client.search_experiments(order_by=[bad]))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_experiments(max_results=50_001), "50000")
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_experiments(max_results=0))
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_experiments(page_token="nonsense"))


@case("names with spaces, slashes and letters of all alphabets are names")
def _():
    for name in [f"/Users/jo/{RUN} rain", f"größe 世界 {RUN}", f'quotes " \' {RUN}', f"<b>{RUN}</b>&?=#%2e"]:
        made = client.create_experiment(name)
        equal(client.get_experiment_by_name(name).experiment_id, made, name)
        equal(client.get_experiment(made).name, name)
