/**
 * How fast pods start on a real node whose image is present: from their creation to Running, one at a time, beside what
 * the runtime alone needs for sandbox and container in the same run; and a hundred at once until all are Ready.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { namespaces, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import { criRuntime } from '#kubelet/cri/cri-runtime.ts';
import type { Runtime } from '#kubelet/runtime/runtime.ts';
import type { ContainerConfig, NamespaceOptions, SandboxConfig } from '#kubelet/runtime/runtime-config.ts';
import type { BenchRow } from '../row.ts';
import { benchImage as image, onRealNode } from './real-node.ts';

const rounds = 30;
const pauseMs = 1000;
const together = 100;
const allowedP50Ms = 500;
const allowedP99Ms = 1000;
const allowedTogetherMs = 30_000;
const lookMs = 20;
const namespace = 'bench';

export async function podStartsBench(): Promise<BenchRow[]> {
  return onRealNode(async ({ client, home, name }) => {
    await client.create(namespaces, { metadata: { name: namespace } });
    await client.create(serviceAccounts, { metadata: { name: 'default', namespace } }).catch(() => {});
    const toml = readFileSync(`${home}/clusters/${name}/node/containerd.toml`, 'utf8');
    const runtime = criRuntime(/address = "([^"]+)"/.exec(toml)?.[1] ?? '');
    try {
      return [...(await oneAtATime(client, runtime)), await allAtOnce(client)];
    } finally {
      runtime.close();
    }
  });
}

/** Pod and bare sandbox in turn, so that both have the same machine. */
async function oneAtATime(client: Client, runtime: Runtime): Promise<BenchRow[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await timed(() => runPod(client, `one-${round}`)));
    await client.delete(pods, { namespace, name: `one-${round}` }, { gracePeriodSeconds: 0 });
    await wait(pauseMs);
    bare.push(await bareStart(runtime, round));
    await wait(pauseMs);
  }
  const [median, slow] = [at(ours, 0.5), at(ours, 0.99)];
  const percentiles = (values: number[]) =>
    `${Math.round(at(values, 0.5))} ms, p99 ${Math.round(at(values, 0.99))} ms`;
  return [
    {
      what: 'pod with its image present, from its creation to Running',
      value: percentiles(ours),
      ceiling: `${percentiles(bare)} by the runtime alone; ${allowedP50Ms} and ${allowedP99Ms} ms allowed`,
      ratio: Math.min(allowedP50Ms / median, allowedP99Ms / slow),
      floor: 1,
    },
  ];
}

async function allAtOnce(client: Client): Promise<BenchRow> {
  const names = Array.from({ length: together }, (_, i) => `all-${i}`);
  const tookMs = await timed(async () => {
    await Promise.all(names.map((name) => client.create(pods, podOf(name))));
    for (;;) {
      const { items } = await client.list(pods, { namespace, labelSelector: 'app=bench' });
      const ready = items.filter(({ metadata, status }) => {
        const isReady = status?.conditions?.some(
          ({ type, status: value }) => type === 'Ready' && value === 'True',
        );
        return isReady && metadata.name.startsWith('all-');
      });
      if (ready.length === together) return;
      await wait(100);
    }
  });
  return {
    what: `${together} pods asked for at once, until all are Ready`,
    value: `${(tookMs / 1000).toFixed(1)} s`,
    ceiling: `${allowedTogetherMs / 1000} s allowed`,
    ratio: allowedTogetherMs / tookMs,
    floor: 1,
  };
}

async function runPod(client: Client, name: string): Promise<void> {
  await client.create(pods, podOf(name));
  for (;;) {
    const { status } = await client.get(pods, { namespace, name });
    if (status?.phase === 'Running') return;
    await wait(lookMs);
  }
}

function podOf(name: string): Pod {
  return {
    metadata: { name, namespace, labels: { app: 'bench' } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image }] },
  };
}

/** Of a sandbox and a container in it, which are removed again. */
async function bareStart(runtime: Runtime, round: number): Promise<number> {
  const sandbox = sandboxOf(round);
  const began = performance.now();
  const sandboxId = await runtime.runPodSandbox(sandbox);
  const container = await runtime.createContainer(sandboxId, containerConfig, sandbox);
  await runtime.startContainer(container);
  const tookMs = performance.now() - began;
  await runtime.stopPodSandbox(sandboxId);
  await runtime.removePodSandbox(sandboxId);
  return tookMs;
}

const namespaceOptions: NamespaceOptions = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' };

function sandboxOf(round: number): SandboxConfig {
  return {
    metadata: { name: `bare-${round}`, uid: `bare-${round}`, namespace, attempt: 0 },
    hostname: `bare-${round}`,
    logDirectory: '',
    portMappings: [],
    labels: {},
    annotations: {},
    linux: {
      cgroupParent: '',
      sysctls: {},
      securityContext: { namespaceOptions, supplementalGroups: [], privileged: false },
    },
  };
}

const containerConfig: ContainerConfig = {
  metadata: { name: 'main', attempt: 0 },
  image: { image: `docker.io/library/${image}` },
  command: [],
  args: [],
  workingDir: '',
  envs: [],
  mounts: [],
  devices: [],
  CDIDevices: [],
  labels: {},
  annotations: {},
  logPath: '',
  stdin: false,
  stdinOnce: false,
  tty: false,
  linux: {
    resources: {},
    securityContext: {
      namespaceOptions,
      privileged: false,
      readonlyRootfs: false,
      supplementalGroups: [],
      noNewPrivs: false,
      maskedPaths: [],
      readonlyPaths: [],
    },
  },
};

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}
