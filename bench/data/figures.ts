import type { Figure } from '../figure.ts';
import { profileFigures } from './profile-figures.ts';

export const dataFigures: readonly Figure[] = [...profileFigures];
