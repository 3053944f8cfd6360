/** Further documents that the server serves by path, such as the keys of ServiceAccount tokens: `/openid/v1/jwks`. */

import type { ApiRequest } from '#client/transport/transport.ts';
import { textResponse } from '../codec/encode/json-response.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { ExtraPath } from '../non-resource/parts.ts';

/** `urls`: the addresses at which the server listens. Undefined for an unknown path. */
export type ReadDocument = (
  request: ApiRequest,
  urls: readonly string[],
) => Promise<ExtraDocument | undefined>;

interface ExtraDocument {
  readonly contentType: string;
  readonly body: unknown;
}

/** `urlsNow`: the addresses at which the server listens when the document is read. */
export function documentPaths(
  documents: Readonly<Record<string, ReadDocument>>,
  urlsNow: () => readonly string[],
): Record<string, ExtraPath> {
  return Object.fromEntries(
    Object.entries(documents).map(([path, read]) => [path, documentPath(read, urlsNow)]),
  );
}

function documentPath(read: ReadDocument, urlsNow: () => readonly string[]): ExtraPath {
  return async ({ request }) => {
    const document = await read(request, urlsNow());
    if (!document) throw new NoSuchPage();
    const answer = textResponse(200, JSON.stringify(document.body), document.contentType);
    // Keys are rotated: clients must not cache them for ever.
    return { ...answer, headers: { ...answer.headers, 'cache-control': 'public, max-age=3600' } };
  };
}
