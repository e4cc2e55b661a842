import * as z from 'zod';
import { task } from '../../shared/task.ts';
import { duckdbCheckSql } from '../aws/duckdb-features.ts';
import { Column, FeatureSpec, MaterialiseFeaturesEnv } from '../contract.ts';

export const checkFeaturesTask = task({
  input: z.strictObject({ spec: FeatureSpec, columns: z.record(z.string(), Column) }),
  env: MaterialiseFeaturesEnv,
  wire: () => duckdbCheckSql,
  run: (checkSql, input) => checkSql(input),
});
