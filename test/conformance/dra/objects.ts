/** The kinds of dynamic resource allocation as objects: device classes, claims, their templates, slices. */

import assert from 'node:assert/strict';
import {
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
} from '#api/generated/kinds.gen.ts';
import type { ResourceClaimSpec } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import type { ObjectKey, PatchType } from '#client/client.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { type Life, livesAsObject } from '../shared/object-life.ts';
import { change } from '../shared/workloads.ts';

type During = (context: BehaviourContext, key: ObjectKey) => Promise<void>;

function lives<T extends KubeObject>(
  type: ResourceType<T>,
  body: Life<T>['body'],
  during: During,
  subresources: readonly string[] = [],
): Behaviour {
  return behaviour(`[sig-node] [DRA] CRUD Tests resource.k8s.io/v1 ${type.kind} [Conformance]`, (context) =>
    livesAsObject(context, type, { body, subresources, during: (key) => during(context, key) }),
  );
}

/** A request for a device of a class that does not exist: the claim is never allocated. */
const claimSpec: ResourceClaimSpec = {
  devices: { requests: [{ name: 'req-0', exactly: { deviceClassName: 'dra.example.com' } }] },
};

/** What each way to patch says to set `value` at a field of a part of the object. */
function patchesOf(
  type: ResourceType,
  part: 'metadata' | 'status',
  field: string,
  value: unknown,
): readonly (readonly [PatchType, unknown])[] {
  const tree = { [part]: { [field]: value } };
  return [
    ['strategic', tree],
    ['merge', tree],
    ['apply', { apiVersion: apiVersionOf(type), kind: type.kind, ...tree }],
    ['json', [{ op: 'add', path: `/${part}/${field}`, value }]],
  ];
}

/** Only an apply takes fields from their managers by force. */
const managing = (way: PatchType) => ({ fieldManager: 'dra', ...(way === 'apply' ? { force: true } : {}) });

/** A class's selectors are a list that a patch replaces, and that an update changes. */
const deviceClassChanges: During = async ({ client }, key) => {
  const nothing = { spec: { selectors: [{ cel: { expression: '1 == 0' } }] } };
  const patched = await client.patch(deviceClasses, key, 'strategic', nothing);
  assert.deepEqual(patched.spec.selectors, nothing.spec.selectors);
  const updated = await change(client, deviceClasses, key, ({ spec }) => {
    spec.selectors = [{ cel: { expression: '2 == 0' } }];
  });
  assert.deepEqual(updated.spec.selectors, [{ cel: { expression: '2 == 0' } }]);
};

/** A slice gets its devices by patch and by update. */
const sliceChanges: During = async ({ client }, key) => {
  const patched = await client.patch(resourceSlices, key, 'strategic', {
    spec: { devices: [{ name: 'device-0' }] },
  });
  assert.deepEqual(patched.spec.devices, [{ name: 'device-0' }]);
  const updated = await change(client, resourceSlices, key, ({ spec }) => {
    spec.devices = [{ name: 'device-1' }];
  });
  assert.deepEqual(updated.spec.devices, [{ name: 'device-1' }]);
};

/** An allocation without a device is written by every patch of the status, and by its update. */
const claimStatus: During = async ({ client }, key) => {
  for (const [way, patch] of patchesOf(resourceClaims, 'status', 'allocation', {})) {
    const options = { ...managing(way), subresource: 'status' };
    const patched = await client.patch(resourceClaims, key, way, patch, options);
    assert.deepEqual(patched.status?.allocation, { devices: {} }, way);
    const released = await change(
      client,
      resourceClaims,
      key,
      (claim) => {
        claim.status = {};
      },
      'status',
    );
    assert.equal(released.status?.allocation, undefined);
  }
};

/** What a claim and a template ask for never changes. */
function specIsKept<T extends KubeObject & { spec: object }>(type: ResourceType<T>): During {
  return async ({ client }, key) => {
    const { spec } = await client.get(type, key);
    for (const [way, patch] of patchesOf(type, 'metadata', 'annotations', { way: 'patched' })) {
      const patched = await client.patch(type, key, way, patch, managing(way));
      assert.deepEqual(patched.spec, spec, way);
    }
    await assert.rejects(client.patch(type, key, 'json', [{ op: 'replace', path: '/spec', value: {} }]), {
      code: 422,
    });
  };
}

export const dra: readonly Behaviour[] = [
  lives(
    deviceClasses,
    () => ({ spec: { selectors: [{ cel: { expression: 'false' } }] } }),
    deviceClassChanges,
  ),
  lives(
    resourceClaims,
    () => ({ spec: structuredClone(claimSpec) }),
    async (context, key) => {
      await specIsKept(resourceClaims)(context, key);
      await claimStatus(context, key);
    },
    ['status'],
  ),
  lives(
    resourceClaimTemplates,
    () => ({ spec: { spec: structuredClone(claimSpec) } }),
    specIsKept(resourceClaimTemplates),
  ),
  lives(
    resourceSlices,
    (index) => ({
      spec: {
        driver: 'dra.example.com',
        pool: { name: `pool-${index}`, generation: 1, resourceSliceCount: 1 },
        nodeName: 'no-such-node',
      },
    }),
    sliceChanges,
  ),
];
