import math

from mlflow import MlflowClient
from mlflow.entities import Metric

from case import case, equal, fresh, refused, true

client = MlflowClient()
experiment = client.create_experiment(fresh("metrics"))
LARGEST = 1.7976931348623157e308


def run():
    return client.create_run(experiment).info.run_id


def points(made, key="m"):
    return [(point.step, point.timestamp, point.value) for point in client.get_metric_history(made, key)]


def latest(made, key="m"):
    return client.get_run(made).data.metrics[key]


@case("every point of a history comes back with step, time and value")
def _():
    made = run()
    for step in range(4):
        client.log_metric(made, "m", step / 3, timestamp=1000 + step, step=step)
    equal(points(made), [(step, 1000 + step, step / 3) for step in range(4)])
    equal(client.get_metric_history(made, "never logged"), [])
    equal(client.get_metric_history("0" * 32, "of a run that is not there"), [])


@case("NaN stays NaN, infinities become the largest numbers, and zero keeps its place")
def _():
    made = run()
    for step, value in enumerate([math.nan, math.inf, -math.inf, 0.0, 5e-324, LARGEST, 0.1 + 0.2]):
        client.log_metric(made, "m", value, timestamp=1, step=step)
    values = [value for _, _, value in points(made)]
    true(math.isnan(values[0]), f"NaN came back as {values[0]}")
    equal(values[1:], [LARGEST, -LARGEST, 0.0, 5e-324, LARGEST, 0.1 + 0.2])
    client.log_metric(made, "n", math.nan)
    true(math.isnan(latest(made, "n")), "the latest value is not NaN")


@case("steps beyond 2^53 and below zero are exact")
def _():
    made = run()
    steps = [-(2**63), -1, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1]
    for step in steps:
        client.log_metric(made, "m", 1.0, timestamp=5, step=step)
    equal(sorted(step for step, _, _ in points(made)), steps)
    found = client.get_run(made).data
    equal(found._metric_objs[0].step, 2**63 - 1)


@case("times beyond 2^53 are exact, and below zero are refused")
def _():
    made = run()
    client.log_metric(made, "m", 1.0, timestamp=2**53 + 1, step=0)
    equal(points(made), [(0, 2**53 + 1, 1.0)])
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_metric(made, "m", 1.0, timestamp=-1), "timestamp")


@case("the latest value is the one of the highest step, then time, then value")
def _():
    made = run()
    for step, timestamp, value in [(2, 10, 1.0), (1, 99, 2.0)]:
        client.log_metric(made, "m", value, timestamp=timestamp, step=step)
    equal(latest(made), 1.0)
    client.log_metric(made, "m", 0.5, timestamp=11, step=2)
    equal(latest(made), 0.5)
    client.log_metric(made, "m", 0.25, timestamp=11, step=2)
    equal(latest(made), 0.5)
    client.log_metric(made, "m", 0.75, timestamp=11, step=2)
    equal(latest(made), 0.75)
    client.log_metric(made, "m", 9.0, timestamp=999, step=-3)
    equal(latest(made), 0.75)
    found = client.get_run(made).data._metric_objs[0]
    equal((found.step, found.timestamp, found.value), (2, 11, 0.75))


@case("the same rules choose the latest value inside one batch")
def _():
    made = run()
    client.log_batch(made, metrics=[Metric("m", 3.0, 5, 7), Metric("m", 9.0, 50, 1), Metric("m", 2.0, 5, 7)])
    equal(latest(made), 3.0)


@case("an equal point is one point, however often and by whatever call it is written")
def _():
    made = run()
    for _ in range(3):
        client.log_metric(made, "m", 1.5, timestamp=7, step=1)
    client.log_batch(made, metrics=[Metric("m", 1.5, 7, 1), Metric("m", 1.5, 7, 1), Metric("m", 2.5, 7, 1)])
    equal(sorted(points(made)), [(1, 7, 1.5), (1, 7, 2.5)])
    for _ in range(2):
        client.log_metric(made, "n", math.nan, timestamp=7, step=1)
    equal(len(client.get_metric_history(made, "n")), 1)


@case("a history of thousands of points is whole and in order")
def _():
    made = run()
    for first in range(0, 3000, 1000):
        client.log_batch(made, metrics=[Metric("m", i * 0.5, 1_000 + i, i) for i in range(first, first + 1000)])
    equal(points(made), [(i, 1_000 + i, i * 0.5) for i in range(3000)])


@case("points come in order of time, then step, then value")
def _():
    made = run()
    batch = [Metric("m", 1.0, 30, 1), Metric("m", 2.0, 10, 5), Metric("m", 4.0, 20, 3), Metric("m", 3.0, 20, 3)]
    client.log_batch(made, metrics=batch)
    client.log_batch(made, metrics=[Metric("m", 5.0, 20, 2)])
    equal(points(made), [(5, 10, 2.0), (2, 20, 5.0), (3, 20, 3.0), (3, 20, 4.0), (1, 30, 1.0)])


@case("many metrics of one run keep apart")
def _():
    made = run()
    client.log_batch(made, metrics=[Metric(f"system/gpu_{i}", float(i), 1, 0) for i in range(300)])
    client.log_batch(made, metrics=[Metric(f"system/gpu_{i}", float(-i), 2, 1) for i in range(0, 300, 2)])
    found = client.get_run(made).data.metrics
    equal(len(found), 300)
    equal((found["system/gpu_7"], found["system/gpu_8"]), (7.0, -8.0))
    equal(points(made, "system/gpu_8"), [(0, 1, 8.0), (1, 2, -8.0)])


@case("a metric of a model and a dataset shows on the run and on the model")
def _():
    made = run()
    model = client.create_logged_model(experiment, name="m", source_run_id=made).model_id
    client.log_metric(made, "acc", 0.5, timestamp=3, step=1, dataset_name="rain", dataset_digest="d1", model_id=model)
    client.log_batch(made, metrics=[Metric("f1", 0.25, 4, 1, model_id=model)])
    equal(client.get_run(made).data.metrics, {"acc": 0.5, "f1": 0.25})
    found = {metric.key: metric for metric in client.get_logged_model(model).metrics}
    acc = found["acc"]
    equal((acc.value, acc.step, acc.timestamp, acc.dataset_name, acc.dataset_digest), (0.5, 1, 3, "rain", "d1"))
    equal((acc.run_id, acc.model_id, found["f1"].value), (made, model, 0.25))
