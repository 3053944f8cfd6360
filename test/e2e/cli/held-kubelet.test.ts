/** A cluster whose node cannot start: its API server is what the node is repaired with. */

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  eventually,
  kubectl,
  kybern,
  startTestCluster,
  tryKubectl,
  tryKybern,
} from '../../support/cluster.ts';

test('up – the state of claims for devices is corrupted – starts all but the kubelet, which follows when the state is gone', async (t) => {
  const cluster = await startTestCluster([], 'held');
  t.after(() => cluster.dispose());
  await kybern(cluster, ['down', '--name', 'held']);
  const state = join(cluster.home, 'clusters/held/node/kubelet/dra_manager_state');
  writeFileSync(state, '{"Data":"{}","Checksum":1}');
  const { code, stderr } = await tryKybern(cluster, ['up', '--name', 'held']);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /kubelet does not start: .* checkpoint is corrupted, please drain this node and delete/,
  );
  assert.match(stderr, new RegExp(state));

  await kubectl(cluster, ['create', 'namespace', 'works']);
  const nodeName = await kubectl(cluster, ['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}']);
  const health = () => tryKubectl(cluster, ['get', '--raw', `/api/v1/nodes/${nodeName}/proxy/healthz`]);
  assert.notEqual((await health()).code, 0);
  rmSync(state);
  await eventually('the kubelet', async () => (await health()).stdout === 'ok');
});
