/** The errors of updates of pods, their status and their subresources: one row for each change. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../../meta/object.ts';
import { hard } from '../../../pods/affinity-terms.ts';
import { fieldErrorMessage } from '../../../validation/field-error.ts';

const strategy = strategyFor('', 'pods');
const uid = '1';
const plain: AnyObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', uid, resourceVersion: '1' },
  spec: { containers: [{ name: 'c', image: 'i' }] },
};

type Changes = Record<string, unknown>;
/** Changes that make the stored pod, changes of the writer, messages. */
type Case = [Changes, Changes, ...string[]];

function stored(changes: Changes): AnyObject {
  const { status, ...spec } = changes;
  const pod = created('', 'pods', changed(plain, spec));
  return status ? changed(pod, { status: { ...(pod['status'] as object), ...(status as object) } }) : pod;
}

const texts = (errors: Parameters<typeof fieldErrorMessage>[0][] | undefined) =>
  (errors ?? []).map((error) => fieldErrorMessage(error));

function updated(before: Changes, changes: Changes): string[] {
  const old = stored(before);
  const pod = changed(old, changes);
  strategy.setDefaults!(pod);
  strategy.prepareForUpdate!(pod, old, '2026-01-01T00:00:00Z');
  return texts(strategy.validateUpdate!(pod, old));
}

function statusWritten(before: Changes, changes: Changes): string[] {
  const old = stored(before);
  const pod = changed(old, changes);
  strategy.prepareForStatusUpdate!(pod, old, '2026-01-01T00:00:00Z');
  return texts(strategy.validateStatusUpdate!(pod, old));
}

function throughSubresource(name: string): (before: Changes, changes: Changes) => string[] {
  return (before, changes) => {
    const old = stored(before);
    const pod = changed(old, changes);
    strategy.setDefaults!(pod);
    return texts(strategy.subresources![name]!.validateUpdate!(pod, old));
  };
}

const fixed =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n';
const gated = { 'spec.schedulingGates': [{ name: 'a/b' }] };
const terms = `spec.affinity.nodeAffinity.${hard}.nodeSelectorTerms`;
const requirement = (key: string) => ({ key, operator: 'Exists' });
const toNodes = (...keys: string[]) => ({
  nodeAffinity: { [hard]: { nodeSelectorTerms: [{ matchExpressions: keys.map(requirement) }] } },
});
const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 };
const shown = (...keys: string[]) => {
  const list = keys.map((Key) => ({ Key, Operator: 'Exists', Values: null }));
  return JSON.stringify({ MatchExpressions: list, MatchFields: null });
};

