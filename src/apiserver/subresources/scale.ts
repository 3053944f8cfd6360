/** The scale subresource: autoscaling/v1 Scale as a view of an object's replicas and selector. */

import { ageOf, nameOf } from '#api/kind/cells.ts';
import type { Kind } from '#api/kind/define-kind.ts';
import { ageColumn, column, type Printer } from '#api/kind/printer.ts';
import type { ScaleRules } from '#api/kind/scale.ts';
import type { AnyObject, KubeObject, ObjectMeta } from '#api/meta/object.ts';
import { conflict, internalError, invalid, notFound } from '#api/meta/status.ts';
import type { Schema } from '#api/schema/schema.ts';
import { invalidValue } from '#api/validation/field-error.ts';
import { copyJson } from '#base/copy-json.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { parseBytes } from '../cache/stored-bytes.ts';
import { checkIdentity } from '../codec/decode/check-identity.ts';
import type { ExpectedKind } from '../codec/decode/check-kind.ts';
import { readObject } from '../codec/decode/read-object.ts';
import { withReadVersion } from '../codec/decode/resource-version.ts';
import { type Encodable, encodeBytes } from '../codec/encode/encode-object.ts';
import { shownKind } from '../registry/owned-kind.ts';
import type { Resources } from '../registry/resources.ts';
import { objectOf, type ServedResource } from '../registry/served-resource.ts';
import type { Exchange } from '../request/exchange.ts';
import type { Target } from '../storage/read/target.ts';
import { currentEntry } from '../storage/write/current-entry.ts';
import type { VersionedKind } from '../storage/write/managed-fields/change-managers.ts';
import {
  managersOfScale,
  managersOfScaled,
  type ReplicasPaths,
} from '../storage/write/managed-fields/scale-managers.ts';
import { uidMismatch, updateObject } from '../storage/write/update-object.ts';
import type { ObjectView } from '../storage/write/write.ts';
import { applierOf } from '../verbs/apply.ts';
import { type PatchType, patchOf, patchTypeOf } from '../verbs/apply-patch.ts';
import { writeContext } from '../verbs/write-params.ts';

const scaleGvk = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const apiVersion = 'autoscaling/v1';
const scaleType = 'io.k8s.api.autoscaling.v1.Scale';

function scaleKind({ parts }: Exchange): ExpectedKind {
  return { ...scaleGvk, apiVersion, type: scaleType, schema: parts.schema };
}

interface Scale extends AnyObject {
  spec?: { replicas?: number };
  status?: { replicas?: number };
}

const scalePrinter: Printer<Scale & KubeObject> = {
  columns: [column('Name'), column('Desired', 'integer'), column('Available', 'integer'), ageColumn],
  cells: (scale, nowMs) => [
    nameOf(scale),
    scale.spec?.replicas ?? 0,
    scale.status?.replicas ?? 0,
    ageOf(scale, nowMs),
  ],
};

export async function scaleHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const { verb } = exchange.info;
  if (verb === 'get') return getScale(exchange, target);
  const { served, namespace, name } = target;
  const isUpdate = verb === 'update';
  const type = isUpdate ? undefined : patchTypeOf(exchange);
  const options = writeContext(exchange, isUpdate ? 'UpdateOptions' : 'PatchOptions', type === 'apply');
  const update = {
    change: type ? patched(exchange, target, type) : replacement(exchange, target),
    view: scaleView(exchange, served),
  };
  // A change of replicas is a change of the object's spec, and stored by the rules of one.
  const context = { ...options, subresource: '' };
  const written = await updateObject(exchange.parts, served, namespace, name, update, context);
  return answer(exchange, scaleOf(served, parseBytes(written.bytes)));
}

async function getScale(
  exchange: Exchange,
  { served, storage, namespace, name }: Target,
): Promise<ApiResponse> {
  const entry = await currentEntry(exchange.parts, storage, namespace, name);
  if (!entry) throw notFound(served.def, name);
  if (served.conversion?.ahead) await served.conversion.ahead([entry.copy()]);
  const object = objectOf(served, entry);
  const { specReplicasField, specReplicasPath } = rulesOf(served.kind);
  if (specReplicasField && valueAt(object, specReplicasPath) === undefined) {
    throw internalError(`the spec replicas field ${JSON.stringify(specReplicasField)} does not exist`);
  }
  return answer(exchange, scaleOf(served, object));
}

function answer(exchange: Exchange, scale: AnyObject): ApiResponse {
  return encodeBytes(exchange, shownScale(exchange.parts.schema), 200, Buffer.from(JSON.stringify(scale)));
}

function replacement(exchange: Exchange, target: Target): () => AnyObject {
  const scale = readObject(exchange, scaleKind(exchange)) as Scale;
  checkIdentity(scale, target);
  // Each try may change it.
  return () => copyJson(scale);
}

