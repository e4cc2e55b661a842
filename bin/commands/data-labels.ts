import type { Verb } from '../verb.ts';

export const dataLabelVerbs: readonly Verb[] = [];
