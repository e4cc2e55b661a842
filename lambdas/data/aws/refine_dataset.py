"""Refines files that outgrow one function, by the same dataset spec: typed Parquet for each split, and a report.
Rules are those of lambdas/data/row-rules.ts; a test holds both to the same rows and the same counts.

    spark-submit refine_dataset.py --spec spec.json --input 's3://raw/…/*.csv' --output s3://curated/…/run
"""

import argparse
import json
import sys
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

# How a value is written, all of it. Spark's own casts take more than anyone means: ` 12 `, `12.7` as an integer, `1d`.
WRITTEN = {
    "string": r"[^\x00]*",
    "double": r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?",
    "integer": r"[+-]?[0-9]{1,16}",
    "boolean": r"(?i:true|false)",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "timestamp": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?Z?",
}
STORED = {name: name for name in WRITTEN} | {"integer": "bigint", "timestamp": "timestamp_ntz"}
MOST_INTEGER, CORRUPT = 2**53 - 1, "_corrupt"
# Rows of one Parquet file at most: what one function reads again with ease.
ROWS_PER_FILE = 2_000_000


class Refused(Exception):
    """What is wrong with the spec or the files; its name stands in the report as that of any other error."""
    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name = name


def quoted(name: str) -> Column:
    return F.col("`" + name.replace("`", "``") + "`")


def matches(value: Column, pattern: str) -> Column:
    return value.rlike(r"\A(?:" + pattern + r")\z")


def typed(value: Column, kind: str) -> Column:
    if kind == "timestamp":
        value = F.regexp_replace(value, "Z$", "")
    return value.cast(STORED[kind])


def broken_rule(name: str, column: dict) -> Column:
    """The first rule that a text breaks, or NULL: the cases and their order are those of `brokenRule`."""
    value, kind = quoted(name), column["type"]
    as_typed = typed(value, kind)
    bad = ~matches(value, WRITTEN[kind]) | as_typed.isNull()
    if kind == "double":
        bad = bad | (F.abs(as_typed) == F.lit(float("inf")))
    if kind == "integer":
        bad = bad | (F.abs(as_typed) > MOST_INTEGER)
    rule = F.when(value.isNull(), F.lit(None if column.get("nullable") else "required"))
    rule = rule.when(bad, "type")
    if "min" in column:
        rule = rule.when(as_typed < column["min"], "range")
    if "max" in column:
        rule = rule.when(as_typed > column["max"], "range")
    if "values" in column:
        rule = rule.when(~value.isin(column["values"]), "values")
    if "pattern" in column:
        rule = rule.when(~matches(value, column["pattern"]), "pattern")
    return rule


def hmac_sha256(key: bytes, text: Column) -> Column:
    """RFC 2104 in Spark's own functions: no Python process beside every executor, and the key stays in the plan only."""
    padded = key.ljust(64, b"\0")
    inner = F.lit(bytearray(byte ^ 0x36 for byte in padded))
    outer = F.lit(bytearray(byte ^ 0x5C for byte in padded))
    first = F.unhex(F.sha2(F.concat(inner, F.encode(text, "UTF-8")), 256))
    return F.sha2(F.concat(outer, first), 256)


def kept(name: str, column: dict, key: "bytes | None") -> Column:
    """The value as it is kept: what privacy leaves of it."""
    value = quoted(name)
    privacy = column.get("privacy")
    if privacy is None:
        return value
    action = privacy["action"]
    if action == "pseudonym":
        if key is None:
            raise Refused("PseudonymKeyMissing", f"columns.{name}.privacy: got no key, a pseudonym needs the dataset's")
        return hmac_sha256(key, value.cast("string"))
    if action == "round":
        return (F.floor(value / F.lit(privacy["to"])) * F.lit(privacy["to"])).cast(STORED[column["type"]])
    if action == "prefix":
        return F.substring(value, 1, privacy["characters"])
    if action == "truncate":
        return F.date_trunc(privacy["to"], value).cast(STORED[column["type"]])
    raise Refused("SpecUnsupported", f"columns.{name}.privacy.action: got {action}, this job does not know it")


