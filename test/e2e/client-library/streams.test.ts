/** The official JavaScript client with a container of a real node: exec, attach, port-forward, cp, followed logs. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import {
  Attach,
  CoreV1Api,
  Cp,
  Exec,
  KubeConfig,
  Log,
  PortForward,
  type V1Status,
} from '@kubernetes/client-node';
import { eventually, startTestCluster } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';

const [namespace, pod, container] = ['default', 'box', 'box'];
const image = 'kybern.test/busybox:1';
/** Serves its page, and answers each line that it reads, up to the line `end`. */
const script =
  'mkdir /srv; echo page > /srv/index.html; httpd -h /srv; echo ready; ' +
  'while read line; do echo "read $line"; [ "$line" = end ] && exit 0; done; sleep 1000000';
const config = new KubeConfig();
let cluster: Awaited<ReturnType<typeof startTestCluster>>;

before(async () => {
  cluster = await startTestCluster([], 'client');
  await addBusybox(cluster, image);
  config.loadFromFile(cluster.kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const containers = [{ name: container, image, command: ['sh', '-c', script], stdin: true }];
  await api.createNamespacedPod({
    namespace,
    body: { metadata: { name: pod }, spec: { containers, restartPolicy: 'Never' } },
  });
  await eventually('the pod runs', async () => {
    const { status } = await api.readNamespacedPod({ namespace, name: pod });
    return status?.phase === 'Running';
  });
});
after(() => cluster?.dispose());

/** What a command prints, and how it ends. */
async function execute(command: string[], input: string | null) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const ended = Promise.withResolvers<V1Status>();
  const stdin = input === null ? null : Readable.from([input]);
  const exec = new Exec(config);
  await exec.exec(namespace, pod, container, command, stdout, stderr, stdin, false, ended.resolve);
  const status = await ended.promise;
  stdout.end();
  stderr.end();
  return { status, stdout: await text(stdout), stderr: await text(stderr) };
}

test('the official JavaScript client – with exec – carries all three streams and the exit code', async () => {
  const command = ['sh', '-c', 'read line; echo "out $line"; echo err >&2; exit 3'];
  const { status, stdout, stderr } = await execute(command, 'hello\n');
  assert.deepEqual([stdout, stderr], ['out hello\n', 'err\n']);
  assert.deepEqual(
    [status.status, status.reason, status.details?.causes?.[0]?.message],
    ['Failure', 'NonZeroExitCode', '3'],
  );
  assert.equal((await execute(['true'], null)).status.status, 'Success');
});

test('the official JavaScript client – with attach – speaks to the running process', async (t) => {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let said = '';
  stdout.on('data', (chunk) => {
    said += chunk;
  });
  const socket = await new Attach(config).attach(namespace, pod, container, stdout, null, stdin, false);
  t.after(() => socket.close());
  stdin.write('attached\n');
  await eventually('the answer', () => said.includes('read attached\n'));
});

test('the official JavaScript client – with port-forward – reaches the port of a container, up to its end', async () => {
  const [toPod, fromPod] = [new PassThrough(), new PassThrough()];
  let said = '';
  fromPod.on('data', (chunk) => {
    said += chunk;
  });
  const socket = await new PortForward(config).portForward(namespace, pod, [80], fromPod, null, toPod);
  assert.ok(typeof socket !== 'function');
  toPod.write('GET / HTTP/1.0\r\n\r\n');
  await eventually('the connection is over', () => socket.readyState === socket.CLOSED);
  assert.match(said, /^HTTP\/1\.[01] 200 OK\r\n[\s\S]*\r\n\r\npage\n$/);
});

test('the official JavaScript client – with cp – takes files there and back', async () => {
  const [there, back] = [join(cluster.home, 'there'), join(cluster.home, 'back')];
  for (const folder of [there, back]) mkdirSync(folder);
  writeFileSync(join(there, 'file'), 'content\n'.repeat(10_000));
  const cp = new Cp(config);
  await cp.cpToPod(namespace, pod, container, there, '/srv');
  await eventually('the file is there', async () => {
    const { stdout } = await execute(['sh', '-c', 'wc -c < /srv/file'], null);
    return stdout === '80000\n';
  });
  await cp.cpFromPod(namespace, pod, container, 'file', back, '/srv');
  await eventually('the file is back', () => readFileSync(join(back, 'file'), 'utf8').length === 80_000);
});

test('the official JavaScript client – with logs – reads the first line, and follows to the end', async () => {
  const first = new PassThrough();
  await new Log(config).log(namespace, pod, container, first, { limitBytes: 6 });
  assert.equal(await text(first), 'ready\n');

  const followed = new PassThrough();
  await new Log(config).log(namespace, pod, container, followed, { follow: true });
  const stdin = new PassThrough();
  await new Attach(config).attach(namespace, pod, container, new PassThrough(), null, stdin, false);
  stdin.write('end\n');
  assert.match(await text(followed), /^ready\n[\s\S]*read end\n$/);
});
