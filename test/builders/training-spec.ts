import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The example's model spec, as its people wrote it. */
export const rainSpecText = (): string =>
  readFileSync(join(import.meta.dirname, '../../examples/weather/model.yaml'), 'utf8');
