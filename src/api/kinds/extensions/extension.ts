/** CustomResourceDefinition and APIService: names that follow from the kind, ports, conversion. */

import type { APIService, CustomResourceDefinition } from '../../generated/types.gen.ts';
import { emptyStatus, keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import { validateDefinition, validateDefinitionUpdate } from './definition-validation.ts';

export const customResourceDefinition: Strategy<CustomResourceDefinition> = {
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
      storedVersions: (definition.spec?.versions ?? []).filter((one) => one.storage).map((one) => one.name),
    };
  },
  validate: validateDefinition,
  validateUpdate: validateDefinitionUpdate,
  /** The version that stores now joins those that ever did. */
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
};

export const apiService: Strategy<APIService> = {
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  setDefaults(service) {
    if (service.spec?.service) service.spec.service.port ??= 443;
  },
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
};
