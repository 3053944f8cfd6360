/**
 * The life of pods on a real containerd: probes, hooks, order, ends, changes; and what happens while others
 * are away.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { configMaps, leases, nodes, pods, secrets } from '#api/generated/kinds.gen.ts';
import type { Probe } from '#api/generated/types.gen.ts';
import { nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const kube = node.kube.bind(node);
const namespace = 'e2e';
const shared = `${node.dir}/shared`;

before(async () => {
  await node.start();
  mkdirSync(shared);
});
after(() => node.stop());

const sharedMount = { volumeMounts: [{ name: 'w', mountPath: '/w' }] };
const sharedVolume = { volumes: [{ name: 'w', hostPath: { path: shared } }] };
const exec = (script: string) => ({ exec: { command: ['sh', '-c', script] } });

/**
 * A gRPC health service in the image of a program that can speak it; says what the file /tmp/health holds.
 */
const healthServer = `
const { createServer } = require('node:http2');
const { existsSync } = require('node:fs');
createServer().on('stream', (stream, headers) => {
  const known = headers[':path'] === '/grpc.health.v1.Health/Check';
  stream.resume().on('end', () => {
    const trailers = { 'grpc-status': known ? 0 : 12 };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    const status = existsSync('/tmp/sick') ? 2 : 1;
    stream.end(known ? Buffer.from([0, 0, 0, 0, 2, 8, status]) : undefined);
  });
}).listen(9000);`;

async function importNode(): Promise<void> {
  const program = readFileSync(process.execPath);
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  const paths = [...libraries.matchAll(/(\/\S+\.so\S*)/g)].map((match) => match[1] ?? '');
  const entries = paths.map((path) => ({ path: path.slice(1), mode: 0o755, content: readFileSync(path) }));
  const applets = ['sh', 'touch', 'rm', 'sleep'].map((name) => ({
    path: `bin/${name}`,
    mode: 0o777,
    linkTo: 'busybox',
  }));
  const folders = [...new Set([...entries.map((entry) => entry.path), 'bin/x', 'tmp/x'].flatMap(parents))];
  await node.importImage(
    'with-node:1',
    [
      ...folders.sort().map((path) => ({ path, mode: 0o1777 })),
      { path: 'bin/node', mode: 0o755, content: program },
      { path: 'bin/busybox', mode: 0o755, content: readFileSync('/usr/bin/busybox') },
      ...applets,
      ...entries,
    ],
    { Env: ['PATH=/bin'] },
  );
}

