/**
 * One page of objects that a webhook converts: all of it is converted ahead, so that what follows need not wait. Where
 * fields of the served version select, there is one page, whatever the limit: which objects belong to it is known
 * only afterwards.
 */

import type { Conversion } from '#api/kind/conversion.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import type { ListParams } from './list-params.ts';
import { type Page, readPage } from './read-page.ts';
import type { Selection } from './selection.ts';
import type { Target } from './target.ts';

/** Where the objects are not converted by a webhook, the same as `readPage`. */
export function readShownPage(
  parts: StorageParts,
  target: Target,
  params: ListParams,
  selection: Selection,
): Promise<Page> {
  const { conversion } = target.served;
  if (!conversion?.ahead) return readPage(parts, target, params, selection);
  return readConvertedPage(parts, target, params, selection, conversion);
}

async function readConvertedPage(
  parts: StorageParts,
  target: Target,
  params: ListParams,
  selection: Selection,
  conversion: Conversion,
): Promise<Page> {
  const isSelectedLater = selection.matchesConverted !== undefined;
  const limit = isSelectedLater ? 0 : params.limit;
  const page = await readPage(parts, target, { ...params, limit }, selection);
  const found = page.candidates.filter(page.matches);
  await conversion.ahead?.(found.map((entry) => entry.copy()));
  const chosen = isSelectedLater
    ? found.filter((entry) => selection.matchesConverted?.(conversion.fromStored(entry.copy())))
    : found;
  return { ...page, candidates: chosen, matches: () => true };
}
