/** What the suite itself expects of a cluster. */

import assert from 'node:assert/strict';
import { type Behaviour, behaviour } from '../behaviour.ts';
import { usableNodes } from '../scheduling/placing.ts';

export const conformanceArea: readonly Behaviour[] = [
  behaviour(
    '[sig-architecture] Conformance Tests should have at least two untainted nodes [Conformance]',
    async ({ client }) => {
      const usable = (await usableNodes(client)).map(({ metadata }) => metadata.name);
      assert.ok(usable.length >= 2, `nodes that pods can be placed on: ${usable.join(', ')}`);
    },
  ),
];
