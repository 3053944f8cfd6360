/**
 * A runtime that gives containers CDI devices, whatever its version: containerd does it itself from 2.0 on, before that
 * its configurations are edited here. Upstream's kubelet leaves it to the runtime.
 */

import { errorText } from '#base/text/error-text.ts';
import { kindOf } from '#host/files/files.ts';
import { type Runtime, RuntimeError } from '../../runtime/runtime.ts';
import type { ContainerConfig } from '../../runtime/runtime-config.ts';
import { withCdiDevices } from './inject.ts';
import { CdiFiles, cdiFolders } from './spec-files.ts';

/** Whether this runtime reads CDI specifications as it is installed; containerd 1.7 would have to be configured. */
export function injectsDevices({ name, version }: { name: string; version: string }): boolean {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);
  return name !== 'containerd' || major >= 2;
}

export function runtimeWithCdi(runtime: Runtime, folders: readonly string[] = cdiFolders): Runtime {
  const files = new CdiFiles(folders);
  return {
    ...runtime,
    async createContainer(sandboxId, config, ...more) {
      const needsEdits = config.CDIDevices.length > 0 && !injectsDevices(await runtime.version());
      const edited = needsEdits ? await editedConfig(config, files) : config;
      return runtime.createContainer(sandboxId, edited, ...more);
    },
  };
}

async function editedConfig(config: ContainerConfig, files: CdiFiles): Promise<ContainerConfig> {
  try {
    const edited = withCdiDevices(config, await files.devices());
    await refuseMissing(config, edited);
    return edited;
  } catch (error) {
    throw new RuntimeError('Unknown', errorText(error));
  }
}

/** containerd would make an empty folder of a missing one. */
async function refuseMissing(before: ContainerConfig, { mounts }: ContainerConfig): Promise<void> {
  for (const mount of mounts) {
    if (before.mounts.includes(mount) || (await kindOf(mount.hostPath)) !== undefined) continue;
    throw new Error(
      `CDI device injection failed: ${mount.hostPath} of the mount ${mount.containerPath} does not exist`,
    );
  }
}
