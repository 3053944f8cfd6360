import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { type SimulatedNodes, startSimulatedNodes } from '../simulated/simulated-nodes.ts';

const env = systemEnv();
let api: TestServer;
let pki: Pki;
let informers: Informers;
let simulated: SimulatedNodes;
let port: number;

before(async () => {
  api = await startTestServer({ env });
  pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const { certPem, keyPem } = pki.kubeletServing('simulated', ['127.0.0.1']);
  informers = createInformers(api.client, env);
  simulated = await startSimulatedNodes({
    env,
    clientOf: () => api.client,
    informersOf: () => informers,
    count: 3,
    nodeIp: '127.0.0.1',
    server: { host: '127.0.0.1', port: 0, certPem, keyPem, clientCaPem: pki.ca.certPem },
  });
  port = simulated.port;
  for (const i of [0, 1, 2]) {
    const podCIDR = `10.244.${i}.0/24`;
    const patch = { spec: { podCIDR, podCIDRs: [podCIDR] } };
    await api.client.patch(nodes, { name: `simulated-${i}` }, 'merge', patch);
  }
  const ready = new Promise<void>((resolve) => {
    informers.for(pods).subscribe({
      onUpdate: (_, pod) => pod.status?.phase === 'Running' && resolve(),
    });
  });
  await api.client.create(pods, {
    metadata: {
      name: 'web',
      namespace: 'default',
      annotations: { 'simulated.kybern.dev/log': 'one\ntwo\nthree' },
    },
    spec: {
      nodeName: 'simulated-2',
      containers: [{ name: 'main', image: 'web:1', env: [{ name: 'COLOUR', value: 'red' }] }],
    },
  } as Pod);
  await ready;
});

after(async () => {
  await simulated?.stop();
  informers?.stop();
  await api?.stop();
});

const get = (
  path: string,
  pair?: { certPem: string; keyPem: string },
  headers: Record<string, string> = {},
) => send('GET', path, pair, headers);

