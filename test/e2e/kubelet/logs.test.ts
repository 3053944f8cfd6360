/** Container logs on a real containerd: which lines, of which life, and on across rotations. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { get } from 'node:https';
import { after, before, test } from 'node:test';
import { RealKubelet, shell } from '../../support/real-kubelet.ts';

const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const node = new RealKubelet();
const kube = node.kube.bind(node);

before(() => node.start());
after(() => node.stop());

/** Names of the log files of the pod's container. */
async function logFiles(pod: string): Promise<string[]> {
  const { uid } = await kube(['get', 'pod', pod, '-o', 'json']).then((text) => JSON.parse(text).metadata);
  return readdirSync(`${node.dir}/kubelet/logs/e2e_${pod}_${uid}/main`).sort();
}

test('a log – that has grown – is rotated, and a follower misses nothing', async () => {
  const lines = 60_000;
  const text = 'x'.repeat(200);
  const script = `until test -e /tmp/go; do sleep 0.1; done
    i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "$i ${text}"; done; touch /tmp/half
    until test -e /tmp/on; do sleep 0.1; done; echo after rotation`;
  await node.create('chatty', { restartPolicy: 'Never', containers: [shell(script)] });
  await node.untilPhase('chatty', 'Running');
  const follower = spawn(kubectl, ['logs', '-f', 'chatty'], {
    env: { ...process.env, ...node.kubectlEnv() },
  });
  let seen = '';
  follower.stdout.on('data', (chunk) => {
    seen += chunk;
  });
  const ended = new Promise((resolve) => follower.on('close', resolve));
  await kube(['exec', 'chatty', '--', 'touch', '/tmp/go']);
  await node.until('a second file', async () => (await logFiles('chatty')).length === 2, 60_000);
  assert.match((await logFiles('chatty')).join(), /^0\.log,0\.log\.\d{17}$/);
  await node.until('all is written', async () =>
    (await kube(['exec', 'chatty', '--', 'ls', '/tmp'])).includes('half'),
  );
  await kube(['exec', 'chatty', '--', 'touch', '/tmp/on']);
  await ended;
  const numbers = seen
    .split('\n')
    .filter((line) => line.endsWith(text))
    .map((line) => Number(line.split(' ')[0]));
  assert.equal(numbers.length, lines);
  assert.ok(numbers.every((number, index) => number === index + 1));
  assert.match(seen, /\nafter rotation\n$/);
  // Only the newest file is shown, as upstream does.
  assert.match(await kube(['logs', 'chatty', '--tail=1']), /^after rotation\n$/);
});

test('a restarted container – each time – has its own log', async () => {
  const script = 'echo life $(ls /scratch | wc -l); touch /scratch/$(date +%N); exit 1';
  await node.create('lives', {
    containers: [shell(script, { volumeMounts: [{ name: 's', mountPath: '/scratch' }] })],
    volumes: [{ name: 's', emptyDir: {} }],
  });
  await assert.rejects(
    kube(['logs', 'lives', '--previous']),
    /(previous terminated container "main" in pod "lives" not found|waiting to start: ContainerCreating)/,
  );
  await node.until('a second life', async () => (await node.containerOf('lives')).restartCount === 1);
  await node.until('its log', async () => (await kube(['logs', 'lives'])) === 'life 1\n');
  assert.equal(await kube(['logs', 'lives', '--previous']), 'life 0\n');
});

