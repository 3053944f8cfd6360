/** Binds a pod to a node, once: `pods/binding`, and `bindings` as older schedulers use it. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Binding, Pod } from '#api/generated/types.gen.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { badRequest, conflict, unknownError } from '#api/meta/status.ts';
import { fieldErrorMessage, notSupported, required } from '#api/validation/field-error.ts';
import { rfc3339 } from '#base/clock.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { HandlerContext, SpecialHandler } from '../contract/special-handler.ts';
import { bodyOf, isDryRun, success } from './body.ts';

export const bindingHandlers: readonly SpecialHandler[] = [
  { group: '', resource: 'pods', subresource: 'binding', verbs: ['create'], handle: bind },
  { group: '', resource: 'bindings', subresource: '', verbs: ['create'], handle: bind },
];

async function bind(context: HandlerContext): Promise<ApiResponse> {
  const { info, serverClient } = context;
  const binding = bodyOf<Binding>(context, 'Binding');
  const named = binding.metadata?.name ?? '';
  const name = info.name || named;
  if (name === '') throw badRequest('Name parameter required.');
  if (named !== name) throw badRequest('name in URL does not match name in Binding object');
  const dryRun = isDryRun(context);
  const step = { operation: 'CREATE', name, object: binding as Binding & AnyObject, dryRun } as const;
  return context.write({ ...step, check: () => checkTarget(binding) }, async () => {
    const now = rfc3339(context.env.clock.now());
    const assign = (object: AnyObject) => assigned(object as Pod, binding, now) as AnyObject;
    if (dryRun) assign(await serverClient.get(pods, info.namespace, name));
    else await serverClient.guaranteedUpdate(pods, info.namespace, name, assign);
    return success(context);
  });
}

function checkTarget(binding: Binding): void {
  const { kind, name: node } = binding.target ?? {};
  const errors = [];
  if (kind && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (!node) errors.push(required('target.name'));
  // As upstream, which does not make a Status of these errors.
  if (errors.length > 0) throw unknownError(aggregateText(errors.map(fieldErrorMessage)));
}

function assigned(pod: Pod, binding: Binding, now: string): Pod {
  const { metadata = {}, spec } = pod;
  const name = metadata.name ?? '';
  const refuse = (why: string) => conflict({ group: '', resource: 'pods/binding' }, name, why);
  const wantedUid = binding.metadata?.uid;
  if (wantedUid && wantedUid !== metadata.uid) {
    const found = `UID in precondition: ${wantedUid}, UID in object meta: ${metadata.uid}`;
    throw conflict({ group: '', resource: 'pods' }, name, `Precondition failed: ${found}`);
  }
  if (metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (spec?.nodeName) throw refuse(`pod ${name} is already assigned to node "${spec.nodeName}"`);
  if (spec?.schedulingGates?.length) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  const { annotations, labels } = binding.metadata ?? {};
  if (annotations) metadata.annotations = { ...metadata.annotations, ...annotations };
  if (labels) metadata.labels = { ...metadata.labels, ...labels };
  pod.spec!.nodeName = binding.target.name!;
  setScheduled(pod, now);
  return pod;
}

function setScheduled(pod: Pod, now: string): void {
  pod.status ??= {};
  const others = (pod.status.conditions ?? []).filter((condition) => condition.type !== 'PodScheduled');
  const { generation } = pod.metadata ?? {};
  others.push({
    type: 'PodScheduled',
    status: 'True',
    lastTransitionTime: now,
    ...(generation ? { observedGeneration: generation } : {}),
  });
  pod.status.conditions = others;
  // The pod is bound: its nomination need not reserve room any more.
  delete pod.status.nominatedNodeName;
}
