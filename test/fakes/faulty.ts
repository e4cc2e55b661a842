/** The call never arrived, or its answer was lost: the caller cannot tell. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
}

/** `before` the call has an effect, `after` it had one, or not at all. */
export type Fault = 'before' | 'after' | undefined;

/** A port whose calls fail as `faultOf` says; `turn` is awaited around each call, so that a scheduler can interleave callers. */
export function faulty<Port extends object>(
  port: Port,
  faultOf: (method: string) => Fault,
  turn: () => Promise<unknown> = async () => {},
): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        const fault = faultOf(String(name));
        await turn();
        if (fault === 'before') throw new AnswerLost(`${String(name)} did not arrive`);
        const answer = await Reflect.apply(member, target, args);
        await turn();
        if (fault === 'after') throw new AnswerLost(`the answer to ${String(name)} was lost`);
        return answer;
      };
    },
  });
}

/** Repeats a call until its answer arrives, as a client with the same token would. */
export async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof AnswerLost) || attempt === 1000) throw error;
    }
  }
}

/** The same numbers in [0, 1) for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Faults on a share of all calls, half before and half after their effect. */
export const faultRate =
  (rate: number, random: () => number): (() => Fault) =>
  () => {
    const drawn = random();
    return drawn < rate / 2 ? 'before' : drawn < rate ? 'after' : undefined;
  };