function patched(exchange: Exchange, target: Target, type: PatchType | 'apply') {
  const expected = scaleKind(exchange);
  const patch =
    type === 'apply'
      ? applierOf(exchange, ownedScale(exchange.parts.schema), expected, 'scale')
      : patchOf(exchange, type, expected);
  return (shown: AnyObject | undefined): AnyObject => {
    const scale = patch(shown!);
    checkIdentity(scale, target);
    return scale;
  };
}

/** Admission sees the Scale as it was and as it shall be, as upstream. */
function scaleView({ parts }: Exchange, served: ServedResource): ObjectView {
  const paths = replicasPaths(parts.resources, served);
  return {
    subresource: 'scale',
    kind: ownedScale(parts.schema),
    of(object) {
      const scale = scaleOf(served, object);
      return withManagers(scale, managersOfScale(object.metadata?.managedFields, paths));
    },
    into(object, scale) {
      const { managedFields } = object.metadata ?? {};
      const rescaledObject = withReadVersion(rescaled(served, object, scale as Scale));
      return withManagers(
        rescaledObject,
        managersOfScaled(managedFields, scale.metadata?.managedFields, paths),
      );
    },
  };
}

/** Where the versions of what is scaled have their replicas. */
function replicasPaths({ known }: Resources, served: ServedResource): ReplicasPaths {
  return {
    apiVersion: served.apiVersion,
    of(apiVersion) {
      const other = known.find((it) => it.apiVersion === apiVersion && it.storage === served.storage);
      return other?.kind.scale?.specReplicasPath;
    },
  };
}

function withManagers(object: AnyObject, managedFields: ObjectMeta['managedFields']): AnyObject {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata: managedFields ? { ...metadata, managedFields } : metadata };
}

const shownScales = new WeakMap<Schema, Encodable>();

/** Has the forms of a resource that can be read: tables too. */
function shownScale(schema: Schema): Encodable {
  let shown = shownScales.get(schema);
  if (!shown) {
    const none = { shortNames: [], categories: [], subresources: [] };
    const names = { resource: 'scales', singular: 'scale', namespaced: true };
    const def = { ...scaleGvk, ...names, ...none, verbs: ['get'], type: scaleType };
    shown = { def, schema, kind: {}, printer: scalePrinter as unknown as Printer };
    shownScales.set(schema, shown);
  }
  return shown;
}

const ownedScales = new WeakMap<Schema, VersionedKind>();

function ownedScale(schema: Schema): VersionedKind {
  let kind = ownedScales.get(schema);
  if (!kind) {
    kind = { ...shownKind(schema, scaleType, scaleGvk), inVersion: () => undefined };
    ownedScales.set(schema, kind);
  }
  return kind;
}

function rescaled({ def, kind }: ServedResource, old: AnyObject, scale: Scale): AnyObject {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0) {
    const error = invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalid(scaleGvk, old.metadata?.name ?? '', [error]);
  }
  const { uid, resourceVersion } = scale.metadata ?? {};
  if (uid && uid !== old.metadata?.uid) {
    const scales = { group: def.group, resource: `${def.resource}/scale` };
    throw conflict(scales, old.metadata?.name ?? '', uidMismatch(uid, old.metadata?.uid ?? ''));
  }
  const metadata = { ...old.metadata, ...(resourceVersion ? { resourceVersion } : {}) };
  return withValueAt({ ...old, metadata }, rulesOf(kind).specReplicasPath, replicas);
}

function scaleOf({ kind }: ServedResource, object: AnyObject): AnyObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  const { specReplicasPath, statusReplicasPath, selector } = rulesOf(kind);
  const replicas = valueAt(object, specReplicasPath);
  const text = selector(object);
  return {
    kind: scaleGvk.kind,
    apiVersion,
    metadata: { name, ...(namespace ? { namespace } : {}), uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: valueAt(object, statusReplicasPath) ?? 0, ...(text ? { selector: text } : {}) },
  } as AnyObject;
}

function rulesOf({ scale, type }: Kind): ScaleRules {
  if (!scale) {
    throw new Error(`${type.resource} has a scale subresource, and its kind does not say what it shows`);
  }
  return scale;
}

function valueAt(object: object, path: readonly string[]): number | undefined {
  return path.reduce<unknown>((at, key) => (at as JsonObject | undefined)?.[key], object) as
    | number
    | undefined;
}

/** A copy with `value` at the path; what lies beside the path is shared. */
function withValueAt<T extends object>(object: T, [key, ...rest]: readonly string[], value: number): T {
  if (key === undefined) return object;
  const below = (object as JsonObject)[key] as object | undefined;
  return { ...object, [key]: rest.length === 0 ? value : withValueAt(below ?? {}, rest, value) };
}
