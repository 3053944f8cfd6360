/** Takes what an object needs from shared pools: cluster IPs, node ports. Given back when the write fails. */

import type { Write } from '../write.ts';

export function allocate(write: Write): void {
  if (write.subresource !== '') return;
  const hooks = write.storage.hooks;
  if (!hooks?.begin) return;
  const { undo, done } = hooks.begin(write.object, write.old);
  write.undo = undo;
  write.done = done;
}
