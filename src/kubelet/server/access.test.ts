import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { subjectAccessReviews } from '#api/generated/kinds.gen.ts';
import type { SubjectAccessReview, TokenReview } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import { readRequestTarget } from '#base/net/request-target.ts';
import type { Client } from '#client/client.ts';
import type { HttpsServer } from '#host/http/https-server.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import type { KubeNode } from '../node/kube-node.ts';
import { subresourcesOf } from './access.ts';
import { startKubeletServer } from './server.ts';

/** Fields of the warnings, as text. */
const warnings: string[] = [];
const log = {
  ...silentLog,
  warn: (message: string, fields = {}) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
};
const env = { ...systemEnv(), log };
const asked: string[] = [];
const executed: string[][] = [];
let pki: Pki;
let server: HttpsServer;

/**
 * An API server that knows one token, whose owner may read metrics of nodes and nothing else, while it can be
 * reached.
 */
let isReachable = true;
const client = {
  async create(type: unknown, { spec }: SubjectAccessReview & TokenReview) {
    if (!isReachable) throw new Error('connect ECONNREFUSED');
    if (type !== subjectAccessReviews) {
      const user = { username: 'scraper', groups: ['scrapers'] };
      return { status: { authenticated: spec.token === 'scraper', user } };
    }
    const { verb, resource, subresource, name } = spec.resourceAttributes ?? {};
    asked.push(`${verb} ${resource}/${subresource} of ${name}`);
    return { status: { allowed: verb === 'get' && subresource === 'metrics' } };
  },
} as unknown as Client;

const pod = { metadata: { namespace: 'ten', name: 'web', uid: 'u' } };
const node = {
  name: 'n1',
  pods: () => [pod],
  statusOf: () => undefined,
  metrics: [],
  policyMetrics: async () => [],
  findPod: (namespace: string, name: string) => (`${namespace}/${name}` === 'ten/web' ? pod : undefined),
  readView: async () => ({ containers: [{ name: 'web', id: 'c', state: 'running' }], sandboxes: [] }),
  runtime: {
    listContainers: async () => [],
    async exec({ command }: { command: string[] }) {
      executed.push(command);
      throw new Error('executed');
    },
  },
} as unknown as KubeNode;

before(async () => {
  pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const pems = { ...pki.kubeletServing('n1', ['127.0.0.1']), clientCaPem: pki.ca.certPem };
  server = await startKubeletServer({
    env,
    client,
    host: '127.0.0.1',
    port: 0,
    ...pems,
    nodes: () => [node],
  });
});

after(() => server?.stop());

/** The whole answer to a request whose target is sent as it is written: no client tidies it up. */
async function ask(target: string, headers: readonly string[] = [], method = 'GET'): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: server.port, ca: pki.ca.certPem });
  await once(socket, 'secureConnect');
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: n1', ...headers];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

const scraper = 'Authorization: Bearer scraper';
const plain = ['Connection: close'];
const webSocket = [
  // What is not upgraded is answered as a plain request, after which the connection would stay open.
  'Connection: Upgrade, close',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: v4.channel.k8s.io',
];

const disguises = [
  (path: string) => `/metrics/..${path}`,
  (path: string) => `/metrics/%2e%2e${path}`,
  (path: string) => `/metrics/.%2E${path}`,
  (path: string) => `/metrics/..%2f${path.slice(1)}`,
  (path: string) => `/metrics\\..${path.replaceAll('/', '\\')}`,
  (path: string) => `/metrics/..%5c${path.slice(1)}`,
  (path: string) => `//metrics${path}`,
  (path: string) => `/./metrics/./..${path}`,
  (path: string) => `https://n1/metrics/..${path}`,
];

describe('a caller – allowed metrics alone – gets them, and nothing that a path disguises as them', () => {
  test('not disguised', async () => {
    assert.match(await ask('/metrics', [scraper, ...plain]), /^HTTP\/1.1 200 /);
    assert.match(await ask('https://n1/metrics', [scraper, ...plain]), /^HTTP\/1.1 200 /);
  });
  for (const disguise of disguises) {
    const target = disguise('/pods');
    test(target, async () => {
      assert.match(await ask(target, [scraper, ...plain]), /^HTTP\/1.1 400 /);
    });
  }
});

