import { SearchErrors } from './search-errors.ts';

/** How many results a search gives when nobody says, and at most. */
export const SEARCH_LIMITS = {
  runs: { usual: 1000, most: 50_000 },
  experiments: { usual: 1000, most: 50_000 },
  registeredModels: { usual: 100, most: 1000 },
  modelVersions: { usual: 10_000, most: 200_000 },
  loggedModels: { usual: 100, most: 50_000 },
} as const;

export function resultLimit(of: keyof typeof SEARCH_LIMITS, asked: number | bigint | undefined): number {
  const { usual, most } = SEARCH_LIMITS[of];
  if (asked === undefined) return usual;
  if (asked < 1)
    throw SearchErrors.MaxResultsInvalid(
      `Invalid value ${asked} for parameter 'max_results' supplied. It must be a positive integer`,
    );
  if (asked > most)
    throw SearchErrors.MaxResultsInvalid(
      `Invalid value ${asked} for parameter 'max_results' supplied. It must be at most ${most}`,
    );
  return Number(asked);
}
