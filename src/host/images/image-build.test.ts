import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { tryCommand } from '../processes/command.ts';
import type { BuildMachine } from './build-machine.ts';
import { type BuildOptions, buildFromDirectory } from './image-build.ts';
import { LayerCache } from './layer-cache.ts';
import { layerOf } from './oci-image.ts';

const noContainerd = async (): Promise<never> => {
  throw new Error('no containerd');
};
const noMachine: BuildMachine = { image: noContainerd, run: noContainerd, withFiles: noContainerd };

/** The image's settings, and the number of its layers. */
async function build(
  t: TestContext,
  dockerfile: string,
  args: Record<string, string> = {},
  more: Partial<BuildOptions> = {},
) {
  const dir = mkdtempSync(`${tmpdir()}/image-build-`);
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(`${dir}/Dockerfile`, dockerfile);
  writeFileSync(`${dir}/image.tar`, await buildFromDirectory({ dir, ref: 'x:1', args, ...more }, noMachine));
  const read = async (path: string) =>
    JSON.parse((await tryCommand('tar', ['-xOf', `${dir}/image.tar`, path])).stdout);
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const [entry] = (await read('index.json')).manifests;
  const manifest = await read(blob(entry.digest));
  const { config } = await read(blob(manifest.config.digest));
  return { config, layers: manifest.layers.length };
}

