/** A clock that goes on by a millisecond at each look. */
export function ticking(from = 1_800_000_000_000) {
  let now = from;
  const pass = (ms: number) => {
    now += ms;
  };
  return { clock: () => new Date(now++), pass };
}
