/** GET of a collection. */

import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../../request/exchange.ts';
import { readListParams } from '../../storage/read/list-params.ts';
import { readPage } from '../../storage/read/read-page.ts';
import { selectionOf } from '../../storage/read/selection.ts';
import type { Target } from '../../storage/read/target.ts';
import { encodeList } from './encode.ts';

export async function listHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const params = readListParams(exchange.info.query);
  const selection = selectionOf(target.served, target.namespace, exchange.info.selectors);
  const page = await readPage(exchange.parts, target, params, selection);
  const { conversion } = target.served;
  if (conversion?.ahead) {
    const { candidates, matches } = page;
    await conversion.ahead(candidates.filter(matches).map((entry) => entry.copy()));
  }
  return encodeList(exchange, target.served, page);
}
