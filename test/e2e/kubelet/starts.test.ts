/** What keeps a container from starting, reported as by upstream; and what surrounds one that starts. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { configMaps, pods, secrets } from '#api/generated/kinds.gen.ts';
import { tar } from '#host/archives/tar.ts';
import { currentMounts } from '#host/kernel/mount-info.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import { command } from '#host/processes/command.ts';
import { RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const kube = node.kube.bind(node);
const namespace = 'e2e';

before(async () => {
  await node.start();
  await node.client.create(configMaps, { metadata: { name: 'conf', namespace }, data: { a: 'alpha' } });
  await node.client.create(secrets, { metadata: { name: 'key', namespace }, data: { b: 'YmV0YQ==' } });
});
after(() => node.stop());

/** Waits until the pod's container has this waiting reason; returns its message. */
async function waiting(pod: string, reason: string): Promise<string> {
  await node.until(
    `${pod}: ${reason}`,
    async () => (await node.containerOf(pod)).state?.waiting?.reason === reason,
  );
  return (await node.containerOf(pod)).state?.waiting?.message ?? '';
}

test('a container – a source of its environment is missing – waits with its name', async (t) => {
  const env = (valueFrom: object) => shell('true', { env: [{ name: 'X', valueFrom }] });
  const cases: [name: string, container: object, message: string][] = [
    ['no-map', env({ configMapKeyRef: { name: 'none', key: 'a' } }), 'configmap "none" not found'],
    ['no-secret', env({ secretKeyRef: { name: 'none', key: 'a' } }), 'secret "none" not found'],
    [
      'no-map-key',
      env({ configMapKeyRef: { name: 'conf', key: 'z' } }),
      "couldn't find key z in ConfigMap e2e/conf",
    ],
    [
      'no-secret-key',
      env({ secretKeyRef: { name: 'key', key: 'z' } }),
      "couldn't find key z in Secret e2e/key",
    ],
    [
      'no-env-from',
      shell('true', { envFrom: [{ configMapRef: { name: 'none' } }] }),
      'configmap "none" not found',
    ],
  ];
  for (const [name, container] of cases) await node.create(name, { containers: [container] });
  for (const [name, , message] of cases) {
    await t.test(name, async () => {
      assert.equal(await waiting(name, 'CreateContainerConfigError'), message);
      await node.until('the event', async () =>
        (await node.eventsOf(name, 'Failed')).includes(`Error: ${message}`),
      );
    });
  }
  await node.client.create(configMaps, { metadata: { name: 'none', namespace }, data: { a: 'late' } });
  // What was missing has come: the container is tried again.
  await node.until('it starts after all', async () => (await node.containerOf('no-map')).restartCount > 0);
});

test('a container – optional sources are missing – starts', async () => {
  const optional = true;
  const container = shell('echo "<$A$B>"; ls /c /s', {
    env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'a', optional } } }],
    envFrom: [{ secretRef: { name: 'nowhere', optional } }],
    volumeMounts: [
      { name: 'c', mountPath: '/c' },
      { name: 's', mountPath: '/s' },
    ],
  });
  const volumes = [
    { name: 'c', configMap: { name: 'nowhere', optional } },
    { name: 's', secret: { secretName: 'nowhere', optional } },
  ];
  await node.create('optional', { restartPolicy: 'Never', containers: [container], volumes });
  await node.untilPhase('optional', 'Succeeded');
  assert.equal(await kube(['logs', 'optional']), '<>\n/c:\n\n/s:\n');
});

