import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, pods } from '#api/generated/kinds.gen.ts';
import { newPod } from '#testing/objects.ts';
import { testAdmission } from '../../testing/admission.ts';
import { podNodeSelector, readNodeSelectors } from './pod-node-selector.ts';

function annotationsOf(selector: string | undefined): Record<string, string> {
  return selector === undefined ? {} : { 'scheduler.alpha.kubernetes.io/node-selector': selector };
}

const namespaceWith = (selector?: string) =>
  [
    [
      namespaces,
      {
        metadata: {
          name: 'default',
          annotations: annotationsOf(selector),
        },
      },
    ],
  ] as const;
const pod = (nodeSelector?: Record<string, string>) => newPod('p', nodeSelector ? { nodeSelector } : {});
const selectors = readNodeSelectors({
  podNodeSelectorPluginConfig: {
    clusterDefaultNodeSelector: 'region=eu',
    default: 'disk=ssd,region=eu,zone=a',
  },
});
const forbidden = (why: string) => `403 pods "p" is forbidden: pod node label selector ${why}`;

testAdmission('PodNodeSelector', (reader) => podNodeSelector(reader, selectors), [
  {
    name: 'a namespace without a selector – the pod gets that of the cluster',
    type: pods,
    object: pod(),
    stored: namespaceWith(),
    changes: { spec: { nodeSelector: { region: 'eu' } } },
  },
  {
    name: 'a namespace with a selector – the pod gets it beside its own',
    type: pods,
    object: pod({ zone: 'a' }),
    stored: namespaceWith('disk = ssd'),
    changes: { spec: { nodeSelector: { disk: 'ssd' } } },
  },
  {
    name: 'a selector that conflicts – the pod is refused',
    type: pods,
    object: pod({ disk: 'hdd' }),
    stored: namespaceWith('disk=ssd'),
    refusal: forbidden('conflicts with its namespace node label selector'),
  },
  {
    name: 'a label that the namespace does not allow – the pod is refused',
    type: pods,
    object: pod({ gpu: 'yes' }),
    stored: namespaceWith(''),
    refusal: forbidden('labels conflict with its namespace whitelist'),
  },
  {
    name: 'a selector that is none – is an error of the server, as upstream',
    type: pods,
    object: pod(),
    stored: namespaceWith('a=b=c'),
    refusal: '500 invalid selector: [a b c]',
  },
  {
    name: 'an update – is left alone',
    type: pods,
    operation: 'UPDATE',
    object: pod({ gpu: 'yes' }),
    old: pod(),
  },
]);

test('PodNodeSelector – a namespace whose name every object of JavaScript has – lets its pods in', async () => {
  const plugin = podNodeSelector({ get: () => undefined } as never, selectors);
  const { metadata } = pod();
  const object = { metadata, spec: { nodeSelector: { region: 'eu' } } };
  const attributes = { type: pods, name: 'p', namespace: 'constructor', object };
  await assert.doesNotReject(async () => plugin.validate?.(attributes as never));
});
