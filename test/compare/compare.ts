/** The same cases, drawn by a seed, to both servers: what differs between their answers. */

import type { ResourceDef } from '#api/schema/schema.ts';
import { type Fields, objectOf, versionOf } from '../fuzz/bodies.ts';
import { Chance } from '../fuzz/chance.ts';
import { patchOf } from '../fuzz/patches.ts';
import { resources, urlOf } from '../fuzz/requests.ts';
import { samples } from '../fuzz/samples.ts';
import { withRawTexts } from '../fuzz/values.ts';
import { differenceOf } from './difference.ts';
import type { Answered, Asked, Server } from './servers.ts';

export interface Comparison {
  readonly own: Server;
  readonly other: Server;
  readonly seed: number;
  readonly count: number;
  /** Empty: all. */
  readonly kinds: readonly string[];
  readonly only: number | undefined;
}

export interface Difference {
  readonly number: number;
  readonly asked: string;
  readonly differences: readonly string[];
}

export interface Report {
  readonly compared: number;
  readonly found: readonly Difference[];
  readonly byKind: ReadonlyMap<string, number>;
}

/** They would change what is admitted of other kinds, or have no object that could be patched. */
const withoutBase = new Set(['LimitRange', 'ResourceQuota', 'Namespace', 'ComponentStatus', 'Binding']);

const json = 'application/json';
const concurrent = 8;

export async function compare({ own, other, seed, count, kinds, only }: Comparison): Promise<Report> {
  const defs = resources.filter(
    ({ kind, verbs }) => verbs.includes('create') && (kinds.length === 0 || kinds.includes(kind)),
  );
  const otherUids = new Map<string, string>();
  const both = (asked: Asked) => Promise.all([own.ask(asked), other.ask(withUids(asked, otherUids))]);
  const bases = await createBases(defs, both, otherUids);
  const found: Difference[] = [];
  const byKind = new Map<string, number>();
  let compared = 0;
  let next = only ?? 0;
  const end = only === undefined ? count : only + 1;
  const worker = async () => {
    while (next < end) {
      const number = next++;
      const chance = new Chance(seed, number);
      const def = chance.pick(defs);
      const asked = requestOf(chance, def, bases.get(def));
      const differences = differencesOf(...(await both(asked)));
      compared++;
      if (differences.length === 0) continue;
      found.push({ number, asked: textOf(asked), differences });
      byKind.set(def.kind, (byKind.get(def.kind) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrent }, worker));
  return { compared, found, byKind };
}

type Both = (asked: Asked) => Promise<[Answered, Answered]>;

/** An object of each kind on both servers, for patches. */
async function createBases(
  defs: readonly ResourceDef[],
  both: Both,
  otherUids: Map<string, string>,
): Promise<Map<ResourceDef, Fields>> {
  const namespace = { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'fuzz' } };
  await both({ method: 'POST', path: '/api/v1/namespaces', type: json, body: bytesOf(namespace) });
  const bases = new Map<ResourceDef, Fields>();
  for (const def of defs) {
    if (withoutBase.has(def.kind) || !def.verbs.includes('patch')) continue;
    const object = {
      apiVersion: versionOf(def),
      kind: def.kind,
      metadata: { name: nameOf(def), ...(def.namespaced ? { namespace: 'fuzz' } : {}) },
      ...samples[def.kind],
    };
    await both({ method: 'POST', path: urlOf(def), type: json, body: bytesOf(object) });
    const read = { method: 'GET', path: `${urlOf(def)}/${nameOf(def)}`, type: json, body: new Uint8Array() };
    const [held, others] = await both(read);
    if (held.status !== 200 || others.status !== 200) continue;
    otherUids.set(uidOf(held), uidOf(others));
    bases.set(def, withoutServerFields(JSON.parse(held.text)));
  }
  return bases;
}

const uidOf = ({ text }: Answered): string => JSON.parse(text).metadata.uid;

/** Labels of a Job name its uid. */
function withUids(asked: Asked, otherUids: ReadonlyMap<string, string>): Asked {
  let text = Buffer.from(asked.body).toString('latin1');
  for (const [own, other] of otherUids) text = text.replaceAll(own, other);
  return { ...asked, body: Buffer.from(text, 'latin1') };
}

/** The names of these follow from what is in them. */
const fixedNames: Readonly<Record<string, string>> = {
  APIService: 'v1.g.example',
  CustomResourceDefinition: 'things.fuzz.example',
  IPAddress: '192.0.2.7',
};

const nameOf = ({ kind }: ResourceDef) => fixedNames[kind] ?? 'base';

/** Each server gives its own. */
function withoutServerFields(object: Fields): Fields {
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = object[
    'metadata'
  ] as Fields;
  return { ...object, metadata };
}

const validations = ['', '&fieldValidation=Strict', '&fieldValidation=Ignore'];

/** Nothing is stored, so that a case needs none before it. */
function requestOf(chance: Chance, def: ResourceDef, base: Fields | undefined): Asked {
  const query = `?dryRun=All${chance.pick(validations)}`;
  if (base && chance.happens(0.6)) {
    const { type, bytes } = patchOf(chance, base, def);
    const subresource = chance.happens(0.1) && def.subresources.some(({ name }) => name === 'status');
    const path = `${urlOf(def)}/${nameOf(def)}${subresource ? '/status' : ''}${query}&fieldManager=m`;
    return { method: 'PATCH', path, type, body: bytes };
  }
  const object = objectOf(chance, def, `c${chance.below(1000)}`);
  if (base && chance.happens(0.3)) {
    const put = { ...object, metadata: { ...(object['metadata'] as object), name: nameOf(def) } };
    return {
      method: 'PUT',
      path: `${urlOf(def)}/${nameOf(def)}${query}`,
      type: json,
      body: bytesOf(put, chance),
    };
  }
  return { method: 'POST', path: `${urlOf(def)}${query}`, type: json, body: bytesOf(object, chance) };
}

function bytesOf(object: object, chance?: Chance): Uint8Array {
  const text = JSON.stringify(object);
  return Buffer.from(chance ? withRawTexts(chance, text) : text);
}

const textOf = ({ method, path, type, body }: Asked) =>
  `${method} ${path} ${type} ${Buffer.from(body).toString().slice(0, 3000)}`;

function differencesOf(own: Answered, other: Answered): string[] {
  const codes = own.status === other.status ? [] : [`code: ${own.status} → ${other.status}`];
  const warnings = own.warnings === other.warnings ? [] : [`warning: ${own.warnings} → ${other.warnings}`];
  return [...codes, ...warnings, ...differenceOf(comparable(own.text), comparable(other.text))];
}

/** Without what two servers never have in common. */
function comparable(text: string): unknown {
  const plain = text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
    .replace(/(resourceVersion\\*":\\*")\d+/g, '$1VERSION');
  try {
    return JSON.parse(plain);
  } catch {
    return plain;
  }
}