const updates: Case[] = [
  [{}, { 'spec.containers.0.image': 'other' }],
  [
    {},
    { 'spec.containers.0.image': '' },
    'spec.containers[0].image: Required value',
    'spec.containers[0].image: Required value',
  ],
  [{}, { 'spec.activeDeadlineSeconds': 5 }],
  [
    { 'spec.activeDeadlineSeconds': 5 },
    { 'spec.activeDeadlineSeconds': 6 },
    'spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value',
  ],
  [
    { 'spec.activeDeadlineSeconds': 5 },
    { 'spec.activeDeadlineSeconds': undefined },
    'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
  ],
  [
    { 'spec.tolerations': [toleration] },
    { 'spec.tolerations': [{ ...toleration, tolerationSeconds: 20 }, { operator: 'Exists' }] },
  ],
  [
    { 'spec.tolerations': [toleration] },
    { 'spec.tolerations': [] },
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ],
  [{ 'spec.terminationGracePeriodSeconds': -1 }, { 'spec.terminationGracePeriodSeconds': 1 }],
  [gated, { 'spec.schedulingGates': [] }],
  [
    gated,
    { 'spec.schedulingGates': [{ name: 'a/b' }, { name: 'c/d' }] },
    "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'c/d'",
  ],
  [gated, { 'spec.nodeSelector': { a: 'b' }, 'spec.affinity': toNodes('a') }],
  [
    { ...gated, 'spec.nodeSelector': { a: 'b' } },
    { 'spec.nodeSelector': { a: 'c' } },
    'spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ],
  [{ ...gated, 'spec.affinity': toNodes('a') }, { 'spec.affinity': toNodes('a', 'b') }],
  [
    { ...gated, 'spec.affinity': toNodes('a') },
    { 'spec.affinity': toNodes('b') },
    `${terms}[0]: Invalid value: ${shown('b')}: only additions are allowed (no mutations or deletions)`,
  ],
  [
    { ...gated, 'spec.affinity': toNodes('a') },
    { 'spec.affinity': undefined },
    `${terms}: Invalid value: null: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
  ],
  [
    {},
    { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' } },
    'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
    'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation',
    'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
  ],
  [
    { 'metadata.annotations': { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' } },
    { 'metadata.annotations': undefined },
    'metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may not remove or update AppArmor annotations',
  ],
];

test('an update – of an immutable field – shows the difference', () => {
  const [message] = updated({}, { 'spec.restartPolicy': 'Never' });
  assert.ok(message!.startsWith(fixed));
  assert.match(message!, /\n- "RestartPolicy": "Always",\n\+ "RestartPolicy": "Never",\n/);
});

const helper = { name: 'e', image: 'i' };
const ephemeral: Case[] = [
  [{}, { 'spec.ephemeralContainers': [helper] }],
  [
    { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' }, 'spec.nodeName': 'n' },
    { 'spec.ephemeralContainers': [helper] },
    '[]: Forbidden: static pods do not support ephemeral containers',
  ],
  [
    { 'spec.ephemeralContainers': [helper] },
    { 'spec.ephemeralContainers': [] },
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed\n',
  ],
];

test('an ephemeral container – updated – is immutable', () => {
  const write = throughSubresource('ephemeralcontainers');
  const [message] = write(
    { 'spec.ephemeralContainers': [helper] },
    { 'spec.ephemeralContainers.0.image': 'other' },
  );
  const start =
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be changed\n@@ -';
  assert.ok(message!.startsWith(start));
  assert.match(message!, /\n- "Image": "i",\n\+ "Image": "other",\n/);
});

const amounts = (cpu: string, memory: string) => ({ requests: { cpu, memory } });
const sized = { 'spec.containers.0.resources': amounts('1', '1Gi') };
const sidecar = { name: 's', image: 'i', restartPolicy: 'Always', resources: amounts('1', '1Gi') };
const resizes: Case[] = [
  [sized, { 'spec.containers.0.resources': amounts('2', '2Gi') }],
  [
    sized,
    { 'spec.containers.0.resources': { requests: { cpu: '1' } } },
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  ],
  [
    sized,
    { 'spec.containers.0.resources': { ...amounts('1', '1Gi'), limits: amounts('1', '1Gi').requests } },
    'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
  ],
  [
    sized,
    { 'spec.containers.0.resources.requests.ephemeral-storage': '1Gi' },
    'spec: Forbidden: only cpu and memory resources are mutable',
  ],
  [
    { ...sized, 'spec.initContainers': [sidecar] },
    { 'spec.initContainers.0.resources.requests.ephemeral-storage': '1Gi' },
    'spec: Forbidden: only cpu and memory resources for sidecar containers are mutable',
  ],
  [
    sized,
    { 'spec.containers.1': { name: 'd', image: 'i' } },
    'spec.containers: Forbidden: containers may not be added or removed on resize',
  ],
  [
    { ...sized, 'spec.containers.1': { name: 'd', image: 'i' } },
    { 'spec.containers.0.name': 'd', 'spec.containers.1.name': 'c' },
    'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
    'spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize',
  ],
  [
    { ...sized, 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' }, 'spec.nodeName': 'n' },
    {},
    '[]: Forbidden: static pods cannot be resized',
  ],
  [{ ...sized, 'spec.os': { name: 'windows' } }, {}, '[]: Forbidden: windows pods cannot be resized'],
  [
    { ...sized, status: { containerStatuses: [{ name: 'c', state: { running: {} } }] } },
    {},
    'spec: Forbidden: Pod running on node without support for resize',
  ],
  [
    { ...sized, 'spec.resources': { requests: { cpu: '2' }, limits: { cpu: '3' } } },
    { 'spec.resources': { requests: { cpu: '3' }, limits: { cpu: '4' } } },
  ],
  [
    { ...sized, 'spec.resources': { requests: { cpu: '2', memory: '2Gi' } } },
    { 'spec.resources': { requests: { cpu: '2' } } },
    'spec.resources.requests: Forbidden: pod-level resource requests cannot be removed',
  ],
];

const ended = (exitCode: number, name = 'c') => ({ name, state: { terminated: { exitCode } } });
const revived = { 'status.containerStatuses': [{ name: 'c', state: { running: {} } }] };
const mayNot = 'Forbidden: may not be transitioned to non-terminated state';
const statuses: Case[] = [
  [{ status: { containerStatuses: [ended(1)] } }, revived],
  [
    { 'spec.restartPolicy': 'Never', status: { containerStatuses: [ended(1)] } },
    revived,
    `status.containerStatuses[0].state: ${mayNot}`,
  ],
  [{ 'spec.restartPolicy': 'OnFailure', status: { containerStatuses: [ended(1)] } }, revived],
  [
    { 'spec.restartPolicy': 'OnFailure', status: { containerStatuses: [ended(0)] } },
    revived,
    `status.containerStatuses[0].state: ${mayNot}`,
  ],
  [
    {
      'spec.restartPolicy': 'Never',
      'spec.containers.0.restartPolicy': 'Never',
      'spec.containers.0.restartPolicyRules': [
        { action: 'Restart', exitCodes: { operator: 'In', values: [42] } },
      ],
      status: { containerStatuses: [ended(42)] },
    },
    revived,
  ],
  [
    {
      'spec.restartPolicy': 'Never',
      'spec.containers.1': {
        name: 'd',
        image: 'i',
        restartPolicy: 'Never',
        restartPolicyRules: [
          { action: 'RestartAllContainers', exitCodes: { operator: 'NotIn', values: [0] } },
        ],
      },
      status: { containerStatuses: [ended(0)] },
    },
    revived,
  ],
  [
    { status: { ephemeralContainerStatuses: [ended(1, 'e')] } },
    { 'status.ephemeralContainerStatuses': [{ name: 'e', state: { running: {} } }] },
    `status.ephemeralContainerStatuses[0].state: ${mayNot}`,
  ],
  [
    {},
    {
      'status.conditions': [{ type: 'a b', status: 'True', observedGeneration: -1 }],
      'status.observedGeneration': -2,
    },
    'status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer',
    "status.conditions[0].Type: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    'status.observedGeneration: Invalid value: -2: must be a non-negative integer',
  ],
  [{}, { 'status.qosClass': undefined }],
  [
    {},
    { 'status.qosClass': 'Guaranteed' },
    'status.qosClass: Invalid value: "Guaranteed": field is immutable',
  ],
  [{}, { 'status.nominatedNodeName': 'n' }],
  [
    { 'spec.nodeName': 'n' },
    { 'status.nominatedNodeName': 'n' },
    'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
  ],
  [
    {},
    { 'status.podIPs': [{ ip: '1.2.3.4' }, { ip: '1.2.3.5' }] },
    'status.podIPs: Invalid value: [{"IP":"1.2.3.4"},{"IP":"1.2.3.5"}]: may specify no more than one IP for each IP family',
  ],
  [{ status: { podIPs: [{ ip: '01.2.3.4' }] } }, { 'status.phase': 'Running' }],
  [
    {},
    { 'status.hostIPs': [{ ip: '1.2.3.4' }], 'status.hostIP': '1.2.3.5' },
    'status.hostIPs[0].ip: Invalid value: "1.2.3.4": must be equal to `hostIP`',
  ],
  [
    {},
    { 'status.resourceClaimStatuses': [{ name: 'x', resourceClaimName: 'a'.repeat(254) }] },
    'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`',
    `status.resourceClaimStatuses[0].resourceClaimName: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`,
  ],
  [
    {},
    {
      'status.containerStatuses': [
        {
          name: 'c',
          user: { linux: { uid: -1, gid: 0 } },
          allocatedResourcesStatus: [
            {
              name: 'example.com/a',
              resources: [
                { resourceID: '1', health: 'Fine' },
                { resourceID: '1', health: 'Healthy', message: '' },
              ],
            },
            { name: 'claim:x', resources: [] },
            { resources: [] },
          ],
        },
      ],
    },
    'status.containerStatuses[0].user.linux.uid: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    'status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: "example.com/a": must match one of the container\'s resource requests',
    'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "Fine": supported values: "Healthy", "Unhealthy", "Unknown"',
    'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].message: Required value: must be non-empty if specified',
    'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: "1"',
    "status.containerStatuses[0].allocatedResourcesStatus[1].name: Invalid value: \"claim:x\": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty",
    'status.containerStatuses[0].allocatedResourcesStatus[2].name: Invalid value: "": must match one of the container\'s resource requests',
  ],
];

test('observedGeneration – omitted by a writer of the status – is kept', () => {
  const conditions = [{ type: 'Ready', status: 'True', observedGeneration: 3 }];
  const old = stored({ status: { observedGeneration: 4, conditions } });
  const pod = changed(old, { status: { conditions: [{ type: 'Ready', status: 'False' }] } });
  strategy.prepareForStatusUpdate!(pod, old, '2026-01-01T00:00:00Z');
  const status = pod['status'] as { observedGeneration: number; conditions: unknown[] };
  assert.equal(status.observedGeneration, 4);
  assert.deepEqual(status.conditions, [{ type: 'Ready', status: 'False', observedGeneration: 3 }]);
});

const groups: Record<string, [(before: Changes, changes: Changes) => string[], Case[]]> = {
  update: [updated, updates],
  ephemeralcontainers: [throughSubresource('ephemeralcontainers'), ephemeral],
  resize: [throughSubresource('resize'), resizes],
  status: [statusWritten, statuses],
};

for (const [group, [write, cases]] of Object.entries(groups)) {
  for (const [before, changes, ...messages] of cases) {
    test(`an update – ${group}: ${JSON.stringify(before).slice(0, 60)} → ${JSON.stringify(changes).slice(0, 80)} – has upstream's errors`, () => {
      assert.deepEqual(write(before, changes), messages);
    });
  }
}
