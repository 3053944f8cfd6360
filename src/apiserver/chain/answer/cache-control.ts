/** Sets `Cache-Control: no-cache, private`, unless the handler set another. */

import type { Stage } from '../stage.ts';

export const cacheControl: Stage = {
  name: 'cache-control',
  leave: (_, answer) => {
    answer.headers['cache-control'] ??= 'no-cache, private';
  },
};
