/** Every command of kybern, as a user types it, on one real cluster. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildImage } from '#host/images/oci-image.ts';
import { identityOf, isAlive } from '#host/processes/processes.ts';
import {
  eventually,
  kubectl,
  kybern,
  newCluster,
  repository,
  startTestCluster,
  tryKybern,
} from '../../support/cluster.ts';

const dir = mkdtempSync(join(tmpdir(), 'kybern-commands-'));
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
const run = (...args: string[]) => kybern(cluster, [...args, '--name', 'all']);
const fails = async (...args: string[]) => {
  const { code, stderr } = await tryKybern(cluster, [...args, '--name', 'all']);
  assert.equal(code, 1);
  return stderr;
};

before(async () => {
  cluster = await startTestCluster([], 'all');
});

after(async () => {
  await cluster?.dispose();
  rmSync(dir, { recursive: true });
});

test('up – run twice – reports each step with its time, then that there is nothing to do', async () => {
  const other = newCluster('steps');
  try {
    const said = await kybern(other, ['up', '--name', 'steps', '--port', '0', '--nodes', '0']);
    const lines = said.trimEnd().split('\n');
    assert.match(lines.at(-2) ?? '', /^cluster steps is ready at https:\/\/127\.0\.0\.1:\d+$/);
    assert.match(lines.at(-1) ?? '', /context kybern-steps in /);
    assert.ok(lines.length > 4);
    for (const step of lines.slice(0, -2)) assert.match(step, /^✔ .+ \[(\d+ ms|\d+\.\d s)\]$/);
  } finally {
    await other.dispose();
  }
  assert.match(await run('up'), /^cluster all is running at https:\S+\n$/);
});

test('status and list – for people and as JSON – describe the clusters', async () => {
  const status = JSON.parse(await run('status', '-o', 'json'));
  assert.equal(status.phase, 'running');
  assert.equal(status.store, 'sqlite');
  assert.deepEqual(
    status.nodes.map((node: { ready: boolean }) => node.ready),
    [true],
  );
  process.kill(status.pid, 0);
  const text = await run('status');
  for (const line of [
    /^cluster +all$/m,
    /^phase +running$/m,
    /^ready +yes$/m,
    /^nodes +1 ready of 1$/m,
    /^uptime +\d+s$/m,
  ]) {
    assert.match(text, line);
  }
  assert.ok(text.includes(`api      ${status.url}\n`) && text.includes(`process  ${status.pid}\n`), text);
  assert.match(await kybern(cluster, ['list']), /^NAME .*\nall +running +1\/1 +sqlite +https:/);
  const [listed] = JSON.parse(await kybern(cluster, ['list', '-o', 'json']));
  assert.equal(listed.url, status.url);
});

test('logs – once and followed – are printed', async () => {
  const written = await run('logs');
  assert.match(written, /"msg":"ready"/);
  const follow = spawn(join(repository, 'bin/kybern'), ['logs', '-f', '--name', 'all'], { env: cluster.env });
  let seen = '';
  follow.stdout.on('data', (chunk) => {
    seen += chunk;
  });
  const log = join(cluster.home, 'clusters/all/kybern.log');
  await eventually('what is there', () => seen.length >= written.length);
  writeFileSync(log, 'added by the test\n', { flag: 'a' });
  await eventually('what comes', () => seen.endsWith('added by the test\n'));
  writeFileSync(log, `${'long '.repeat(2_100_000)}\n`, { flag: 'a' });
  await eventually('it is moved aside', () => existsSync(`${log}.1`));
  writeFileSync(log, 'after that\n', { flag: 'a' });
  await eventually('what comes then', () => seen.endsWith('after that\n'));
  follow.kill();
  await once(follow, 'exit');
  const all = `${readFileSync(`${log}.1`, 'utf8')}${readFileSync(log, 'utf8')}`;
  assert.ok(seen === all.slice(0, seen.length), 'nothing twice, nothing left out');
  assert.ok((await run('logs')) === all, 'all that is kept is shown');
});

test('up – with other options than the cluster was made with – is rejected while it runs', async () => {
  assert.match(
    await fails('up', '--store', 'memory'),
    /^error: cluster all was made with --store sqlite, .*\nhint: .*--store memory.*kybern delete --name all\n$/,
  );
  assert.match(await fails('up', '--nodes', '0'), /^error: cluster all was made with --nodes 1, .*\nhint: /);
  assert.match(await fails('up', '--port', '1'), /^error: cluster all is running with --port \d+\nhint: /);
  assert.match(
    await fails('up', '--simulated', '1'),
    /^error: cluster all is running with --simulated 0\nhint: .*kybern down --name all/,
  );
  const same = ['--store', 'sqlite', '--nodes', '1', '--port', '0', '--simulated', '0'];
  assert.match(await run('up', ...same), /is running at/);
});

test('kubeconfig – printed – can be used by itself', async () => {
  const path = join(dir, 'kubeconfig');
  writeFileSync(path, await run('kubeconfig'));
  const other = { ...cluster, env: { ...cluster.env, KUBECONFIG: path } };
  assert.equal(await kubectl(other, ['config', 'current-context']), 'kybern-all\n');
  assert.match(await kubectl(other, ['get', 'namespaces']), /kube-system/);
});

test('an image – is built, listed, run and removed – by the commands of kybern', async () => {
  mkdirSync(join(dir, 'build'));
  copyFileSync('/bin/busybox', join(dir, 'build/busybox'));
  writeFileSync(
    join(dir, 'build/Dockerfile'),
    'FROM scratch\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "echo", "built"]\n',
  );
  const full = 'docker.io/library/mine:1';
  assert.equal(await run('image', 'build', join(dir, 'build'), '-t', 'mine:1'), `imported ${full}\n`);
  await run('image', 'build', join(dir, 'build'), '-t', 'mine:2');
  assert.ok((await run('image', 'ls')).split('\n').includes(full));
  assert.equal(await outputOf('built', 'mine:1'), 'built\n');
  // One name of two goes: the image stays. The last goes: the node has nothing more of it.
  assert.equal(await run('image', 'rm', 'mine:1'), `removed ${full}\n`);
  assert.ok(imagesOnNode().includes('docker.io/library/mine:2'));
  const id = idOf('docker.io/library/mine:2');
  await run('image', 'rm', 'mine:2');
  assert.ok(!imagesOnNode().includes(id), `${id} is still there`);
  assert.match(
    await fails('image', 'rm', 'mine:1'),
    /^error: there is no image docker.io\/library\/mine:1\nhint: /,
  );
  assert.match(await fails('image', 'rm', 'kybern.local/pause:1'), /^error: every pod of the node needs /);
});

test('an image – of two stages, with commands that run – has what they made, and nothing else is left', async () => {
  const folder = join(dir, 'stages');
  mkdirSync(folder);
  copyFileSync('/bin/busybox', join(folder, 'busybox'));
  symlinkSync('busybox', join(folder, 'sh'));
  const dockerfile = [
    'FROM scratch AS tools',
    'COPY busybox sh /bin/',
    'FROM tools AS made',
    'ARG WORD=nothing',
    'WORKDIR /made',
    'RUN /bin/busybox echo $WORD >word; /bin/busybox id -u; /bin/busybox rm /bin/sh',
    'USER 7:8',
    'RUN ["/bin/busybox", "id", "-g"]',
    'FROM tools',
    'COPY --from=made /made/word /word',
    'RUN ["/bin/busybox", "chmod", "600", "/word"]',
    'CMD /bin/busybox stat -c %a /word; /bin/busybox cat /word',
  ];
  writeFileSync(join(folder, 'Dockerfile'), dockerfile.join('\n'));
  const builds = join(cluster.home, 'clusters/all/node/builds');
  mkdirSync(join(builds, 'build-999999999-killed'), { recursive: true });
  const printed = await run('image', 'build', folder, '-t', 'staged:1', '--build-arg', 'WORD=built');
  assert.match(
    printed,
    /^RUN \/bin\/busybox echo .*\n0\nRUN \[.*\]\n8\nRUN \[.*\]\nimported docker\.io\/library\/staged:1\n$/,
  );
  assert.equal(await outputOf('staged', 'staged:1'), '600\nbuilt\n');
  const again = await run('image', 'build', folder, '-t', 'staged:2', '--build-arg', 'WORD=built');
  assert.deepEqual(again.match(/ \(as before\)$/gm)?.length, 3, again);
  const over =
    'FROM staged:1\nRUN /bin/busybox ln -s bin /tools\nCOPY --chown=7 word /tools/\nCMD /bin/busybox stat -c %u /bin/word';
  writeFileSync(join(folder, 'Dockerfile'), over);
  writeFileSync(join(folder, 'word'), '');
  await run('image', 'build', folder, '-t', 'over:1');
  assert.equal(await outputOf('over', 'over:1'), '7\n');
  for (const ref of ['staged:2', 'over:1']) await run('image', 'rm', ref);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM staged:1\nRUN exit 3\n');
  assert.match(
    await fails('image', 'build', folder, '-t', 'broken:1'),
    /^error: .*stages could not be built: line 2: the command ended with 3\nhint: /m,
  );
  writeFileSync(join(folder, 'Dockerfile'), 'FROM ../../x\n');
  assert.match(
    await fails('image', 'build', folder, '-t', 'broken:1'),
    /line 1: "\.\.\/\.\.\/x" is no name of an image\n/,
  );
  await run('image', 'rm', 'staged:1');
  assert.doesNotMatch(imagesOnNode(), /build-|staged|broken/);
  assert.deepEqual(readdirSync(builds), []);
});

/** An archive as skopeo writes it when it is given a tag and no name. */
function withTagAlone(folder: string): string {
  const layer = [{ path: 'busybox', mode: 0o755, content: readFileSync('/bin/busybox') }];
  const config = { Cmd: ['/busybox', 'echo', 'named'] };
  const archive = join(folder, 'tag.tar');
  writeFileSync(archive, buildImage({ ref: 'x:1', layers: [layer], config }));
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const index = join(folder, 'index.json');
  const written = readFileSync(index, 'utf8').replace(
    /"io.containerd.image.name":"[^"]*"/,
    '"org.opencontainers.image.ref.name":"3"',
  );
  writeFileSync(index, written);
  execFileSync('tar', ['-cf', archive, '-C', folder, 'oci-layout', 'index.json', 'blobs']);
  return archive;
}