test('a pod – a source of a volume is missing – waits with its name', async (t) => {
  const volumes = (source: object) => ({
    containers: [{ ...shell('sleep 1000'), volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    volumes: [{ name: 'v', ...source }],
  });
  const items = (key: string) => [{ key, path: 'f' }];
  const cases: [name: string, source: object, message: string][] = [
    ['v-map', { configMap: { name: 'later' } }, 'configmap "later" not found'],
    ['v-secret', { secret: { secretName: 'absent' } }, 'secret "absent" not found'],
    [
      'v-map-key',
      { configMap: { name: 'conf', items: items('z') } },
      'configmap references non-existent config key: z',
    ],
    [
      'v-secret-key',
      { secret: { secretName: 'key', items: items('z') } },
      'references non-existent secret key: z',
    ],
    [
      'v-path',
      { hostPath: { path: '/etc/passwd', type: 'Directory' } },
      'hostPath type check failed: /etc/passwd is not a directory',
    ],
  ];
  for (const [name, source] of cases) await node.create(name, volumes(source));
  for (const [name, , message] of cases) {
    await t.test(name, async () => {
      await node.until(`${name} says so`, async () =>
        (await node.eventsOf(name, 'FailedMount')).includes(
          `MountVolume.SetUp failed for volume "v" : ${message}`,
        ),
      );
    });
  }
  assert.equal((await node.containerOf('v-map')).state?.waiting?.reason, 'ContainerCreating');
  await node.client.create(configMaps, { metadata: { name: 'later', namespace }, data: {} });
  await node.untilPhase('v-map', 'Running');
});

test('an image – never pulled, with an invalid name, or absent – leaves its pod waiting with the reason', async () => {
  const container = (name: string, imagePullPolicy?: string) => ({
    containers: [{ name: 'main', image: name, ...(imagePullPolicy ? { imagePullPolicy } : {}) }],
  });
  await node.create('never', container('registry.invalid/none:1', 'Never'));
  const never = 'Container image "registry.invalid/none:1" is not present with pull policy of Never';
  assert.equal(await waiting('never', 'ErrImageNeverPull'), never);
  await node.until('its events', async () =>
    (await node.eventsOf('never', 'ErrImageNeverPull')).includes(never),
  );
  assert.deepEqual(await node.eventsOf('never', 'Failed'), ['Error: ErrImageNeverPull']);
  await node.create('badly', container('Bad/Name'));
  const badly = `Failed to apply default image tag "Bad/Name": couldn't parse image name "Bad/Name": invalid reference format`;
  assert.match(await waiting('badly', 'InvalidImageName'), new RegExp(`^${badly}`));
  await node.until('its events', async () => (await node.eventsOf('badly', 'InspectFailed')).length > 0);
  assert.deepEqual(await node.eventsOf('badly', 'Failed'), ['Error: InvalidImageName']);
  await node.create('nowhere', container('registry.invalid/none:1'));
  await waiting('nowhere', 'ErrImagePull');
  assert.match(
    await waiting('nowhere', 'ImagePullBackOff'),
    /^Back-off pulling image "registry\.invalid\/none:1": ErrImagePull: .*(no such host|lookup|dial)/,
  );
  assert.ok(
    (await node.eventsOf('nowhere', 'BackOff')).includes('Back-off pulling image "registry.invalid/none:1"'),
  );
  // An image loaded by hand is there, whatever the policy: no registry knows it.
  await node.create('loaded', {
    restartPolicy: 'Never',
    containers: [shell('true', { imagePullPolicy: 'Always' })],
  });
  await node.untilPhase('loaded', 'Succeeded');
});

test('an image – with a pull secret – is pulled at every start with policy Always, else once for those with the secret', async () => {
  const registry = await startRegistry('user', 'secret');
  try {
    const ref = `127.0.0.1:${registry.port}/team/tool:1`;
    const container = {
      name: 'main',
      image: ref,
      command: ['/bin/busybox', 'true'],
      imagePullPolicy: 'Always',
    };
    await node.create('external', { containers: [container] });
    assert.match(await waiting('external', 'ErrImagePull'), /401|authorization/i);
    const auths = { [`127.0.0.1:${registry.port}`]: { username: 'user', password: 'secret' } };
    await node.client.create(secrets, {
      metadata: { name: 'pull', namespace },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    });
    const imagePullSecrets = [{ name: 'pull' }, { name: 'gone' }];
    await node.create('friend', { restartPolicy: 'Never', containers: [container], imagePullSecrets });
    await node.untilPhase('friend', 'Succeeded');
    assert.match((await node.containerOf('friend')).imageID, /^127\.0\.0\.1:\d+\/team\/tool@sha256:/);
    const pulled = (await node.eventsOf('friend', 'Pulled'))[0] ?? '';
    const time = '(\\d+ms|[\\d.]+s)';
    assert.match(
      pulled,
      new RegExp(
        `^Successfully pulled image "${ref}" in ${time} \\(${time} including waiting\\)\\. Image size: \\d+ bytes\\.$`,
      ),
    );
    assert.deepEqual(await node.eventsOf('friend', 'FailedToRetrieveImagePullSecret'), [
      'Unable to retrieve some image pull secrets (gone); attempting to pull the image may not succeed.',
    ]);
    const asked = registry.manifests;
    await node.create('again', { restartPolicy: 'Never', containers: [container], imagePullSecrets });
    await node.untilPhase('again', 'Succeeded');
    assert.ok(registry.manifests > asked);
    const before = registry.manifests;
    const present = { ...container, imagePullPolicy: 'IfNotPresent' };
    await node.create('present', { restartPolicy: 'Never', containers: [present], imagePullSecrets });
    await node.untilPhase('present', 'Succeeded');
    assert.equal(registry.manifests, before);
    await node.create('other', { containers: [present] });
    assert.match(await waiting('other', 'ErrImagePull'), /401|authorization/i);
    await node.create('hidden', { containers: [{ ...container, imagePullPolicy: 'Never' }] });
    const hidden = `Container image "${ref}" is not present with pull policy of Never`;
    assert.equal(await waiting('hidden', 'ErrImageNeverPull'), hidden);
  } finally {
    registry.close();
  }
});

test('a container – that must not run as root and would – is rejected', async () => {
  const files = [
    { path: 'bin/', mode: 0o755 },
    { path: 'etc/', mode: 0o755 },
    { path: 'etc/passwd', mode: 0o644, content: Buffer.from('app:x:1234:1234::/:/bin/sh\n') },
    { path: 'bin/busybox', mode: 0o755, content: readFileSync('/usr/bin/busybox') },
    { path: 'bin/sh', mode: 0o777, linkTo: 'busybox' },
    { path: 'bin/id', mode: 0o777, linkTo: 'busybox' },
  ];
  await node.importImage('named:1', files, { Env: ['PATH=/bin'], User: 'app' });
  const securityContext = { runAsNonRoot: true };
  await node.create('as-root', { securityContext, containers: [shell('true')] });
  await node.create('zero', {
    securityContext: { ...securityContext, runAsUser: 0 },
    containers: [shell('true')],
  });
  await node.create('named', { securityContext, containers: [{ ...shell('true'), image: 'named:1' }] });
  const about = (pod: string) => `\\(pod: "${pod}_e2e\\([-0-9a-f]{36}\\)", container: main\\)$`;
  const message = (pod: string) => waiting(pod, 'CreateContainerConfigError');
  assert.match(
    await message('as-root'),
    new RegExp(`^container has runAsNonRoot and image will run as root ${about('as-root')}`),
  );
  assert.match(
    await message('zero'),
    new RegExp(`^container's runAsUser breaks non-root policy ${about('zero')}`),
  );
  assert.match(
    await message('named'),
    new RegExp(
      `^container has runAsNonRoot and image has non-numeric user \\(app\\), cannot verify user is non-root ${about('named')}`,
    ),
  );
  await node.create('user', {
    restartPolicy: 'Never',
    containers: [{ ...shell('id -u'), image: 'named:1' }],
  });
  await node.untilPhase('user', 'Succeeded');
  assert.equal(await kube(['logs', 'user']), '1234\n');
});

test('a pod – requests what the node cannot give – is rejected with the reason', async (t) => {
  const sysctls = (name: string) => ({
    securityContext: { sysctls: [{ name, value: '1' }] },
    containers: [shell('true')],
  });
  await node.create('unsafe', sysctls('kernel.msgmax'));
  await node.create('strict', {
    securityContext: { supplementalGroupsPolicy: 'Strict' },
    containers: [shell('true')],
  });
  const port = { containers: [shell('sleep 1000', { ports: [{ containerPort: 80, hostPort: 18_080 }] })] };
  await node.create('port-a', port);
  await node.untilPhase('port-a', 'Running');
  await node.create('port-b', port);
  const refused: [pod: string, reason: string, message: string][] = [
    ['unsafe', 'SysctlForbidden', 'forbidden sysctl: "kernel.msgmax" not allowlisted'],
    [
      'strict',
      'SupplementalGroupsPolicyNotSupported',
      'SupplementalGroupsPolicy=Strict is not supported in this node',
    ],
    [
      'port-b',
      'NodePorts',
      "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    ],
  ];
  for (const [pod, reason, message] of refused) {
    await t.test(reason, async () => {
      const status = await node.untilPhase(pod, 'Failed');
      assert.deepEqual([status.reason, status.message], [reason, `Pod was rejected: ${message}`]);
    });
  }
});

test('a pod – with hostname, subdomain and aliases – has those names in the kernel and in its files', async () => {
  const script = 'hostname; grep -v -e localhost -e ip6 /etc/hosts; sleep 1000';
  const spec = { hostname: 'h', subdomain: 'sub', containers: [shell(script)] };
  const hostAliases = [{ ip: '10.9.9.9', hostnames: ['alias', 'other'] }];
  await node.create('named-host', { ...spec, hostAliases });
  await node.create('full-host', { ...spec, setHostnameAsFQDN: true });
  const log = await node.untilLogged('named-host', 'alias');
  const ip = (await node.statusOf('named-host')).podIP;
  assert.match(log, /^h\n/);
  assert.match(log, new RegExp(`^${ip}\th\\.sub\\.e2e\\.svc\\.cluster\\.local\th$`, 'm'));
  assert.match(log, /^# Entries added by HostAliases\.\n10\.9\.9\.9\talias\tother$/m);
  assert.match(await node.untilLogged('full-host', 'svc'), /^h\.sub\.e2e\.svc\.cluster\.local\n/);
  const long = { ...spec, hostname: 'h'.repeat(50), setHostnameAsFQDN: true };
  await node.create('long-host', long);
  const fqdn = `${'h'.repeat(50)}.sub.e2e.svc.cluster.local`;
  await node.until('it says so', async () =>
    (await node.eventsOf('long-host', 'FailedCreatePodSandBox')).includes(
      `Failed to create pod sandbox: failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long (64 characters is the max, ${fqdn.length} characters requested)`,
    ),
  );
});

test('resolv.conf – for each dnsPolicy and dnsConfig – is as specified', async () => {
  const read = async (pod: string, spec: object) => {
    await node.create(pod, { ...spec, restartPolicy: 'Never', containers: [shell('cat /etc/resolv.conf')] });
    await node.untilPhase(pod, 'Succeeded');
    return kube(['logs', pod]);
  };
  const dnsConfig = {
    nameservers: ['10.1.1.1'],
    searches: ['one.test'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  };
  const cluster = await read('dns-cluster', { dnsConfig });
  assert.match(cluster, /^search e2e\.svc\.cluster\.local svc\.cluster\.local cluster\.local .*one\.test$/m);
  assert.match(cluster, /^nameserver 198\.19\.0\.10\nnameserver 10\.1\.1\.1$/m);
  assert.match(cluster, /^options ndots:2 edns0$/m);
  assert.equal(
    await read('dns-none', { dnsPolicy: 'None', dnsConfig }),
    'search one.test\nnameserver 10.1.1.1\noptions ndots:2 edns0\n',
  );
  const servers = (text: string) => text.split('\n').filter((line) => line.startsWith('nameserver'));
  const host = servers(readFileSync('/etc/resolv.conf', 'utf8'));
  assert.deepEqual(servers(await read('dns-default', { dnsPolicy: 'Default' })), host);
  assert.deepEqual(servers(await read('dns-host', { hostNetwork: true })), host);
  assert.deepEqual(
    servers(await read('dns-host-cluster', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })),
    ['nameserver 198.19.0.10'],
  );
});

test('namespaces – shared as specified – are shared', async (t) => {
  const two = (more: object) => ({
    ...more,
    containers: [shell('sleep 1000'), { ...shell('sleep 77777'), name: 'second' }],
  });
  await node.create('apart', two({}));
  await node.create('shared', two({ shareProcessNamespace: true }));
  await node.create('machine', two({ hostPID: true, hostIPC: true, hostNetwork: true }));
  for (const pod of ['apart', 'shared', 'machine']) await node.untilReady(pod);
  const seen = async (pod: string) => await kube(['exec', pod, '-c', 'main', '--', 'ps']);
  assert.doesNotMatch(await seen('apart'), /sleep 77777/);
  assert.match(await seen('shared'), /sleep 77777/);
  assert.match(await seen('machine'), /containerd/);
  for (const kind of ['ipc', 'net', 'pid']) {
    await t.test(kind, async () => {
      const link = `/proc/self/ns/${kind}`;
      assert.equal(
        await kube(['exec', 'machine', '-c', 'main', '--', 'readlink', '-n', link]),
        readlinkSync(link),
      );
    });
  }
});

test('capabilities, privilege and sysctls – of a container – are set', async () => {
  const effective = (pod: string) => kube(['exec', pod, '--', 'grep', 'CapEff', '/proc/self/status']);
  const bits = async (pod: string) => BigInt(`0x${(await effective(pod)).split('\t')[1]!.trim()}`);
  const netAdmin = 1n << 12n;
  const chown = 1n << 0n;
  const capabilities = { add: ['NET_ADMIN'], drop: ['CHOWN'] };
  await node.create('able', { containers: [shell('sleep 1000', { securityContext: { capabilities } })] });
  await node.create('plain', { containers: [shell('sleep 1000')] });
  await node.create('mighty', {
    containers: [shell('sleep 1000', { securityContext: { privileged: true } })],
  });
  await node.create('tuned', {
    securityContext: {
      sysctls: [
        { name: 'net.ipv4.ip_unprivileged_port_start', value: '77' },
        { name: 'kernel.shm_rmid_forced', value: '1' },
      ],
    },
    containers: [shell('sleep 1000')],
  });
  for (const pod of ['able', 'plain', 'mighty', 'tuned']) await node.untilReady(pod);
  assert.equal((await bits('able')) & (netAdmin | chown), netAdmin);
  assert.equal((await bits('plain')) & (netAdmin | chown), chown);
  const mine = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`);
  assert.equal(await bits('mighty'), mine);
  assert.equal(
    await kube([
      'exec',
      'tuned',
      '--',
      'cat',
      '/proc/sys/net/ipv4/ip_unprivileged_port_start',
      '/proc/sys/kernel/shm_rmid_forced',
    ]),
    '77\n1\n',
  );
});

test('control groups – of pods – form one tree by quality of service, with the requested values', async () => {
  const sized = (resources: object) => ({ containers: [shell('sleep 1000', { resources })] });
  await node.create('best', sized({}));
  await node.create(
    'burst',
    sized({ requests: { cpu: '250m', memory: '32Mi' }, limits: { memory: '64Mi' } }),
  );
  await node.create('sure', sized({ limits: { cpu: '500m', memory: '64Mi' } }));
  await node.create('whole', {
    ...sized({}),
    resources: { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '48Mi' } },
  });
  const uids: Record<string, string> = {};
  for (const pod of ['best', 'burst', 'sure', 'whole']) {
    await node.untilReady(pod);
    uids[pod] = JSON.parse(await kube(['get', 'pod', pod, '-o', 'json'])).metadata.uid;
  }
  const root = `/${node.containerdOptions.cgroupRoot}/kubepods`;
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const read = (controller: string, path: string, v1: string, v2: string) =>
    readFileSync(
      `/sys/fs/cgroup${unified ? '' : `/${controller}`}${root}/${path}/${unified ? v2 : v1}`,
      'utf8',
    ).trim();
  const shares = (path: string) => Number(read('cpu', path, 'cpu.shares', 'cpu.weight'));
  const memory = (path: string) => Number(read('memory', path, 'memory.limit_in_bytes', 'memory.max'));
  const quota = (path: string) => read('cpu', path, 'cpu.cfs_quota_us', 'cpu.max').split(' ')[0];
  const expected = (v1: number) => (unified ? Math.floor(1 + ((v1 - 2) * 9999) / 262_142) : v1);
  assert.equal(shares(`besteffort/pod${uids['best']}`), expected(2));
  assert.equal(shares(`burstable/pod${uids['burst']}`), expected(256));
  assert.equal(memory(`burstable/pod${uids['burst']}`), 64 * 2 ** 20);
  assert.equal(shares(`pod${uids['sure']}`), expected(512));
  assert.equal(quota(`pod${uids['sure']}`), '50000');
  assert.equal(memory(`pod${uids['sure']}`), 64 * 2 ** 20);
  assert.equal(quota(`burstable/pod${uids['whole']}`), '20000');
  assert.equal(memory(`burstable/pod${uids['whole']}`), 48 * 2 ** 20);
  const classes = await Promise.all(
    ['best', 'burst', 'sure', 'whole'].map(async (pod) => (await node.statusOf(pod)).qosClass),
  );
  assert.deepEqual(classes, ['BestEffort', 'Burstable', 'Guaranteed', 'Burstable']);
});

interface Registry {
  readonly port: number;
  /** How many requests for a manifest came. */
  manifests: number;
  close(): void;
}

/** A registry with one image, for one user. */
async function startRegistry(user: string, password: string): Promise<Registry> {
  const blobs = new Map<string, Buffer>();
  const put = (bytes: Buffer) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  };
  const json = (value: object) => Buffer.from(JSON.stringify(value));
  const layer = put(
    tar([
      { path: 'bin/', mode: 0o755 },
      { path: 'bin/busybox', mode: 0o755, content: readFileSync('/usr/bin/busybox') },
    ]),
  );
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const config = put(
    json({ architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [layer.digest] } }),
  );
  const type = 'application/vnd.oci.image';
  const manifestType = `${type}.manifest.v1+json`;
  const manifest = put(
    json({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: `${type}.config.v1+json`, ...config },
      layers: [{ mediaType: `${type}.layer.v1.tar`, ...layer }],
    }),
  );
  const registry: Registry = { port: 0, manifests: 0, close: () => server.close() };
  const server: Server = createServer((request, response) => {
    const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    if (request.headers.authorization !== wanted) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
    }
    const [, kind, name = ''] = /\/team\/tool\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    const digest = kind === 'manifests' ? manifest.digest : name;
    const content = blobs.get(digest);
    if (!content) return void response.writeHead(request.url === '/v2/' ? 200 : 404).end();
    if (kind === 'manifests') registry.manifests++;
    response.writeHead(200, {
      'content-type': kind === 'manifests' ? manifestType : 'application/octet-stream',
      'content-length': content.length,
      'docker-content-digest': digest,
    });
    response.end(request.method === 'HEAD' ? undefined : content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(registry, { port: (server.address() as AddressInfo).port });
}

test('mount propagation – a host path on a private and on a shared mount – the first is refused with what helps', async (t) => {
  const dir = `${node.dir}/mounts`;
  mkdirSync(dir);
  await command('mount', ['--bind', dir, dir]);
  t.after(() => unmountUnder(dir));
  await command('mount', ['--make-private', dir]);
  const propagating = (mountPropagation: string) => ({
    volumes: [{ name: 'h', hostPath: { path: dir } }],
    containers: [
      shell('mkdir -p /h/$$; sleep 1000', {
        securityContext: { privileged: true },
        volumeMounts: [{ name: 'h', mountPath: '/h', mountPropagation }],
      }),
    ],
  });
  await node.create('both-ways', propagating('Bidirectional'));
  await node.create('one-way', propagating('HostToContainer'));
  const help = (wanted: string) =>
    `mountPropagation ${wanted} needs one: run "mount --make-rshared ${dir}" on the node`;
  const path = `failed to generate spec: path "${dir}" is mounted on "${dir}"`;
  const bothWays = `${path} but it is not a shared mount; ${help('Bidirectional')}`;
  assert.equal(await waiting('both-ways', 'CreateContainerError'), bothWays);
  const oneWay = `${path} but it is not a shared or slave mount; ${help('HostToContainer')}`;
  assert.equal(await waiting('one-way', 'CreateContainerError'), oneWay);
  await node.until('the event', async () =>
    (await node.eventsOf('both-ways', 'Failed')).includes(`Error: ${bothWays}`),
  );
  await command('mount', ['--make-rshared', dir]);
  await node.untilPhase('both-ways', 'Running');
  await node.untilPhase('one-way', 'Running');
  for (const name of ['both-ways', 'one-way']) await node.kube(['delete', 'pod', name, '--now']);
});

test('mount propagation – an emptyDir, on a machine whose / may be private – mounts of one container show in the other', async () => {
  const at = (mountPropagation: string) => [{ name: 'e', mountPath: '/e', mountPropagation }];
  const privileged = { privileged: true };
  // A container also gets what is mounted already when it starts: the mount comes when all three run.
  const wait = 'while [ ! -e /e/go ]; do sleep 0.1; done';
  const makes = `${wait}; mkdir -p /e/m && mount -t tmpfs t /e/m && echo seen > /e/m/file; sleep 1000`;
  const sees = 'while ! cat /e/m/file; do sleep 0.1; done; sleep 1000';
  await node.create('sharing', {
    volumes: [{ name: 'e', emptyDir: {} }],
    containers: [
      shell(makes, { securityContext: privileged, volumeMounts: at('Bidirectional') }),
      shell(sees, { name: 'slave', volumeMounts: at('HostToContainer') }),
      shell('sleep 1000', { name: 'apart', volumeMounts: at('None') }),
    ],
  });
  await node.untilReady('sharing');
  await node.kube(['exec', 'sharing', '-c', 'apart', '--', 'touch', '/e/go']);
  await node.until('it is seen', async () =>
    (await node.kube(['logs', 'sharing', '-c', 'slave'])).includes('seen'),
  );
  assert.equal(await node.kube(['exec', 'sharing', '-c', 'apart', '--', 'ls', '/e/m']), '');
  const { metadata } = await node.client.get(pods, { namespace: 'e2e', name: 'sharing' });
  await node.kube(['delete', 'pod', 'sharing', '--now']);
  await node.until(
    'no mount is left',
    async () => !(await currentMounts()).some(({ path }) => path.includes(metadata.uid)),
  );
});
