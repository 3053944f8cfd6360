/** Specification files in real folders. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CdiFiles } from './spec-files.ts';

const readCdiDevices = (folders: readonly string[]) => new CdiFiles(folders).devices();

const env = (value: string) => ({ containerEdits: { env: [`A=${value}`] } });
const spec = (more: object = {}) => ({
  cdiVersion: '0.5.0',
  kind: 'example.com/gpu',
  devices: [{ name: '0', ...env('0') }],
  ...more,
});

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-cdi-');
  t.after(() => rm(dir, { recursive: true }));
  const folders = [`${dir}/etc`, `${dir}/run`];
  for (const folder of folders) await mkdir(folder);
  const write = (path: string, content: object | string) =>
    writeFile(`${dir}/${path}`, typeof content === 'string' ? content : JSON.stringify(content));
  return { dir, folders, write };
}

test('CDI devices – in JSON and YAML files – are found by their qualified names', async (t) => {
  const { folders, write } = await open(t);
  await write('etc/a.json', spec());
  await write(
    'run/b.yaml',
    'cdiVersion: "0.3.0"\nkind: other.example.com/nic\ndevices:\n- name: eth\n  containerEdits:\n    env: ["N=1"]\n',
  );
  await write('run/c.txt', 'no specification');
  await mkdir(`${folders[1]}/d.json`);
  const { byName, problems } = await readCdiDevices(folders);
  assert.deepEqual([...byName.keys()], ['example.com/gpu=0', 'other.example.com/nic=eth']);
  assert.deepEqual(byName.get('other.example.com/nic=eth')?.device.containerEdits, { env: ['N=1'] });
  assert.deepEqual(problems, []);
});

test('CDI devices – described in both folders – are those of the later one', async (t) => {
  const { folders, write } = await open(t);
  await write('etc/a.json', spec());
  await write('run/a.json', spec({ devices: [{ name: '0', ...env('later') }] }));
  const { byName, problems } = await readCdiDevices(folders);
  assert.deepEqual(byName.get('example.com/gpu=0')?.device.containerEdits, { env: ['A=later'] });
  assert.deepEqual(problems, []);
});

test('CDI devices – described by two files of a folder – are none, and a problem', async (t) => {
  const { dir, folders, write } = await open(t);
  await write('run/a.json', spec());
  await write(
    'run/b.json',
    spec({
      devices: [
        { name: '0', ...env('b') },
        { name: '1', ...env('1') },
      ],
    }),
  );
  const { byName, problems } = await readCdiDevices(folders);
  assert.deepEqual([...byName.keys()], ['example.com/gpu=1']);
  assert.deepEqual(problems, [
    `conflicting device "example.com/gpu=0" (specs "${dir}/run/b.json", "${dir}/run/a.json")`,
  ]);
});

test('CDI devices – the folders do not exist – are none', async () => {
  assert.deepEqual(await readCdiDevices(['/tmp/kybern-no-such-folder']), { byName: new Map(), problems: [] });
});

test('CDI devices – a file stands in the place of a folder – are those of the other folder, with the reason', async (t) => {
  const { dir, folders, write } = await open(t);
  await write('file', 'no folder');
  await write('run/a.json', spec());
  const { byName, problems } = await readCdiDevices([`${dir}/file`, ...folders]);
  assert.deepEqual([...byName.keys()], ['example.com/gpu=0']);
  assert.deepEqual(problems, [`failed to load CDI Spec "${dir}/file": not a directory`]);
});

test('CDI devices – beside a link to itself – are found, with the reason', async (t) => {
  const { dir, folders, write } = await open(t);
  await symlink('loop.json', `${dir}/run/loop.json`);
  await write('run/a.json', spec());
  const { byName, problems } = await readCdiDevices(folders);
  assert.deepEqual([...byName.keys()], ['example.com/gpu=0']);
  assert.match(problems.join(), /ELOOP/);
});

test('CDI files – read before – are read again only when they have changed', async (t) => {
  const { folders, write } = await open(t);
  const files = new CdiFiles(folders);
  await write('run/a.json', spec());
  await write('run/b.json', 'no specification');
  const [first, second] = [await files.devices(), await files.devices()];
  const deviceOf = ({ byName }: typeof first) => byName.get('example.com/gpu=0')?.device;
  assert.equal(deviceOf(second), deviceOf(first), 'the same object');
  assert.deepEqual(second.problems, first.problems);
  assert.equal(second.problems.length, 1);
  await write('run/a.json', spec({ devices: [{ name: '0', ...env('another') }] }));
  assert.deepEqual(deviceOf(await files.devices())?.containerEdits, { env: ['A=another'] });
  await rm(`${folders[1]}/a.json`);
  assert.equal(deviceOf(await files.devices()), undefined);
});

test('a CDI file – of almost a mebibyte – does not hold up the process, and is read once by all that ask', async (t) => {
  const { folders, write } = await open(t);
  const devices = Array.from({ length: 10_000 }, (_, i) => ({
    name: `${i}`,
    ...env(`value-${i}`.padEnd(20)),
  }));
  await write('run/a.json', spec({ devices }));
  const files = new CdiFiles(folders);
  let [turns, isRead] = [0, false];
  const asked = Promise.all([files.devices(), files.devices()]).finally(() => {
    isRead = true;
  });
  while (!isRead) {
    turns++;
    await turn();
  }
  const [first, second] = await asked;
  assert.equal(first.byName.size, 10_000);
  assert.equal(first.byName.get('example.com/gpu=7')?.device, second.byName.get('example.com/gpu=7')?.device);
  assert.ok(turns > 100, `${turns} turns`);
});

test('CDI files – longer than may be kept together – are read as far as that, with the reason', async (t) => {
  const { dir, folders, write } = await open(t);
  const long = '# comment\n'.repeat(100_000);
  for (let i = 10; i < 27; i++) await write(`run/${i}.yaml`, long);
  await write('run/27.json', spec());
  const { byName, problems } = await readCdiDevices(folders);
  assert.equal(byName.size, 0);
  assert.match(
    problems.at(-1) ?? '',
    new RegExp(`^failed to load CDI Spec "${dir}/run/27.json": not read, all files`),
  );
});

const device = (more: object) => spec({ devices: [{ name: 'a', ...more }] });
const edits = (containerEdits: object, cdiVersion = '1.0.0') => ({
  ...device({ containerEdits }),
  cdiVersion,
});
const refused: [what: string, content: object | string, reason: string][] = [
  ['that is empty', '', 'no Spec data'],
  ['that is a list', [], 'the document: must be an object'],
  ['of an unknown version', spec({ cdiVersion: '9.0.0' }), 'invalid version "9.0.0"'],
  ['without a version', spec({ cdiVersion: null }), 'invalid version ""'],
  ['with an unknown field', spec({ other: 1 }), 'unknown field "other"'],
  [
    'with an unknown edit',
    device({ containerEdits: { nets: [] } }),
    'unknown field "devices[0].containerEdits.nets"',
  ],
  ['without a vendor', spec({ kind: 'gpu' }), 'invalid vendor. empty name'],
  ['with an invalid vendor', spec({ kind: '1a/gpu' }), 'invalid vendor. "1a", should start with letter'],
  [
    'with an invalid class',
    spec({ kind: 'example.com/g%u' }),
    'invalid class. invalid character \'%\' in name "g%u"',
  ],
  [
    'whose class ends badly',
    spec({ kind: 'example.com/gpu-' }),
    'invalid class. "gpu-", should end with a letter or digit',
  ],
  ['without devices', spec({ devices: [] }), 'invalid spec, no devices'],
  [
    'with a device without edits',
    device({ containerEdits: {} }),
    'failed add device "a": invalid device, empty device edits',
  ],
  [
    'with a device of an invalid name',
    spec({ devices: [{ name: 'a/b', ...env('1') }] }),
    'failed add device "a/b": invalid character \'/\' in device name "a/b"',
  ],
  [
    'with two devices of a name',
    spec({
      devices: [
        { name: 'a', ...env('1') },
        { name: 'a', ...env('1') },
      ],
    }),
    'invalid spec, multiple device "a"',
  ],
  ['with a name of 0.5', { ...spec(), cdiVersion: '0.3.0' }, 'the spec version must be at least v0.5.0'],
  [
    'with a mount type of 0.4',
    edits({ mounts: [{ hostPath: '/a', containerPath: '/b', type: 'bind' }] }, '0.3.0'),
    'the spec version must be at least v0.4.0',
  ],
  ['with annotations of 0.6', spec({ annotations: { a: 'b' } }), 'the spec version must be at least v0.6.0'],
  ['with groups of 0.7', edits({ additionalGids: [1] }, '0.6.0'), 'the spec version must be at least v0.7.0'],
  [
    'with an invalid variable',
    edits({ env: ['A'] }),
    'failed add device "a": invalid device "a": invalid container edits: invalid environment variable "A"',
  ],
  [
    'with an unknown hook',
    edits({ hooks: [{ hookName: 'before', path: '/x' }] }),
    'failed add device "a": invalid device "a": invalid hook name "before"',
  ],
  [
    'with a node of an unknown type',
    edits({ deviceNodes: [{ path: '/dev/a', type: 'x' }] }),
    'failed add device "a": invalid device "a": device "/dev/a": invalid type "x"',
  ],
  [
    'with a mount of nothing',
    edits({ mounts: [{ containerPath: '/b' }] }),
    'failed add device "a": invalid device "a": invalid mount, empty host path',
  ],
  ['with a number for a text', edits({ env: [1] }), 'devices[0].containerEdits.env[0]: must be a string'],
];
for (const [what, content, reason] of refused) {
  test(`a CDI file – ${what} – has no device, and the reason`, async (t) => {
    const { dir, folders, write } = await open(t);
    await write('run/a.json', content);
    await write('run/b.json', spec({ kind: 'other.example.com/gpu' }));
    const { byName, problems } = await readCdiDevices(folders);
    assert.deepEqual([...byName.keys()], ['other.example.com/gpu=0']);
    assert.deepEqual(problems, [`failed to load CDI Spec "${dir}/run/a.json": ${reason}`]);
  });
}
