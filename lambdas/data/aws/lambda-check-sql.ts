import type { CheckSql } from '../apply-features.ts';
import { lambdaTask } from './lambda-task.ts';

/** The check where DuckDB is: in the function that materialises. The API's own has no library that size beside it. */
export const lambdaCheckSql = (functionName: string): CheckSql => lambdaTask(functionName, 'check-features');
