/** Which form of answer the caller takes, read from Accept as upstream does. */

import { failure, notAcceptable } from '#api/meta/status.ts';
import { protobufMediaType } from '#api/protobuf/envelope.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { type AcceptClause, parseAccept } from './accept-clauses.ts';

export type Shape = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
export type MetaVersion = 'v1' | 'v1beta1';

export interface Format {
  readonly as: Shape;
  readonly media: 'json' | 'yaml' | 'protobuf';
  /** Of `meta.k8s.io`, for every shape but `object`. */
  readonly metaVersion: MetaVersion;
  /** The media type has a parameter that requests indentation. */
  readonly isPretty: boolean;
}

/** What a resource can be answered as, beside JSON and YAML. */
export interface Offer {
  readonly protobuf: boolean;
  readonly tables: boolean;
}

const plain: Format = { as: 'object', media: 'json', metaVersion: 'v1', isPretty: false };
const everything: Offer = { protobuf: true, tables: true };
const shapeParams = ['as', 'g', 'v', 'sv'] as const;
const shapes = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);
const known = new Map<string, Format>();
const knownMax = 1000;

const listOfTypes = `application/json, application/yaml, ${protobufMediaType}`;
const listOfStreams = `application/json;stream=watch, ${protobufMediaType};stream=watch`;

/** The first clause that can be satisfied decides, and what stands first of several media that satisfy it. */
export function negotiate(request: ApiRequest, offer: Offer = everything, route: Route = 'object'): Format {
  const accept = request.headers['accept'];
  if (isPlain(accept)) return plain;
  const key = `${offer.protobuf ? 'p' : ''}${offer.tables ? 't' : ''} ${accept}`;
  let format = known.get(key);
  if (!format) {
    if (offer.protobuf) checkRoute(accept, route);
    format = choose(accept, offer);
    if (!format) throw notAccepted(listOfTypes);
    if (known.size >= knownMax) known.clear();
    known.set(key, format);
  }
  return format;
}

const statuses = new Map<string, Format | undefined>();

/** Of a Status, which has no other shapes: clauses that want one are passed over. Undefined: nothing fits. */
export function negotiateStatus({ headers }: ApiRequest): Format | undefined {
  const accept = headers['accept'];
  if (isPlain(accept)) return plain;
  if (!statuses.has(accept)) {
    if (statuses.size >= knownMax) statuses.clear();
    const clauses = parseAccept(accept).filter(({ params }) => !shapeParams.some((name) => params.has(name)));
    statuses.set(accept, firstFit(clauses, ['json', 'yaml', 'protobuf'], everything));
  }
  return statuses.get(accept);
}

/** What most clients send needs no parsing. */
function isPlain(accept: string | undefined): accept is undefined | '' | '*/*' | 'application/json' {
  return accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json';
}

/** Of a watch: YAML cannot be cut into events. */
export function negotiateStream(request: ApiRequest, offer: Offer): Format {
  const format = negotiate(request, offer, 'collection');
  if (format.media === 'yaml') throw notAccepted(listOfStreams);
  return format;
}

const saysTrue = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
/** Tools of people, who would otherwise have to ask. */
const readByPeople = /^(?:curl|Wget|Mozilla\/5\.0)/;

/** Is the answer to be indented? */
export function isPretty({ headers }: ApiRequest, query: URLSearchParams): boolean {
  const asked = query.get('pretty');
  if (asked) return saysTrue.has(asked);
  const agent = headers['user-agent'];
  return agent !== undefined && readByPeople.test(agent);
}

/** What a path answers with. Upstream's router compares its media types with Accept before any handler does. */
export type Route = 'object' | 'collection' | 'log';

const typesOfRoute: Readonly<Record<Route, string>> = {
  object: listOfTypes,
  collection: `${listOfTypes}, ${listOfStreams}`,
  log: `text/plain, ${listOfTypes}`,
};

/** The router knows whole types and the wildcard for all of them; parameters do not count. */
function checkRoute(accept: string, route: Route): void {
  const types = typesOfRoute[route].split(', ');
  const wanted = accept.split(',').map((clause) => clause.split(';', 1)[0]!.trim());
  if (wanted.some((type) => type === '*/*' || types.includes(type))) return;
  const message = `406: Not Acceptable\n\nAvailable representations: ${typesOfRoute[route]}`;
  throw failure(406, 'NotAcceptable', message, {});
}

function notAccepted(types: string) {
  return notAcceptable(`only the following media types are accepted: ${types}`);
}

function choose(accept: string, offer: Offer): Format | undefined {
  const clauses = parseAccept(accept);
  return firstFit(clauses, offer.protobuf ? ['json', 'yaml', 'protobuf'] : ['json', 'yaml'], offer);
}

function firstFit(
  clauses: readonly AcceptClause[],
  media: readonly Format['media'][],
  offer: Offer,
): Format | undefined {
  for (const clause of clauses) {
    for (const encoder of media) {
      const format = covers(clause, encoder) ? formatOf(clause, encoder, offer) : undefined;
      if (format) return format;
    }
  }
  return undefined;
}

const subTypes: Readonly<Record<Format['media'], string>> = {
  json: 'json',
  yaml: 'yaml',
  protobuf: protobufMediaType.slice('application/'.length),
};

function covers({ type, subType }: AcceptClause, media: Format['media']): boolean {
  if (type === '*') return subType === '*';
  return type === 'application' && (subType === '*' || subType === subTypes[media]);
}

/** Undefined when this form cannot satisfy the parameters of the clause. */
function formatOf({ params }: AcceptClause, media: Format['media'], offer: Offer): Format | undefined {
  const stream = params.get('stream');
  if (stream && (stream !== 'watch' || media === 'yaml')) return undefined;
  const serverVersion = params.get('sv');
  if (serverVersion && serverVersion !== 'v1') return undefined;
  const asksForPretty = params.get('pretty') === '1';
  const [as, group, version] = ['as', 'g', 'v'].map((name) => params.get(name));
  if (as === undefined && group === undefined && version === undefined) {
    return { ...plain, media, isPretty: asksForPretty };
  }
  if (as === undefined || !shapes.has(as) || group !== 'meta.k8s.io') return undefined;
  if (version !== 'v1' && version !== 'v1beta1') return undefined;
  if (as === 'Table' && (!offer.tables || media === 'protobuf')) return undefined;
  return { as: as as Shape, media, metaVersion: version, isPretty: asksForPretty };
}
