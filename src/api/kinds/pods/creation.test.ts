/**
 * What a new pod, or a pod template, becomes before it is validated: dropped fields, defaults, derived
 * fields.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created } from '#testing/kind-cases.ts';
import type { Pod, PodSpec } from '../../generated/types.gen.ts';
import type { AnyObject } from '../../meta/object.ts';

const plain: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};

function specOf(changes: Record<string, unknown>): PodSpec {
  return (created('', 'pods', changed(plain, changes)) as Pod).spec!;
}

test('fields whose feature gates are off – in pods and templates – are dropped', () => {
  const spec = {
    schedulingGroup: { podGroupName: 'g' },
    containers: [{ name: 'c', image: 'i', lifecycle: { stopSignal: 'SIGINT' } }],
    initContainers: [
      { name: 'i', image: 'i', lifecycle: { stopSignal: 'SIGINT', preStop: { exec: { command: ['a'] } } } },
    ],
    volumes: [{ name: 'v', projected: { sources: [{ clusterTrustBundle: { path: 'p' } }] } }],
  };
  const check = ({ schedulingGroup, containers, initContainers, volumes }: PodSpec) => {
    assert.equal(schedulingGroup, undefined);
    assert.equal(containers[0]?.lifecycle, undefined);
    assert.deepEqual(initContainers?.[0]?.lifecycle, { preStop: { exec: { command: ['a'] } } });
    assert.deepEqual(volumes?.[0]?.projected?.sources, [{}]);
  };
  check(specOf({ spec: structuredClone(spec) }));
  const template = { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 't' }, template: { spec } };
  check((created('', 'podtemplates', template) as unknown as { template: { spec: PodSpec } }).template.spec);
});

test('matchLabelKeys – with a selector – become expressions', () => {
  const constraint = { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' };
  const { topologySpreadConstraints } = specOf({
    'spec.topologySpreadConstraints': [
      { ...constraint, labelSelector: {}, matchLabelKeys: ['app', 'missing'] },
      { ...constraint, matchLabelKeys: ['app'] },
    ],
  });
  assert.deepEqual(
    topologySpreadConstraints?.map((constraint) => constraint.labelSelector),
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }, undefined],
  );
});

test('an AppArmor annotation – on a pod with or without that profile – becomes a field, does not', () => {
  const key = 'container.apparmor.security.beta.kubernetes.io/c';
  const annotated = { 'metadata.annotations': { [key]: 'localhost/mine' } };
  const mine = { type: 'Localhost', localhostProfile: 'mine' };
  assert.deepEqual(specOf(annotated).containers[0]?.securityContext?.appArmorProfile, mine);
  const both = specOf({ ...annotated, 'spec.securityContext': { appArmorProfile: mine } });
  assert.equal(both.containers[0]?.securityContext, undefined);
});

const resources: [string, Record<string, unknown>, Record<string, unknown>][] = [
  [
    'nothing is asked of a pod that asks for nothing',
    { 'spec.containers.0.resources': { requests: { cpu: '1' } }, 'spec.resources': {} },
    {},
  ],
  [
    'requests come from the containers, else from the limit',
    {
      'spec.containers.0.resources': { requests: { cpu: '1' } },
      'spec.initContainers': [{ name: 'i', image: 'i', resources: { requests: { cpu: '2' } } }],
      'spec.resources': { limits: { cpu: '4', memory: '1Gi' } },
    },
    { limits: { cpu: '4', memory: '1Gi' }, requests: { cpu: '2', memory: '1Gi' } },
  ],
  [
    'what only containers may ask for is not asked of the pod',
    {
      'spec.containers.0.resources': { requests: { 'ephemeral-storage': '1Gi' } },
      'spec.resources': { limits: { cpu: '1' } },
    },
    { limits: { cpu: '1' }, requests: { cpu: '1' } },
  ],
  [
    'huge pages of the containers are the limit of the pod',
    {
      'spec.containers.0.resources': { limits: { 'hugepages-2Mi': '4Mi', cpu: '1' } },
      'spec.resources': { requests: { cpu: '1' } },
    },
    {
      limits: { 'hugepages-2Mi': '4Mi' },
      requests: { cpu: '1', 'hugepages-2Mi': '4Mi' },
    },
  ],
];

for (const [what, changes, expected] of resources) {
  test(`pod-level resources – ${what} – are defaulted`, () =>
    assert.deepEqual(specOf(changes).resources, expected));
}
