/** `kybern up --config`: what the file sets is in force, and again after a restart without it. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import {
  eventually,
  kubectl,
  kybern,
  newCluster,
  type TestCluster,
  tryKubectl,
  tryKybern,
} from '../../support/cluster.ts';

const bootstrapToken = 'abcdef.0123456789abcdef';
const configuration = `
apiVersion: kybern.dev/v1
kind: ClusterConfiguration
apiServer:
  args:
    anonymous-auth: false
    enable-bootstrap-token-auth: true
    token-auth-file: tokens.csv
  certSANs: [api.example.com, 192.0.2.7]
`;
const flags = ['--name', 'configured', '--nodes', '0'];

test('a cluster – made with a configuration – has it, keeps it, and refuses another while it runs', async (t) => {
  const cluster = newCluster('configured');
  t.after(() => cluster.dispose());
  const file = join(cluster.home, 'cluster.yaml');
  writeFileSync(join(cluster.home, 'tokens.csv'), 's3cret,jane,7,"dev,ops"\n');
  writeFileSync(file, configuration.replace('anonymous-auth', 'anonymous-aut'));
  const refused = await tryKybern(cluster, ['up', ...flags, '--port', '0', '--config', file]);
  assert.deepEqual(
    [refused.code, refused.stderr],
    [
      1,
      `error: ${file}: apiServer.args has an unknown argument "anonymous-aut"\nhint: the nearest known one is anonymous-auth\n`,
    ],
  );
  writeFileSync(file, configuration);
  await kybern(cluster, ['up', ...flags, '--port', '0', '--config', file]);
  await isInForce(cluster);
  writeFileSync(file, configuration.replace('false', 'true'));
  const other = await tryKybern(cluster, ['up', ...flags, '--config', file]);
  assert.match(other.stderr, /^error: cluster configured is running with another configuration than /);
  await kybern(cluster, ['down', '--name', 'configured']);
  await kybern(cluster, ['up', ...flags]);
  await isInForce(cluster);
});

async function isInForce(cluster: TestCluster): Promise<void> {
  const server = await kubectl(cluster, [
    'config',
    'view',
    '--minify',
    '-o',
    'jsonpath={.clusters[0].cluster.server}',
  ]);
  const whoAmI = (token: string) =>
    tryKubectl(cluster, [
      ...['--kubeconfig', '/dev/null', '--server', server, '--insecure-skip-tls-verify', '--token', token],
      ...['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username} {.status.userInfo.groups}'],
    ]);
  assert.equal((await whoAmI('s3cret')).stdout, 'jane ["dev","ops","system:authenticated"]');
  assert.equal((await whoAmI('other')).code, 1);
  assert.equal((await fetchStatus(server)).status, 401);
  const names = await serverNames(server);
  for (const name of ['DNS:api.example.com', 'IP Address:192.0.2.7']) assert.ok(names.includes(name), names);

  await kubectl(cluster, ['apply', '-f', '-'], bootstrapSecret);
  await eventually('the bootstrap token names its user', async () => {
    const { stdout } = await whoAmI(bootstrapToken);
    return stdout === 'system:bootstrap:abcdef ["system:bootstrappers","system:authenticated"]';
  });
}

async function fetchStatus(server: string): Promise<{ status: number }> {
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const { statusCode, body } = await request(`${server}/version`, { dispatcher });
  await body.dump();
  await dispatcher.close();
  return { status: statusCode };
}

function serverNames(server: string): Promise<string> {
  const { hostname, port } = new URL(server);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw).subjectAltName ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const bootstrapSecret = `
apiVersion: v1
kind: Secret
metadata: { name: bootstrap-token-abcdef, namespace: kube-system }
type: bootstrap.kubernetes.io/token
stringData:
  token-id: abcdef
  token-secret: 0123456789abcdef
  usage-bootstrap-authentication: "true"
`;
