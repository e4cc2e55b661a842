"""fill_stock.py <database> <runs>: an experiment of that many runs, and a metric of 10,000 points, in SQLite.

Over HTTP it would take ten minutes; the rows are those that the server itself writes. Prints {"experiment", "run"}.
"""

import json
import sqlite3
import sys

from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

database, runs = sys.argv[1], int(sys.argv[2])
store = SqlAlchemyStore(f"sqlite:///{database}", "mlflow-artifacts:/")
experiment = store.create_experiment("bench")
made = store.create_run(experiment, "bench", 0, [], "history").info.run_id

with sqlite3.connect(database) as rows:
    template = rows.execute("select * from runs where run_uuid = ?", [made])
    columns = [column[0] for column in template.description]
    first = dict(zip(columns, template.fetchone()))

    def insert(table, names, values):
        marks = ",".join("?" * len(names.split(",")))
        rows.executemany(f"insert into {table} ({names}) values ({marks})", values)

    ids = [f"{i:032x}" for i in range(runs)]
    for i, run in enumerate(ids):
        first.update(run_uuid=run, name=f"run-{i}", start_time=1_700_000_000_000 + i, artifact_uri=f"mlflow-artifacts:/{run}")
        insert("runs", ",".join(columns), [[first[column] for column in columns]])
    metrics = [(f"m{k}", ((i * 7919 + k * 31) % 10007) / 10007, 1000 + i, run) for i, run in enumerate(ids) for k in range(3)]
    insert("metrics", "key,value,timestamp,step,is_nan,run_uuid", [(k, v, t, 0, 0, r) for k, v, t, r in metrics])
    insert("latest_metrics", "key,value,timestamp,step,is_nan,run_uuid", [(k, v, t, 0, 0, r) for k, v, t, r in metrics])
    insert("params", "key,value,run_uuid", [(f"p{k}", str((i + k) % 10), run) for i, run in enumerate(ids) for k in range(3)])
    tags = [("mlflow.runName", f"run-{i}", run) for i, run in enumerate(ids)]
    insert("tags", "key,value,run_uuid", tags + [("team", f"t{i % 5}", run) for i, run in enumerate(ids)])
    points = [("loss", i / 7, 1000 + i, i, 0, made) for i in range(10_000)]
    insert("metrics", "key,value,timestamp,step,is_nan,run_uuid", points)
    insert("latest_metrics", "key,value,timestamp,step,is_nan,run_uuid", points[-1:])
print(json.dumps({"experiment": experiment, "run": made}))
