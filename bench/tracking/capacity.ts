/**
 * What a call of DynamoDB consumes on AWS, reckoned from the call itself: an emulator's own figures know no sizes.
 * Rules from the DynamoDB developer guide: "Read and write operations", "Item sizes and formats". A write is reckoned by
 * what it leaves: where it makes an item smaller, or deletes one, AWS counts the larger item that was there.
 */
export interface Units {
  read: number;
  write: number;
}

/** An attribute as DynamoDB's JSON has it, such as `{ "S": "a" }`. */
type Attribute = Record<string, unknown>;
type Item = Record<string, Attribute>;
interface Call {
  Item?: Item;
  ConsistentRead?: boolean;
  RequestItems?: Record<string, { ConsistentRead?: boolean }>;
  TransactItems?: { Put?: { Item: Item }; Delete?: object; ConditionCheck?: object; Update?: object }[];
}
interface Answer {
  Item?: Item;
  Items?: Item[];
  Responses?: Record<string, Item[]>;
}

const READ_BYTES = 4096;
const WRITE_BYTES = 1024;

/** @param target As the header `x-amz-target` has it, `DynamoDB_20120810.GetItem` */
export function unitsOf(target: string, call: object, answer: object): Units {
  const verb = target.slice(target.indexOf('.') + 1);
  const { Item, ConsistentRead, RequestItems = {}, TransactItems = [] } = call as Call;
  const { Item: found, Items = [], Responses = {} } = answer as Answer;
  switch (verb) {
    case 'GetItem':
      return { read: readUnits(found ? itemBytes(found) : 0, ConsistentRead), write: 0 };
    case 'Query':
      return { read: readUnits(sum(Items.map(itemBytes)), ConsistentRead), write: 0 };
    case 'BatchGetItem': {
      const each = Object.entries(RequestItems).map(([table, wish]) => {
        const { Keys = [] } = wish as { Keys?: object[] };
        const items = Responses[table] ?? [];
        // A key without an item costs as the smallest item does.
        const missing = (Keys.length - items.length) * readUnits(0, wish.ConsistentRead);
        return missing + sum(items.map((item) => readUnits(itemBytes(item), wish.ConsistentRead)));
      });
      return { read: sum(each), write: 0 };
    }
    case 'PutItem':
      return { read: 0, write: writeUnits(itemBytes(Item ?? {})) };
    case 'DeleteItem':
      // The least that it can be.
      return { read: 0, write: 1 };
    case 'TransactWriteItems':
      return { read: 0, write: 2 * sum(TransactItems.map(({ Put }) => (Put ? writeUnits(itemBytes(Put.Item)) : 1))) };
    default:
      throw new Error(`${target}: what it consumes is not known here`);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const readUnits = (bytes: number, isConsistent = false): number =>
  Math.max(1, Math.ceil(bytes / READ_BYTES)) * (isConsistent ? 1 : 0.5);
const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_BYTES));

export const itemBytes = (item: Item): number =>
  sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));

function valueBytes(attribute: Attribute): number {
  const [[type = '', value] = []] = Object.entries(attribute);
  switch (type) {
    case 'S':
      return Buffer.byteLength(value as string);
    case 'N':
      return numberBytes(value as string);
    case 'B':
      return Buffer.from(value as string, 'base64').length;
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'L':
      return 3 + sum((value as Attribute[]).map((each) => 1 + valueBytes(each)));
    case 'M':
      return 3 + Object.keys(value as Item).length + itemBytes(value as Item);
    default:
      throw new Error(`attribute type ${type}: its size is not known here`);
  }
}

/** About a byte for two significant digits, and one more. */
function numberBytes(text: string): number {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1;
}
