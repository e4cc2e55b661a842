import type { Figure } from '../figure.ts';
import { rehashFigures } from './rehash-figures.ts';

export const dataFigures: readonly Figure[] = [...rehashFigures];
