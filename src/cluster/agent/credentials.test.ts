/** A node's way to its certificates, over HTTPS. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { nodes, secrets } from '#api/generated/kinds.gen.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { readKubeconfig } from '#client/transport/kubeconfig.ts';
import { readUserFile } from '#host/files/user-file.ts';
import { agentPaths } from '#host/home/agent-home.ts';
import { systemEnv } from '#host/system-env.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { startCluster } from '../cluster.ts';
import { withJoining } from '../joining/defaults.ts';
import { ensureJoining } from '../joining/ensure.ts';
import { StartedParts } from '../started-parts.ts';
import { openCredentials } from './credentials.ts';

const config = {
  nodeName: 'n1',
  address: '192.0.2.7',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  bridge: 'none',
  table: 'none',
  run: '/nowhere',
};
const env = systemEnv();

async function startJoinable(t: { after(end: () => Promise<void>): void }) {
  const cluster = await startCluster({ configuration: withJoining() });
  t.after(() => cluster.stop());
  const [entry] = parse(cluster.kubeconfig).clusters;
  const caPem = Buffer.from(entry.cluster['certificate-authority-data'], 'base64').toString();
  const server = cluster.url;
  await ensureJoining(cluster.client, {
    clusterName: 'c',
    server,
    caPem,
    podRange: config.podRange,
    serviceRange: config.serviceRange,
    dnsAddress: '10.96.0.10',
    clusterDomain: 'cluster.local',
  });
  const paths = agentPaths(mkdtempSync(join(tmpdir(), 'agent-')), config.run);
  const parts = new StartedParts();
  t.after(() => parts.stop());
  const bootstrapBy = (token: string) => {
    const document = kubeconfig({ clusterName: 'c', userName: 'b', server, caPem, token });
    writeFileSync(paths.bootstrapKubeconfig, kubeconfigYaml(document), { mode: 0o600 });
  };
  return { cluster, caPem, paths, parts, bootstrapBy };
}

test('a node – with a bootstrap token – gets its certificates, keeps them by itself, and lets the token go', async (t) => {
  const { cluster, caPem, paths, parts, bootstrapBy } = await startJoinable(t);
  const text = (value: string) => Buffer.from(value).toString('base64');
  await cluster.client.create(secrets, {
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    data: {
      'token-id': text('abcdef'),
      'token-secret': text('0123456789abcdef'),
      'usage-bootstrap-authentication': text('true'),
      'auth-extra-groups': text('system:bootstrappers:kubeadm:default-node-token'),
    },
  });
  bootstrapBy('abcdef.0123456789abcdef');
  const credentials = await openCredentials(env, config, paths, parts);
  assert.equal(new X509Certificate(credentials.client.cert).subject, 'O=system:nodes\nCN=system:node:n1');
  assert.equal(existsSync(paths.bootstrapKubeconfig), false);
  assert.equal(statSync(join(paths.pki, 'kubelet-client-current.pem')).mode & 0o777, 0o600);
  // Until the Node has the address, the kubelet shows a certificate of its own.
  const authority = new X509Certificate(caPem);
  const isOfCluster = () => new X509Certificate(credentials.serving.certPem).verify(authority.publicKey);
  assert.equal(isOfCluster(), false);
  const renewed = Promise.withResolvers<void>();
  credentials.onServingRenewed(() => renewed.resolve());
  const transport = httpsTransport({ server: cluster.url, ca: caPem, identity: () => credentials.client });
  const node = createClient(transport);
  await node.create(nodes, { metadata: { name: 'n1' } });
  const status = { addresses: [{ type: 'InternalIP', address: '192.0.2.7' }] };
  await node.patch(nodes, { name: 'n1' }, 'merge', { status }, { subresource: 'status' });
  await renewed.promise;
  await transport.close();
  assert.ok(isOfCluster());
  const { target } = readKubeconfig(paths.kubeconfig, readUserFile);
  assert.equal(target.clientCertificate?.cert.includes(credentials.client.cert), true);
});

test('a node – with a token that the cluster does not know – is refused, and is for a person to mend', async (t) => {
  const { paths, parts, bootstrapBy } = await startJoinable(t);
  bootstrapBy('abcdef.0123456789abcdef');
  await assert.rejects(openCredentials(env, config, paths, parts), {
    message: 'the cluster does not accept the token: Unauthorized',
    exitCode: 78,
  });
  assert.equal(existsSync(paths.pki), false);
});
