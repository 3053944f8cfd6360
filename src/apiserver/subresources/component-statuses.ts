/** Serves the deprecated ComponentStatus list, for `kubectl get componentstatuses`: read-only, computed on demand. */

import type { ComponentStatus } from '#api/generated/types.gen.ts';
import { notFound } from '#api/meta/status.ts';
import { ownValue } from '#base/own-value.ts';
import type { HandlerContext, SpecialHandler } from '../contract/special-handler.ts';
import { readListParams } from '../storage/read/list-params.ts';
import { selectionOf } from '../storage/read/selection.ts';

/**
 * Resolves when the component is healthy. Rejects with `Unhealthy`, whose message is the component's answer, or with
 * another error if the check failed.
 */
export type ComponentCheck = () => Promise<void> | void;

/** The message of a component that is unhealthy. */
export class Unhealthy extends Error {}

/** By name: `etcd-0`, `scheduler`, `controller-manager`. */
export type ComponentChecks = Readonly<Record<string, ComponentCheck>>;

export function componentStatusHandler(checks: ComponentChecks): SpecialHandler {
  return {
    group: '',
    resource: 'componentstatuses',
    subresource: '',
    verbs: ['get', 'list'],
    async handle(context) {
      const { info } = context;
      context.checkAccept({ tables: true, route: info.verb === 'list' ? 'collection' : 'object' });
      context.warn('v1 ComponentStatus is deprecated in v1.19+');
      if (info.verb === 'list') return listAll(checks, context);
      const check = ownValue(checks, info.name);
      if (!check) throw notFound({ group: '', resource: 'componentstatus' }, info.name);
      const status = await statusOf(info.name, check);
      return context.answer(200, { kind: 'ComponentStatus', apiVersion: 'v1', ...status });
    },
  };
}

async function listAll(checks: ComponentChecks, context: HandlerContext) {
  const { query, selectors } = context.info;
  // Only for its errors: limits and revisions do not apply to computed objects.
  readListParams(query);
  const selection = selectionOf({ strategy: {} }, '', selectors);
  const wanted = Object.entries(checks).filter(([name]) => selection.matches(selectable(name)));
  const items = await Promise.all(wanted.map(([name, check]) => statusOf(name, check)));
  return context.answer(200, { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {}, items });
}

/** A component can be selected by its name only. */
function selectable(name: string) {
  return { namespace: '', labels: {}, field: (field: string) => (field === 'metadata.name' ? name : '') };
}

async function statusOf(name: string, check: ComponentCheck): Promise<ComponentStatus> {
  try {
    await check();
    return healthy(name, 'True', { message: 'ok' });
  } catch (error) {
    const { message } = error as Error;
    return healthy(name, 'False', error instanceof Unhealthy ? { message } : { error: message });
  }
}

function healthy(name: string, status: 'True' | 'False', why: { message: string } | { error: string }) {
  return { metadata: { name }, conditions: [{ type: 'Healthy', status, ...why }] };
}
