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

const policy = (policyTypes: string[]) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'none', namespace: 'default' },
  spec: { podSelector: {}, policyTypes },
});
const notEnforced =
  'Warning: kybern stores this object, but does not enforce network policies yet: all traffic to and from the selected pods stays allowed\n';

test('a policy – made, left alone, changed – kubectl warns when it is made and changed', async () => {
  assert.equal(await apply(policy(['Ingress'])), notEnforced);
  assert.equal(await apply(policy(['Ingress'])), '');
  assert.equal(await apply(policy(['Egress'])), notEnforced);
});
