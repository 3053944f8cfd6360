/** GET of a collection. */

import type { ApiResponse } from '#client/transport.ts';
import type { Exchange } from '../exchange.ts';
import { encodeList } from '../list-encoding/encode-list.ts';
import { readListParams } from './list-params.ts';
import { readPage } from './read-page.ts';
import { selectionOf } from './selection.ts';
import type { Target } from './target.ts';

export async function listHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const params = readListParams(exchange.info.query, false);
  const selection = selectionOf(target.served, target.namespace, exchange.info.selectors);
  const page = await readPage(exchange.core, target, params, selection);
  return encodeList(exchange, target.served, page);
}
