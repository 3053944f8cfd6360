/**
 * Gives a volume that outlives its pods to the group of the pod (`fsGroup`), as its `fsGroupChangePolicy`
 * says. Follows upstream's VolumeOwnership, with its event when a volume of many files takes long.
 */

import type { Clock, Timer } from '#base/clock.ts';
import { isOfGroup } from '#host/files/files.ts';
import { giveToGroup } from '#host/files/give-to-group.ts';
import type { VolumeContext } from './volume.ts';

const firstReportMs = 30_000;
const reportMs = 60_000;
const reason = 'VolumePermissionChangeInProgress';
const advice =
  'consider using OnRootMismatch - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods';

/** Harmless without `fsGroup`. `readOnly`: the group may read and not write. */
export async function setOwnership(
  { pod, env, record }: Pick<VolumeContext, 'pod' | 'env' | 'record'>,
  path: string,
  readOnly: boolean,
): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
  if (fsGroup === undefined) return;
  if (fsGroupChangePolicy === 'OnRootMismatch' && (await isOfGroup(path, fsGroup, readOnly))) return;
  const { uid } = pod.metadata;
  const place = path.includes(uid) ? path.slice(path.indexOf(uid)) : path;
  const progress = new Progress(env.clock, (message) =>
    record('Warning', reason, `Setting volume ownership for ${place}${message}`),
  );
  try {
    await giveToGroup(path, fsGroup, readOnly, () => progress.count());
  } finally {
    progress.stop();
  }
}

/** Reports after half a minute, and then every minute. */
class Progress {
  #files = 0;
  #timer: Timer;

  constructor(clock: Clock, report: (message: string) => void) {
    const again = () => {
      this.#timer = clock.after(reportMs, () => {
        report(`, processed ${this.#files} files.`);
        again();
      });
    };
    this.#timer = clock.after(firstReportMs, () => {
      report(` is taking longer than expected, ${advice}`);
      again();
    });
  }

  count(): void {
    this.#files++;
  }

  stop(): void {
    this.#timer.cancel();
  }
}
