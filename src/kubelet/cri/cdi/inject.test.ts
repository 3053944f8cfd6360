import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerConfig } from '../../runtime/runtime-config.ts';
import { withCdiDevices } from './inject.ts';
import type { CdiEdits, CdiSpec } from './spec.ts';

const mount = { hostPath: '/h', containerPath: '/data', readonly: false, propagation: 'PROPAGATION_PRIVATE' };
const device = { hostPath: '/dev/null', containerPath: '/dev/x', permissions: 'r' };

function configWith(...names: string[]): ContainerConfig {
  const config = {
    envs: [{ key: 'A', value: 'pod' }],
    mounts: [mount],
    devices: [device],
    CDIDevices: names.map((name) => ({ name })),
    linux: { securityContext: { supplementalGroups: [5] } },
  };
  return config as unknown as ContainerConfig;
}

function devicesOf(edits: Record<string, CdiEdits>, shared: CdiEdits = {}) {
  const devices = Object.entries(edits).map(([name, containerEdits]) => ({ name, containerEdits }));
  const spec: CdiSpec = { cdiVersion: '1.0.0', kind: 'example.com/gpu', devices, containerEdits: shared };
  const found = devices.map((each) => [`example.com/gpu=${each.name}`, { spec, device: each }] as const);
  return { byName: new Map(found), problems: [] };
}

test('a container – without CDI devices – is as it was', () => {
  assert.deepEqual(withCdiDevices(configWith(), devicesOf({})), configWith());
});

test('a container – with two devices of a specification – has its edits once, and those of both', () => {
  const devices = devicesOf(
    { a: { env: ['B=a'] }, b: { env: ['C=b=c', 'A=device'] } },
    { env: ['B=shared'] },
  );
  assert.deepEqual(withCdiDevices(configWith('example.com/gpu=a', 'example.com/gpu=b'), devices), {
    ...configWith(),
    envs: [
      { key: 'B', value: 'a' },
      { key: 'C', value: 'b=c' },
      { key: 'A', value: 'device' },
    ],
  });
});

test('a container – nodes, mounts and groups – gets them in place of its own at the same path', () => {
  const devices = devicesOf({
    a: {
      deviceNodes: [{ path: '/dev/x', hostPath: '/dev/zero', permissions: 'rw' }, { path: '/dev/full' }],
      mounts: [
        { hostPath: '/lib', containerPath: '/data', options: ['ro', 'rbind', 'rslave'] },
        { hostPath: '/opt', containerPath: '/opt' },
      ],
      additionalGids: [0, 5, 7],
    },
  });
  const { devices: nodes, mounts, linux } = withCdiDevices(configWith('example.com/gpu=a'), devices);
  assert.deepEqual(nodes, [
    { hostPath: '/dev/zero', containerPath: '/dev/x', permissions: 'rw' },
    { hostPath: '/dev/full', containerPath: '/dev/full', permissions: 'rwm' },
  ]);
  assert.deepEqual(mounts, [
    {
      hostPath: '/lib',
      containerPath: '/data',
      readonly: true,
      propagation: 'PROPAGATION_HOST_TO_CONTAINER',
    },
    { hostPath: '/opt', containerPath: '/opt', readonly: false, propagation: 'PROPAGATION_PRIVATE' },
  ]);
  assert.deepEqual(linux.securityContext.supplementalGroups, [5, 7]);
});

test('a container – devices that no file describes – is refused, with what is wrong with the files', () => {
  const devices = { byName: devicesOf({ a: {} }).byName, problems: ['failed to load CDI Spec "/x.json": y'] };
  const names = ['example.com/gpu=a', 'example.com/gpu=b', 'c'];
  assert.throws(() => withCdiDevices(configWith(...names), devices), {
    message:
      'CDI device injection failed: unresolvable CDI devices example.com/gpu=b, c: failed to load CDI Spec "/x.json": y',
  });
});

const impossible: [what: string, edits: CdiEdits, problem: string][] = [
  [
    'a hook',
    { hooks: [{ hookName: 'createContainer', path: '/bin/h' }] },
    'has the hook createContainer (/bin/h)',
  ],
  ['an RDT class', { intelRdt: { closID: 'c' } }, 'has an Intel RDT class'],
  ['an owner', { deviceNodes: [{ path: '/dev/a', uid: 7 }] }, 'sets uid of the device node /dev/a'],
  [
    'a mode',
    { deviceNodes: [{ path: '/dev/a', fileMode: 0o600 }] },
    'sets fileMode of the device node /dev/a',
  ],
  [
    'a file system',
    { mounts: [{ hostPath: 'tmpfs', containerPath: '/t', type: 'tmpfs' }] },
    'has a mount of type tmpfs at /t',
  ],
  [
    'a mount option',
    { mounts: [{ hostPath: '/a', containerPath: '/b', options: ['rbind', 'nosuid'] }] },
    'has the mount option nosuid at /b',
  ],
];
for (const [what, edits, problem] of impossible) {
  test(`a container – a device with ${what} – is refused: the runtime has no CDI`, () => {
    assert.throws(() => withCdiDevices(configWith('example.com/gpu=a'), devicesOf({ a: edits })), {
      message:
        `CDI device injection failed: failed to inject devices: device example.com/gpu=a ${problem}, which needs a ` +
        'container runtime with CDI, such as containerd 2.0',
    });
  });
}
