/** PriorityLevelConfiguration: concurrency shares and queues. */

import { priorityLevelConfigurations } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf, none, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import { checkConditions } from './flow-schema-validation.ts';
import { validateLevel } from './level-validation.ts';

export const priorityLevelConfiguration = defineKind(priorityLevelConfigurations, {
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
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  validate: validateLevel,
  updateChecks: ['metadata', 'change'],
  validateStatusUpdate: ({ status }) => checkConditions(status),
  printer: {
    columns: [
      nameColumn,
      column('Type'),
      column('NominalConcurrencyShares'),
      column('Queues'),
      column('HandSize'),
      column('QueueLengthLimit'),
      ageColumn,
    ],
    cells: (level, now) => {
      const limited = level.spec?.limited;
      const queuing = limited?.limitResponse?.queuing;
      return [
        nameOf(level),
        level.spec?.type ?? '',
        limited?.nominalConcurrencyShares ?? (limited ? unset : none),
        queuing?.queues ?? none,
        queuing?.handSize ?? none,
        queuing?.queueLengthLimit ?? none,
        ageOf(level, now),
      ];
    },
  },
});
