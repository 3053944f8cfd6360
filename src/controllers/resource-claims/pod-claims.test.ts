/** Claims of pods; facts of upstream's controller_test.go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podClaimAnnotation } from '#api/devices/names.ts';
import { pods, resourceClaims, resourceClaimTemplates } from '#api/generated/kinds.gen.ts';
import type { ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedDeviceClaim, storedDeviceTemplate } from '#testing/objects/devices.ts';
import { longAgo, ownedBy, type PodTraits, storedPod } from '#testing/objects.ts';
import { ClaimMetrics } from './claim-metrics.ts';
import { podClaims } from './pod-claims.ts';

const spec = { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }] };
const seen = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'p-gpu-x' }] };
const podOf = (traits: PodTraits = {}) => storedPod('p', { spec, ...traits });
const pod = podOf();
const { blockOwnerDeletion: _, ...owner } = ownedBy(pods, pod);
const metadata = { ownerReferences: [owner], annotations: { [podClaimAnnotation]: 'gpu' } };
const own = storedDeviceClaim('p-gpu-x', { metadata });
const allocated = { allocation: { devices: { results: [] } } };
const template = storedDeviceTemplate('gpus', { labels: { app: 'x' }, annotations: { kept: 'yes' } });
const missing = 'resource claim template "gpus": resourceclaimtemplate.resource.k8s.io "gpus" not found';
const applied = (resourceClaimStatuses: object[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: 'p' },
  status: { resourceClaimStatuses },
});
const creation = [
  'together expected',
  '  create ResourceClaim default/p-gpu-*',
  '    then count the creation of PodResourceClaim gpu',
  '    if failed count the creation of PodResourceClaim gpu',
  '    if failed event Warning FailedResourceClaimCreation "PodResourceClaim gpu: create ResourceClaim : <error>"',
];
const failure = [
  `event Warning FailedResourceClaimCreation ${JSON.stringify(`PodResourceClaim gpu: ${missing}`)}`,
  'give up Pod default/p',
];

interface Row {
  readonly pod?: Stored<ReturnType<typeof storedPod>>;
  readonly claims?: readonly Stored<ResourceV1ResourceClaim>[];
  readonly templates?: readonly (typeof template)[];
  readonly plan: readonly string[];
}

const rows: Record<string, Row> = {
  'a template – the claim is created': { pod, templates: [template], plan: creation },
  'no template – the failure is reported': { pod, plan: failure },
  'a claim of that name without an owner – does not count': {
    pod,
    claims: [storedDeviceClaim('p-gpu-x')],
    plan: failure,
  },
  'a claim in a different namespace – does not count': {
    pod,
    claims: [storedDeviceClaim('p-gpu-x', { metadata: { namespace: 'other' } })],
    templates: [template],
    plan: creation,
  },
  'a created claim – its name is applied to the status': {
    pod,
    claims: [own],
    plan: [`patch Pod default/p/status ${JSON.stringify(applied(seen.resourceClaimStatuses))}`],
  },
  'claim and status there – nothing to do': { pod: podOf({ status: seen }), claims: [own], plan: [] },
  'the claim of the status is gone – it is created again': {
    pod: podOf({ status: seen }),
    templates: [template],
    plan: creation,
  },
  'no pod – nothing to do': { templates: [template], plan: [] },
  'a pod being deleted – nothing to do': {
    pod: podOf({ metadata: { deletionTimestamp: longAgo } }),
    templates: [template],
    plan: [],
  },
  'a pod without claims – nothing to do': { pod: storedPod('p'), plan: [] },
  'a pod with a node – it becomes a consumer of its allocated claim': {
    pod: podOf({ status: seen, node: 'n' }),
    claims: [storedDeviceClaim('p-gpu-x', { metadata, status: allocated })],
    plan: ['status ResourceClaim default/p-gpu-x'],
  },
  'a pod with a node – a claim without an allocation is left alone': {
    pod: podOf({ status: seen, node: 'n' }),
    claims: [own],
    plan: [],
  },
  'a pod without a node – its claim is for the scheduler to reserve': {
    pod: podOf({ status: seen }),
    claims: [storedDeviceClaim('p-gpu-x', { metadata, status: allocated })],
    plan: [],
  },
  'a pod that needs no claim – nothing to do': {
    pod: podOf({ status: { resourceClaimStatuses: [{ name: 'gpu' }] } }),
    templates: [template],
    plan: [],
  },
};
for (const [title, row] of Object.entries(rows)) {
  test(`pod claims – ${title}`, async () => {
    const controller = new DryController(podClaims(new ClaimMetrics()));
    if (row.pod) controller.put(pods, row.pod);
    controller.put(resourceClaims, ...(row.claims ?? []));
    controller.put(resourceClaimTemplates, ...(row.templates ?? []));
    assert.deepEqual(await controller.printed('default/p'), row.plan);
  });
}

test('pod claims – creations not seen yet – none are repeated', async () => {
  const controller = new DryController(podClaims(new ClaimMetrics()));
  controller.put(pods, pod).put(resourceClaimTemplates, template);
  assert.deepEqual(await controller.printed('default/p', false), []);
});

test('pod claims – one claim of two is recreated – the apply keeps the entry of the other', async () => {
  const two = [...spec.resourceClaims, { name: 'nic', resourceClaimName: 'nic' }];
  const statuses = [
    { name: 'gpu', resourceClaimName: 'old' },
    { name: 'nic', resourceClaimName: 'nic' },
  ];
  const controller = new DryController(podClaims(new ClaimMetrics()));
  controller.put(pods, podOf({ spec: { resourceClaims: two }, status: { resourceClaimStatuses: statuses } }));
  controller.put(resourceClaims, own);
  const [step] = (await controller.plan('default/p')).actions;
  assert.deepEqual(step?.do === 'patch' && [step.patchType, step.fieldManager, step.patch], [
    'apply',
    'ResourceClaimController',
    applied([
      { name: 'nic', resourceClaimName: 'nic' },
      { name: 'gpu', resourceClaimName: 'p-gpu-x' },
    ]),
  ]);
});

test('pod claims – a pod with a node – it is added to the consumers there are', async () => {
  const first = { resource: 'pods', name: 'first', uid: 'first' };
  const status = { ...allocated, reservedFor: [first] };
  const controller = new DryController(podClaims(new ClaimMetrics()));
  controller.put(pods, podOf({ status: seen, node: 'n' }));
  controller.put(resourceClaims, storedDeviceClaim('p-gpu-x', { metadata, status }));
  const [step] = (await controller.plan('default/p')).actions;
  const written = step?.do === 'updateStatus' ? (step.object as ResourceV1ResourceClaim).status : undefined;
  assert.deepEqual(written?.reservedFor, [first, { resource: 'pods', name: 'p', uid: 'p' }]);
});

test('pod claims – a template that appears, a claim that goes – their pods are looked at', () => {
  const controller = new DryController(podClaims(new ClaimMetrics()));
  const used = podOf({ status: seen });
  controller.put(pods, used, storedPod('without')).put(resourceClaims, own);
  controller.woken();
  controller.put(resourceClaimTemplates, template);
  assert.deepEqual(controller.woken(), ['default/p']);
  controller.remove(resourceClaims, own);
  assert.deepEqual(controller.woken(), ['default/p']);
});
