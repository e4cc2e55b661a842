"""Several clients at once: nothing is lost, doubled or half there."""

import threading

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from case import case, equal, fresh, true

client = MlflowClient()
experiment = client.create_experiment(fresh("races"))


def together(*calls):
    """Begins all calls at one moment; answers what they answered or raised, in their order."""
    gate, ended = threading.Barrier(len(calls)), [None] * len(calls)

    def begin(i, call):
        gate.wait()
        try:
            ended[i] = call()
        except Exception as error:
            ended[i] = error

    threads = [threading.Thread(target=begin, args=pair) for pair in enumerate(calls)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return ended


def unhurt(ended):
    errors = [each for each in ended if isinstance(each, Exception)]
    equal(errors, [])
    return ended


@case("two writers of one run, as the thread of the system metrics and the user's, lose no point")
def _():
    run = client.create_run(experiment).info.run_id

    def system():
        for step in range(20):
            client.log_batch(run, [Metric(f"system/cpu_{i}", step + i / 10, 1000 + step, step) for i in range(5)])

    def user():
        for step in range(20):
            client.log_metric(run, "loss", 1 / (step + 1), timestamp=1000 + step, step=step)
            client.log_param(run, f"p{step}", step)
            client.set_tag(run, f"t{step}", step)

    unhurt(together(system, user))
    found = client.get_run(run).data
    equal((len(found.params), len([key for key in found.tags if key.startswith("t")])), (20, 20))
    equal(sorted(found.metrics), ["loss", *(f"system/cpu_{i}" for i in range(5))])
    equal((found.metrics["loss"], found.metrics["system/cpu_3"]), (1 / 20, 19.3))
    for key in found.metrics:
        equal([point.step for point in client.get_metric_history(run, key)], list(range(20)), key)


@case("eight writers of one metric lose no point, and the latest is the latest")
def _():
    run = client.create_run(experiment).info.run_id

    def writer(first):
        for step in range(first, 80, 8):
            client.log_metric(run, "m", step / 2, timestamp=step, step=step)

    unhurt(together(*[lambda first=i: writer(first) for i in range(8)]))
    equal([point.step for point in client.get_metric_history(run, "m")], list(range(80)))
    equal(client.get_run(run).data.metrics, {"m": 79 / 2})


@case("one parameter from six writers with six values has one value, and five are told")
def _():
    run = client.create_run(experiment).info.run_id
    ended = together(*[lambda i=i: client.log_param(run, "p", f"value {i}") for i in range(6)])
    refused = [each for each in ended if isinstance(each, MlflowException)]
    equal([each.error_code for each in refused], ["INVALID_PARAMETER_VALUE"] * 5)
    won = next(f"value {i}" for i, each in enumerate(ended) if not isinstance(each, Exception))
    equal(client.get_run(run).data.params, {"p": won})


@case("equal batches sent at once are one batch")
def _():
    run = client.create_run(experiment).info.run_id
    metrics = [Metric("m", float(i), i, i) for i in range(50)]
    write = lambda: client.log_batch(run, metrics, [Param("p", "1")], [RunTag("t", "1")])  # noqa: E731
    unhurt(together(*[write] * 4))
    equal(len(client.get_metric_history(run, "m")), 50)


@case("runs created at once are all there, each once")
def _():
    own = client.create_experiment(fresh("many"))
    made = unhurt(together(*[lambda: client.create_run(own).info.run_id for _ in range(12)]))
    equal(len(set(made)), 12)
    equal({run.info.run_id for run in client.search_runs([own])}, set(made))


@case("one experiment's name from eight creators is one experiment")
def _():
    name = fresh("one")
    ended = together(*[lambda: client.create_experiment(name) for _ in range(8)])
    made = [each for each in ended if isinstance(each, str)]
    told = [each.error_code for each in ended if isinstance(each, MlflowException)]
    equal((len(made), told), (1, ["RESOURCE_ALREADY_EXISTS"] * 7))
    equal(client.get_experiment_by_name(name).experiment_id, made[0])


@case("experiments of different names created at once have different ids")
def _():
    made = unhurt(together(*[lambda i=i: client.create_experiment(fresh(f"apart-{i}")) for i in range(8)]))
    equal(len(set(made)), 8)


@case("versions registered at once are dense and unique")
def _():
    name = fresh("dense")
    client.create_registered_model(name)
    run = client.create_run(experiment).info.run_id
    source = f"{client.get_run(run).info.artifact_uri}/m"
    made = unhurt(together(*[lambda: client.create_model_version(name, source, run).version for _ in range(10)]))
    equal(sorted(int(version) for version in made), list(range(1, 11)))
    found = client.search_model_versions(f"name = '{name}'")
    equal(sorted(int(each.version) for each in found), list(range(1, 11)))


@case("an alias that two set at once names one of the two")
def _():
    name = fresh("alias")
    client.create_registered_model(name)
    run = client.create_run(experiment).info.run_id
    source = f"{client.get_run(run).info.artifact_uri}/m"
    for _ in range(2):
        client.create_model_version(name, source, run)
    unhurt(together(*[lambda v=v: client.set_registered_model_alias(name, "best", v) for v in "1212"]))
    version = client.get_model_version_by_alias(name, "best").version
    equal(client.get_registered_model(name).aliases, {"best": version})
    true(version in "12", version)
