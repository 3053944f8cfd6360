/**
 * Refuses what would take a namespace over its quotas, and reserves room for the rest. Comes last, when the
 * object is what it will be. Reads and writes: ResourceQuota status. Upstream: ResourceQuota.
 */

import { resourceQuotas } from '#api/generated/kinds.gen.ts';
import type { Env } from '#base/env.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ServerClient } from '../../contract/server-client.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObjects } from '../../contract/typed-reader.ts';
import type { Resources } from '../../registry/resources.ts';
import { isCounted, type Quota } from './check-request.ts';
import { QuotaEvaluator } from './evaluator.ts';

export interface ResourceQuotaOptions {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly serverClient: Pick<ServerClient, 'get' | 'guaranteedUpdate'>;
  readonly resources: Pick<Resources, 'find'>;
}

export function resourceQuota({
  env,
  reader,
  serverClient,
  resources,
}: ResourceQuotaOptions): AdmissionPlugin {
  const list = (namespace: string) => readObjects(reader, resourceQuotas, namespace) as Quota[];
  const evaluator = new QuotaEvaluator({ list, serverClient });
  return defineAdmission({
    name: 'ResourceQuota',
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: ['*'], resources: ['*/*'], scope: 'Namespaced' }],
    /** A promise only where the namespace has a quota. */
    validate(attributes) {
      const { group, version, resource } = attributes.type;
      const served = resources.find(group, version, resource);
      // Reviews and bindings, which are not stored, take no room.
      if (!served?.storage) return;
      const request = { attributes, kind: served.kind, nowMs: env.clock.now(), lookUps: reader };
      if (!isCounted(request) || list(attributes.namespace).length === 0) return;
      return evaluator.evaluate(request);
    },
  });
}
