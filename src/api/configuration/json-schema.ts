/** The JSON Schema of a `ClusterConfiguration`, for editors and other checks before `kybern up`. */

import type { JsonObject } from '#wire/json/value.ts';
import { apiServerArguments } from './api-server-arguments.ts';
import { type Arguments, map } from './argument.ts';
import { configurationKind, configurationVersion } from './cluster-configuration.ts';
import { featureGateDefaults } from './known-feature-gates.ts';
import { kubeletFields } from './kubelet/fields.ts';
import { managerArguments } from './manager/arguments.ts';
import { profileFields, schedulerFields } from './scheduler/fields.ts';

/** The arguments that are sections of the file. */
export const sectionArguments: Arguments = {
  'feature-gates': map('The section featureGates, as upstream’s flag.'),
  'runtime-config': map('The section runtimeConfig, as upstream’s flag.'),
};

const onOrOff: JsonObject = { anyOf: [{ type: 'boolean' }, { enum: ['true', 'false'] }] };

export function configurationSchema(): JsonObject {
  const gates = [...featureGateDefaults].map(([name, usual]) => [name, { ...onOrOff, default: usual }]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: configurationKind,
    description: 'The file of `kybern up --config`.',
    ...closed({
      apiVersion: { const: configurationVersion },
      kind: { const: configurationKind },
      apiServer: closed({
        args: closed(
          schemasOf({ ...apiServerArguments, ...sectionArguments }),
          "Arguments by the names of upstream's flags; paths are relative to this file.",
        ),
        certSANs: {
          type: 'array',
          items: { type: 'string' },
          description: "Further DNS names and IP addresses of the API server's serving certificate.",
        },
      }),
      featureGates: closed(Object.fromEntries(gates), "Upstream's feature gates."),
      runtimeConfig: {
        type: 'object',
        additionalProperties: onOrOff,
        description: 'API versions to serve: `api/beta`, `GROUP/VERSION`, `GROUP/VERSION/RESOURCE`.',
      },
      kubelet: closed(schemasOf(kubeletFields), "Fields of upstream's KubeletConfiguration."),
      scheduler: closed(
        schemasOf({
          ...schedulerFields,
          profiles: {
            ...schedulerFields.profiles,
            schema: { type: 'array', items: closed(schemasOf(profileFields)) },
          },
        }),
        "Fields of upstream's KubeSchedulerConfiguration.",
      ),
      controllerManager: closed({
        args: closed(schemasOf(managerArguments), "Arguments by the names of upstream's flags."),
      }),
    }),
    required: ['apiVersion', 'kind'],
  };
}

function schemasOf(known: Arguments): JsonObject {
  const entries = Object.entries(known);
  return Object.fromEntries(
    entries.map(([name, { description, schema }]) => [name, { description, ...schema }]),
  );
}

function closed(properties: JsonObject, description?: string): JsonObject {
  return {
    type: 'object',
    ...(description ? { description } : {}),
    properties,
    additionalProperties: false,
  };
}
