/**
 * Network policies of a node with 110 of 1,000 pods: how long until 1,000 policies hold in the kernel, and until one more
 * change does. The ceiling is nft alone with the same text. Real nft, in a network namespace of its own.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { NetworkPolicySpec } from '#api/generated/types.gen.ts';
import { command } from '#host/processes/command.ts';
import { PolicyModel } from '#network/policies/policy-model.ts';
import { policyOf, policyPod } from '#testing/objects/network-policies.ts';
import type { BenchRow } from '../row.ts';

const count = 1000;
const podsOfNode = 110;

type SpecOf = (number: number) => NetworkPolicySpec;

const cases: readonly (readonly [what: string, spec: SpecOf])[] = [
  [
    'each selects one pod, allows ten others',
    (number) => ({
      podSelector: { matchLabels: { app: `app-${number}` } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { team: `team-${number % 100}` } } }], ports: [{ port: 80 }] },
      ],
    }),
  ],
  [
    'all select all pods, each allows ten others one more port',
    (number) => ({
      podSelector: {},
      ingress: [
        {
          from: [{ podSelector: { matchLabels: { team: `team-${number % 100}` } } }],
          ports: [{ port: number + 1 }],
        },
      ],
    }),
  ],
];

export async function networkPoliciesBench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [what, spec] of cases) rows.push(...(await measure(what, spec)));
  return rows;
}

async function measure(what: string, spec: SpecOf): Promise<BenchRow[]> {
  const namespace = await openNamespace();
  const model = new PolicyModel('n1', { name: 'bench', bridge: 'br0' });
  const whole = await timed(async () => {
    model.setNamespace('default', {});
    for (let number = 0; number < count; number++) model.setPod(pod(number, `team-${number % 100}`));
    for (let number = 0; number < count; number++) model.setPolicy(policyOf(`p${number}`, spec(number)));
    model.settle();
    const script = model.table.takeWhole();
    await namespace.nft(script);
    return script;
  });
  const nftAlone = await timed(() => namespace.nft(whole.result));
  const change = await timed(async () => {
    model.setPod(pod(5, 'team-6'));
    model.settle();
    const script = model.table.takeChange();
    await namespace.nft(script);
    return script;
  });
  const nothing = await timed(() => namespace.nft('list tables\n'));
  namespace.close();
  return [
    row(`${count} network policies on ${count} pods, ${what}`, whole.ms, nftAlone.ms),
    row('  one label of a pod changes', change.ms, nothing.ms),
  ];
}

function row(what: string, ms: number, ceilingMs: number): BenchRow {
  return { what, value: `${ms.toFixed(0)} ms`, ceiling: `${ceilingMs.toFixed(0)} ms`, ratio: ceilingMs / ms };
}

function pod(number: number, team: string) {
  const ip = `10.244.${Math.floor(number / 250)}.${(number % 250) + 2}`;
  const node = number < podsOfNode ? 'n1' : 'n2';
  return policyPod(`pod-${number}`, ip, { node, labels: { app: `app-${number}`, team } });
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  const startMs = performance.now();
  const result = await work();
  return { result, ms: performance.now() - startMs };
}

async function openNamespace() {
  const shell = spawn('unshare', ['--net', 'sh', '-c', 'echo there; read end'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(shell.stdout, 'data');
  const enter = [`--net=/proc/${shell.pid}/ns/net`, 'nft', '-f', '-'];
  return {
    nft: (input: string) => command('nsenter', enter, { input }),
    close: () => shell.stdin.end(),
  };
}
