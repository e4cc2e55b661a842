/** Time and randomness as dependencies, so that rules can be tested. */
export type Clock = () => Date;
export const systemClock: Clock = () => new Date();