test('an archive of images – as docker save writes it, plain and compressed – is loaded', async () => {
  const plain = dockerArchive(['me.test/saved:1', 'docker.io/me/saved:2']);
  assert.equal(
    await run('image', 'import', plain),
    'imported docker.io/me/saved:2\nimported me.test/saved:1\n',
  );
  assert.equal(await outputOf('saved', 'me.test/saved:1'), 'from an archive\n');
  for (const ref of ['me.test/saved:1', 'me/saved:2']) await run('image', 'rm', ref);
  assert.doesNotMatch(await run('image', 'ls'), /saved/);
  execFileSync('gzip', [plain]);
  await run('image', 'import', `${plain}.gz`);
  assert.match(await run('image', 'ls'), /^me\.test\/saved:1$/m);
  const untitled = withTagAlone(join(dir, 'stages'));
  assert.match(
    await fails('image', 'import', untitled),
    /it has an image with the tag "3" alone, and no name\n/,
  );
  assert.equal(
    await run('image', 'import', untitled, '-t', 'named:1'),
    'imported docker.io/library/named:1\n',
  );
  assert.equal(await outputOf('named', 'named:1'), 'named\n');
  writeFileSync(join(dir, 'bad.tar'), 'no archive at all');
  assert.match(
    await fails('image', 'import', join(dir, 'bad.tar')),
    /^error: .*bad\.tar could not be imported: .*\nhint: .*\n$/,
  );
  const left = execFileSync('ls', [join(cluster.home, 'clusters/all')], { encoding: 'utf8' });
  assert.doesNotMatch(left, /image-/);
});

