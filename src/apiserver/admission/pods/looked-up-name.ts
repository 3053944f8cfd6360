/** Names that upstream's client refuses to ask its server for: plugins that look an object up say so. */

import { pathSegmentName } from '#api/validation/validators.ts';

/** Undefined for a name that may be asked for. */
export function nameRefusal(name: string): string | undefined {
  if (name === '') return 'resource name may not be empty';
  const wrong = pathSegmentName(name);
  return wrong.length > 0 ? `invalid resource name ${JSON.stringify(name)}: [${wrong.join(' ')}]` : undefined;
}
