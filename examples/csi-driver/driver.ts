/** The driver: all three services on one socket. */

import { serve } from './protocol/service.ts';
import { controller } from './services/controller.ts';
import { identity } from './services/identity.ts';
import { node } from './services/node.ts';
import { Folders } from './storage/folders.ts';

export interface DriverOptions {
  readonly socketPath: string;
  readonly nodeName: string;
  /** Where the volumes are. */
  readonly storageDir: string;
}

/** Returns what ends it. */
export function startDriver({
  socketPath,
  nodeName,
  storageDir,
}: DriverOptions): Promise<() => Promise<void>> {
  const folders = new Folders(storageDir);
  return serve(socketPath, {
    Identity: identity,
    Controller: controller(folders, nodeName),
    Node: node(folders, nodeName),
  });
}
