/** CustomResourceDefinition: default names from the kind, conversion, storedVersions. */

import { customResourceDefinitions } from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { validateDefinition, validateDefinitionUpdate } from './definition-validation.ts';

/** Keeps a definition until all its objects are gone. */
export const cleanUpFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const deletionPending = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};

export const customResourceDefinition = defineKind(customResourceDefinitions, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  takesPlainFinalizers: true,
  setDefaults(definition) {
    const spec = definition.spec;
    if (!spec) return;
    const names = spec.names;
    if (names?.kind) {
      names.singular ||= names.kind.toLowerCase();
      names.listKind ||= `${names.kind}List`;
    }
    spec.conversion ??= { strategy: 'None' };
    const service = spec.conversion.webhook?.clientConfig?.service;
    if (service) service.port ??= 443;
  },
  prepareForCreate(definition) {
    definition.status = {
      storedVersions: (definition.spec?.versions ?? [])
        .filter((version) => version.storage)
        .map((version) => version.name),
    };
  },
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  /** The current storage version is added to storedVersions. */
  prepareForUpdate(definition, old) {
    keepStatus(definition, old);
    definition.status ??= {};
    definition.status.storedVersions ??= [];
    const stored = definition.status.storedVersions;
    const known = new Set(stored);
    for (const version of definition.spec?.versions ?? []) {
      if (version.storage && !known.has(version.name)) stored.push(version.name);
      if (version.storage) known.add(version.name);
    }
  },
  storageFolder: 'apiextensions.k8s.io/customresourcedefinitions',
  /** Its unions can only be expressed in JSON here. */
  isJsonOnly: true,
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
