/** Which form of answer the caller takes, read from Accept as upstream does. */

import { protobufMediaType } from '#api/protobuf-envelope.ts';
import { notAcceptable } from '#api/status.ts';
import type { ApiRequest } from '#client/transport.ts';

type Shape = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

export interface Format {
  readonly as: Shape;
  readonly media: 'json' | 'yaml' | 'protobuf';
}

const plain: Format = { as: 'object', media: 'json' };
const shapes = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);
const known = new Map<string, Format>();
const knownMax = 1000;

/** `hasProtobuf`: the answer has that form too; it is given only to who takes no other. */
export function negotiate(request: ApiRequest, hasProtobuf = false): Format {
  const accept = request.headers['accept'];
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json')
    return plain;
  let format = known.get(accept);
  if (!format) {
    format = choose(accept);
    if (known.size >= knownMax) known.clear();
    known.set(accept, format);
  }
  if (format.media === 'protobuf' && !hasProtobuf) throw nothingFits();
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

function choose(accept: string): Format {
  for (const clause of accept.split(',')) {
    const format = formatOf(clause);
    if (format) return format;
  }
  if (accept.split(',').some(isPlainProtobuf)) return { as: 'object', media: 'protobuf' };
  throw nothingFits();
}

function isPlainProtobuf(clause: string): boolean {
  const [type = '', ...params] = clause.split(';').map((part) => part.trim());
  return type === protobufMediaType && !params.some((one) => one.startsWith('as='));
}

function nothingFits() {
  return notAcceptable(
    'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

function formatOf(clause: string): Format | undefined {
  const [type = '', ...params] = clause.split(';').map((part) => part.trim());
  const media = mediaOf(type);
  if (!media) return undefined;
  const values = new Map(
    params.map((one) => one.split('=', 2).map((part) => part.trim()) as [string, string]),
  );
  const as = values.get('as');
  if (as === undefined) return { as: 'object', media };
  const isMeta = values.get('g') === 'meta.k8s.io' && values.get('v') === 'v1';
  return isMeta && shapes.has(as) ? { as: as as Shape, media } : undefined;
}

function mediaOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}
