import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { tryCommand } from '../processes/command.ts';
import { buildFromDirectory } from './image-build.ts';
import { fullImageName, isImageName } from './oci-image.ts';

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
    const archive = buildFromDirectory({ dir, ref: 'web:1' });
    assert.deepEqual(buildFromDirectory({ dir, ref: 'web:1' }), archive);
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

test('image build – an instruction that needs a running container – is rejected with its line', () => {
  const dir = mkdtempSync(`${tmpdir()}/image-build-`);
  try {
    writeFileSync(`${dir}/Dockerfile`, 'FROM scratch\n\nRUN make\n');
    assert.throws(() => buildFromDirectory({ dir, ref: 'x' }), /^Error: line 3: RUN is not supported/);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('image names – short ones – are completed', () => {
  assert.equal(fullImageName('busybox'), 'docker.io/library/busybox:latest');
  assert.equal(fullImageName('team/web:2'), 'docker.io/team/web:2');
  assert.equal(fullImageName('localhost:5000/web'), 'localhost:5000/web:latest');
});

describe('image names – valid and invalid – are distinguished', () => {
  for (const good of [
    'web',
    'web:1',
    'a.b_c/d__e-f:V1.0-x',
    'localhost:5000/web',
    'Example.org/team/web:1',
  ]) {
    test(JSON.stringify(good), () => {
      assert.ok(isImageName(good));
    });
  }
  for (const bad of ['', 'Web', 'A B', 'web:', 'web:-1', '/web', 'a//b', 'web@1', '-x', 'web:1\n']) {
    test(JSON.stringify(bad), () => {
      assert.ok(!isImageName(bad));
    });
  }
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
  const build = (copy: string) => {
    writeFileSync(`${dir}/Dockerfile`, `FROM scratch\nCOPY ${copy} /x/\n`);
    return buildFromDirectory({ dir, ref: 'x' }).toString('latin1');
  };
  for (const source of [
    'link/secret',
    'lin*/secret',
    'link/*',
    'inner/../link/secret',
    'link/../outside/secret',
  ]) {
    await t.test(source, () => {
      assert.throws(
        () => build(source),
        /^Error: line 2: (.* lies outside of the build context|nothing matches |ENOENT)/,
      );
    });
  }
  for (const source of ['..named/file', 'inner/file', 'link', '.']) {
    await t.test(source, () => {
      assert.ok(build(source));
    });
  }
});
