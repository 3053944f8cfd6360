/**
 * Publishes the node's devices as ResourceSlices, which the scheduler allocates from, and publishes them again when
 * they are gone: the kubelet deletes them when it starts, and when the driver has been away for half a minute.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type CoreV1Api,
  type KubeConfig,
  type ResourceV1Api,
  type V1ResourceSlice,
  Watch,
} from '@kubernetes/client-node';

export interface PublisherOptions {
  readonly config: KubeConfig;
  readonly slices: ResourceV1Api;
  readonly core: CoreV1Api;
  readonly driverName: string;
  readonly nodeName: string;
  readonly devices: readonly string[];
  readonly log: (line: string) => void;
}

const retryMs = 1000;

/** Ends with `stopped`; the slices stay. */
export async function publishSlices(options: PublisherOptions, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    try {
      await untilChanged(options, stopped, await publishOnce(options));
    } catch (error) {
      options.log(`slices: ${error instanceof Error ? error.message : error}`);
      await delay(retryMs, undefined, { signal: stopped }).catch(() => undefined);
    }
  }
}

/** Makes the slices of this driver on this node what they should be; returns their version. */
export async function publishOnce(options: PublisherOptions): Promise<string> {
  const { slices, driverName, nodeName } = options;
  const fieldSelector = selectorOf(options);
  const { items, metadata } = await slices.listResourceSlice({ fieldSelector });
  const [found, ...more] = items;
  const wanted = await sliceOf(options);
  for (const { metadata: { name = '' } = {} } of more) await slices.deleteResourceSlice({ name });
  if (!found) {
    await slices.createResourceSlice({ body: wanted });
    options.log(`published the devices of ${driverName} on ${nodeName}`);
  } else if (!isDeepStrictEqual(namesOf(found), namesOf(wanted))) {
    const generation = (found.spec.pool.generation ?? 0) + 1;
    const pool = { ...wanted.spec.pool, generation };
    const name = found.metadata?.name ?? '';
    const body = { ...found, spec: { ...wanted.spec, pool } };
    await slices.replaceResourceSlice({ name, body });
  }
  return metadata?.resourceVersion ?? '';
}

async function sliceOf(options: PublisherOptions): Promise<V1ResourceSlice> {
  const { core, driverName, nodeName, devices } = options;
  const node = await core.readNode({ name: nodeName });
  const { uid = '' } = node.metadata ?? {};
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: {
      generateName: `${nodeName}-${driverName}-`,
      // Gone with the node.
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid, controller: true }],
    },
    spec: {
      driver: driverName,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices: devices.map((name, index) => ({
        name,
        attributes: { index: { _int: index }, model: { string: 'pretended' } },
      })),
    },
  };
}

function namesOf({ spec }: V1ResourceSlice): string[] {
  return (spec.devices ?? []).map(({ name }) => name);
}

function selectorOf({ driverName, nodeName }: PublisherOptions): string {
  return `spec.driver=${driverName},spec.nodeName=${nodeName}`;
}

/** Resolves when a slice was deleted, or when nothing more is heard of them. */
async function untilChanged(
  options: PublisherOptions,
  stopped: AbortSignal,
  resourceVersion: string,
): Promise<void> {
  const path = '/apis/resource.k8s.io/v1/resourceslices';
  const { promise: changed, resolve } = Promise.withResolvers<void>();
  const onEvent = (phase: string) => (phase === 'DELETED' || phase === 'ERROR' ? resolve() : undefined);
  const query = { fieldSelector: selectorOf(options), resourceVersion };
  const watching = await new Watch(options.config).watch(path, query, onEvent, () => resolve());
  stopped.addEventListener('abort', () => resolve(), { once: true });
  if (!stopped.aborted) await changed;
  watching.abort();
}
