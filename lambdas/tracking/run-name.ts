import { randomInt } from 'node:crypto';

const FIRST =
  'amber brisk calm clear deep early fleet gentle green hidden keen level lively mild nimble patient quick quiet ready silver smooth steady still swift tidal upper vivid wide young'.split(
    ' ',
  );
const SECOND =
  'alder beaver brook ford gate heron hill island kingfisher meadow mill oak otter pond rapid reed river salmon shore sluice spring stone stream swan trout weir wheel willow'.split(
    ' ',
  );

/** A name for a run that was given none: two words and a number, as MLflow's clients expect one. */
export const newRunName = (): string =>
  `${FIRST[randomInt(FIRST.length)]}-${SECOND[randomInt(SECOND.length)]}-${randomInt(1000)}`;
