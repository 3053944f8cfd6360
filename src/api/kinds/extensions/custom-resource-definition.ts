/** CustomResourceDefinition: default names from the kind, conversion, storedVersions. */

import { customResourceDefinitions } from '../../generated/kinds.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { storedBut } from '../../kind/unbuilt.ts';
import { validateDefinition, validateDefinitionUpdate } from './definition-validation.ts';

export const customResourceDefinition = defineKind(customResourceDefinitions, {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
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
  unbuilt: storedBut('does not serve custom resources yet'),
});
