/** How something is to be deleted: DeleteOptions from the body, or, without one, from the query. */

import { badRequest } from '#api/status.ts';
import { mediaType, parseBody } from '../decode/read-object.ts';
import { dryRunParam } from '../decode/write-params.ts';
import type { Exchange } from '../exchange.ts';
import { checkWish, type DeleteWish, wishFromQuery } from '../objects/delete-options.ts';

export function readDeleteWish(exchange: Exchange): { wish: DeleteWish; dryRun: boolean } {
  const { body, headers } = exchange.request;
  if (!body || body.length === 0) {
    const wish = wishFromQuery(exchange.info.query);
    checkWish(wish);
    return { wish, dryRun: false };
  }
  const options = parseBody(body, mediaType(headers['content-type']));
  if (typeof options !== 'object' || options === null)
    throw badRequest('the body must be a DeleteOptions object');
  const { dryRun, ...wish } = withoutNulls(options as Record<string, unknown>) as DeleteWish & {
    dryRun?: string[];
  };
  checkWish(wish);
  return { wish, dryRun: dryRunParam(dryRun ?? [], 'DeleteOptions') };
}

function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
