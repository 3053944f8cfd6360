/** Takes what an object needs from shared pools: cluster IPs, node ports. Given back when the write fails. */

import type { Write } from '../objects/write.ts';

export async function allocate(write: Write): Promise<void> {
  if (write.subresource !== '') return;
  const hooks = write.storage.hooks;
  if (!hooks?.begin) return;
  const operation = write.operation === 'CREATE' ? 'create' : 'update';
  const { undo, done } = await hooks.begin(operation, write.object, write.old);
  write.undo = undo;
  write.done = done;
}
