/** Stock kubectl shows what has no effect yet, to the user who creates or changes it. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestCluster, tryKubectl } from '../../support/cluster.ts';

let cluster: Awaited<ReturnType<typeof startTestCluster>>;
before(async () => {
  cluster = await startTestCluster(['--nodes', '0', '--store', 'memory']);
});
after(() => cluster?.dispose());

async function apply(...objects: object[]): Promise<string> {
  const manifest = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const { code, stderr } = await tryKubectl(cluster, ['apply', '-f', '-'], manifest);
  assert.equal(code, 0, stderr);
  return stderr;
}

const service = (port: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'spread',
    namespace: 'default',
    annotations: { 'service.kubernetes.io/topology-mode': 'Auto' },
  },
  spec: { ports: [{ port }] },
});
const notSpread =
  'Warning: kybern does not spread traffic by topology-mode yet: use spec.trafficDistribution\n';

test('a Service – made, left alone, changed – kubectl warns of a topology that has no effect', async () => {
  assert.equal(await apply(service(80)), notSpread);
  assert.equal(await apply(service(80)), '');
  assert.equal(await apply(service(81)), notSpread);
});
