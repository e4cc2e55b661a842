/** JSON with MLflow's int64 fields whole: a number that a double cannot hold is a bigint on both sides. */

interface Source {
  source?: string;
}
const parse = JSON.parse as (
  text: string,
  reviver?: (key: string, value: unknown, context: Source) => unknown,
) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** @throws SyntaxError */
export const parseJson = (text: string): unknown => (/\d{16}/.test(text) ? parse(text, whole) : parse(text));

const whole = (_key: string, value: unknown, { source = '' }: Source) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;

/** NaN goes as the text "NaN", as protobuf's JSON mapping has it. What is undefined is left out. */
export const writeJson = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return rawJSON(String(each));
    return Number.isNaN(each) ? 'NaN' : each;
  });
