/** Allocates cluster IPs and node ports from shared pools; released when the write fails. */

import type { ObjectWrite } from '../write.ts';

export function allocate(write: ObjectWrite): Promise<void> | undefined {
  const { hooks } = write.served;
  if (write.subresource !== '' || !hooks?.begin) return undefined;
  return hooks.begin(write.object, write.old, write.dryRun).then((allocation) => {
    write.allocation = allocation;
  });
}
