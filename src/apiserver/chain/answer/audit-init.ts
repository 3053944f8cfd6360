/** Gives every answer the `Audit-ID` of its request. */

import type { Stage } from '../stage.ts';

export const auditInit: Stage = {
  name: 'audit-init',
  leave: ({ auditId }, answer) => {
    answer.headers['audit-id'] = auditId;
  },
};
