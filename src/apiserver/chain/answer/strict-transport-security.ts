/** Browsers come by HTTPS only, as `strict-transport-security-directives` has it. */

import type { Stage } from '../stage.ts';

export function strictTransportSecurity(directives: readonly string[]): Stage {
  const value = directives.join('; ');
  return {
    name: 'strict-transport-security',
    leave: (_, answer) => {
      answer.headers['strict-transport-security'] ??= value;
    },
  };
}
