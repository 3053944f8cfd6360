/** GET of a collection. */

import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../../request/exchange.ts';
import { readListParams } from '../../storage/read/list-params.ts';
import { readShownPage } from '../../storage/read/read-converted-page.ts';
import { selectionOf } from '../../storage/read/selection.ts';
import type { Target } from '../../storage/read/target.ts';
import { encodeList } from './encode.ts';

export async function listHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const params = readListParams(exchange.info.query);
  const selection = selectionOf(target.served, target.namespace, exchange.info.selectors);
  const page = await readShownPage(exchange.parts, target, params, selection);
  return encodeList(exchange, target.served, page);
}
