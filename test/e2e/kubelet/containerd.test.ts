/**
 * What the kubelet makes of pods on a real containerd, seen through stock kubectl and from inside the
 * containers.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { configMaps, events, pods, secrets } from '#api/generated/kinds.gen.ts';
import { tryCommand } from '#host/processes/command.ts';
import { image, RealKubelet, shell } from '../../support/real-kubelet.ts';

const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const node = new RealKubelet();
const { dir } = node;
const kube = node.kube.bind(node);
const create = node.create.bind(node);
const statusOf = node.statusOf.bind(node);
const until = node.until.bind(node);
const untilPhase = node.untilPhase.bind(node);

before(() => node.start());
after(() => node.stop());

test('a pod – on containerd – runs with its environment, volumes and addresses', async (t) => {
  await node.client.create(configMaps, {
    metadata: { name: 'conf', namespace: 'e2e' },
    data: { A: 'alpha', 'app.ini': 'x=1' },
  });
  await node.client.create(secrets, {
    metadata: { name: 'key', namespace: 'e2e' },
    data: { token: Buffer.from('s3cret').toString('base64') },
  });
  await create(
    'full',
    {
      serviceAccountName: 'default',
      containers: [
        shell('echo started; while true; do sleep 1; done', {
          env: [
            { name: 'FIRST', value: 'one' },
            { name: 'SECOND', value: '$(FIRST)-two-$(NONE)-$$(FIRST)' },
            { name: 'FROM_MAP', valueFrom: { configMapKeyRef: { name: 'conf', key: 'A' } } },
            { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          ],
          resources: { limits: { cpu: '200m', memory: '64Mi' }, requests: { cpu: '100m', memory: '32Mi' } },
          volumeMounts: [
            { name: 'conf', mountPath: '/conf' },
            { name: 'key', mountPath: '/key', readOnly: true },
            { name: 'scratch', mountPath: '/scratch' },
            { name: 'info', mountPath: '/info' },
          ],
        }),
      ],
      volumes: [
        { name: 'conf', configMap: { name: 'conf' } },
        { name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } },
        { name: 'scratch', emptyDir: { medium: 'Memory' } },
        {
          name: 'info',
          projected: {
            sources: [
              { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
              { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            ],
          },
        },
      ],
    },
    { labels: { app: 'full' } },
  );
  const status = await untilPhase('full', 'Running');
  await until('ready', async () => (await statusOf('full')).containerStatuses?.[0]?.ready === true);
  assert.match(status.podIP ?? '', /^198\.18\.\d+\.\d+$/);
  const seen = await kube(['exec', 'full', '--', 'env']);
  assert.match(seen, /^SECOND=one-two-\$\(NONE\)-\$\(FIRST\)$/m);
  assert.match(seen, /^FROM_MAP=alpha$/m);
  assert.match(seen, new RegExp(`^POD_IP=${status.podIP}$`, 'm'));
  assert.match(seen, /^CPU=200$/m);
  assert.equal(await kube(['exec', 'full', '--', 'cat', '/conf/app.ini', '/key/token']), 'x=1s3cret');
  assert.equal(await kube(['exec', 'full', '--', 'cat', '/info/labels']), 'app="full"');
  assert.match(await kube(['exec', 'full', '--', 'cat', '/info/token']), /^ey.*\..*\./);
  const mounts = await kube(['exec', 'full', '--', 'mount']);
  for (const inMemory of ['/scratch', '/key', '/info']) {
    await t.test(`tmpfs on ${inMemory}`, () => {
      assert.match(mounts, new RegExp(`^tmpfs on ${inMemory} type tmpfs`, 'm'));
    });
  }
  assert.match(
    await kube(['exec', 'full', '--', 'cat', '/etc/resolv.conf']),
    /search e2e\.svc\.cluster\.local/,
  );
  assert.match(await kube(['exec', 'full', '--', 'cat', '/etc/hosts']), new RegExp(`${status.podIP}\tfull`));
  assert.match(await kube(['logs', 'full']), /^started$/m);
});

test('a ConfigMap – changed – is updated in the files of a running pod', async () => {
  await node.client.patch(configMaps, { namespace: 'e2e', name: 'conf' }, 'merge', {
    data: { 'app.ini': 'x=2' },
  });
  await until('new file', async () => (await kube(['exec', 'full', '--', 'cat', '/conf/app.ini'])) === 'x=2');
});

test('exec – with stdin – passes it with its end, and the exit code', async () => {
  const much = 'x'.repeat(20_000_000);
  assert.equal((await kube(['exec', '-i', 'full', '--', 'wc', '-c'], much)).trim(), '20000000');
  assert.equal((await kube(['exec', '-i', 'full', '--', 'cat'], much)).length, much.length);
  await assert.rejects(kube(['exec', 'full', '--', 'sh', '-c', 'exit 7']), /exit code 7/);
});

test('kubectl cp – in both directions – copies files', async () => {
  writeFileSync(`${dir}/out.txt`, 'copied');
  await kube(['cp', `${dir}/out.txt`, 'full:/tmp/in.txt']);
  assert.equal(await kube(['exec', 'full', '--', 'cat', '/tmp/in.txt']), 'copied');
  await kube(['cp', 'full:/tmp/in.txt', `${dir}/back.txt`]);
  assert.equal(readFileSync(`${dir}/back.txt`, 'utf8'), 'copied');
});

test('the kubelet – restarted – restarts no container', async () => {
  const before = (await statusOf('full')).containerStatuses?.[0];
  await node.kubelet.stop();
  await node.startKubelet();
  await create('after-restart', { containers: [shell('sleep 1000')] });
  await untilPhase('after-restart', 'Running');
  const now = (await statusOf('full')).containerStatuses?.[0];
  assert.equal(now?.containerID, before?.containerID);
  assert.equal(now?.restartCount, 0);
  assert.equal(now?.ready, true);
});

test('containerd – killed – comes back, and its pods go on', async () => {
  const before = (await statusOf('full')).containerStatuses?.[0]?.containerID;
  process.kill(node.containerd.pid, 'SIGKILL');
  await until('exec works again', async () =>
    kube(['exec', 'full', '--', 'true']).then(
      () => true,
      () => false,
    ),
  );
  assert.equal((await statusOf('full')).containerStatuses?.[0]?.containerID, before);
});

test('init containers – run first – then the pod completes, with its termination message', async () => {
  await create('done', {
    restartPolicy: 'Never',
    initContainers: [
      {
        ...shell('echo ready > /scratch/flag'),
        name: 'first',
        volumeMounts: [{ name: 'w', mountPath: '/scratch' }],
      },
    ],
    containers: [
      shell('cat /scratch/flag; echo bye > /dev/termination-log', {
        volumeMounts: [{ name: 'w', mountPath: '/scratch' }],
      }),
    ],
    volumes: [{ name: 'w', emptyDir: {} }],
  });
  const status = await untilPhase('done', 'Succeeded');
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.reason, 'Completed');
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.message, 'bye\n');
  assert.equal(await kube(['logs', 'done']), 'ready\n');
});

test('a crashing container – is backed off – and its previous log is kept', async () => {
  await create('crash', { containers: [shell('echo try; exit 3')] });
  await until('back-off', async () => {
    const waiting = (await statusOf('crash')).containerStatuses?.[0]?.state?.waiting;
    return waiting?.reason === 'CrashLoopBackOff';
  });
  const status = (await statusOf('crash')).containerStatuses![0]!;
  assert.equal(status.lastState?.terminated?.exitCode, 3);
  assert.match(
    status.state?.waiting?.message ?? '',
    /^back-off 10s restarting failed container=main pod=crash_e2e/,
  );
  assert.equal(await kube(['logs', 'crash', '--previous']), 'try\n');
});

test('a container – its liveness probe fails – is restarted', async () => {
  await create('alive', {
    containers: [
      shell('sleep 1000', {
        livenessProbe: { exec: { command: ['sh', '-c', 'exit 1'] }, periodSeconds: 1, failureThreshold: 1 },
      }),
    ],
  });
  await until(
    'restart',
    async () => ((await statusOf('alive')).containerStatuses?.[0]?.restartCount ?? 0) > 0,
  );
  const killing = (await node.client.list(events, { namespace: 'e2e' })).items.find(
    (event) => event.involvedObject.name === 'alive' && event.reason === 'Killing',
  );
  assert.equal(killing?.message, 'Container main failed liveness probe, will be restarted');
});

test('an image – that does not exist – leaves its pod waiting with the reason', async () => {
  await create('absent', { containers: [{ name: 'main', image: 'registry.invalid/none:1' }] });
  const reasons = new Set<string>();
  await until('back-off', async () => {
    reasons.add((await statusOf('absent')).containerStatuses?.[0]?.state?.waiting?.reason ?? '');
    return reasons.has('ImagePullBackOff');
  });
  assert.ok(reasons.has('ErrImagePull'));
});

test('port-forward – to a pod – reaches its port', async () => {
  await create('serving', { containers: [shell('while true; do echo hello | nc -l -p 8080; done')] });
  await untilPhase('serving', 'Running');
  const { spawn } = await import('node:child_process');
  const forward = spawn(kubectl, ['port-forward', 'pod/serving', ':8080'], {
    env: { ...process.env, KUBECONFIG: `${dir}/kubeconfig`, HOME: dir },
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let text = '';
      forward.stdout.on('data', (chunk) => {
        text += chunk;
        const found = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (found) resolve(found);
      });
      forward.stderr.on('data', (chunk) => reject(new Error(String(chunk))));
      forward.on('exit', () => reject(new Error('port-forward ended')));
    });
    const { connect } = await import('node:net');
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('data', (chunk) => resolve(chunk.toString()));
      socket.on('error', reject);
    });
    assert.equal(answer, 'hello\n');
  } finally {
    forward.kill();
  }
});

test('a container – over its memory limit – is OOMKilled', async () => {
  const hungry = shell('x=0123456789; while true; do x=$x$x; done', {
    resources: { limits: { memory: '20Mi' } },
  });
  await create('hungry', { restartPolicy: 'Never', containers: [hungry] });
  const status = await untilPhase('hungry', 'Failed');
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.reason, 'OOMKilled');
  assert.equal(status.containerStatuses?.[0]?.state?.terminated?.exitCode, 137);
});

test('a token – of a pod with runAsUser and fsGroup – is readable by that user and group', async (t) => {
  const sources = [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }];
  const cases: [name: string, securityContext: object, expected: string][] = [
    ['token-user', { runAsUser: 1000 }, '600 1000 0'],
    ['token-group', { fsGroup: 10_000 }, '640 0 10000'],
    ['token-both', { runAsUser: 1000, fsGroup: 10_000 }, '640 1000 10000'],
    ['token-none', {}, '644 0 0'],
  ];
  for (const [name, securityContext] of cases) {
    await node.create(name, {
      restartPolicy: 'Never',
      securityContext,
      volumes: [{ name: 'token', projected: { sources } }],
      containers: [
        shell("stat -Lc '%a %u %g' /token/token; wc -c < /token/token", {
          volumeMounts: [{ name: 'token', mountPath: '/token', readOnly: true }],
        }),
      ],
    });
  }
  for (const [name, , expected] of cases) {
    await t.test(name, async () => {
      await node.untilPhase(name, 'Succeeded');
      assert.match(await node.kube(['logs', name]), new RegExp(`^${expected}\n\\d+\n$`), name);
    });
  }
});

test('users, groups, read-only roots, sub-paths and the host network – of a pod – are applied', async () => {
  await create('modest', {
    hostNetwork: true,
    securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000, supplementalGroups: [4000] },
    containers: [
      shell('id; stat -c %g:%a /data; touch /nope 2>&1; echo in > /data/sub/f; ls /one; sleep 1000', {
        securityContext: {
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        },
        env: [{ name: 'DIR', value: 'sub' }],
        volumeMounts: [
          { name: 'd', mountPath: '/data' },
          { name: 'd', mountPath: '/data/sub', subPathExpr: '$(DIR)' },
          { name: 'c', mountPath: '/one', subPath: 'A' },
        ],
      }),
    ],
    volumes: [
      { name: 'd', emptyDir: {} },
      { name: 'c', configMap: { name: 'conf' } },
    ],
  });
  assert.equal((await untilPhase('modest', 'Running')).podIP, '127.0.0.1');
  await until('log', async () => (await kube(['logs', 'modest'])).includes('/one'));
  const log = await kube(['logs', 'modest']);
  assert.match(log, /uid=1000 gid=2000 groups=2000,3000,4000/);
  assert.match(log, /3000:2777/);
  assert.match(log, /Read-only file system|not found/);
});

test('a sidecar – beside the main container – runs, hooks run, and the end is graceful', async () => {
  await create('team', {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 20,
    initContainers: [
      {
        ...shell('trap "echo side-end >> /w/log; exit 0" TERM; while true; do sleep 0.2; done'),
        name: 'side',
        restartPolicy: 'Always',
        volumeMounts: [{ name: 'w', mountPath: '/w' }],
        startupProbe: { exec: { command: ['true'] }, periodSeconds: 1 },
      },
    ],
    containers: [
      shell('trap "echo main-end >> /w/log; exit 0" TERM; while true; do sleep 0.2; done', {
        volumeMounts: [{ name: 'w', mountPath: '/w' }],
        lifecycle: {
          postStart: { exec: { command: ['sh', '-c', 'echo post >> /w/log'] } },
          preStop: { exec: { command: ['sh', '-c', 'echo pre >> /w/log'] } },
        },
      }),
    ],
    volumes: [{ name: 'w', hostPath: { path: `${dir}/shared`, type: 'DirectoryOrCreate' } }],
  });
  await untilPhase('team', 'Running');
  await until('ready', async () => (await statusOf('team')).containerStatuses?.[0]?.ready === true);
  assert.equal((await statusOf('team')).initContainerStatuses?.[0]?.started, true);
  await kube(['delete', 'pod', 'team', '--timeout=120s']);
  assert.equal(readFileSync(`${dir}/shared/log`, 'utf8'), 'post\npre\nmain-end\nside-end\n');
});

test('a pod – over its activeDeadlineSeconds – fails', async () => {
  await create('late', { activeDeadlineSeconds: 2, containers: [shell('sleep 1000')] });
  const status = await untilPhase('late', 'Failed');
  assert.equal(status.reason, 'DeadlineExceeded');
});

test('readiness – of an HTTP probe – follows its answers', async () => {
  const page = 'printf "HTTP/1.0 200 OK\\r\\n\\r\\nok"';
  await create('web', {
    containers: [
      shell(`until test -e /tmp/go; do sleep 0.1; done; while true; do ${page} | nc -l -p 8081; done`, {
        readinessProbe: { httpGet: { path: '/ready', port: 8081 }, periodSeconds: 1 },
      }),
    ],
  });
  const refused =
    /^Readiness probe failed: Get "http:\/\/198\.18\.\d+\.\d+:8081\/ready": dial tcp .*: connect: connection refused$/;
  await until('it is refused', async () =>
    (await node.eventsOf('web', 'Unhealthy')).some((message) => refused.test(message)),
  );
  assert.equal((await statusOf('web')).containerStatuses?.[0]?.ready, false);
  await kube(['exec', 'web', '--', 'touch', '/tmp/go']);
  await until('ready', async () => (await statusOf('web')).containerStatuses?.[0]?.ready === true);
});

test('logs – with tail, since, timestamps, limit and follow – are those lines', async () => {
  await create('talk', {
    restartPolicy: 'Never',
    containers: [
      shell(
        'until test -e /tmp/go; do sleep 0.1; done; for i in 1 2 3 4 5 6; do echo line $i; sleep 0.4; done',
      ),
    ],
  });
  await untilPhase('talk', 'Running');
  const followed = kube(['logs', '-f', 'talk']);
  await kube(['exec', 'talk', '--', 'touch', '/tmp/go']);
  assert.equal(await followed, [1, 2, 3, 4, 5, 6].map((i) => `line ${i}\n`).join(''));
  assert.equal(await kube(['logs', 'talk', '--tail=2']), 'line 5\nline 6\n');
  assert.equal(await kube(['logs', 'talk', '--limit-bytes=9']), 'line 1\nli');
  assert.match(
    await kube(['logs', 'talk', '--timestamps', '--tail=1']),
    /^\d{4}-\d\d-\d\dT[\d:.]+Z line 6\n$/,
  );
  assert.equal(await kube(['logs', 'talk', '--since=1h', '--tail=1']), 'line 6\n');
});

test('exec and attach – by older clients over SPDY – reach stdin', async () => {
  await create('echo', {
    containers: [shell('while read line; do echo got $line; done; sleep 1000', { stdin: true })],
  });
  await untilPhase('echo', 'Running');
  const spdy = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' };
  assert.equal(await kube(['exec', '-i', 'echo', '--', 'cat'], 'over spdy', spdy), 'over spdy');
  const attached = kube(['attach', '-i', 'echo'], 'hello\n').catch((error) => String(error));
  await until('answer', async () => (await kube(['logs', 'echo'])).includes('got hello'));
  await kube(['delete', 'pod', 'echo', '--now']);
  await attached;
});

test('a terminal – resized – has the new size', async () => {
  await create('tty', { containers: [shell('sleep 1000')] });
  await untilPhase('tty', 'Running');
  const whenSized = 'until stty size | grep -v "^0 0"; do sleep 0.1; done';
  const typed = `stty rows 33 cols 77; exec ${kubectl} exec -it tty -- sh -c '${whenSized}'`;
  const result = await tryCommand('script', ['-qec', typed, '/dev/null'], {
    env: { KUBECONFIG: `${dir}/kubeconfig`, HOME: dir },
    timeoutMs: 60_000,
  });
  assert.match(result.stdout, /33 77/);
});

test('a container – whose program does not exist – fails to start', async () => {
  await create('wrong', { containers: [{ name: 'main', image, command: ['/nope'] }] });
  await until('error', async () => {
    const { state, lastState } = (await statusOf('wrong')).containerStatuses?.[0] ?? {};
    return lastState?.terminated?.reason === 'StartError' && state?.waiting?.reason === 'RunContainerError';
  });
  const { terminated } = (await statusOf('wrong')).containerStatuses![0]!.lastState!;
  assert.equal(terminated?.exitCode, 128);
  assert.match(terminated?.message ?? '', /no such file or directory/);
  const { waiting } = (await statusOf('wrong')).containerStatuses![0]!.state!;
  assert.match(waiting?.message ?? '', /^failed to create containerd task: /);
  const reported = (await node.eventsOf('wrong', 'Failed'))[0] ?? '';
  assert.match(reported, /^Error: failed to create containerd task: .*no such file or directory/s);
});

test('limits – of a container – are set in its control group', async () => {
  const container = shell(
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; sleep 1000',
    {
      resources: { limits: { cpu: '500m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } },
    },
  );
  await create('limited', { containers: [container] });
  await until('log', async () =>
    (await kube(['logs', 'limited']).catch(() => '')).includes(String(64 * 2 ** 20)),
  );
  assert.equal((await statusOf('limited')).qosClass, 'Burstable');
});

test('a pod – larger than the node – is rejected', async () => {
  await create('big', { containers: [shell('true', { resources: { requests: { cpu: '1000' } } })] });
  const status = await untilPhase('big', 'Failed');
  assert.equal(status.reason, 'OutOfcpu');
});

test('a terminating pod – deleted again with a shorter grace period – ends earlier', async () => {
  await create('stubborn', {
    terminationGracePeriodSeconds: 600,
    containers: [shell('trap "" TERM; while true; do sleep 0.2; done')],
  });
  await untilPhase('stubborn', 'Running');
  await kube(['delete', 'pod', 'stubborn', '--wait=false']);
  await kube(['delete', 'pod', 'stubborn', '--grace-period=1', '--timeout=120s']);
});

test('a deleted pod – ends gracefully – and leaves nothing', async () => {
  await kube(['delete', 'pod', '--all', '--timeout=120s']);
  assert.equal((await node.client.list(pods, { namespace: 'e2e' })).items.length, 0);
  await until('sandboxes are gone', async () => (await node.runtime.listPodSandboxes()).length === 0);
});
