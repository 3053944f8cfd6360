import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { storedNode } from '#testing/objects.ts';
import { viewOfApi } from './api-view.ts';

const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });

/** The kubeconfig of a server that answers so. */
async function start(t: TestContext, answer: RequestListener): Promise<string> {
  const { certPem: cert, keyPem: key } = pki.server;
  const server = createServer({ cert, key }, answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { certPem, keyPem } = pki.admin();
  const named = { clusterName: 'one', userName: 'one', server: url, caPem: pki.ca.certPem };
  return kubeconfigYaml(kubeconfig({ ...named, certPem, keyPem }));
}

/** Bodies by path; the code is 200 but for a body of failing checks. */
const answering =
  (bodies: Record<string, string>): RequestListener =>
  ({ url = '' }, response) => {
    const body = bodies[url];
    response.statusCode = body === undefined ? 404 : body.startsWith('[-]') ? 500 : 200;
    response.end(body ?? 'not found');
  };

const nodes = JSON.stringify({
  items: [storedNode('a'), storedNode('b', { ready: 'Unknown' }), storedNode('c', { ready: 'missing' })],
});

test('the view of an API – that is ready – has no failing checks, and each node with its readiness', async (t) => {
  const config = await start(
    t,
    answering({ '/readyz?verbose': 'readyz check passed', '/api/v1/nodes': nodes }),
  );
  assert.deepEqual(await viewOfApi(config, 10_000), {
    failing: [],
    nodes: [
      { name: 'a', ready: true },
      { name: 'b', ready: false },
      { name: 'c', ready: false },
    ],
  });
});

test('the view of an API – with failing checks – names them, and has the nodes where they can be listed', async (t) => {
  const failing =
    '[-]etcd failed: reason withheld\n[+]ping ok\n[-]poststarthook/a/b failed: reason withheld\n';
  const checks = ['etcd', 'poststarthook/a/b'];
  const listed = await start(t, answering({ '/readyz?verbose': failing, '/api/v1/nodes': nodes }));
  const { failing: found, nodes: seen } = await viewOfApi(listed, 10_000);
  assert.deepEqual([found, seen.length], [checks, 3]);
  const unlisted = await start(t, answering({ '/readyz?verbose': failing }));
  assert.deepEqual(await viewOfApi(unlisted, 10_000), { failing: checks, nodes: [] });
});

test("the view of an API – an answer that is not an API server's – rejects with it", async (t) => {
  const config = await start(t, (_, response) => void response.writeHead(502).end('bad gateway'));
  await assert.rejects(viewOfApi(config, 10_000), { message: '/readyz answers 502: bad gateway' });
});

test('the view of an API – that is ready and whose nodes cannot be read – rejects', async (t) => {
  const bodies = { '/readyz?verbose': 'readyz check passed', '/api/v1/nodes': '<html>' };
  await assert.rejects(viewOfApi(await start(t, answering(bodies)), 10_000), SyntaxError);
});

test('the view of an API – no answer in time – rejects', async (t) => {
  await assert.rejects(viewOfApi(await start(t, () => {}), 50), { message: 'no answer in time' });
});
