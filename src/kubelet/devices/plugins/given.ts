/** What a container is given for its allocated devices. Upstream: `deviceRunContainerOptions` of pod_devices.go. */

import type { ContainerMount } from '../../runtime/runtime-config.ts';
import type { ContainerDevices } from '../container-devices.ts';
import type { AllocateAnswer } from './device.ts';

/** Where two resources give the same variable, path, annotation or device, the first one holds. */
export function givenDevices(answers: readonly AllocateAnswer[]): ContainerDevices {
  const pairs = answers.flatMap(({ envs }) => Object.entries(envs));
  const mounts = answers.flatMap(({ mounts: given }) => given.map(mountOf));
  const devices = answers.flatMap(({ devices: given }) =>
    given.map(({ containerPath, hostPath, permissions }) => ({ containerPath, hostPath, permissions })),
  );
  return {
    envs: first(pairs, ([key]) => key).map(([key, value]) => ({ key, value })),
    mounts: first(mounts, ({ containerPath }) => containerPath),
    devices: first(devices, ({ containerPath }) => containerPath),
    annotations: Object.assign({}, ...answers.map(({ annotations }) => annotations).toReversed()),
    cdiDevices: [...new Set(answers.flatMap(({ cdiDevices }) => cdiDevices.map(({ name }) => name)))],
  };
}

function first<T>(values: readonly T[], key: (value: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const value of values) if (!byKey.has(key(value))) byKey.set(key(value), value);
  return [...byKey.values()];
}

function mountOf({ containerPath, hostPath, readOnly }: AllocateAnswer['mounts'][number]): ContainerMount {
  return { containerPath, hostPath, readonly: readOnly, propagation: 'PROPAGATION_PRIVATE' };
}
