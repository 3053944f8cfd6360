/** The old ComponentStatus list: what `kubectl get componentstatuses` prints. Read-only, computed on demand. */

import { componentStatuses } from '#api/kinds.gen.ts';
import { notFound } from '#api/status.ts';
import type { ComponentStatus } from '#api/types.gen.ts';
import type { SpecialHandler } from '../contract.ts';
import { jsonResponse } from '../encode/json-response.ts';

/** `ok`, or why not. */
export type ComponentCheck = () => Promise<string> | string;

/** By name: `etcd-0`, `scheduler`, `controller-manager`. */
export function componentStatusHandler(checks: Readonly<Record<string, ComponentCheck>>): SpecialHandler {
  return {
    group: '',
    resource: 'componentstatuses',
    subresource: '',
    verbs: ['get', 'list'],
    async handle({ info, warn }) {
      warn('v1 ComponentStatus is deprecated in v1.19+');
      if (info.name !== '') {
        const check = checks[info.name];
        if (!check) throw notFound(componentStatuses, info.name);
        return jsonResponse(200, await statusOf(info.name, check));
      }
      const items = await Promise.all(Object.entries(checks).map(([name, check]) => statusOf(name, check)));
      return jsonResponse(200, { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items });
    },
  };
}

async function statusOf(name: string, check: ComponentCheck): Promise<ComponentStatus> {
  const message = await Promise.resolve(check()).catch((error: Error) => error.message);
  const condition = { type: 'Healthy', status: message === 'ok' ? 'True' : 'False', message };
  return { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] };
}