function send(
  method: string,
  path: string,
  pair?: { certPem: string; keyPem: string },
  headers: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  // The certificate is that of the address, whatever Host says.
  const identity = { servername: '', ...(pair ? { cert: pair.certPem, key: pair.keyPem } : {}) };
  return new Promise((resolve, reject) => {
    const asked = request(
      { method, host: '127.0.0.1', port, path, ca: pki.ca.certPem, agent: false, headers, ...identity },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ code: answer.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

test('a caller – without an identity – is not authenticated', async () => {
  assert.equal((await get('/pods')).code, 401);
  assert.equal((await get('/healthz', pki.kubeletClient)).text, 'ok');
});

test('a plain path – with an Upgrade header – is served as without it, as Go does', async (t) => {
  for (const upgrade of ['foo', 'h2c', 'websocket']) {
    for (const path of ['/metrics', '/healthz', '/pods', '/runningpods', '/nowhere']) {
      await t.test(`${path} with Upgrade: ${upgrade}`, async () => {
        const { code } = await get(path, pki.kubeletClient, { connection: 'Upgrade', upgrade });
        assert.equal(code, path === '/nowhere' ? 404 : 200);
      });
    }
  }
  assert.equal((await get('/metrics', undefined, { connection: 'Upgrade', upgrade: 'foo' })).code, 401);
});

test("the metrics of containers – requested – are in Prometheus' format", async () => {
  const { text } = await get('/metrics/resource', pki.kubeletClient);
  assert.match(
    text,
    /^container_memory_working_set_bytes\{container="main",namespace="default",pod="web"\} 16777216 \d+$/m,
  );
  assert.match(text, /^pod_cpu_usage_seconds_total\{namespace="default",pod="web"\} [\d.]+ \d+$/m);
  assert.match(text, /^resource_scrape_error 0$/m);
  assert.match((await get('/metrics', pki.kubeletClient)).text, /^kubelet_running_pods 1$/m);
  await get('/healthz', pki.kubeletClient);
  assert.match(
    (await get('/metrics/slis', pki.kubeletClient)).text,
    /^kubernetes_healthcheck\{name="syncloop",type="healthz"\} 1$/m,
  );
});

test('a checkpoint – of a container that is there, and of one that is not – is refused with the reason', async () => {
  const post = async (path: string) => {
    const { code, text } = await send('POST', path, pki.kubeletClient);
    return [code, text];
  };
  assert.deepEqual(await post('/checkpoint/default/web/main'), [
    500,
    'checkpointing of default/web/main failed (rpc error: code = Unimplemented desc = unknown method CheckpointContainer for service runtime.v1.RuntimeService)',
  ]);
  assert.deepEqual(await post('/checkpoint/default/web/main?timeout=soon'), [
    404,
    'cannot parse value of timeout parameter',
  ]);
  assert.deepEqual(await post('/checkpoint/default/web/other'), [404, 'container other does not exist']);
  assert.deepEqual(await post('/checkpoint/default/absent/main'), [404, 'pod does not exist']);
});

test('what a machine has – of a simulated node – is not there', async () => {
  assert.equal((await get('/configz', pki.kubeletClient)).code, 404);
  assert.deepEqual(await get('/metrics/cadvisor', pki.kubeletClient), { code: 200, text: '' });
});

test('the stats of a simulated node – that Host names – are its own, with its pods and its capacity', async () => {
  const summaryOf = async (name: string) =>
    JSON.parse((await get('/stats/summary', pki.kubeletClient, { host: `${name}:${port}` })).text);
  const [first, third] = [await summaryOf('simulated-0'), await summaryOf('simulated-2')];
  assert.deepEqual([first.node.nodeName, first.pods], ['simulated-0', []]);
  assert.equal(third.node.nodeName, 'simulated-2');
  assert.deepEqual(
    third.pods.map(({ podRef }: { podRef: { name: string } }) => podRef.name),
    ['web'],
  );
  assert.equal(third.node.memory.availableBytes, 256 * 2 ** 30 - 16 * 2 ** 20);
  assert.deepEqual(third.node.fs, {
    time: third.node.fs.time,
    availableBytes: 2 ** 40,
    capacityBytes: 2 ** 40,
    usedBytes: 0,
  });
});

test('pods, metrics and logs – of a simulated node that Host names – are of that node alone', async () => {
  const at = async (name: string, path: string) => get(path, pki.kubeletClient, { host: name });
  assert.deepEqual(JSON.parse((await at('simulated-0', '/pods')).text).items, []);
  assert.equal(JSON.parse((await at('simulated-2', '/pods')).text).items.length, 1);
  assert.doesNotMatch((await at('simulated-0', '/metrics/resource')).text, /pod="web"/);
  assert.match((await at('simulated-2', '/metrics/resource')).text, /pod="web"/);
  assert.match(
    (await at('simulated-1', '/metrics')).text,
    /^kubelet_node_name\{node="simulated-1"\} 1\n(?!k.*name)/m,
  );
  assert.equal((await at('simulated-0', '/containerLogs/default/web/main')).code, 404);
  assert.equal((await at('simulated-2', '/containerLogs/default/web/main')).code, 200);
});

test('the stats of simulated nodes – asked for by their common address – are refused with what to do', async () => {
  assert.deepEqual(await get('/stats/summary', pki.kubeletClient), {
    code: 400,
    text: '3 nodes are served here: name one in Host',
  });
});

test("logs – of any pod of any of the server's nodes – are sent", async () => {
  const log = await get('/containerLogs/default/web/main?tailLines=2', pki.kubeletClient);
  assert.deepEqual(log, { code: 200, text: 'two\nthree\n' });
  const previous = await get('/containerLogs/default/web/main?previous=true', pki.kubeletClient);
  assert.deepEqual(previous, {
    code: 400,
    text: 'previous terminated container "main" in pod "web" not found',
  });
  assert.equal((await get('/containerLogs/default/none/main', pki.kubeletClient)).code, 404);
});

/** What came on each channel until the end of `echo $COLOUR`, whose caller begins with `words`. */
async function execEcho(words: readonly Buffer[] = []): Promise<Map<number, string>> {
  const { certPem, keyPem } = pki.kubeletClient;
  const command = ['sh', '-c', 'echo $COLOUR'].map((word) => `command=${encodeURIComponent(word)}`).join('&');
  const url = `wss://127.0.0.1:${port}/exec/default/web/main?output=1&error=1&${command}`;
  const socket = new WebSocket(url, ['v5.channel.k8s.io'], {
    ca: pki.ca.certPem,
    cert: certPem,
    key: keyPem,
  });
  const seen = new Map<number, string>();
  socket.on('open', () => {
    for (const word of words) socket.send(word);
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      seen.set(data[0]!, (seen.get(data[0]!) ?? '') + data.subarray(1).toString());
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  return seen;
}

test('exec over a WebSocket – a command – sends output and exit code', async () => {
  const seen = await execEcho();
  assert.equal(seen.get(1), 'red\n');
  assert.equal(JSON.parse(seen.get(3) ?? '{}').status, 'Success');
});

test('a resize message – that is no window size – disturbs no session', async () => {
  const seen = await execEcho([Buffer.from('\u0004{'), Buffer.alloc(0), Buffer.from('\u0004null')]);
  assert.equal(seen.get(1), 'red\n');
});
