import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { NodePod } from '../pod/pod.ts';
import { configOf, devicesPrepared, makeSandbox, type SandboxParts } from './pod-sandbox.ts';

/** Requests to the runtime, and events of the pod. */
async function sandboxOf(spec: Partial<PodSpec>) {
  const handlers: string[] = [];
  const events: [reason: string, message: string][] = [];
  const parts = {
    nodeName: 'n',
    runtime: {
      async runPodSandbox(_: unknown, handler: string) {
        handlers.push(handler);
        return 'id';
      },
      podSandboxStatus: async () => ({ ips: ['10.244.0.2'] }),
    },
    setup: {
      security: { userNamespaces: false, appArmor: false, seccompDir: '' },
      clusterDomain: 'cluster.local',
      resolvConf: () => undefined,
      logDirectory: () => '',
      cgroupParent: () => '',
    },
    objects: {
      get: async (_: unknown, __: string, name: string) =>
        name === 'gvisor' ? { handler: 'runsc' } : undefined,
    },
    claims: {
      async prepare({ spec }: NodePod) {
        if (spec.resourceClaims) throw new Error('prepare dynamic resources: not allocated');
      },
    },
    events: {
      event: (_: unknown, __: string, reason: string, message: string) => events.push([reason, message]),
    },
  } as unknown as SandboxParts;
  const pod = storedPod('p', { metadata: { uid: 'u' }, spec: { containers: [{ name: 'c' }], ...spec } });
  const config = await configOf(parts, pod, 0);
  const { signal } = new AbortController();
  if (config && (await devicesPrepared(parts, pod, signal))) await makeSandbox(parts, pod, config, signal);
  return { handlers, events };
}

test('a pod – with or without a runtime class – runs with the handler of the class or the default', async () => {
  assert.deepEqual(await sandboxOf({}), { handlers: [''], events: [] });
  assert.deepEqual(await sandboxOf({ runtimeClassName: 'gvisor' }), { handlers: ['runsc'], events: [] });
});

/** Pods that must not start without what their spec requires. */
const refused: Record<string, [spec: Partial<PodSpec>, reason: string, message: string]> = {
  'a runtime class that is gone': [
    { runtimeClassName: 'kata' },
    'FailedCreatePodSandBox',
    'Failed to create pod sandbox: runtimeclass.node.k8s.io "kata" not found',
  ],
  'users of its own': [
    { hostUsers: false },
    'FailedCreatePodSandBox',
    "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
  ],
  'users of its own of a runtime class': [
    { hostUsers: false, runtimeClassName: 'gvisor' },
    'FailedCreatePodSandBox',
    'Failed to create pod sandbox: can\'t set `spec.hostUsers: false`, RuntimeClass handler "runsc" does not support user namespaces',
  ],
  'claimed devices': [
    { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] },
    'FailedPrepareDynamicResources',
    'Failed to prepare dynamic resources: prepare dynamic resources: not allocated',
  ],
};

for (const [what, [spec, ...event]] of Object.entries(refused)) {
  test(`a pod – ${what} – gets no sandbox, but an event`, async () => {
    assert.deepEqual(await sandboxOf(spec), { handlers: [], events: [event] });
  });
}