test('exec – behind a disguised path – is refused before anything runs, upgraded or not', async (t) => {
  const exec = '/exec/ten/web/web?output=1&command=id';
  for (const target of [exec, `https://n1${exec}`]) {
    await t.test(target, async () => {
      assert.match(await ask(target, [scraper, ...webSocket]), /^HTTP\/1.1 403 /);
    });
  }
  for (const disguise of disguises) {
    const target = disguise(exec);
    await t.test(target, async () => {
      assert.match(await ask(target, [scraper, ...webSocket]), /^HTTP\/1.1 400 /);
      assert.match(await ask(target, [scraper, ...plain]), /^HTTP\/1.1 400 /);
    });
  }
  assert.deepEqual(executed, []);
});

test('an unauthorized user – any method – is forbidden; a method without a verb is authorized as one', async (t) => {
  for (const target of ['/metrics', '/pods', '/healthz', '/nothing', '/exec/ten/web/web?command=id']) {
    await t.test(target, async () => {
      assert.match(await ask(target, plain), /^HTTP\/1.1 401 /);
      assert.match(await ask(target, [...plain, 'Authorization: Bearer other']), /^HTTP\/1.1 401 /);
    });
  }
  asked.length = 0;
  assert.match(await ask('/metrics', [scraper, ...plain], 'HEAD'), /^HTTP\/1.1 403 /);
  assert.match(await ask('/pods', [scraper, ...plain], 'DELETE'), /^HTTP\/1.1 403 /);
  assert.deepEqual(asked, [' nodes/metrics of n1', 'delete nodes/pods of n1', 'delete nodes/proxy of n1']);
});

test('a review that fails – of a token, of a permission – refuses the caller and is logged with its reason', async () => {
  assert.match(await ask('/metrics', [scraper, ...plain]), /^HTTP\/1.1 200 /);
  warnings.length = 0;
  isReachable = false;
  assert.match(await ask('/metrics', [...plain, 'Authorization: Bearer unknown']), /^HTTP\/1.1 401 /);
  assert.match(
    await ask('/stats/summary', [scraper, ...plain]),
    /^HTTP\/1.1 500 [\s\S]*Authorization error \(user=scraper, verb=get, resource=nodes, subresource=stats\)/,
  );
  isReachable = true;
  const error = '"error":"connect ECONNREFUSED"';
  assert.deepEqual(warnings, [
    `a token could not be reviewed {${error}}`,
    `access could not be reviewed {"user":"scraper","verb":"get","subresource":"stats",${error}}`,
  ]);
});

/** As upstream's kubelet attributes them with fine-grained authorization. */
const attributed: Record<string, string[]> = {
  '/attach/a/b/c': ['proxy'],
  '/checkpoint/a/b/c': ['checkpoint'],
  '/configz': ['configz', 'proxy'],
  '/containerLogs/a/b/c': ['proxy'],
  '/debug/pprof/heap': ['proxy'],
  '/exec/a/b/u/c': ['proxy'],
  '/flagz': ['configz'],
  '/healthz': ['healthz', 'proxy'],
  '/healthz/syncloop': ['healthz', 'proxy'],
  '/healthzz': ['proxy'],
  '/logs/': ['log'],
  '/logs/messages': ['log'],
  '/metrics': ['metrics'],
  '/metrics/cadvisor': ['metrics'],
  '/metricsx': ['proxy'],
  '/pods': ['pods', 'proxy'],
  '/pods/': ['pods', 'proxy'],
  '/portForward/a/b': ['proxy'],
  '/run/a/b/c': ['proxy'],
  '/runningpods/': ['pods', 'proxy'],
  '/stats/summary': ['stats'],
  '/statusz': ['statusz'],
  '/': ['proxy'],
};

for (const [path, expected] of Object.entries(attributed)) {
  test(`the path ${path} – needs nodes/${expected.join(' or nodes/')}`, () => {
    assert.deepEqual(subresourcesOf(readRequestTarget(path)!), expected);
  });
}