/** What a pod of the image prints until it ends. */
async function outputOf(pod: string, image: string): Promise<string> {
  await kubectl(cluster, ['run', pod, `--image=${image}`, '--restart=Never']);
  const phase = () => kubectl(cluster, ['get', 'pod', pod, '-o', 'jsonpath={.status.phase}']);
  await eventually('it has run', async () => (await phase()) === 'Succeeded');
  const output = await kubectl(cluster, ['logs', pod]);
  await kubectl(cluster, ['delete', 'pod', pod]);
  return output;
}

/** All entries of the node's containerd, those by digest among them: reference, type, digest, … */
function imageRows(): string[] {
  const config = readFileSync(join(cluster.home, 'clusters/all/node/containerd.toml'), 'utf8');
  const socket = config.match(/address = "([^"]+)"/)?.[1] ?? '';
  const args = ['--address', socket, '--namespace', 'k8s.io', 'images', 'list'];
  return execFileSync('ctr', args, { encoding: 'utf8' }).trimEnd().split('\n').slice(1);
}

function imagesOnNode(): string {
  return imageRows().join('\n');
}

function idOf(ref: string): string {
  return (
    imageRows()
      .find((row) => row.startsWith(`${ref} `))
      ?.split(/\s+/)[2] ?? assert.fail(`no ${ref}`)
  );
}