def text_of(name: str, kind: str) -> Column:
    """A kept value as the text that a split by hash draws from."""
    if kind == "timestamp":
        return F.date_format(quoted(name), "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
    return quoted(name).cast("string")


def is_test(spec: dict, columns: dict) -> Column:
    split = spec["split"]
    if "testFrom" in split:
        return quoted(split["by"]) >= F.lit(split["testFrom"]).cast("date")
    salt = split.get("salt", spec["dataset"])
    digest = F.sha2(F.concat(F.lit(salt + "/"), text_of(split["by"], columns[split["by"]]["type"])), 256)
    drawn = F.conv(F.substring(digest, 1, 8), 16, 10).cast("bigint")
    return drawn < F.lit(int(split["testPercent"] / 100 * 2**32 + 0.5))


def identity_of(columns: dict) -> "list[str]":
    def having(*roles: str) -> "list[str]":
        return sorted(name for name, column in columns.items() if column["role"] in roles)

    return having("key") or (having("group", "timestamp") if having("timestamp") else [])


def check_spec(spec: dict) -> None:
    """What this job does not apply it does not pass over in silence."""
    ignored = [f"checks.{check['name']}" for check in spec.get("checks", [])]
    ignored += [name for name in ("anonymity", "snapshot") if spec.get(name)]
    if spec.get("conflict") == "replace":
        ignored.append("conflict")
    if ignored:
        raise Refused("SpecUnsupported", f"{', '.join(ignored)}: this job does not apply it")
    every = spec.get("partition", {}).get("every")
    if every and every in (name.lower() for name in spec["columns"]):
        raise Refused("SpecUnsupported", f"columns.{every}: has the name of the partition's folder")


def read_texts(spark: SparkSession, source: str, spec: dict) -> DataFrame:
    """The records as texts, every column of the spec, and what is no record of it in `_corrupt`."""
    given = spec.get("format", {})
    kind = given.get("type") or ("parquet" if ".parquet" in source else "jsonl" if ".jsonl" in source else "csv")
    if kind == "csv":
        quote = given.get("quote", '"')
        encoding = {"latin-1": "ISO-8859-1", "utf-16": "UTF-16"}.get(given.get("encoding"), "UTF-8")
        options = {"sep": given.get("delimiter", ","), "quote": quote, "escape": quote, "encoding": encoding}
        options.update({"header": "true", "multiLine": "true", "columnNameOfCorruptRecord": CORRUPT})
        header = spark.read.options(**options).csv(source, inferSchema=False).columns
        fields = [T.StructField(name, T.StringType()) for name in [*header, CORRUPT]]
        frame = spark.read.options(**options).schema(T.StructType(fields)).csv(source)
    elif kind == "jsonl":
        frame = spark.read.option("primitivesAsString", "true").option("columnNameOfCorruptRecord", CORRUPT).json(source)
    elif kind == "parquet":
        frame = spark.read.parquet(source)
        # The text that the written form of a boolean, a number, a day or a time has.
        frame = frame.select([quoted(name).cast("string").alias(name) for name in frame.columns])
    else:
        raise Refused("SpecUnsupported", f"format.type: got {kind}, this job reads csv, jsonl and parquet")
    names = [name for name in frame.columns if name != CORRUPT]
    missing = [name for name in spec["columns"] if name not in names]
    unknown = [name for name in names if name not in spec["columns"]]
    if missing or (unknown and given.get("unknownColumns") != "ignore"):
        # A file of people without a header has a person in its first line.
        shown = f"{len(unknown)} more" if any("privacy" in each for each in spec["columns"].values()) else unknown
        raise Refused("HeaderMismatch", f"columns: lacks {missing}, and the spec does not name {shown}")
    empty = ["", *given.get("nulls", [])]
    texts = [F.when(~quoted(name).isin(empty), quoted(name)).alias(name) for name in spec["columns"]]
    corrupt = quoted(CORRUPT) if CORRUPT in frame.columns else F.lit(None).cast("string")
    return frame.select(*texts, corrupt.alias(CORRUPT))


def level_of(column: dict, rule: str) -> str:
    """A value of another type cannot be taken with a warning: there is no such value."""
    level = column.get("level", "quarantine")
    return "quarantine" if level == "warn" and rule == "type" else level


def count_rules(frame: DataFrame, rules: "list[tuple[str, Column]]") -> "list[dict]":
    """How many rows break each rule of each column, in one pass."""
    marks = F.array(*[F.struct(F.lit(name).alias("column"), rule.alias("rule")) for name, rule in rules])
    marks = frame.select(F.explode(marks).alias("mark")).where("mark.rule IS NOT NULL")
    return [row.asDict() for row in marks.groupBy("mark.column", "mark.rule").agg(F.count("*").alias("rows")).collect()]


def one_of_each(rows: DataFrame, identity: "list[str]") -> "tuple[DataFrame, int]":
    """One row for each identity: repeated rows once, rows that contradict each other not at all, but counted."""
    names = [quoted(name) for name in identity]
    others = F.sha2(F.to_json(F.struct("*"), {"ignoreNullFields": "false"}), 256)
    seen = Window.partitionBy(*names)
    marked = rows.withColumn("_digest", others).withColumn("_least", F.min("_digest").over(seen))
    marked = marked.withColumn("_most", F.max("_digest").over(seen))
    contradicted = marked.where("_least <> _most").count()
    single = marked.where("_least = _most").dropDuplicates(identity)
    return single.drop("_digest", "_least", "_most"), contradicted


def refine(spark: SparkSession, spec: dict, source: str, output: str, key: "bytes | None") -> dict:
    check_spec(spec)
    columns = {name: column for name, column in sorted(spec["columns"].items())}
    texts = read_texts(spark, source, {**spec, "columns": columns}).persist()
    given, whole = texts.count(), texts.where(quoted(CORRUPT).isNull())
    rules = [(name, broken_rule(name, column)) for name, column in columns.items()]
    counts = [{**each, "level": level_of(columns[each["column"]], each["rule"])} for each in count_rules(whole, rules)]
    misfits = given - whole.count()
    if misfits:
        counts.append({"column": "(record)", "rule": "columns", "level": "quarantine", "rows": misfits})
    refuse_where_told(columns, counts)

    def breaks(name: str, rule: Column) -> Column:
        return (rule == "type") if columns[name].get("level") == "warn" else rule.isNotNull()

    broken = reduce(lambda one, other: one | other, (F.coalesce(breaks(*each), F.lit(False)) for each in rules))
    values = [typed(quoted(name), column["type"]).alias(name) for name, column in columns.items()]
    good = whole.where(~broken).select(*values)
    left = {name: column for name, column in columns.items() if column.get("privacy", {}).get("action") != "drop"}
    private = good.select(*[kept(name, column, key).alias(name) for name, column in left.items()]).persist()
    taken = private.count()

    identity = identity_of(left)
    contradicted = 0
    if identity:
        private, contradicted = one_of_each(private, identity)
        if contradicted:
            name = " + ".join(identity)
            counts.append({"column": name, "rule": "unique", "level": "quarantine", "rows": contradicted})
    fresh = private.withColumn("_test", is_test(spec, left)).persist()
    check_apart(fresh, spec["split"].get("apart", []))
    splits = {side: write_split(fresh, spec, side, output) for side in ("train", "test")}
    rows = sum(splits.values())
    broken_rows = given - taken + contradicted
    return {
        "schema": "millrace/spark-refinery/1",
        "dataset": spec["dataset"],
        "rows": {"given": given, "broken": broken_rows, "repeated": given - broken_rows - rows, "fresh": rows},
        "splits": splits,
        "counts": sorted(counts, key=lambda each: (-each["rows"], each["column"], each["rule"])),
    }


def refuse_where_told(columns: dict, counts: "list[dict]") -> None:
    for each in counts:
        if columns.get(each["column"], {}).get("level") == "refuse":
            raise Refused("ColumnRefused", f"columns.{each['column']}: {each['rows']} rows break \"{each['rule']}\"")


def check_apart(fresh: DataFrame, names: "list[str]") -> None:
    for name in names:
        sides = fresh.groupBy(quoted(name)).agg(F.countDistinct("_test").alias("sides"))
        both = sides.where((F.col("sides") > 1) & quoted(name).isNotNull()).count()
        if both:
            raise Refused("SplitLeaks", f"split.apart: {both} values of {name} would lie on both sides")


def write_split(fresh: DataFrame, spec: dict, side: str, output: str) -> int:
    part = fresh.where(F.col("_test") == F.lit(side == "test")).drop("_test")
    rows = part.count()
    if rows == 0:
        return 0
    partition = spec.get("partition")
    if partition:
        form = {"day": "yyyy-MM-dd", "month": "yyyy-MM", "year": "yyyy"}[partition["every"]]
        part = part.withColumn(partition["every"], F.date_format(quoted(partition["by"]), form))
    writer = part.write.partitionBy(partition["every"]) if partition else part.write
    # Nothing of a job that died half way is there to be found twice.
    writer = writer.option("compression", "snappy").option("maxRecordsPerFile", ROWS_PER_FILE).mode("overwrite")
    writer.parquet(f"{output}/{side}")
    return rows


def read_text(spark: SparkSession, place: str) -> str:
    return spark.read.text(place, wholetext=True).first()[0]


def main(words: "list[str]") -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spec", required=True, help="the dataset spec as JSON")
    parser.add_argument("--input", required=True, help="files of one kind")
    parser.add_argument("--output", required=True, help="folder for train/, test/ and report/")
    parser.add_argument("--key-file", help="the dataset's key for pseudonyms, in hex")
    given = parser.parse_args(words)
    spark = SparkSession.builder.appName("millrace-refine-dataset").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    try:
        key = bytes.fromhex(read_text(spark, given.key_file).strip()) if given.key_file else None
        report = refine(spark, json.loads(read_text(spark, given.spec)), given.input, given.output, key)
        place = spark.createDataFrame([(json.dumps(report, sort_keys=True),)], "value string").coalesce(1)
        place.write.mode("overwrite").text(f"{given.output}/report")
        print(json.dumps(report, sort_keys=True))
        return 0
    except Refused as refused:
        print(f"{refused.name}: {refused}", file=sys.stderr)
        return 2
    finally:
        spark.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
