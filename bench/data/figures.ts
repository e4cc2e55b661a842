import type { Figure } from '../figure.ts';
import { ingestionFigures } from './ingestion-figures.ts';
import { memoryFigures } from './memory-figures.ts';
import { profileFigures } from './profile-figures.ts';
import { rehashFigures } from './rehash-figures.ts';

export const dataFigures: readonly Figure[] = [
  ...ingestionFigures,
  ...profileFigures,
  ...memoryFigures,
  ...rehashFigures,
];
