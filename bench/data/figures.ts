import type { Figure } from '../figure.ts';
import { profileFigures } from './profile-figures.ts';
import { rehashFigures } from './rehash-figures.ts';

export const dataFigures: readonly Figure[] = [...profileFigures, ...rehashFigures];
