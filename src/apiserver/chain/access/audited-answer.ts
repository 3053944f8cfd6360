/**
 * The answer of a request as its audit event has it: the Status, and the object as JSON in whatever encoding
 * it was sent.
 */

import type { AnyObject } from '#api/meta/object.ts';
import type { Status } from '#api/meta/status.ts';
import { protobufMediaType, unwrapEnvelope } from '#api/protobuf/envelope.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { readProtobuf } from '../../codec/decode/read-protobuf.ts';
import { statusType } from '../../codec/encode/protobuf-response.ts';
import type { Exchange } from '../../request/exchange.ts';

const json = 'application/json';

/** A larger answer is no Status of a success. */
const statusBytesMax = 2048;

/** Undefined where the answer is no Status. */
export function answeredStatus(exchange: Exchange, answer: ApiResponse): Partial<Status> | undefined {
  const { status, body } = answer;
  if (!(body instanceof Uint8Array)) return undefined;
  const { verb } = exchange.info;
  const mayBe = status >= 400 || (verb !== 'get' && verb !== 'list' && body.length <= statusBytesMax);
  const text = mayBe ? answerText(exchange, answer, [body]) : undefined;
  if (!text?.includes('"Status"')) return undefined;
  const object = JSON.parse(text) as Status;
  return object.kind === 'Status' ? object : undefined;
}

/** Undefined where the answer is no object. */
export function answerText(
  exchange: Exchange,
  { headers }: ApiResponse,
  pieces: readonly Uint8Array[],
): string | undefined {
  if (!exchange.info.isResource || exchange.isForwarded) return undefined;
  const type = (headers['content-type'] ?? '').split(';', 1)[0];
  const body = pieces.length === 1 ? Buffer.from(pieces[0]!) : Buffer.concat(pieces);
  if (body.length === 0) return undefined;
  if (type === json) return body.toString().trim();
  if (type === 'application/yaml') return JSON.stringify(readYaml(body).value);
  return type === protobufMediaType ? JSON.stringify(fromProtobuf(exchange, body)) : undefined;
}

const metaTypes = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

function fromProtobuf({ parts, info }: Exchange, body: Uint8Array): AnyObject {
  const { apiVersion, kind, raw } = unwrapEnvelope(body);
  const served = parts.resources.find(info.group, info.version, info.resource);
  const schema = served?.schema ?? parts.schema;
  const own = served?.def.type ?? '';
  const candidates = [
    kind === 'Status' ? statusType : '',
    kind === served?.def.kind ? own : '',
    kind === `${served?.def.kind}List` ? `${own}List` : '',
    `${metaTypes}${kind}`,
    own.replace(/[^.]*$/, kind),
  ];
  const type = candidates.find((name) => name !== '' && schema.hasType(name));
  if (type === undefined) throw new Error(`no type for a ${kind} of ${apiVersion}`);
  return { kind, apiVersion, ...readProtobuf(schema, type, raw) };
}
