import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { secrets } from '#api/generated/kinds.gen.ts';
import { expiryMs } from '#api/values/bootstrap-token.ts';
import { type Cluster, startCluster } from '#cluster/cluster.ts';
import { ensureJoining } from '#cluster/joining/ensure.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { publicKeyPin } from '#pki/certificate.ts';
import { keepCluster, runCommand } from '#testing/cli/run-command.ts';
import { readClusterInfo } from './cluster-info.ts';
import { token } from './token.ts';

let cluster: Cluster;
let pin = '';

before(async () => {
  process.env['KYBERN_HOME'] = mkdtempSync(join(tmpdir(), 'token-'));
  cluster = await startCluster();
  const { caPem } = readClusterInfo(cluster.kubeconfig)!;
  pin = publicKeyPin(caPem);
  await ensureJoining(cluster.client, {
    clusterName: 'c',
    server: 'https://192.0.2.7:6443',
    caPem,
    podRange: '10.244.0.0/16',
    serviceRange: '10.96.0.0/16',
    dnsAddress: '10.96.0.10',
    clusterDomain: 'cluster.local',
  });
  for (const [name, changes] of [
    ['alone', {}],
    ['reached', { address: '192.0.2.7' }],
  ] as const) {
    keepCluster(name, changes);
    writeFileSync(clusterPaths(name).kubeconfig, cluster.kubeconfig);
  }
});

after(() => cluster.stop());

test('token – created – is a Secret as kubeadm makes it, listed without its secret half, and deleted', async () => {
  const { printed } = await runCommand(token, 'token create --name alone --ttl 2h --description lab');
  const [id = '', secret = ''] = printed[0]!.split('.');
  assert.match(printed[0]!, /^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  const stored = await cluster.client.get(secrets, {
    namespace: 'kube-system',
    name: `bootstrap-token-${id}`,
  });
  const values = Object.entries(stored.data!).map(([key, value]) => [
    key,
    Buffer.from(value, 'base64').toString(),
  ]);
  const { expiration, ...rest } = Object.fromEntries(values);
  assert.deepEqual(rest, {
    'token-id': id,
    'token-secret': secret,
    description: 'lab',
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
  });
  assert.ok(Math.abs(expiryMs(stored)! - Date.now() - 2 * 3600_000) < 60_000);
  const list = await runCommand(token, 'token list --name alone');
  assert.equal(list.printed[0]!.split('\n')[1], `${id}  ${expiration}  authentication,signing  lab`);
  const deleted = await runCommand(token, `token delete ${printed[0]} --name alone`);
  assert.deepEqual(deleted.printed, [`bootstrap token "${id}" deleted`]);
  const again = await runCommand(token, `token delete ${id} --name alone`);
  assert.equal(again.failure, `there is no token ${id} (kybern token list shows those there are)`);
});

test('token – of a cluster that other machines reach – comes with the command to join by', async () => {
  const { printed } = await runCommand(token, 'token create --name reached --print-join-command');
  const [, made] =
    /^kybern join https:\/\/192\.0\.2\.7:6443 --token (\S+) --ca-hash (\S+)$/.exec(printed[0]!) ?? [];
  assert.ok(made);
  assert.ok(printed[0]!.endsWith(pin));
});

for (const [what, words, failure] of [
  [
    'a join command for a cluster that this machine alone reaches',
    'token create --name alone --print-join-command',
    'cluster alone is reached by this machine alone (kybern down --name alone, then: kybern up --name alone --address ADDRESS-OF-THIS-MACHINE)',
  ],
  [
    'a time to live that is none',
    'token create --name alone --ttl soon',
    '--ttl soon is not a duration of a second or more (try: --ttl 24h)',
  ],
  [
    'a cluster that does not exist',
    'token create --name absent',
    'there is no cluster absent (kybern list shows those there are)',
  ],
] as const) {
  test(`token – ${what} – is refused`, async () => {
    assert.equal((await runCommand(token, words)).failure, failure);
  });
}
