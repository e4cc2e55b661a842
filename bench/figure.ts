/** One comparison: both sides do the same work in the same process, taking turns. */
export interface Figure {
  /** `<group>/<what>`. */
  name: string;
  unit: 'us' | 'ms' | 's' | 'MB';
  /** What `theirs` is. */
  peer: string;
  /** Makes both sides ready; each call of a side does one repeat and answers its figure in `unit`, smaller is better. */
  prepare(): Promise<Sides>;
  /** @default 7 */
  repeats?: number;
  /** Ends what figures share, such as servers, once all that were asked for are measured: the same function for all of them. */
  end?(): Promise<void>;
}

export interface Sides {
  ours(): Promise<number>;
  theirs(): Promise<number>;
  /** What else is worth knowing of ours, such as what a call costs; asked for after the last repeat. */
  detail?(): Promise<string>;
  close?(): Promise<void>;
}

export interface Result {
  name: string;
  ours: number;
  theirs: number;
  /** ours / theirs: below 1 is better, always. */
  ratio: number;
  unit: Figure['unit'];
  peer: string;
  repeats: number;
  detail?: string;
}

/** Thrown by `prepare` where the peer cannot be had on this machine: the figure is left out, and said so. */
export class PeerMissing extends Error {}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

/** Interleaves the two sides, swapping who goes first, after one unmeasured turn each; the ratio is the median of the paired ratios. */
export async function measure({ name, unit, peer, prepare, repeats = 7 }: Figure): Promise<Result> {
  if (repeats < 5) throw new Error(`${name}: repeats: got ${repeats}, a median needs at least 5`);
  const sides = await prepare();
  try {
    await sides.ours();
    await sides.theirs();
    const pairs: { ours: number; theirs: number }[] = [];
    for (let i = 0; i < repeats; i++) {
      if (i % 2 === 0) {
        const ours = await sides.ours();
        pairs.push({ ours, theirs: await sides.theirs() });
      } else {
        const theirs = await sides.theirs();
        pairs.push({ ours: await sides.ours(), theirs });
      }
    }
    const detail = await sides.detail?.();
    return {
      name,
      ours: rounded(median(pairs.map((pair) => pair.ours))),
      theirs: rounded(median(pairs.map((pair) => pair.theirs))),
      ratio: rounded(median(pairs.map((pair) => pair.ours / pair.theirs))),
      unit,
      peer,
      repeats,
      ...(detail && { detail }),
    };
  } finally {
    await sides.close?.();
  }
}

const rounded = (value: number) => Number(value.toPrecision(4));
