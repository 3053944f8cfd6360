/** What `kybern join` refuses, each with one line and a hint; a join that succeeds is in `test/e2e/nodes`. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { after, before, test } from 'node:test';
import { configMaps, nodes, secrets } from '#api/generated/kinds.gen.ts';
import { type BootstrapToken, bootstrapTokenSecret } from '#api/values/bootstrap-token.ts';
import { type Cluster, startCluster } from '#cluster/cluster.ts';
import { withJoining } from '#cluster/joining/defaults.ts';
import { ensureJoining } from '#cluster/joining/ensure.ts';
import { systemEnv } from '#host/system-env.ts';
import { publicKeyPin } from '#pki/certificate.ts';
import { runCommand } from '#testing/cli/run-command.ts';
import { eventually } from '#testing/client-suite.ts';
import { readClusterInfo } from './cluster-info.ts';
import { join } from './join.ts';

const token: BootstrapToken = { id: 'abcdef', secret: '0123456789abcdef' };
const home = mkdtempSync(joinPath(tmpdir(), 'join-'));
let cluster: Cluster;
/** Without the objects that machines join by. */
let closed: Cluster;
let pin = '';

before(async () => {
  process.env['KYBERN_HOME'] = home;
  closed = await startCluster();
  cluster = await startCluster({ configuration: withJoining() });
  const { client, url } = cluster;
  const { caPem } = readClusterInfo(cluster.kubeconfig)!;
  pin = publicKeyPin(caPem);
  const ranges = { podRange: '203.0.113.0/25', serviceRange: '203.0.113.128/25' };
  const dns = { dnsAddress: '203.0.113.138', clusterDomain: 'cluster.local' };
  await ensureJoining(client, { clusterName: 'c', server: url, caPem, ...ranges, ...dns });
  await client.create(secrets, bootstrapTokenSecret(token, {}));
  await client.create(nodes, { metadata: { name: 'taken' } });
  const status = { conditions: [{ type: 'Ready', status: 'True' }] };
  await client.patch(nodes, { name: 'taken' }, 'merge', { status }, { subresource: 'status' });
  await eventually(systemEnv(), 'the signature of the token', async () => {
    const { data } = await client.get(configMaps, { namespace: 'kube-public', name: 'cluster-info' });
    return data?.['jws-kubeconfig-abcdef'];
  });
});

after(() => Promise.all([cluster.stop(), closed.stop()]));

const howTo = 'on a machine of the control plane: kybern token create --print-join-command';
const another = 'make another: kybern token create --print-join-command, on a machine of the control plane';
const text = 'abcdef.0123456789abcdef';
const otherPin = `sha256:${'0'.repeat(64)}`;

interface Row {
  readonly words: () => string;
  readonly failure: () => string;
}

const rows: Readonly<Record<string, Row>> = {
  'a URL that is none': {
    words: () => `ftp://there --token ${text} --ca-hash ${pin}`,
    failure: () =>
      'ftp://there is not the URL of a cluster (it is printed by: kybern token create --print-join-command)',
  },
  'a token of another form': {
    words: () => `${cluster.url} --token secret --ca-hash ${pin}`,
    failure: () => `--token is not a token of six and sixteen characters, with a dot between (${howTo})`,
  },
  'no hash of an authority': {
    words: () => `${cluster.url} --token ${text}`,
    failure: () => `--ca-hash is not sha256: and 64 hexadecimal digits (${howTo})`,
  },
  'a name that no node can have': {
    words: () => `${cluster.url} --token ${text} --ca-hash ${pin} --node-name My_Node`,
    failure: () =>
      '"My_Node" is no name of a node (lower-case letters, digits, - and . between: --node-name NAME)',
  },
  'a URL where nothing listens': {
    words: () => `https://127.0.0.1:1 --token ${text} --ca-hash ${pin}`,
    failure: () =>
      'https://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1 (is the cluster up, with --address, and does no firewall keep this machine from it?)',
  },
  'a cluster that this machine may not join': {
    words: () => `${closed.url} --token ${text} --ca-hash ${pin}`,
    failure: () =>
      `the cluster at ${closed.url} cannot be joined: it does not show its cluster-info (kybern up --address ADDRESS makes a cluster that other machines may join)`,
  },
  'a token that the cluster does not have, or no longer': {
    words: () => `${cluster.url} --token fedcba.0123456789abcdef --ca-hash ${pin}`,
    failure: () => `the cluster at ${cluster.url} has no token fedcba, or it has expired (${another})`,
  },
  'a token with another secret': {
    words: () => `${cluster.url} --token abcdef.fedcba9876543210 --ca-hash ${pin}`,
    failure: () => `the token abcdef is not the one that the cluster at ${cluster.url} has (${another})`,
  },
  'the hash of another authority': {
    words: () => `${cluster.url} --token ${text} --ca-hash ${otherPin}`,
    failure: () =>
      `the authority of the cluster at ${cluster.url} is not the one of --ca-hash (another cluster may answer there; compare with: kybern token create --print-join-command)`,
  },
  'the name of a living node': {
    words: () => `${cluster.url} --token ${text} --ca-hash ${pin} --node-name taken`,
    failure: () =>
      'the cluster has a node taken already, and it is Ready (join under another name, --node-name NAME, or delete that node first)',
  },
  'no URL, on a machine that has not joined': {
    words: () => '',
    failure: () => 'this machine has not joined a cluster (kybern join makes one)',
  },
};
for (const [what, { words, failure }] of Object.entries(rows)) {
  test(`join – ${what} – is refused, and leaves nothing`, async () => {
    const outcome = await runCommand(join, `join ${words()}`.trim());
    assert.equal(outcome.failure, failure());
    assert.equal(existsSync(joinPath(home, 'nodes')), false);
  });
}
