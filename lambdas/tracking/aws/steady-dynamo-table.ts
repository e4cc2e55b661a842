import { dynamoTable } from '../../shared/aws/dynamo-table.ts';
import type { Table } from '../../shared/table.ts';
import { steadyTable } from '../steady-table.ts';

export const steadyDynamoTable = (name: string): Table => steadyTable(dynamoTable(name));
