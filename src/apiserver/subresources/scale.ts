/** The scale subresource: autoscaling/v1 Scale as a view of an object's replicas and selector. */

import type { LabelSelector } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { conflict, invalid, notFound } from '#api/meta/status.ts';
import { selectorFromLabelSelector, selectorFromSet } from '#api/selectors/selector.ts';
import { invalidValue } from '#api/validation/field-error.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import { checkIdentity } from '../codec/decode/check-identity.ts';
import { readObject } from '../codec/decode/read-object.ts';
import { withReadVersion } from '../codec/decode/resource-version.ts';
import { jsonResponse } from '../codec/encode/json-response.ts';
import { objectOf, type ServedResource } from '../registry/resources.ts';
import type { Exchange } from '../request/exchange.ts';
import type { Target } from '../storage/read/target.ts';
import { currentEntry } from '../storage/write/current-entry.ts';
import { uidMismatch, updateObject } from '../storage/write/update-object.ts';
import { type PatchType, patchOf, patchTypeOf } from '../verbs/apply-patch.ts';
import { writeContext } from '../verbs/write-params.ts';

const scaleKind = {
  group: 'autoscaling',
  version: 'v1',
  kind: 'Scale',
  apiVersion: 'autoscaling/v1',
  type: 'io.k8s.api.autoscaling.v1.Scale',
};

interface Scale extends AnyObject {
  spec?: { replicas?: number };
}

export async function scaleHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const { verb } = exchange.info;
  if (verb === 'get') return getScale(exchange, target);
  const { served, namespace, name } = target;
  const isUpdate = verb === 'update';
  const type = isUpdate ? undefined : patchTypeOf(exchange);
  const options = writeContext(exchange, isUpdate ? 'UpdateOptions' : 'PatchOptions');
  const change = type ? patched(exchange, target, type) : replacement(exchange, target);
  const update = {
    change: (old: AnyObject | undefined) => withReadVersion(rescaled(served, old!, change(old!))),
    mayCreate: false,
  };
  // A change of replicas is a change of the object's spec: the chain of a plain update runs.
  const context = { ...options, subresource: '' };
  const written = await updateObject(exchange.core, served, namespace, name, update, context);
  return jsonResponse(200, scaleOf(served, parseBytes(written.bytes)));
}

async function getScale(
  exchange: Exchange,
  { served, storage, namespace, name }: Target,
): Promise<ApiResponse> {
  const entry = await currentEntry(exchange.core, storage, namespace, name);
  if (!entry) throw notFound(served.def, name);
  return jsonResponse(200, scaleOf(served, objectOf(served, entry)));
}

function replacement(exchange: Exchange, target: Target): (old: AnyObject) => Scale {
  const scale = readObject(exchange, scaleKind) as Scale;
  checkIdentity(scale, target);
  return () => scale;
}

function patched(exchange: Exchange, target: Target, type: PatchType): (old: AnyObject) => Scale {
  const patch = patchOf(exchange, type, scaleKind);
  return (old) => {
    const scale = patch(scaleOf(target.served, old)) as Scale;
    checkIdentity(scale, target);
    return scale;
  };
}

function rescaled({ def }: ServedResource, old: AnyObject, scale: Scale): AnyObject {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0) {
    const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalid(scaleKind, old.metadata?.name ?? '', [error]);
  }
  const { uid, resourceVersion } = scale.metadata ?? {};
  if (uid && uid !== old.metadata?.uid) {
    const scales = { group: def.group, resource: `${def.resource}/scale` };
    throw conflict(scales, old.metadata?.name ?? '', uidMismatch(uid, old.metadata?.uid ?? ''));
  }
  return {
    ...old,
    metadata: { ...old.metadata, ...(resourceVersion ? { resourceVersion } : {}) },
    spec: { ...(old['spec'] as object), replicas },
  };
}

function scaleOf(served: ServedResource, object: AnyObject): AnyObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const spec = (object['spec'] ?? {}) as {
    replicas?: number;
    selector?: LabelSelector & Record<string, string>;
  };
  const status = (object['status'] ?? {}) as { replicas?: number };
  const isSet = served.def.resource === 'replicationcontrollers';
  const selector = isSet ? selectorFromSet(spec.selector) : selectorFromLabelSelector(spec.selector);
  const text = selector.toString();
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: spec.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status.replicas ?? 0, ...(text ? { selector: text } : {}) },
  } as AnyObject;
}
