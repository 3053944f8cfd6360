/** FlowSchema and PriorityLevelConfiguration: precedence and the shares of concurrency. */

import type { FlowSchema, PriorityLevelConfiguration } from '../../generated/types.gen.ts';
import { dropStatus, keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';

export const flowSchema: Strategy<FlowSchema> = {
  hasGeneration: true,
  setDefaults(schema) {
    if (schema.spec) schema.spec.matchingPrecedence ||= 1000;
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
};

export const priorityLevelConfiguration: Strategy<PriorityLevelConfiguration> = {
  hasGeneration: true,
  setDefaults(level) {
    const exempt = level.spec?.exempt;
    if (exempt) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    const limited = level.spec?.limited;
    if (!limited) return;
    limited.nominalConcurrencyShares ??= 30;
    limited.lendablePercent ??= 0;
    const queuing = limited.limitResponse?.queuing;
    if (!queuing) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
};
