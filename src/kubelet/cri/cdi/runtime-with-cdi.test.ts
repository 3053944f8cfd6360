import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ContainerConfig, SandboxConfig } from '../../runtime/runtime-config.ts';
import { injectsDevices, runtimeWithCdi } from './runtime-with-cdi.ts';

const versions: [name: string, version: string, injects: boolean][] = [
  ['containerd', '1.6.20~ds1', false],
  ['containerd', '1.7.28', false],
  ['containerd', 'v2.0.5', true],
  ['containerd', '2.1.0', true],
  ['cri-o', '1.30.0', true],
];
for (const [name, version, injects] of versions) {
  test(`CDI – ${name} ${version} – ${injects ? 'is left to it' : 'is done here'}`, () =>
    assert.equal(injectsDevices({ name, version }), injects));
}

const sandbox = {} as SandboxConfig;

async function open(t: TestContext, version: string) {
  const dir = await mkdtemp('/tmp/kybern-cdi-');
  t.after(() => rm(dir, { recursive: true }));
  const created: ContainerConfig[] = [];
  const runtime = {
    version: async () => ({ name: 'containerd', version }),
    createContainer: async (_sandbox: string, config: ContainerConfig) => `c${created.push(config)}`,
  };
  const describe = (containerEdits: object) =>
    writeFile(
      `${dir}/a.json`,
      JSON.stringify({
        cdiVersion: '0.5.0',
        kind: 'example.com/gpu',
        devices: [{ name: '0', containerEdits }],
      }),
    );
  return { created, describe, runtime: runtimeWithCdi(runtime as unknown as Runtime, [dir]) };
}

function configWith(...names: string[]): ContainerConfig {
  const linux = { securityContext: { supplementalGroups: [] } };
  const CDIDevices = names.map((name) => ({ name }));
  return { envs: [], mounts: [], devices: [], CDIDevices, linux } as unknown as ContainerConfig;
}

test('a container – a runtime with CDI – is made with the names of its devices', async (t) => {
  const { created, runtime } = await open(t, '2.0.0');
  await runtime.createContainer('s', configWith('example.com/gpu=0'), sandbox);
  assert.deepEqual(created, [configWith('example.com/gpu=0')]);
});

test('a container – a runtime without CDI – is made with the edits of its devices', async (t) => {
  const { created, describe, runtime } = await open(t, '1.6.20');
  await describe({ env: ['GPU=0'] });
  assert.equal(await runtime.createContainer('s', configWith('example.com/gpu=0'), sandbox), 'c1');
  assert.deepEqual(created, [{ ...configWith(), envs: [{ key: 'GPU', value: '0' }] }]);
});

const failures: [what: string, edits: object, description: string][] = [
  [
    'an edit that cannot be made',
    { hooks: [{ hookName: 'prestart', path: '/h' }] },
    'CDI device injection failed: failed to inject devices: device example.com/gpu=0 has the hook prestart (/h), ' +
      'which needs a container runtime with CDI, such as containerd 2.0',
  ],
  [
    'a mount of what does not exist',
    { mounts: [{ hostPath: '/no/such/folder', containerPath: '/x' }] },
    'CDI device injection failed: /no/such/folder of the mount /x does not exist',
  ],
];
for (const [what, edits, description] of failures) {
  test(`a container – ${what} – is not made`, async (t) => {
    const { created, describe, runtime } = await open(t, '1.6.20');
    await describe(edits);
    await assert.rejects(runtime.createContainer('s', configWith('example.com/gpu=0'), sandbox), {
      description,
    });
    assert.deepEqual(created, []);
  });
}
