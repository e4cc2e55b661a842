import hashlib
import io
import os
import tempfile

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, list_artifacts, load_dict, load_image, load_text

from case import case, equal, fresh, true

client = MlflowClient()
experiment = client.create_experiment(fresh("artifacts"))


def run():
    return client.create_run(experiment).info.run_id


def listed(made, path=None):
    return [(each.path, each.is_dir, each.file_size) for each in client.list_artifacts(made, path)]


def fetched(made, path):
    with tempfile.TemporaryDirectory() as folder:
        with open(client.download_artifacts(made, path, folder), "rb") as file:
            return file.read()


@case("a file goes up and comes down byte for byte, whatever its name")
def _():
    made = run()
    content = bytes(range(256)) * 40
    names = ["plain.bin", "with space.txt", "größe 世界.txt", "a+b&c=d.txt", "50%.txt", "empty"]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(b"" if name == "empty" else content)
            client.log_artifact(made, path)
    equal([path for path, _, _ in listed(made)], sorted(names))
    for name in names:
        equal(fetched(made, name), b"" if name == "empty" else content, name)


@case("a folder keeps its shape, and is listed level by level")
def _():
    made = run()
    with tempfile.TemporaryDirectory() as folder:
        for path in ["top.txt", "in/a.txt", "in/deep/b.txt"]:
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), "w") as file:
                file.write(path)
        client.log_artifacts(made, folder, "out put")
    equal(listed(made), [("out put", True, None)])
    equal(listed(made, "out put"), [("out put/in", True, None), ("out put/top.txt", False, 7)])
    equal(listed(made, "out put/in"), [("out put/in/a.txt", False, 8), ("out put/in/deep", True, None)])
    with tempfile.TemporaryDirectory() as folder:
        down = client.download_artifacts(made, "out put", folder)
        with open(os.path.join(down, "in/deep/b.txt")) as file:
            equal(file.read(), "in/deep/b.txt")


@case("a file, and what is not there, list as nothing")
def _():
    made = run()
    client.log_text(made, "x", "a.txt")
    equal((listed(made, "a.txt"), listed(made, "nobody"), listed(run())), ([], [], []))


@case("a file of 12 MB, larger than a gateway takes, goes up and comes down")
def _():
    made = run()
    content = os.urandom(1 << 20) * 12
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "large.bin")
        with open(path, "wb") as file:
            file.write(content)
        client.log_artifact(made, path)
    equal(listed(made), [("large.bin", False, len(content))])
    equal(hashlib.sha256(fetched(made, "large.bin")).digest(), hashlib.sha256(content).digest(), "the digest")


@case("text, JSON, YAML and streams are written and read")
def _():
    made = run()
    client.log_text(made, "Grüße\n", "notes/a.txt")
    client.log_dict(made, {"a": [1, None, "ü"]}, "b.json")
    client.log_dict(made, {"a": 1}, "c.yaml")
    client.log_stream(made, io.BytesIO(b"streamed"), "d.bin")
    uri = client.get_run(made).info.artifact_uri
    equal(load_text(f"{uri}/notes/a.txt"), "Grüße\n")
    equal(load_dict(f"{uri}/b.json"), {"a": [1, None, "ü"]})
    equal((fetched(made, "c.yaml"), fetched(made, "d.bin")), (b"a: 1\n", b"streamed"))


@case("what is written again replaces what was there")
def _():
    made = run()
    for text in ["first, and longer", "second"]:
        client.log_text(made, text, "a.txt")
    equal((fetched(made, "a.txt"), listed(made)), (b"second", [("a.txt", False, 6)]))


@case("figures and images are written and read")
def _():
    import matplotlib
    import numpy

    matplotlib.use("Agg")
    from matplotlib import pyplot

    made = run()
    figure, axes = pyplot.subplots()
    axes.plot([1, 2])
    client.log_figure(made, figure, "plots/f.png")
    client.log_image(made, numpy.zeros((4, 6, 3), dtype=numpy.uint8), "i.png")
    client.log_image(made, numpy.zeros((4, 6, 3), dtype=numpy.uint8), key="dog", step=3, synchronous=True)
    equal(fetched(made, "plots/f.png")[:4], b"\x89PNG")
    equal(load_image(f"{client.get_run(made).info.artifact_uri}/i.png").size, (6, 4))
    kept = [path for path, _, _ in listed(made, "images")]
    equal((len(kept), all("dog" in path and "step+3" in path for path in kept)), (2, True), repr(kept))
    equal(client.get_run(made).data.tags["mlflow.loggedImages"], "True")


@case("tables are appended to, and read over several runs")
def _():
    import pandas as pd

    first, second = run(), run()
    client.log_table(first, {"q": ["a"], "n": [1]}, "t.json")
    client.log_table(first, pd.DataFrame({"q": ["b"], "n": [2]}), "t.json")
    client.log_table(second, {"q": ["c"], "n": [3]}, "t.json")
    table = client.load_table(experiment, "t.json", run_ids=[first, second], extra_columns=["run_id"])
    equal(sorted(zip(table["q"], table["n"], table["run_id"])), sorted([("a", 1, first), ("b", 2, first), ("c", 3, second)]))
    true("t.json" in client.get_run(first).data.tags["mlflow.loggedArtifacts"], "the tag names no table")


@case("runs:/ and mlflow-artifacts:/ name the same bytes")
def _():
    made = run()
    client.log_text(made, "x", "deep/a.txt")
    for uri in [f"runs:/{made}/deep/a.txt", f"mlflow-artifacts:/{experiment}/{made}/artifacts/deep/a.txt"]:
        with tempfile.TemporaryDirectory() as folder:
            with open(download_artifacts(artifact_uri=uri, dst_path=folder)) as file:
                equal(file.read(), "x", uri)
    equal([each.path for each in list_artifacts(run_id=made, artifact_path="deep")], ["deep/a.txt"])


@case("deleted artifacts are gone, and only they")
def _():
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    made = run()
    for path in ["a/1.txt", "a/2.txt", "ab.txt"]:
        client.log_text(made, "x", path)
    repository = get_artifact_repository(client.get_run(made).info.artifact_uri)
    repository.delete_artifacts("a")
    equal(listed(made), [("ab.txt", False, 1)])
    repository.delete_artifacts("ab.txt")
    equal(listed(made), [])
