/** Iterates over a list page by page, so that never more than one page is in memory. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { ListOptions, ReadClient } from '../client.ts';

const pageSize = 500;

export interface PageOptions {
  readonly limit: number;
  readonly continue?: string;
}

/** `ask` returns the continue token. */
export async function inPages(ask: (page: PageOptions) => Promise<{ continue?: string }>): Promise<void> {
  let token: string | undefined;
  do {
    token = (await ask({ limit: pageSize, ...(token ? { continue: token } : {}) })).continue;
  } while (token);
}

export function eachPage<T extends KubeObject>(
  client: ReadClient,
  type: ResourceType<T>,
  options: ListOptions,
  take: (items: readonly Stored<T>[]) => Promise<void> | void,
): Promise<void> {
  return inPages(async (page) => {
    const { items, metadata } = await client.list(type, { ...options, ...page });
    await take(items);
    return metadata;
  });
}
