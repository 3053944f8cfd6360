/** The kinds of priority and fairness as objects. */

import assert from 'node:assert/strict';
import { flowSchemas, priorityLevelConfigurations } from '#api/generated/kinds.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { ObjectKey } from '#client/client.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { livesAsObject } from '../shared/object-life.ts';
import { change } from '../shared/workloads.ts';

interface WithConditions extends KubeObject {
  status?: { conditions?: { type?: string; reason?: string }[] };
}

/** A condition of one's own, beside those of the controller. */
async function hasStatus(
  { client }: BehaviourContext,
  type: ResourceType<WithConditions>,
  key: ObjectKey,
): Promise<void> {
  const condition = (reason: string) => ({
    type: 'E2E',
    status: 'True',
    reason,
    message: 'set',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const reasonOf = ({ status }: WithConditions) =>
    status?.conditions?.find((condition) => condition.type === 'E2E')?.reason;
  const patch = { status: { conditions: [condition('Patched')] } };
  const patched = await client.patch(type, key, 'strategic', patch, { subresource: 'status' });
  assert.equal(reasonOf(patched), 'Patched');
  await change(
    client,
    type,
    key,
    (withConditions) => {
      const others = (withConditions.status?.conditions ?? []).filter((other) => other.type !== 'E2E');
      withConditions.status = { ...withConditions.status, conditions: [...others, condition('Updated')] };
    },
    'status',
  );
  assert.equal(reasonOf(await client.get(type, key, 'status')), 'Updated');
}

const prefix = '[sig-api-machinery] API priority and fairness should support';

export const flowControl: readonly Behaviour[] = [
  behaviour(`${prefix} FlowSchema API operations [Conformance]`, (context) =>
    livesAsObject(context, flowSchemas, {
      body: () => ({
        spec: {
          matchingPrecedence: 10_000,
          priorityLevelConfiguration: { name: 'global-default' },
          distinguisherMethod: { type: 'ByUser' },
          rules: [
            {
              subjects: [{ kind: 'User', user: { name: `example-of-${context.namespace}` } }],
              nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
            },
          ],
        },
      }),
      subresources: ['status'],
      during: (key) => hasStatus(context, flowSchemas as ResourceType<WithConditions>, key),
    }),
  ),
  behaviour(`${prefix} PriorityLevelConfiguration API operations [Conformance]`, (context) =>
    livesAsObject(context, priorityLevelConfigurations, {
      body: () => ({
        spec: {
          type: 'Limited',
          limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } },
        },
      }),
      subresources: ['status'],
      during: (key) => hasStatus(context, priorityLevelConfigurations as ResourceType<WithConditions>, key),
    }),
  ),
];
