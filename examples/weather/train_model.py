"""Trains model `rain` as foreign code would: a script with nothing but Python's standard library.

A spec runs it, in SageMaker on AWS and as a process in the local cloud, with

    trainer:
      kind: script
      script: train_model.py
      image: public.ecr.aws/docker/library/python:3.12-slim
      parameters: { l2: 1 }

What a script gets: SM_CHANNEL_TRAIN/train.csv (features in the order of the model's input, the label last), SM_HPS (its
parameters as JSON). What it leaves: SM_MODEL_DIR/model.onnx with an FP32 input [rows, 1] for each feature, named as it,
and an FP32 output `probability` [rows, 1]. Beside it SM_MODEL_DIR/metrics.csv, where there is one, becomes the curves of
the MLflow run: a column a metric, a line a step, and a column `step` where steps are not the lines.
"""

import csv
import json
import math
import os
import struct
import sys

FLOAT = 1


def main():
    parameters = json.loads(os.environ["SM_HPS"])
    features, rows, labels = read_csv(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv"))
    weights, losses = fit(rows, labels, float(parameters.get("l2", 1)))
    with open(os.path.join(os.environ["SM_MODEL_DIR"], "model.onnx"), "wb") as file:
        file.write(logistic_onnx(features, weights[1:], weights[0]))
    with open(os.path.join(os.environ["SM_MODEL_DIR"], "metrics.csv"), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["step", "training_loss"], *enumerate(losses)])
    print(f"trained on {len(rows)} rows: intercept {weights[0]:.4f}, weights {[round(w, 4) for w in weights[1:]]}")


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *lines = list(csv.reader(file))
    return header[:-1], [[float(cell) for cell in line[:-1]] for line in lines], [int(line[-1]) for line in lines]


def fit(rows, labels, l2, steps=25):
    """Newton's method on standardised features: weights that take features as they are, and the loss before each step."""
    count, width = len(rows), len(rows[0])
    means = [sum(row[j] for row in rows) / count for j in range(width)]
    scales = [math.sqrt(sum((row[j] - means[j]) ** 2 for row in rows) / count) or 1.0 for j in range(width)]
    design = [[1.0] + [(row[j] - means[j]) / scales[j] for j in range(width)] for row in rows]
    size = width + 1
    weights, losses = [0.0] * size, []
    for _ in range(steps):
        loss = l2 / 2 * sum(weight * weight for weight in weights[1:])
        gradient = [0.0] + [l2 * weight for weight in weights[1:]]
        hessian = [[l2 if i == j and i else 0.0 for j in range(size)] for i in range(size)]
        for x, label in zip(design, labels):
            score = sum(w * v for w, v in zip(weights, x))
            p = 1 / (1 + math.exp(-score))
            loss += math.log1p(math.exp(-score if label else score))
            for i in range(size):
                gradient[i] += (p - label) * x[i]
                for j in range(size):
                    hessian[i][j] += p * (1 - p) * x[i] * x[j]
        losses.append(loss / count)
        change = solve(hessian, gradient)
        weights = [w - c for w, c in zip(weights, change)]
        if max(map(abs, change)) < 1e-10:
            break
    slopes = [weights[j + 1] / scales[j] for j in range(width)]
    return [weights[0] - sum(s * m for s, m in zip(slopes, means))] + slopes, losses


def solve(matrix, right):
    """Gaussian elimination with pivoting."""
    rows = [row[:] + [value] for row, value in zip(matrix, right)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(len(rows)):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i])]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


# ONNX is protocol buffers; these few functions write all of it that a logistic regression needs (onnx/onnx.proto).


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def integer(field, value):
    return varint(field << 3) + varint(value)


def piece(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def node(operator, inputs, outputs, attributes=b""):
    names = b"".join(piece(1, name) for name in inputs) + b"".join(piece(2, name) for name in outputs)
    return piece(1, names + piece(3, operator) + piece(4, operator) + attributes)


def tensor(name, shape, values):
    sizes = b"".join(integer(1, size) for size in shape)
    return piece(5, sizes + integer(2, FLOAT) + piece(8, name) + piece(9, struct.pack(f"<{len(values)}f", *values)))


def column(field, name):
    shape = piece(1, piece(2, "rows")) + piece(1, integer(1, 1))
    return piece(field, piece(1, name) + piece(2, piece(1, integer(1, FLOAT) + piece(2, shape))))


def logistic_onnx(features, weights, intercept):
    axis = piece(5, piece(1, "axis") + integer(3, 1) + integer(20, 2))
    graph = (
        node("Concat", features, ["features_in"], axis)
        + node("Gemm", ["features_in", "weights", "intercept"], ["score"])
        + node("Sigmoid", ["score"], ["probability"])
        + piece(2, "rain")
        + tensor("weights", [len(weights), 1], weights)
        + tensor("intercept", [1], [intercept])
        + b"".join(column(11, name) for name in features)
        + column(12, "probability")
    )
    return integer(1, 8) + piece(2, "train_model.py") + piece(7, graph) + piece(8, integer(2, 17))


if __name__ == "__main__":
    sys.exit(main())
