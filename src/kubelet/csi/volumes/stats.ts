/** The size and use of a volume, of what its driver reports. Upstream: NodeGetVolumeStats of csi_client.go. */

import type { VolumeStats } from '../../runtime/machine.ts';
import { csiText, type VolumeUsage } from '../node-calls.ts';

const nothing = { available: 0, total: 0, used: 0 };

/** A unit that the driver does not report is 0 throughout, as upstream's. Throws when it reports none at all. */
export function reportedStats(usages: readonly VolumeUsage[]): VolumeStats {
  if (usages.length === 0) throw new Error(csiText('failed to get usage from response. usage is nil'));
  // Of two reports of a unit the later counts.
  const reported = (unit: VolumeUsage['unit']) => usages.findLast((usage) => usage.unit === unit) ?? nothing;
  const [bytes, inodes] = [reported('BYTES'), reported('INODES')];
  return {
    room: {
      bytes: { available: bytes.available, capacity: bytes.total },
      inodes: { available: inodes.available, capacity: inodes.total },
    },
    use: { bytes: bytes.used, inodes: inodes.used },
  };
}
