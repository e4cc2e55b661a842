import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { SharedErrors } from '../errors.ts';
import { retrying } from '../retry.ts';
import {
  type Condition,
  ConditionUnmet,
  type Item,
  type Key,
  type PackedItem,
  type Range,
  type Table,
  type Write,
} from '../table.ts';

/** DynamoDB behind the table port. Items are plain values; a Value never holds NaN, which DynamoDB has no form for. */
export function dynamoTable(tableName: string, client = new DynamoDBClient({})): Table {
  return {
    async get(key) {
      const { Item: item } = await translated(() =>
        client.send(new GetItemCommand({ TableName: tableName, Key: marshall(keyOnly(key)), ConsistentRead: true })),
      );
      return item && (unmarshall(item, READ) as Item);
    },
    async query(pk, range = {}) {
      const items: Item[] = [];
      const input = { TableName: tableName, ...queryInput(pk, range) };
      do {
        const page = await translated(() => client.send(new QueryCommand(input)));
        items.push(...(page.Items ?? []).map((item) => unmarshall(item, READ) as Item));
        input.ExclusiveStartKey = page.LastEvaluatedKey;
      } while (input.ExclusiveStartKey && items.length < (range.limit ?? Number.POSITIVE_INFINITY));
      return range.limit === undefined ? items : items.slice(0, range.limit);
    },
    async getMany(keys) {
      const pages = Array.from({ length: Math.ceil(keys.length / MOST_READ) }, (_, i) =>
        keys.slice(i * MOST_READ, (i + 1) * MOST_READ),
      );
      return (await Promise.all(pages.map((page) => getPage(client, tableName, page)))).flat();
    },
    async write(write) {
      const condition = write.when && conditionExpression(write.when);
      await retrying(
        () =>
          translated(() =>
            'put' in write
              ? client.send(
                  new PutItemCommand({ TableName: tableName, Item: marshall(write.put, WRITTEN), ...condition }),
                )
              : client.send(
                  new DeleteItemCommand({ TableName: tableName, Key: marshall(keyOnly(write.remove)), ...condition }),
                ),
          ),
        isThrottled,
      );
    },
    async transact(writes) {
      const input = { TransactItems: writes.map((write) => transactItem(tableName, write)) };
      await retrying(() => translated(() => client.send(new TransactWriteItemsCommand(input))), isThrottled);
    },
  };
}

const isThrottled = (error: unknown) => error instanceof Error && error.name === 'ServiceThrottled';

/** Keys of one BatchGetItem. */
const MOST_READ = 100;

/** DynamoDB answers with at most 16 MB and may leave keys out, which are asked for again. */
async function getPage(client: DynamoDBClient, table: string, keys: readonly Key[]): Promise<PackedItem[]> {
  const found: PackedItem[] = [];
  let left: Record<string, AttributeValue>[] | undefined = keys.map((key) => marshall(keyOnly(key)));
  for (let round = 0; left && left.length > 0; round++) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(1000, 20 * 2 ** round)));
    const RequestItems = { [table]: { Keys: left, ConsistentRead: true } };
    const answer: BatchGetItemCommandOutput = await translated(() =>
      client.send(new BatchGetItemCommand({ RequestItems })),
    );
    found.push(...(answer.Responses?.[table] ?? []).map((item) => unmarshall(item, READ) as PackedItem));
    left = answer.UnprocessedKeys?.[table]?.Keys;
  }
  return found;
}

const keyOnly = ({ pk, sk }: Key) => ({ pk, sk });

function queryInput(
  pk: string,
  { prefix, from, to, after, descending, limit }: Range,
): Omit<QueryCommandInput, 'TableName'> {
  const [sort, bounds] =
    prefix !== undefined
      ? [' AND begins_with(sk, :prefix)', { ':prefix': prefix }]
      : from !== undefined && to !== undefined
        ? [' AND sk BETWEEN :from AND :to', { ':from': from, ':to': to }]
        : ['', {}];
  return {
    KeyConditionExpression: `pk = :pk${sort}`,
    ExpressionAttributeValues: marshall({ ':pk': pk, ...bounds }),
    // A start key need not exist: it is a position.
    ExclusiveStartKey: after === undefined ? undefined : marshall({ pk, sk: after }),
    ConsistentRead: true,
    ScanIndexForward: !descending,
    Limit: limit,
  };
}

/** Numbers are doubles: one beyond 2^53 is written with the digits that JavaScript prints, and those read are the same one. */
const WRITTEN = { removeUndefinedValues: true, allowImpreciseNumbers: true };
const READ = { wrapNumbers: (text: string) => Number(text) };

function transactItem(TableName: string, write: Write): TransactWriteItem {
  const condition = write.when && conditionExpression(write.when);
  if ('put' in write) return { Put: { TableName, Item: marshall(write.put, WRITTEN), ...condition } };
  if ('remove' in write) return { Delete: { TableName, Key: marshall(keyOnly(write.remove)), ...condition } };
  const check = conditionExpression(write.when);
  return { ConditionCheck: { TableName, Key: marshall(keyOnly(write.check)), ...check } };
}

function conditionExpression(condition: Condition) {
  if ('absent' in condition) return { ConditionExpression: 'attribute_not_exists(pk)' };
  if ('present' in condition) return { ConditionExpression: 'attribute_exists(pk)' };
  const entries = Object.entries(condition.equals);
  const lacks = condition.lacks ?? [];
  return {
    ConditionExpression: [
      ...entries.map((_, i) => `#n${i} = :v${i}`),
      ...lacks.map((_, i) => `attribute_not_exists(#l${i})`),
    ].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries([
      ...entries.map(([name], i) => [`#n${i}`, name]),
      ...lacks.map((name, i) => [`#l${i}`, name]),
    ]),
    ExpressionAttributeValues: marshall(Object.fromEntries(entries.map(([, value], i) => [`:v${i}`, value]))),
  };
}

const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
]);

async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) throw new ConditionUnmet([0]);
    if (cause instanceof TransactionCanceledException) {
      const reasons = (cause.CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');
      const failed = reasons.flatMap((code, i) => (code === 'ConditionalCheckFailed' ? [i] : []));
      if (failed.length > 0) throw new ConditionUnmet(failed);
      if (reasons.some((code) => code !== 'None' && code !== 'ValidationError')) {
        throw SharedErrors.ServiceThrottled(`the table refused a transaction: ${reasons.join(', ')}`, { cause });
      }
    }
    const name = cause instanceof Error ? cause.name : '';
    if (THROTTLES.has(name)) throw SharedErrors.ServiceThrottled(`the table is throttled: ${name}`, { cause });
    throw cause;
  }
}
