/** `/openapi/v2`, `/openapi/v3` and its parts, with the tags that let clients keep them. */

import { notAcceptable } from '#api/meta/status.ts';
import type { OpenApi, OpenApiDocument } from '#api/openapi/openapi.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { Exchange } from '../request/exchange.ts';

const v3Root = '/openapi/v3';
const v2Protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** Clients request a media type that is not valid; the answer has a valid one. */
const v2ProtobufType = v2Protobuf.replace('@', '.');

export function isOpenApi(path: string): boolean {
  return path === '/openapi/v2' || path === v3Root || path.startsWith(`${v3Root}/`);
}

export async function answerOpenApi(openApi: OpenApi, exchange: Exchange): Promise<ApiResponse> {
  const { info, request, parts } = exchange;
  const { path } = info;
  const pause = () => parts.steps.pause();
  const accept = request.headers['accept'] ?? '';
  if (path === '/openapi/v2' && accept.includes(v2Protobuf)) {
    await openApi.prepare('v2 protobuf', pause);
    return answer(exchange, openApi.v2Protobuf(), 'no-cache, private', v2ProtobufType);
  }
  if (!takesJson(accept)) {
    throw notAcceptable('only the following media types are accepted: application/json');
  }
  if (path === '/openapi/v2') {
    await openApi.prepare('v2', pause);
    return answer(exchange, openApi.v2(), 'no-cache, private');
  }
  if (path === v3Root) {
    await openApi.prepare('v3', pause);
    return answer(exchange, openApi.v3Index(), 'no-cache, private');
  }
  const documentPath = path.slice(v3Root.length + 1);
  await openApi.prepare('v3', pause, documentPath);
  const document = openApi.v3(documentPath);
  if (!document) throw new NoSuchPage();
  // A document that is requested by its hash can never change.
  const isPinned = info.query.get('hash') === document.hash;
  return answer(exchange, document, isPinned ? 'public, immutable' : 'no-cache, private');
}

function answer(
  { request }: Exchange,
  document: OpenApiDocument,
  cacheControl: string,
  contentType = 'application/json',
): ApiResponse {
  const etag = `"${document.hash}"`;
  const headers = { etag, 'cache-control': cacheControl, vary: 'Accept', 'content-type': contentType };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: new Uint8Array() };
  return { status: 200, headers, body: document.bytes };
}

function takesJson(accept: string): boolean {
  if (accept === '') return true;
  const types = accept.split(',').map((clause) => clause.split(';', 1)[0]!.trim());
  return types.some((type) => type === 'application/json' || type === '*/*' || type === 'application/*');
}
