/** Takes away all that a joined node has made on this machine: process, containers, networks, files. */

import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { rangeOf } from '#base/net/range-list.ts';
import { removeIfEmpty } from '#host/files/remove-if-empty.ts';
import { type AgentConfig, readAgentConfig } from '#host/home/agent-home.ts';
import { kybernHome, readState } from '#host/home/cluster-home.ts';
import { deleteNode } from '#host/home/node-home.ts';
import { deleteBridge } from '#host/network/bridge.ts';
import { removePodPaths } from '#host/network/links/pod-devices.ts';
import { tryCommand } from '#host/processes/command.ts';
import { releaseMachine } from '../delete.ts';
import { endSupervised } from '../down.ts';
import { joinedDevices, joinedPaths } from './joined-machine.ts';

/** Also of a node that is only partly there. Returns the folder of volumes that the user has chosen, which stays. */
export async function removeNode(node: string): Promise<string | undefined> {
  const paths = joinedPaths(node);
  const running = readableState(paths);
  if (running) await endSupervised(running);
  const config = readableConfig(paths.dir);
  const { bridge, table } = joinedDevices(node);
  if (existsSync(paths.node)) await deleteNode(paths, config?.storageDir);
  await removePodPaths({ bridge, table, ...(config ? { podRange: rangeOf(config.podRange, 4) } : {}) });
  await tryCommand('nft', ['delete', 'table', 'ip', table]);
  await deleteBridge(bridge);
  rmSync(paths.run, { recursive: true, force: true });
  await releaseMachine();
  rmSync(paths.dir, { recursive: true, force: true });
  for (const folder of [dirname(paths.dir), kybernHome()]) removeIfEmpty(folder);
  return config?.storageDir;
}

/** What is damaged does not keep the rest from being removed. */
function readableConfig(dir: string): AgentConfig | undefined {
  try {
    return readAgentConfig(dir);
  } catch {
    return undefined;
  }
}

function readableState(paths: { readonly state: string }) {
  try {
    return readState(paths);
  } catch {
    return undefined;
  }
}
