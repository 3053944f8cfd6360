/** Sets the `Audit-ID` header of every response. */

import type { Stage } from '../stage.ts';

export const auditInit: Stage = {
  name: 'audit-init',
  leave: ({ auditId }, answer) => {
    answer.headers['audit-id'] = auditId;
  },
};
