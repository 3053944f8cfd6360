/** What a pod learns about itself by its environment. */

import assert from 'node:assert/strict';
import { nodes } from '#api/generated/kinds.gen.ts';
import type { Container, EnvVarSource } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { bytesOf, coresOf } from '../quantities.ts';
import { getPod, podOf, runToEnd } from '../running.ts';

async function environment(
  context: BehaviourContext,
  sources: Record<string, EnvVarSource>,
  container: Partial<Container> = {},
): Promise<Record<string, string>> {
  const env = Object.entries(sources).map(([name, valueFrom]) => ({ name, valueFrom }));
  const printed = await runToEnd(context, podOf(context, 'asking', { command: ['env'], env, ...container }));
  return Object.fromEntries(printed.split('\n').map((line) => [line.split('=')[0], line.split('=')[1]]));
}

const field = (fieldPath: string): EnvVarSource => ({ fieldRef: { fieldPath } });
const resource = (name: string): EnvVarSource => ({ resourceFieldRef: { resource: name } });

export const downwardapi: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Downward API should provide pod name, namespace and IP address as env vars [NodeConformance] [Conformance]',
    async (context) => {
      const reported = await environment(context, {
        POD_NAME: field('metadata.name'),
        POD_NAMESPACE: field('metadata.namespace'),
        POD_IP: field('status.podIP'),
      });
      const { status } = await getPod(context, 'asking');
      assert.equal(reported['POD_NAME'], 'asking');
      assert.equal(reported['POD_NAMESPACE'], context.namespace);
      assert.match(reported['POD_IP'] ?? '', /^\d+\.\d+\.\d+\.\d+$/);
      assert.equal(reported['POD_IP'], status?.podIP);
    },
  ),
  behaviour(
    '[sig-node] Downward API should provide host IP as an env var [NodeConformance] [Conformance]',
    async (context) => {
      const reported = await environment(context, { HOST_IP: field('status.hostIP') });
      assert.equal(reported['HOST_IP'], (await getPod(context, 'asking')).status?.hostIP);
    },
  ),
  behaviour(
    '[sig-node] Downward API should provide hostIPs as an env var [NodeConformance] [Conformance]',
    async (context) => {
      const reported = await environment(context, { HOST_IPS: field('status.hostIPs') });
      const { status } = await getPod(context, 'asking');
      assert.ok(reported['HOST_IPS']);
      assert.equal(reported['HOST_IPS'], status?.hostIPs?.map(({ ip }) => ip).join(','));
    },
  ),
  behaviour(
    '[sig-node] Downward API should provide pod UID as env vars [NodeConformance] [Conformance]',
    async (context) => {
      const reported = await environment(context, { POD_UID: field('metadata.uid') });
      assert.equal(reported['POD_UID'], (await getPod(context, 'asking')).metadata.uid);
    },
  ),
  behaviour(
    "[sig-node] Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars [NodeConformance] [Conformance]",
    async (context) => {
      const sources = {
        CPU_LIMIT: resource('limits.cpu'),
        MEMORY_LIMIT: resource('limits.memory'),
        CPU_REQUEST: resource('requests.cpu'),
        MEMORY_REQUEST: resource('requests.memory'),
      };
      const resources = {
        requests: { cpu: '250m', memory: '32Mi' },
        limits: { cpu: '1250m', memory: '64Mi' },
      };
      const reported = await environment(context, sources, { resources });
      assert.equal(reported['CPU_LIMIT'], '2');
      assert.equal(reported['CPU_REQUEST'], '1');
      assert.equal(reported['MEMORY_LIMIT'], String(64 << 20));
      assert.equal(reported['MEMORY_REQUEST'], String(32 << 20));
    },
  ),
  behaviour(
    '[sig-node] Downward API should provide default limits.cpu/memory from node allocatable [NodeConformance] [Conformance]',
    async (context) => {
      const sources = { CPU_LIMIT: resource('limits.cpu'), MEMORY_LIMIT: resource('limits.memory') };
      const reported = await environment(context, sources);
      const { spec } = await getPod(context, 'asking');
      const { status } = await context.client.get(nodes, { name: spec?.nodeName ?? '' });
      assert.equal(reported['CPU_LIMIT'], String(coresOf(status?.allocatable?.['cpu'])));
      assert.equal(reported['MEMORY_LIMIT'], String(bytesOf(status?.allocatable?.['memory'])));
    },
  ),
];
