/** A process in the background and the supervisor that restarts it. */

import type { Log } from '#base/log.ts';
import type { ClusterState } from '#host/home/cluster-home.ts';
import { supervisorOf } from '#host/home/cluster-processes.ts';
import { identityOf } from '#host/processes/processes.ts';

/** This process, as its state records it. */
export function self(): Pick<ClusterState, 'process' | 'supervisor' | 'restarts'> {
  const identity = identityOf(process.pid) ?? { pid: process.pid, startTicks: '0' };
  return { process: identity, supervisor: supervisorOf(process.pid), restarts: restarts() };
}

/** From now on a death of this process is not a failed start: the supervisor restarts it. */
export function reportStarted(): void {
  const supervisor = supervisorOf(process.pid);
  if (supervisor) process.kill(supervisor.pid, 'SIGUSR1');
}

/** How often the supervisor has restarted this process. */
export function restarts(): number {
  return Number(process.env['KYBERN_RESTARTS'] ?? 0);
}

export function logUnseenRejections(log: Log): void {
  process.on('unhandledRejection', (reason) =>
    log.error('a promise was rejected unseen', { error: String((reason as Error)?.stack ?? reason) }),
  );
}
