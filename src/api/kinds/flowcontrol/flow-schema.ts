/** FlowSchema: assigns requests to a priority level. */

import { flowSchemas } from '../../generated/kinds.gen.ts';
import { ageOf, boolText, nameOf, none } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import { conditionOf } from '../../meta/conditions.ts';
import { checkConditions, validateFlowSchema } from './flow-schema-validation.ts';

export const flowSchema = defineKind(flowSchemas, {
  hasGeneration: true,
  setDefaults(schema) {
    if (schema.spec) schema.spec.matchingPrecedence ||= 1000;
  },
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  validate: validateFlowSchema,
  updateChecks: ['metadata', 'change'],
  validateStatusUpdate: ({ status }) => checkConditions(status),
  printer: {
    columns: [
      nameColumn,
      column('PriorityLevel'),
      column('MatchingPrecedence'),
      column('DistinguisherMethod'),
      ageColumn,
      column('MissingPL'),
    ],
    cells: (schema, now) => {
      const dangling = conditionOf(schema.status, 'Dangling');
      return [
        nameOf(schema),
        schema.spec?.priorityLevelConfiguration.name ?? '',
        schema.spec?.matchingPrecedence ?? 0,
        schema.spec?.distinguisherMethod?.type ?? none,
        ageOf(schema, now),
        dangling ? boolText(dangling.status === 'True') : '?',
      ];
    },
  },
});
