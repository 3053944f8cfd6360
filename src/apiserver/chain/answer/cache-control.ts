/** Keeps caches from keeping what its handler did not allow them to keep. */

import type { Stage } from '../stage.ts';

export const cacheControl: Stage = {
  name: 'cache-control',
  leave: (_, answer) => {
    answer.headers['cache-control'] ??= 'no-cache, private';
  },
};
