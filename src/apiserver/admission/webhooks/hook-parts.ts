/** The parts of the server that validating and mutating webhooks use. */

import type { Clock } from '#base/clock.ts';
import type { Log } from '#base/log.ts';
import type { Random } from '#base/random.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { ObjectFeed, ObjectReader } from '../../contract/stored-objects.ts';
import type { WebhookClient } from '../../outgoing/webhook-client.ts';
import type { Resources } from '../../registry/resources.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

export interface HookParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly client: WebhookClient;
  readonly feed: ObjectFeed;
  readonly reader: ObjectReader;
  readonly resources: Resources;
  /** For match conditions that use `authorizer`. */
  readonly authorizer: Authorizer;
  readonly metrics: WebhookMetrics;
}

/** The rules of both plugins: every request, for which the matching webhooks are then looked up. */
export const everyRequest = [{ operations: ['*'], apiGroups: ['*'], resources: ['*/*'] }] as const;