/** The layout of `docker save`: a manifest, a config, a layer. */
function dockerArchive(tags: string[]): string {
  const root = join(dir, 'archive');
  mkdirSync(join(root, 'layer'), { recursive: true });
  execFileSync('tar', ['-cf', join(root, 'layer/layer.tar'), '-C', '/bin', 'busybox']);
  const layer = createHash('sha256')
    .update(readFileSync(join(root, 'layer/layer.tar')))
    .digest('hex');
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Cmd: ['/busybox', 'echo', 'from an archive'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  };
  writeFileSync(join(root, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: tags, Layers: ['layer/layer.tar'] }];
  writeFileSync(join(root, 'manifest.json'), JSON.stringify(manifest));
  const archive = join(dir, 'saved.tar');
  execFileSync('tar', ['-cf', archive, '-C', root, '.']);
  return archive;
}

test('version, doctor, help – run – print what they promise', async (t) => {
  const version = /^kybern \d+\.\d+\.\d+, Kubernetes v1\.36\.\d+, Node v\d+\.\d+\.\d+\n$/;
  assert.match(await kybern(cluster, ['version']), version);
  assert.match(await kybern(cluster, ['--version']), version);
  const found = await kybern(cluster, ['doctor']);
  assert.match(found, /^ok +program containerd$/m);
  assert.match(found, /^ok +cluster all is up \(sqlite\)$/m);
  assert.match(found, /^(ok +mounts of \/ are shared|note +mounts of \/ are private \(.*make-rshared.*\))$/m);
  assert.doesNotMatch(found, /^lack/m);
  const help = await kybern(cluster, ['help']);
  for (const name of [
    'up',
    'down',
    'delete',
    'status',
    'list',
    'logs',
    'kubeconfig',
    'image',
    'doctor',
    'version',
  ]) {
    await t.test(name, () => {
      assert.match(help, new RegExp(`^ +${name}\\b`, 'm'));
    });
  }
});