test('image build – a FROM scratch Dockerfile – becomes an archive that tar reads', async () => {
  const dir = mkdtempSync(`${tmpdir()}/image-build-`);
  try {
    mkdirSync(`${dir}/site/deep`, { recursive: true });
    writeFileSync(`${dir}/site/index.html`, 'hello');
    writeFileSync(`${dir}/site/deep/${'long'.repeat(40)}.txt`, 'far');
    const dockerfile = [
      'FROM scratch',
      'ENV ROOT=/srv MODE="two words"',
      'WORKDIR /app',
      'COPY --chmod=640 --chown=7 site $ROOT/',
      'EXPOSE 80',
      'ENTRYPOINT ["/bin/web", \\',
      '  "-v"]',
      'CMD serve',
    ];
    writeFileSync(`${dir}/Dockerfile`, dockerfile.join('\n'));
    const archive = await buildFromDirectory({ dir, ref: 'web:1' }, noMachine);
    assert.deepEqual(await buildFromDirectory({ dir, ref: 'web:1' }, noMachine), archive);
    writeFileSync(`${dir}/image.tar`, archive);
    mkdirSync(`${dir}/out`);
    await tryCommand('tar', ['-xf', `${dir}/image.tar`, '-C', `${dir}/out`]);
    const { readFileSync } = await import('node:fs');
    const read = (path: string) => JSON.parse(readFileSync(`${dir}/out/${path}`, 'utf8'));
    const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
    const [entry] = read('index.json').manifests;
    assert.equal(entry.annotations['io.containerd.image.name'], 'docker.io/library/web:1');
    const manifest = read(blob(entry.digest));
    assert.deepEqual(read(blob(manifest.config.digest)).config, {
      WorkingDir: '/app',
      ExposedPorts: { '80/tcp': {} },
      Entrypoint: ['/bin/web', '-v'],
      Cmd: ['/bin/sh', '-c', 'serve'],
      Env: ['ROOT=/srv', 'MODE=two words'],
    });
    const listing = (await tryCommand('tar', ['-tvf', `${dir}/out/${blob(manifest.layers[0].digest)}`]))
      .stdout;
    assert.match(listing, /^-rw-r----- 7\/7 +5 .* srv\/index\.html$/m);
    assert.match(listing, new RegExp(`srv/deep/${'long'.repeat(40)}\\.txt$`, 'm'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

// biome-ignore format: a table
for (const { dockerfile, message } of [
  { dockerfile: 'COPY a /', message: 'a Dockerfile begins with FROM, after ARGs at most' },
  { dockerfile: '', message: 'a Dockerfile begins with FROM, after ARGs at most' },
  { dockerfile: 'FROM scratch\n\nHEALTHCHECK true', message: /^line 3: HEALTHCHECK is not supported, only / },
  { dockerfile: 'FROM a b', message: 'line 1: FROM is not: FROM IMAGE [AS NAME]' },
  { dockerfile: 'FROM scratch\nRUN --mount=type=cache make', message: 'line 2: RUN --mount=type=cache is not supported' },
  { dockerfile: 'FROM scratch\nSHELL bash', message: 'line 2: SHELL takes a JSON list of words' },
  { dockerfile: 'FROM scratch\nCOPY a', message: 'line 2: COPY needs sources and a target' },
  { dockerfile: 'FROM scratch\nCOPY --chown=me a /', message: 'line 2: --chown: the image has no user "me"' },
  { dockerfile: 'FROM scratch\nCOPY --chmod=u+x a /', message: 'line 2: --chmod=u+x is no octal mode such as 755' },
  { dockerfile: 'FROM scratch\nCOPY --link a /', message: 'line 2: --link is not supported, only --from, --chmod and --chown' },
  { dockerfile: 'FROM scratch\nADD https://example.com/a /', message: 'line 2: ADD https://example.com/a is not supported: nothing is fetched' },
  { dockerfile: 'FROM scratch\nADD a.tar.gz /', message: 'line 2: ADD a.tar.gz is not supported: use COPY, and RUN tar' },
  { dockerfile: 'FROM scratch\nRUN <<EOF\nmake\nEOF', message: 'line 2: RUN with a here-document is not supported' },
  { dockerfile: 'FROM scratch\nCOPY none /', message: /^line 2: ENOENT/ },
  { dockerfile: 'FROM none:1', message: 'line 1: no containerd' },
]) {
  test(`image build – ${JSON.stringify(dockerfile)} – is refused with its line`, async (t) => {
    await assert.rejects(build(t, dockerfile), { message });
  });
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: a Dockerfile's variables
test('image build – arguments before and in a stage, given and by default – are filled in', async (t) => {
  const { config } = await build(
    t,
    [
      'ARG BASE=scratch VERSION',
      'ARG VERSION=1',
      'FROM $BASE',
      'ARG VERSION',
      'ARG NAME=web',
      'ENV A=${NAME}-$VERSION B=${NONE:-other}',
      'WORKDIR /srv',
      'WORKDIR $NAME',
      'USER ${NONE:-7}',
      'VOLUME /data "/two words"',
      'SHELL ["/bin/bash", "-c"]',
      'CMD run',
    ].join('\n'),
    { NAME: 'api', OTHER: 'x' },
  );
  assert.deepEqual(config, {
    WorkingDir: '/srv/api',
    User: '7',
    Volumes: { '/data': {}, '/two words': {} },
    Cmd: ['/bin/bash', '-c', 'run'],
    Env: ['A=api-1', 'B=other'],
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: a Dockerfile's variables

test('image build – a stage from another – has its settings; an ENTRYPOINT drops the CMD of the base', async (t) => {
  const { config, layers } = await build(
    t,
    'FROM scratch AS One\nENV A=1\nCOPY Dockerfile /x\nCMD ["a"]\nFROM one\nENV B=$A\nENTRYPOINT ["b"]',
  );
  assert.deepEqual([config, layers], [{ Env: ['A=1', 'B=1'], Entrypoint: ['b'] }, 1]);
});

test('image build – of one stage – builds what it needs, and nothing after it', async (t) => {
  const dockerfile = 'FROM scratch AS one\nENV A=1\nFROM one AS two\nENV B=2\nFROM scratch\nRUN make';
  const { config } = await build(t, dockerfile, {}, { target: 'Two' });
  assert.deepEqual(config.Env, ['A=1', 'B=2']);
  await assert.rejects(build(t, dockerfile, {}, { target: 'three' }), {
    message: 'there is no stage "three"',
  });
});

test('RUN – over the same files with the same command, variables and user – runs once', async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/image-build-`);
  t.after(() => rmSync(dir, { recursive: true }));
  const ran: string[] = [];
  const machine: BuildMachine = {
    ...noMachine,
    async run(_image, { command, env }) {
      ran.push(command.at(-1) ?? '');
      return layerOf(Buffer.from(`${ran.length} ${env}`));
    },
  };
  const shown: boolean[] = [];
  const onRun = (_command: string, isCached: boolean) => void shown.push(isCached);
  const cache = new LayerCache(`${dir}/cache`);
  const runs = async (dockerfile: string, options: Partial<BuildOptions> = { cache }) => {
    writeFileSync(`${dir}/Dockerfile`, `FROM scratch\nARG V\n${dockerfile}`);
    ran.length = 0;
    await buildFromDirectory({ dir, ref: 'x:1', onRun, ...options }, machine);
    return ran.join(' ');
  };
  assert.equal(await runs('RUN a\nRUN b'), 'a b');
  assert.equal(await runs('RUN a\nRUN b\nLABEL x=y'), '');
  assert.deepEqual(shown, [false, false, true, true]);
  assert.equal(await runs('RUN a\nRUN c'), 'c');
  assert.equal(await runs('COPY Dockerfile /\nRUN a'), 'a');
  assert.equal(await runs('USER 7\nRUN a'), 'a');
  assert.equal(await runs('WORKDIR /w\nRUN a'), 'a');
  assert.equal(await runs('RUN a', { cache, args: { V: '1' } }), 'a');
  assert.equal(await runs('RUN a\nRUN b', {}), 'a b');
});

test('COPY – a source reached through a link out of the context – is refused', async (t) => {
  const root = mkdtempSync(`${tmpdir()}/image-build-`);
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const dir = `${root}/context`;
  for (const folder of ['context/..named', 'outside']) mkdirSync(`${root}/${folder}`, { recursive: true });
  writeFileSync(`${root}/outside/secret`, 'x');
  writeFileSync(`${dir}/..named/file`, 'x');
  symlinkSync('../outside', `${dir}/link`);
  symlinkSync('..named', `${dir}/inner`);
  const copied = (copy: string) => {
    writeFileSync(`${dir}/Dockerfile`, `FROM scratch\nCOPY ${copy} /x/\n`);
    return buildFromDirectory({ dir, ref: 'x' }, noMachine);
  };
  for (const source of [
    'link/secret',
    'lin*/secret',
    'link/*',
    'inner/../link/secret',
    'link/../outside/secret',
  ]) {
    await t.test(source, async () => {
      await assert.rejects(
        copied(source),
        /^Error: line 2: (.* lies outside of the build context|nothing matches |ENOENT)/,
      );
    });
  }
  for (const source of ['..named/file', 'inner/file', 'link', '.']) {
    await t.test(source, async () => {
      assert.ok(await copied(source));
    });
  }
});
