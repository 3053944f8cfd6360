/**
 * A wall: where every request passes, no function is written directly into a property. V8 allocates a function that a
 * property is assigned to (`request.onDone = () => …`) in the old generation: all that it refers to, the request and its
 * answer, stays until the next full garbage collection. A function that has a name first is allocated like any value.
 */

import type { Finding } from './machine.ts';
import { codeOf, isTestCode } from './source.ts';

const requestFolders = [
  'src/apiserver/cache/',
  'src/apiserver/chain/',
  'src/apiserver/flowcontrol/',
  'src/apiserver/http/',
  'src/apiserver/list-encodings/',
  'src/apiserver/request/',
  'src/apiserver/storage/',
  'src/apiserver/subresources/',
  'src/apiserver/verbs/',
  'src/host/http/',
  'src/store/mvcc/',
];
/** Written once for each metric. */
const madeAtStart = 'src/apiserver/flowcontrol/exposition/';

const assigned =
  /[\w)\]]\.#?\w+ (?:\?\?)?= (?:async )?(?:\([^()]*\)(?:: [^=;]+)?|\w+) =>|[\w)\]]\.#?\w+ (?:\?\?)?= (?:async )?function\b/g;

export function tenuredFunctions(file: string, text: string): Finding[] {
  if (!requestFolders.some((folder) => file.startsWith(folder)) || isTestCode(file)) return [];
  if (file.startsWith(madeAtStart)) return [];
  const code = codeOf(text);
  return [...code.matchAll(assigned)].map((match) => ({
    line: code.slice(0, match.index).split('\n').length,
    why: 'a function gets a name before it becomes a property: else it stays in memory until a full garbage collection',
  }));
}