test('up in the foreground – as a service manager runs it – stops with its signal', async () => {
  await run('down');
  assert.match(await kybern(cluster, ['list']), /all +down/);
  const args = ['up', '--foreground', '--name', 'all'];
  const service = spawn(join(repository, 'bin/kybern'), args, {
    env: cluster.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [service.stdout, service.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  const ended = once(service, 'exit');
  await eventually('it is up', async () => {
    assert.equal(service.exitCode, null, output);
    return /phase +running/.test((await tryKybern(cluster, ['status', '--name', 'all'])).stdout);
  });
  assert.match(await run('up'), /is running at/);
  service.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.match(await kybern(cluster, ['list']), /all +down/);
});

test('a first start – that fails – leaves no cluster, in the foreground too', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const flags = ['--name', 'never', '--nodes', '0', '--port', String(port)];
  for (const more of [[], ['--foreground']]) {
    await t.test(more[0] ?? 'in the background', async () => {
      const { code, stderr } = await tryKybern(cluster, ['up', ...flags, ...more]);
      assert.equal(code, 1);
      assert.match(stderr, /^error: API server: listen EADDRINUSE.*\nhint: .*--port 0/m);
      assert.ok(!existsSync(join(cluster.home, 'clusters/never')));
    });
  }
});

const statusOf = async () =>
  JSON.parse((await tryKybern(cluster, ['status', '--name', 'all', '-o', 'json'])).stdout);
const supervisorPid = () =>
  JSON.parse(readFileSync(join(cluster.home, 'clusters/all/state.json'), 'utf8')).supervisor.pid;

test('a process – that dies – is started again, and status and doctor say so', async () => {
  await run('up');
  const { pid } = await statusOf();
  process.kill(pid, 'SIGKILL');
  const { code, stdout } = await tryKybern(cluster, ['doctor']);
  assert.deepEqual([code, /^lack +cluster all died and is being restarted/m.test(stdout)], [1, true], stdout);
  assert.equal((await statusOf()).phase, 'restarting');
  const again = await eventually('it runs again', async () => {
    const status = await statusOf();
    return status.phase === 'running' && status;
  });
  assert.notEqual(again.pid, pid);
  assert.deepEqual([again.restarts.count, again.restarts.lastExitCode], [1, 137]);
  assert.match(await run('status'), /^restarts 1, last after exit code 137 at /m);
});

test('a process – that dies – is started by up before the supervisor does; down ends both', async () => {
  const { pid } = await statusOf();
  process.kill(pid, 'SIGKILL');
  await run('up');
  assert.equal((await statusOf()).restarts, undefined);
  const supervisor = identityOf(supervisorPid())!;
  process.kill((await statusOf()).pid, 'SIGKILL');
  await run('down');
  assert.ok(!isAlive(supervisor));
  assert.equal((await statusOf()).phase, 'down');
});

test('a process – whose supervisor was killed too – is found by doctor, and up resumes', async () => {
  await run('up');
  process.kill(supervisorPid(), 'SIGKILL');
  process.kill((await statusOf()).pid, 'SIGKILL');
  const { code, stdout } = await tryKybern(cluster, ['doctor']);
  assert.equal(code, 1);
  assert.match(stdout, /^lack +cluster all ended without being stopped \(sqlite\) \(kybern up --name all/m);
  await run('up');
  assert.match(await kybern(cluster, ['doctor']), /^ok +cluster all is up/m);
});

test('a kubeconfig – that is none – up is ready all the same and leaves it alone', async () => {
  await run('down');
  const kept = readFileSync(cluster.kubeconfig);
  writeFileSync(cluster.kubeconfig, 'clusters: x');
  const { code, stdout, stderr } = await tryKybern(cluster, ['up', '--name', 'all']);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /ready at https:.*\nkubectl reaches it by: kubectl --kubeconfig \S+admin\.kubeconfig\n$/,
  );
  assert.match(
    stderr,
    /^warning: \S+ is no kubeconfig: clusters is not a list of mappings; it was left as it is\n$/,
  );
  assert.equal(readFileSync(cluster.kubeconfig, 'utf8'), 'clusters: x');
  writeFileSync(cluster.kubeconfig, kept);
});