test('logs – since a time, with timestamps, of all containers – are those lines', async () => {
  await node.create('timed', {
    containers: [
      shell('echo old; sleep 3; echo new; sleep 1000'),
      { ...shell('echo other; sleep 1000'), name: 'second' },
    ],
  });
  await node.untilLogged('timed', 'new');
  const stamped = await kube(['logs', 'timed', '-c', 'main', '--timestamps']);
  const times = stamped.split('\n').map((line) => line.split(' ')[0] ?? '');
  assert.match(times[0]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  const between = new Date((Date.parse(times[0]!) + Date.parse(times[1]!)) / 2).toISOString();
  assert.equal(await kube(['logs', 'timed', '-c', 'main', `--since-time=${between}`]), 'new\n');
  await node.until(
    'old is older than a second',
    async () => (await kube(['logs', 'timed', '-c', 'main', '--since=1s'])) === '',
  );
  const all = await kube(['logs', 'timed', '--all-containers', '--prefix']);
  assert.match(all, /^\[pod\/timed\/main\] old$/m);
  assert.match(all, /^\[pod\/timed\/second\] other$/m);
  await assert.rejects(kube(['logs', 'timed', '-c', 'none']), /container none is not valid for pod timed/);
});

test('logs – of a container that waits – are rejected with the reason', async () => {
  await node.create('waiting', {
    initContainers: [{ ...shell('sleep 1000'), name: 'first' }],
    containers: [shell('true')],
  });
  await node.until(
    'the init container runs',
    async () => (await node.containerOf('waiting', 'first')).state?.running !== undefined,
  );
  await assert.rejects(
    kube(['logs', 'waiting', '-c', 'main']),
    /container "main" in pod "waiting" is waiting to start: PodInitializing/,
  );
  await node.create('imageless', { containers: [{ name: 'main', image: 'registry.invalid/none:1' }] });
  await assert.rejects(async () => {
    await node.until(
      'the pull failed',
      async () => (await node.containerOf('imageless')).state?.waiting?.reason === 'ErrImagePull',
    );
    await kube(['logs', 'imageless']);
  }, /container "main" in pod "imageless" is waiting to start: trying and failing to pull image/);
});

test('a termination message – is the end of its file – and the end of the log only after an error', async () => {
  const words = (script: string, more = {}) => ({
    restartPolicy: 'Never',
    containers: [shell(script, more)],
  });
  const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };
  const many = 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo line $i; done';
  await node.create('long', words('yes abcdefg | head -c 6000 > /dev/termination-log'));
  await node.create('sorry', words(`${many}; exit 1`, fallback));
  await node.create('wide', words(`yes ${'w'.repeat(99)} | head -c 6000; exit 1`, fallback));
  await node.create('glad', words(many, fallback));
  await node.create('elsewhere', words('echo bye > /tmp/last', { terminationMessagePath: '/tmp/last' }));
  const message = async (pod: string) => (await node.containerOf(pod)).state?.terminated?.message;
  for (const pod of ['long', 'glad', 'elsewhere']) await node.untilPhase(pod, 'Succeeded');
  for (const pod of ['sorry', 'wide']) await node.untilPhase(pod, 'Failed');
  assert.equal((await message('long'))?.length, 4096);
  const expected = Array.from({ length: 80 }, (_, index) => `line ${index + 121}\n`).join('');
  assert.equal(await message('sorry'), expected);
  assert.equal((await message('wide'))?.length, 2048);
  assert.equal(await message('glad'), undefined);
  assert.equal(await message('elsewhere'), 'bye\n');
});

/** The body of the API server's answer, byte for byte, with one character for each. */
function logBytes(path: string): Promise<string> {
  const { certPem: cert, keyPem: key } = node.plane.pki.admin();
  const { port, pki } = node.plane;
  const options = { host: '127.0.0.1', port, path, cert, key, ca: pki.ca.certPem, agent: false };
  return new Promise((resolve, reject) => {
    const asked = get(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve(Buffer.concat(chunks).toString('latin1')));
    });
    asked.on('error', reject);
  });
}

test('a log – of bytes that are no text – is unchanged, limited in bytes, and replaced in termination messages', async () => {
  const text = 'caf\xe9 \xff\xfe\n';
  const script = "printf 'caf\\351 \\377\\376\\n'; exit 1";
  await node.create('bytes', {
    restartPolicy: 'Never',
    containers: [shell(script, { terminationMessagePolicy: 'FallbackToLogsOnError' })],
  });
  await node.untilPhase('bytes', 'Failed');
  const path = '/api/v1/namespaces/e2e/pods/bytes/log';
  assert.equal(await logBytes(path), text);
  assert.equal(await logBytes(`${path}?tailLines=1&follow=true`), text);
  assert.equal(await logBytes(`${path}?limitBytes=4`), text.slice(0, 4));
  assert.match(
    await logBytes(`${path}?timestamps=true`),
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\S+ caf\xe9 \xff\xfe\n$/,
  );
  const { state } = await node.containerOf('bytes');
  assert.equal(state?.terminated?.message, 'caf\u{fffd} \u{fffd}\u{fffd}\n');
});

test('the output of a failing probe – bytes that are not UTF-8 – is reported with each replaced', async () => {
  const command = ['sh', '-c', "printf 'caf\\351 \\342\\202'; exit 1"];
  await node.create('loud', {
    containers: [shell('sleep 1000', { readinessProbe: { exec: { command }, periodSeconds: 1 } })],
  });
  await node.until('the event', async () =>
    (await node.eventsOf('loud', 'Unhealthy')).includes(
      'Readiness probe failed: caf\u{fffd} \u{fffd}\u{fffd}',
    ),
  );
});
