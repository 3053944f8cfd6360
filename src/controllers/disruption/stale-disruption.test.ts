import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedPod } from '#testing/objects.ts';
import { staleDisruption } from './stale-disruption.ts';

const disrupted = (lastTransitionTime: string, reason = 'EvictionByEvictionAPI') => ({
  phase: 'Running',
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason, lastTransitionTime }],
});

const takenBack =
  'patch Pod default/p/status {"metadata":{"uid":"p"},"status":{"conditions":[{"type":"DisruptionTarget",' +
  '"status":"False","reason":null,"message":null,"lastTransitionTime":"2026-01-01T12:00:00Z"}]}}';

const rows: [string, Parameters<typeof storedPod>[1], string[]][] = [
  ['not to be disrupted', {}, []],
  ['for a minute', { status: disrupted('2026-01-01T11:59:00Z') }, ['again after 60000 ms']],
  ['for two minutes', { status: disrupted('2026-01-01T11:58:00Z') }, [takenBack]],
  ['by its kubelet', { status: disrupted('2026-01-01T11:00:00Z', 'TerminationByKubelet') }, []],
  [
    'and being deleted',
    { status: disrupted('2026-01-01T11:00:00Z'), metadata: { deletionTimestamp: '2026-01-01T11:59:00Z' } },
    [],
  ],
  ['and ended', { status: { ...disrupted('2026-01-01T11:00:00Z'), phase: 'Failed' } }, []],
];
for (const [name, traits, expected] of rows) {
  test(`a pod to be disrupted – ${name} – ${expected.length === 0 ? 'nothing' : 'looked at'}`, async () => {
    const controller = new DryController(staleDisruption).put(pods, storedPod('p', traits));
    assert.deepEqual(controller.woken(), expected.length > 0 ? ['default/p'] : []);
    assert.deepEqual(await controller.printed('default/p'), expected);
  });
}

test('a condition that is taken back – its reason and message are gone at the server', () =>
  withControllers([staleDisruption], async ({ client, clock, eventually }) => {
    const at = { namespace: 'default', name: 'spared' };
    const containers = [{ name: 'c', image: 'i' }];
    await client.create(pods, { metadata: at, spec: { containers } });
    const target = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'm',
    };
    const condition = { ...target, lastTransitionTime: rfc3339(clock.now()) };
    const patch = { status: { conditions: [condition] } };
    await client.patch(pods, at, 'strategic', patch, { subresource: 'status' });
    const found = await eventually('the condition to be False', async () => {
      const { status } = await client.get(pods, at);
      return status?.conditions?.find(({ type, status }) => type === target.type && status === 'False');
    });
    assert.deepEqual([found.reason, found.message], [undefined, undefined]);
  }));
