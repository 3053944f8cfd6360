/** CustomResourceDefinition: default names from the kind, conversion, storedVersions. */

import { unknownFormats } from '../../custom/definitions/unknown-formats.ts';
import {
  definitionNameRule,
  validateDefinition,
  validateDefinitionStatus,
  validateDefinitionUpdate,
} from '../../custom/definitions/validate-definition.ts';
import { customResourceDefinitions } from '../../generated/kinds.gen.ts';
import type {
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionSpec,
} from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { keepStatus } from '../../kind/status-handling.ts';

/** Keeps a definition until all its objects are gone. */
export const cleanUpFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** Go writes a list that was never set as null. */
const noConditions = null as unknown as CustomResourceDefinitionCondition[];

const deletionPending = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};

export const customResourceDefinition = defineKind(customResourceDefinitions, {
  isStoredAsJson: true,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  takesPlainFinalizers: true,
  nameRuleOf: definitionNameRule,
  setDefaults(definition) {
    // Go's structs and lists are there, if empty.
    definition.spec ??= {} as CustomResourceDefinitionSpec;
    const { spec } = definition;
    spec.versions ??= [];
    spec.names ??= { plural: '', kind: '' };
    const { names } = spec;
    if (names.kind) {
      names.singular ||= names.kind.toLowerCase();
      names.listKind ||= `${names.kind}List`;
    }
    spec.conversion ??= { strategy: 'None' };
    const { webhook } = spec.conversion;
    if (webhook && !webhook.clientConfig && !webhook.conversionReviewVersions) delete spec.conversion.webhook;
    const service = webhook?.clientConfig?.service;
    if (service) service.port ??= 443;
    const { status } = definition;
    const storage = spec.versions.find((version) => version.storage);
    if (status && storage && !status.storedVersions?.length) status.storedVersions = [storage.name];
  },
  prepareForCreate(definition) {
    definition.status = {
      conditions: noConditions,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: (definition.spec?.versions ?? [])
        .filter((version) => version.storage)
        .slice(0, 1)
        .map((version) => version.name),
    };
  },
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  validateStatusUpdate: validateDefinitionStatus,
  warnings(definition, old) {
    // The spec is the same: a large one is not read for each write of the status.
    if (old && old.metadata?.generation === definition.metadata?.generation) return [];
    const before = new Set(old ? unknownFormats(old) : []);
    const formats = unknownFormats(definition).filter((format) => !before.has(format));
    return formats.map((format) => `unrecognized format ${JSON.stringify(format)}`);
  },
  /** The current storage version is added to storedVersions. */
  prepareForUpdate(definition, old) {
    keepStatus(definition, old);
    definition.status ??= {};
    definition.status.storedVersions ??= [];
    const stored = definition.status.storedVersions;
    const storage = definition.spec?.versions?.find((version) => version.storage);
    if (storage && !stored.includes(storage.name)) stored.push(storage.name);
  },
  storageFolder: 'apiextensions.k8s.io/customresourcedefinitions',
  storageVersion: 'v1beta1',
  /** Nothing but that its objects are still there, which the finalizer says, keeps it. */
  hasOwnFinalizers: () => false,
  markTerminating(definition) {
    const { metadata } = definition;
    metadata!.finalizers ??= [];
    if (!metadata!.finalizers.includes(cleanUpFinalizer)) metadata!.finalizers.push(cleanUpFinalizer);
    const conditions = definition.status?.conditions ?? [];
    definition.status = {
      ...definition.status,
      conditions: [
        ...conditions.filter(({ type }) => type !== 'Terminating'),
        { ...deletionPending, lastTransitionTime: metadata!.deletionTimestamp! },
      ],
    };
  },
});
