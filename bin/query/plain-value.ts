/** A double holds 15 digits whatever they are. */
const EXACT_DIGITS = 15;

/**
 * A value of a result as JSON has it: whole and decimal numbers that come as text become numbers where that loses
 * nothing, since `count(*)` is what most queries ask.
 * @param type the engine's name of the column's type
 */
export function plainValue(value: unknown, type: string): unknown {
  if (typeof value !== 'string') return value;
  if (!/^(u?(big|huge)int|decimal)\b/i.test(type)) return value;
  const digits = value.replace(/^-?0*|\./g, '').length;
  return digits <= EXACT_DIGITS && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
