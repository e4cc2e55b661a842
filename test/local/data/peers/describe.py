"""What pandas and scipy say of Parquet files. The bundled sets of scikit-learn are written as such files first.

Usage: describe.py <folder for the bundled sets> <name>=<parquet file> ...
"""

import json
import sys
from pathlib import Path

import pandas as pd
from scipy import stats
from sklearn import datasets

QUANTILES = {"p01": 0.01, "p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}


def bundled(folder):
    for name in ("iris", "wine", "diabetes", "breast_cancer", "digits"):
        frame = getattr(datasets, "load_" + name)(as_frame=True).frame
        path = folder / (name + ".parquet")
        frame.to_parquet(path)
        yield name, path


def converted(folder, name, path):
    """A CSV or JSON file as Parquet, which is what both sides read."""
    path = Path(path)
    if path.suffix == ".parquet":
        return path
    frame = pd.read_csv(path) if path.suffix == ".csv" else pd.read_json(path, convert_dates=False)
    # A column of texts and numbers is one of texts.
    for column in frame.columns:
        if frame[column].dtype == object:
            frame[column] = frame[column].map(lambda value: value if value is None else str(value))
    frame.to_parquet(Path(folder) / (name + ".parquet"))
    return Path(folder) / (name + ".parquet")


def numbers(column):
    present = column.dropna().astype("float64")
    return {
        "count": int(column.count()),
        "nulls": int(column.isna().sum()),
        "min": float(present.min()),
        "max": float(present.max()),
        "mean": float(present.mean()),
        "sd": float(present.std()),
        "skewness": None if present.nunique() < 2 else float(stats.skew(present)),
        "zeros": int((present == 0).sum()),
        "negatives": int((present < 0).sum()),
        "distinct": int(present.nunique()),
        "quantiles": {name: float(present.quantile(p)) for name, p in QUANTILES.items()},
    }


def texts(column):
    top = column.value_counts()
    return {
        "count": int(column.count()),
        "nulls": int(column.isna().sum()),
        "distinct": int(column.nunique()),
        "top": sorted(([str(value), int(n)] for value, n in top.items()), key=lambda pair: (-pair[1], pair[0]))[:10],
    }


def describe(path):
    frame = pd.read_parquet(path)
    numeric = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    described = {name: numbers(frame[name]) for name in numeric}
    for name in frame.columns:
        if pd.api.types.is_string_dtype(frame[name]) and name not in numeric:
            described[name] = texts(frame[name])
    matrix = frame[numeric].astype("float64").corr()
    correlations = {
        a: {b: None if pd.isna(matrix.loc[a, b]) else float(matrix.loc[a, b]) for b in numeric} for a in numeric
    }
    kinds = {name: "integer" if pd.api.types.is_integer_dtype(frame[name]) else "double" for name in numeric}
    return {"path": str(path), "rows": len(frame), "kinds": kinds, "columns": described, "correlations": correlations}


def main(folder, *named):
    files = dict(bundled(Path(folder)))
    for name, path in (pair.split("=", 1) for pair in named):
        files[name] = converted(folder, name, path)
    json.dump({name: describe(path) for name, path in files.items()}, sys.stdout)


main(*sys.argv[1:])
