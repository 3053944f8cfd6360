/** The words in which expensive request bodies are written down: many elements, all keys that a body may have. */

/** Method, path, content type and body. */
export type Body = readonly [method: string, path: string, type: string, body: string | Uint8Array];

/** Just below the limits of a body: different keys, values, objects and lists. */
export const keysMax = 24_000;
export const valuesMax = 131_000;
export const containersMax = 49_500;
export const long = 'v'.repeat(70);
export const json = 'application/json';
export const maps = '/api/v1/namespaces/default/configmaps';

/** As many elements as asked for, or as a body may have values for. */
export function many(count: number, element: (i: number) => string): string {
  const values = 1 + (element(0).match(/[,[{]/g)?.length ?? 0);
  const containers = element(0).match(/[[{]/g)?.length ?? 0;
  const most = Math.min(count, Math.floor(valuesMax / values), Math.floor(containersMax / containers));
  return Array.from({ length: most }, (_, i) => element(i)).join(',');
}

export function text(count: number, textAt: (i: number) => string, between: string): string {
  return Array.from({ length: count }, (_, i) => textAt(i)).join(between);
}

export function keys(element: (key: string, i: number) => string): string {
  return Array.from({ length: keysMax }, (_, i) => element(`k${i}`, i)).join(',');
}

export function created(resource: string, body: string): Body {
  return ['POST', `/api/v1/namespaces/default/${resource}`, json, body];
}

export function podOf(containers: string, more = ''): string {
  return `{"metadata":{"generateName":"p"},"spec":{"containers":[${containers}]${more}}}`;
}
