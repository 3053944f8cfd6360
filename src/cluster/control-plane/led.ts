/**
 * Runs work in one of several processes: starts it when this process is elected, and stops it when it loses
 * the lease.
 */

import type { UserInfo } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import { type LeaderElection, runLeaderElection } from '#client/election/leader-election.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import { createClient } from '#client/rest/client.ts';
import type { Transport } from '#client/transport/transport.ts';

export interface LedOptions {
  readonly env: Env;
  readonly transport: (user: UserInfo) => Transport;
  /** The component's own identity: its role allows this one lease. */
  readonly user: UserInfo;
  /** The lease in kube-system: `kube-scheduler`. */
  readonly lease: string;
  /** Source of the events about changes of the leader. */
  readonly eventSource: string;
  /** Identity of this control plane, unique on the same store. */
  readonly identity: string;
  start(): { stop(): unknown };
}

export function runLed(options: LedOptions): LeaderElection {
  const { env, identity, lease } = options;
  const client = createClient(options.transport(options.user), { userAgent: options.lease });
  let work: { stop(): unknown } | undefined;
  return runLeaderElection({
    env,
    client,
    recorder: createEventRecorder({ env, client, component: options.eventSource }),
    namespace: 'kube-system',
    name: lease,
    identity,
    onStartedLeading() {
      work = options.start();
    },
    // Upstream's processes exit here; ours stops its work and may be elected again.
    onStoppedLeading: () => work?.stop(),
  });
}
