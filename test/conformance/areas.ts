/** The explicit list of written areas; the key is the file of upstream's suite without folder and ending. */

import type { Behaviour } from './behaviour.ts';

export const areas: Readonly<Record<string, readonly Behaviour[]>> = {};
