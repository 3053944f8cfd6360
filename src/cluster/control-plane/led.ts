/** Runs work in one of several processes: it begins when this one is elected, and ends when it no longer is. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import { type LeaderElection, runLeaderElection } from '#client/election/leader-election.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import { createClient } from '#client/rest/client.ts';
import type { Transport } from '#client/transport/transport.ts';

export interface LedOptions {
  readonly env: Env;
  readonly transport: (user: UserInfo) => Transport;
  /** The component's own identity: its role allows it this one lease. */
  readonly user: UserInfo;
  /** The lease in kube-system: `kube-scheduler`. */
  readonly lease: string;
  /** The source of the events that tell who leads. */
  readonly eventSource: string;
  /** This control plane, unlike any other on the same store. */
  readonly identity: string;
  start(): { stop(): unknown };
}

export function runLed(options: LedOptions): LeaderElection {
  const { env, identity, lease } = options;
  const client = createClient(options.transport(options.user));
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
    // Upstream's processes exit here, since nothing else ends their work; ours is ended and may begin again.
    onStoppedLeading: () => work?.stop(),
  });
}