/** `a/b/c` gives `a/` and `a/b/`. */
function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/`);
}

test('a gRPC probe – serving or not – makes the pod ready or restarts the container', async () => {
  await importNode();
  const grpc = (port: number): Probe => ({ grpc: { port }, periodSeconds: 1, failureThreshold: 1 });
  const container = {
    name: 'main',
    image: 'with-node:1',
    command: ['node', '-e', healthServer],
    startupProbe: { ...grpc(9000), failureThreshold: 60 },
    readinessProbe: grpc(9000),
  };
  await node.create('grpc', { containers: [container] });
  await node.untilReady('grpc');
  await kube(['exec', 'grpc', '--', 'touch', '/tmp/sick']);
  await node.until('unready', async () => !(await node.containerOf('grpc')).ready);
  const said = 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")';
  await node.until('the event', async () => (await node.eventsOf('grpc', 'Unhealthy')).includes(said));
  await kube(['exec', 'grpc', '--', 'rm', '/tmp/sick']);
  await node.untilReady('grpc');
  assert.equal((await node.containerOf('grpc')).restartCount, 0);
  // Nothing of the kind is served there.
  await node.create('grpc-live', {
    containers: [{ ...container, livenessProbe: { ...grpc(9001), failureThreshold: 2 } }],
  });
  await node.until('a restart', async () => (await node.containerOf('grpc-live')).restartCount > 0);
  const { podIP } = await node.statusOf('grpc-live');
  const failed = (await node.eventsOf('grpc-live', 'Unhealthy')).filter((message) =>
    message.startsWith('Liveness'),
  );
  assert.match(
    failed[0] ?? '',
    new RegExp(`^Liveness probe failed: timeout: failed to connect service "${podIP}:9001" within 1s: .+`),
  );
});

test('a TCP probe – port by number and by name – decides readiness and liveness', async () => {
  const serve = 'until test -e /tmp/go; do sleep 0.1; done; mkdir -p /srv; exec httpd -f -p 8080 -h /srv';
  const tcp = (port: unknown): Probe => ({ tcpSocket: { port }, periodSeconds: 1 }) as Probe;
  const ports = [{ name: 'web', containerPort: 8080 }];
  await node.create('tcp', {
    containers: [
      shell(serve, {
        ports,
        readinessProbe: tcp('web'),
        livenessProbe: { ...tcp(8080), failureThreshold: 300 },
      }),
    ],
  });
  await node.until('it is refused', async () => {
    const { podIP } = await node.statusOf('tcp');
    const refused = `Readiness probe failed: dial tcp ${podIP}:8080: connect: connection refused`;
    return (await node.eventsOf('tcp', 'Unhealthy')).includes(refused);
  });
  await kube(['exec', 'tcp', '--', 'touch', '/tmp/go']);
  await node.untilReady('tcp');
  assert.equal((await node.containerOf('tcp')).restartCount, 0);
  await node.create('tcp-dead', {
    containers: [
      shell('while true; do sleep 0.2; done', { livenessProbe: { ...tcp(8081), failureThreshold: 1 } }),
    ],
  });
  await node.until('a restart', async () => (await node.containerOf('tcp-dead')).restartCount > 0);
  assert.ok(
    (await node.eventsOf('tcp-dead', 'Killing')).includes(
      'Container main failed liveness probe, will be restarted',
    ),
  );
});

test('a startup probe – failing – restarts the container, and holds the other probes back meanwhile', async () => {
  const startupProbe = { ...exec('exit 1'), periodSeconds: 1, failureThreshold: 2 };
  const readinessProbe = { ...exec('touch /w/asked'), periodSeconds: 1 };
  await node.create('slow', {
    containers: [shell('while true; do sleep 0.2; done', { startupProbe, readinessProbe, ...sharedMount })],
    ...sharedVolume,
  });
  await node.until('a restart', async () => (await node.containerOf('slow')).restartCount > 0);
  assert.equal((await node.containerOf('slow')).started, false);
  assert.ok(
    (await node.eventsOf('slow', 'Killing')).includes(
      'Container main failed startup probe, will be restarted',
    ),
  );
  assert.ok(!existsSync(`${shared}/asked`));
});

test('a probe – that hangs – fails, and its own grace period counts', async () => {
  const livenessProbe = {
    ...exec('sleep 100'),
    periodSeconds: 1,
    failureThreshold: 1,
    terminationGracePeriodSeconds: 1,
  };
  await node.create('hanging', {
    terminationGracePeriodSeconds: 600,
    containers: [shell('trap "" TERM; while true; do sleep 0.2; done', { livenessProbe })],
  });
  await node.until('a restart', async () => (await node.containerOf('hanging')).restartCount > 0);
  assert.match(
    (await node.eventsOf('hanging', 'Unhealthy'))[0] ?? '',
    /^Liveness probe failed: command timed out: "sh -c sleep 100" timed out after 1s$/,
  );
  assert.equal((await node.containerOf('hanging')).lastState?.terminated?.exitCode, 137);
});

test('a postStart hook – that fails – ends its container', async () => {
  await node.create('hooked', {
    containers: [
      shell('while true; do sleep 0.2; done', { lifecycle: { postStart: exec('echo oh no; exit 4') } }),
    ],
  });
  await node.until(
    'it is reported',
    async () => (await node.eventsOf('hooked', 'FailedPostStartHook')).length > 0,
  );
  assert.deepEqual(await node.eventsOf('hooked', 'FailedPostStartHook'), ['PostStartHook failed']);
  await node.until('the kill', async () =>
    (await node.eventsOf('hooked', 'Killing')).includes('FailedPostStartHook'),
  );
  await node.until('the reason', async () => {
    const { waiting } = (await node.containerOf('hooked')).state ?? {};
    return waiting?.reason === 'PostStartHookError' || waiting?.reason === 'CrashLoopBackOff';
  });
});

test('a terminating pod – runs all preStop hooks at once – then ends main containers, then sidecars from the last', async () => {
  const write = (text: string) => `echo ${text} >> /w/order`;
  const runs = (name: string, more = {}) => ({
    ...shell(`trap "${write(name)}; exit 0" TERM; while true; do sleep 0.1; done`, sharedMount),
    name,
    lifecycle: { preStop: exec(write(`pre-${name}`)) },
    ...more,
  });
  const sidecar = { restartPolicy: 'Always' };
  const afterOne = `${write('pre-main')}; until grep -q pre-one /w/order; do sleep 0.1; done`;
  await node.create('ordered', {
    terminationGracePeriodSeconds: 30,
    initContainers: [
      runs('one', sidecar),
      { ...shell(write('init'), sharedMount), name: 'init' },
      runs('two', { ...sidecar, lifecycle: { preStop: { sleep: { seconds: 1 } } } }),
    ],
    // Its hook ends when the sidecar's has run beside it.
    containers: [runs('main', { lifecycle: { preStop: exec(afterOne) } })],
    ...sharedVolume,
  });
  await node.untilReady('ordered');
  const started = async (name: string) =>
    Date.parse((await node.containerOf('ordered', name)).state?.running?.startedAt ?? '');
  assert.ok((await started('one')) <= (await started('two')));
  assert.ok((await started('two')) <= (await started('main')));
  await kube(['delete', 'pod', 'ordered', '--timeout=120s']);
  const lines = readFileSync(`${shared}/order`, 'utf8').trim().split('\n');
  assert.equal(lines[0], 'init');
  assert.deepEqual(lines.slice(1, 3).sort(), ['pre-main', 'pre-one']);
  assert.deepEqual(lines.slice(3), ['main', 'two', 'one']);
});

test('a sidecar – of a pod with any restart policy – is restarted, and does not keep the pod from ending', async () => {
  await node.create('helped', {
    restartPolicy: 'Never',
    initContainers: [{ ...shell('sleep 1; exit 3'), name: 'side', restartPolicy: 'Always' }],
    containers: [shell('until test -e /w/helped; do sleep 0.1; done', sharedMount)],
    ...sharedVolume,
  });
  await node.until(
    'the sidecar again',
    async () => (await node.containerOf('helped', 'side')).restartCount > 0,
  );
  writeFileSync(`${shared}/helped`, '');
  const status = await node.untilPhase('helped', 'Succeeded');
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.reason, 'Completed');
});

test('a restart rule – for all containers – starts the pod again from its init containers in the same sandbox', async () => {
  const restartPolicyRules = [
    { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } },
  ];
  const once = shell('sleep 1; test -e /w/reset || { touch /w/reset; exit 42; }; sleep 1000', sharedMount);
  await node.create('reset', {
    restartPolicy: 'Never',
    initContainers: [{ ...shell('echo ran >> /w/inits', sharedMount), name: 'init' }],
    containers: [
      { ...once, restartPolicy: 'Never', restartPolicyRules },
      { ...shell('echo $$ >> /w/others; sleep 1000', sharedMount), name: 'other' },
    ],
    ...sharedVolume,
  });
  await node.until('an address', async () => (await node.statusOf('reset')).podIP !== undefined);
  const { podIP } = await node.statusOf('reset');
  await node.until('the restart of all', async () => {
    const counts = await Promise.all(
      ['init', 'main', 'other'].map(async (name) => (await node.containerOf('reset', name)).restartCount),
    );
    assert.deepEqual(counts, [1, 1, 1]);
    return (await node.containerOf('reset', 'main')).state?.running !== undefined;
  });
  assert.equal((await node.statusOf('reset')).podIP, podIP);
  assert.equal(readFileSync(`${shared}/inits`, 'utf8'), 'ran\nran\n');
  const { state, lastState } = await node.containerOf('reset', 'other');
  assert.ok(state?.running);
  assert.deepEqual(
    [lastState?.terminated?.reason, lastState?.terminated?.exitCode],
    ['RestartingAllContainers', 137],
  );
  await node.until('the condition', async () => {
    const { conditions = [] } = await node.statusOf('reset');
    return conditions.some(({ type, status }) => type === 'AllContainersRestarting' && status === 'False');
  });
});

test('a container – that ignores its stop signal – is killed at the end of the grace period', async () => {
  const stubborn = { ...shell('trap "echo got TERM" TERM; while true; do sleep 0.1; done'), ...sharedMount };
  await node.create('stubborn', {
    terminationGracePeriodSeconds: 2,
    containers: [stubborn],
    ...sharedVolume,
  });
  await node.untilReady('stubborn');
  const seen: number[] = [];
  await kube(['delete', 'pod', 'stubborn', '--wait=false']);
  await node.until('it is gone', async () => {
    const found = (await node.client.list(pods, { namespace, fieldSelector: 'metadata.name=stubborn' }))
      .items[0];
    const code = found?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
    if (code !== undefined) seen.push(code);
    return found === undefined;
  });
  assert.ok(seen.every((code) => code === 137));
});

test('the conditions of a pod – at each step – have the generation that they were made for', async () => {
  await node.create('reported', {
    initContainers: [{ ...shell('until test -e /w/go; do sleep 0.1; done', sharedMount), name: 'first' }],
    containers: [
      shell('sleep 1000', {
        readinessProbe: { ...exec('test -e /w/ready'), periodSeconds: 1 },
        ...sharedMount,
      }),
    ],
    readinessGates: [{ conditionType: 'example.org/gate' }],
    ...sharedVolume,
  });
  const conditions = async () =>
    Object.fromEntries(
      ((await node.statusOf('reported')).conditions ?? []).map(
        ({ type, status, reason = '', message = '', observedGeneration }) => [
          type,
          { status, reason, message, observedGeneration },
        ],
      ),
    );
  const says = async (type: string, status: string, reason = '', message = '') => {
    const expected = { status, reason, message, observedGeneration: 1 };
    await node.until(`${type} is ${status} ${reason}`, async () => {
      assert.deepEqual((await conditions())[type], expected);
      return true;
    });
  };
  await says('PodReadyToStartContainers', 'True');
  await says(
    'Initialized',
    'False',
    'ContainersNotInitialized',
    'containers with incomplete status: [first]',
  );
  await says('ContainersReady', 'False', 'ContainersNotReady', 'containers with unready status: [main]');
  await says('Ready', 'False', 'ContainersNotReady', 'containers with unready status: [main]');
  await says('PodScheduled', 'True');
  writeFileSync(`${shared}/go`, '');
  await says('Initialized', 'True');
  writeFileSync(`${shared}/ready`, '');
  await says('ContainersReady', 'True');
  await says(
    'Ready',
    'False',
    'ReadinessGatesNotReady',
    'corresponding condition of pod readiness gate "example.org/gate" does not exist.',
  );
  const gate = { type: 'example.org/gate', status: 'True', lastTransitionTime: new Date().toISOString() };
  await node.client.patch(
    pods,
    { namespace, name: 'reported' },
    'strategic',
    { status: { conditions: [gate] } },
    { subresource: 'status' },
  );
  await says('Ready', 'True');
});

test('files of a volume – their sources change – change all at once; a sub-path stays as it was', async () => {
  await node.client.create(configMaps, { metadata: { name: 'live', namespace }, data: { a: '1', b: '1' } });
  await node.client.create(secrets, { metadata: { name: 'live', namespace }, stringData: { s: '1' } });
  const projected = {
    sources: [
      { configMap: { name: 'live', items: [{ key: 'a', path: 'from-map' }] } },
      { secret: { name: 'live' } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ],
  };
  await node.create(
    'live',
    {
      containers: [
        shell('sleep 1000', {
          volumeMounts: [
            { name: 'map', mountPath: '/map' },
            { name: 'secret', mountPath: '/secret' },
            { name: 'all', mountPath: '/all' },
            { name: 'info', mountPath: '/info' },
            { name: 'map', mountPath: '/one', subPath: 'a' },
          ],
        }),
      ],
      volumes: [
        { name: 'map', configMap: { name: 'live' } },
        { name: 'secret', secret: { secretName: 'live' } },
        { name: 'all', projected },
        {
          name: 'info',
          downwardAPI: { items: [{ path: 'note', fieldRef: { fieldPath: "metadata.annotations['note']" } }] },
        },
      ],
    },
    { labels: { l: '1' }, annotations: { note: '1' } },
  );
  await node.untilReady('live');
  const read = () =>
    kube([
      'exec',
      'live',
      '--',
      'sh',
      '-c',
      'for f in /map/a /map/b /secret/s /all/from-map /all/s /all/labels /info/note /one; do cat $f; echo; done',
    ]);
  assert.equal(await read(), '1\n1\n1\n1\n1\nl="1"\n1\n1\n');
  const target = () => kube(['exec', 'live', '--', 'readlink', '/map/..data']);
  const before = await target();
  await node.client.patch(configMaps, { namespace, name: 'live' }, 'merge', { data: { a: '2', b: '2' } });
  await node.client.patch(secrets, { namespace, name: 'live' }, 'merge', { stringData: { s: '2' } });
  await node.client.patch(pods, { namespace, name: 'live' }, 'merge', {
    metadata: { labels: { l: '2' }, annotations: { note: '2' } },
  });
  await node.until('all but the sub-path', async () => (await read()) === '2\n2\n2\n2\n2\nl="2"\n2\n1\n');
  assert.notEqual(await target(), before);
  assert.match(await target(), /^\.\.\d{4}_\d\d_\d\d_/);
});

test('a crashed container – the API server is away – starts again with the known sources', async () => {
  await node.client.create(configMaps, { metadata: { name: 'known', namespace }, data: { a: 'kept' } });
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'known', key: 'a' } } }];
  const script = 'echo $A >> /w/lives; until test -e /w/crash; do sleep 0.1; done; rm /w/crash; exit 1';
  await node.create('alone', { containers: [shell(script, { env, ...sharedMount })], ...sharedVolume });
  await node.untilReady('alone');
  node.apiGoes();
  try {
    writeFileSync(`${shared}/crash`, '');
    await node.until('a second life', async () => readFileSync(`${shared}/lives`, 'utf8') === 'kept\nkept\n');
  } finally {
    node.apiComesBack();
  }
  await node.until('it is reported', async () => (await node.containerOf('alone')).restartCount === 1);
});

test('pods – created and deleted while the kubelet was down – are started and ended', async () => {
  await node.create('stays', { containers: [shell('sleep 1000')] });
  await node.create('goes', { containers: [shell('sleep 1000')] });
  await node.untilReady('stays');
  await node.untilReady('goes');
  const stays = (await node.containerOf('stays')).containerID;
  const goes = JSON.parse(await kube(['get', 'pod', 'goes', '-o', 'json'])).metadata.uid;
  await node.kubelet.stop();
  await node.client.delete(pods, { namespace, name: 'goes' }, { gracePeriodSeconds: 0 });
  await node.create('comes', { containers: [shell('sleep 1000')] });
  await node.startKubelet();
  await node.untilReady('comes');
  await node.until('the other is gone', async () => (await node.runtime.listPodSandboxes(goes)).length === 0);
  await node.until('so is its directory', async () => !existsSync(`${node.dir}/kubelet/pods/${goes}`));
  const { containerID, restartCount, ready } = await node.containerOf('stays');
  assert.deepEqual([containerID, restartCount, ready], [stays, 0, true]);
});

test('the node – registered – reports its capacity, addresses and conditions', async (t) => {
  const { metadata, status } = await node.client.get(nodes, { name: nodeName });
  assert.deepEqual(
    status?.conditions?.map(({ type, status: value, reason, message }) => [type, value, reason, message]),
    [
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
      ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
    ],
  );
  const { capacity = {}, allocatable = {}, nodeInfo, images = [], addresses } = status ?? {};
  for (const name of ['cpu', 'memory', 'ephemeral-storage', 'pods']) {
    await t.test(name, () => {
      assert.ok(capacity[name] && allocatable[name], name);
    });
  }
  assert.match(nodeInfo?.containerRuntimeVersion ?? '', /^containerd:\/\/\d/);
  assert.match(nodeInfo?.kubeletVersion ?? '', /^v1\.36\./);
  assert.ok(nodeInfo?.kernelVersion && nodeInfo.osImage && nodeInfo.bootID && nodeInfo.machineID);
  assert.ok(
    images.some(
      (image) => image.names?.some((name) => name.includes('kubelet-test:1')) && (image.sizeBytes ?? 0) > 0,
    ),
  );
  assert.deepEqual(addresses, [
    { type: 'InternalIP', address: '127.0.0.1' },
    { type: 'Hostname', address: nodeName },
  ]);
  assert.equal(metadata.labels?.['kubernetes.io/hostname'], nodeName);
  const lease = await node.client.get(leases, { namespace: 'kube-node-lease', name: nodeName });
  assert.equal(lease.spec?.holderIdentity, nodeName);
  assert.equal(lease.spec?.leaseDurationSeconds, 40);
  assert.equal(lease.metadata.ownerReferences?.[0]?.uid, metadata.uid);
});

test('a container – failing its liveness probe and slow to end – is no longer probed', async () => {
  const slow = shell("trap 'echo TERM' TERM; while true; do sleep 0.2; done", {
    livenessProbe: {
      exec: { command: ['sh', '-c', 'echo probe >> /proc/1/fd/1; exit 1'] },
      periodSeconds: 1,
      timeoutSeconds: 30,
      failureThreshold: 1,
    },
  });
  await node.create('slow-death', { terminationGracePeriodSeconds: 5, containers: [slow] });
  await node.until(
    'a restart',
    async () => (await node.containerOf('slow-death')).restartCount === 1,
    60_000,
  );
  assert.match(await node.kube(['logs', 'slow-death', '--previous']), /^probe\nTERM\n$/);
});

test('a variable reference – ends with the first closing bracket – in a probe’s command, too', async () => {
  await node.create('nested', {
    restartPolicy: 'Never',
    containers: [
      shell('', {
        command: ['sh', '-c', 'echo "$@"; while ! [ -e /tmp/seen ]; do sleep 0.1; done', '-'],
        args: ['$($(A))', '$(A(B))', '$(NONE)', '$$(A)'],
        env: [
          { name: 'A', value: 'a' },
          { name: 'A(B', value: 'paren' },
          { name: 'SEEN', value: 'seen' },
        ],
        startupProbe: { exec: { command: ['touch', '/tmp/$(SEEN)'] }, periodSeconds: 1 },
      }),
    ],
  });
  await node.untilPhase('nested', 'Succeeded');
  assert.equal(await node.kube(['logs', 'nested']), '$($(A)) paren) $(NONE) $(A)\n');
});
