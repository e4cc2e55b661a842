const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;

/** The standard error of `distinct()` as a share of the true number. */
export const DISTINCT_ERROR = 1.04 / Math.sqrt(REGISTERS);

/** How many different values there were, from their 64-bit hashes, in 16 kB; two of them merge into that of the whole. */
export class HyperLogLog {
  readonly registers: Uint8Array;

  constructor(registers: Uint8Array = new Uint8Array(REGISTERS)) {
    this.registers = registers;
  }

  add(high: number, low: number): void {
    const index = high >>> (32 - INDEX_BITS);
    const rest = (high << INDEX_BITS) >>> 0;
    const rank = rest !== 0 ? Math.clz32(rest) + 1 : 32 - INDEX_BITS + Math.clz32(low) + 1;
    if (rank > (this.registers[index] as number)) this.registers[index] = rank;
  }

  /** Of a double by its bits: two rounds of multiply and shift for each word, seeded by the other. */
  addNumber(high: number, low: number): void {
    const first = mixed(low ^ mixed(high ^ 0x9e3779b9));
    this.add(first, mixed(first ^ mixed(high + 0x7f4a7c15)));
  }

  merge(other: HyperLogLog): void {
    for (let i = 0; i < REGISTERS; i++)
      if ((other.registers[i] as number) > (this.registers[i] as number))
        this.registers[i] = other.registers[i] as number;
  }

  /** Linear counting while registers are empty enough, then the harmonic mean. */
  distinct(): number {
    let sum = 0;
    let empty = 0;
    for (const register of this.registers) {
      sum += 2 ** -register;
      if (register === 0) empty++;
    }
    const raw = ((0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS) / sum;
    const estimate = raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw;
    return Math.round(estimate);
  }
}

function mixed(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
