import type { PlatformEvent } from './outbox.ts';

/** Tells the stage's event bus of a fact. @throws EventRefused when the bus did not take it */
export type Publish = (event: PlatformEvent) => Promise<void>;
