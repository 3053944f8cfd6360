/** DELETE of everything a list would show. */

import { StatusError } from '#api/meta/status.ts';
import { Turns } from '#base/turns.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../request/exchange.ts';
import { readListParams } from '../storage/read/list-params.ts';
import { readShownPage } from '../storage/read/read-converted-page.ts';
import { selectionOf } from '../storage/read/selection.ts';
import type { Target } from '../storage/read/target.ts';
import { deleteObject } from '../storage/write/delete-object.ts';
import { encodeList } from './list/encode.ts';
import { readDeletionRequest } from './read-deletion-request.ts';
import { writeContext } from './write-params.ts';

export async function deleteCollectionHandler(exchange: Exchange, target: Target): Promise<ApiResponse> {
  const { served, namespace } = target;
  const params = readListParams(exchange.info.query);
  const { deletion, dryRun } = readDeletionRequest(exchange);
  const context = writeContext(exchange, 'DeleteOptions');
  const selection = selectionOf(served, namespace, exchange.info.selectors);
  const page = await readShownPage(exchange.parts, target, params, selection);
  const doomed = page.candidates.filter(page.matches);
  const turns = new Turns(exchange.parts.env.clock);
  let at = 0;
  const work = async () => {
    for (let entry = doomed[at++]; entry; entry = doomed[at++]) {
      // A store in memory never makes it wait: others must be served all the same.
      if (turns.isSpent) await turns.next();
      const wanted = { ...context, dryRun: context.dryRun || dryRun, isForCollection: true };
      await deleteObject(exchange.parts, served, entry.namespace, entry.name, deletion, wanted).catch(
        ignoreGone,
      );
    }
  };
  await Promise.all(Array.from({ length: exchange.parts.settings.deletionsMax }, work));
  return encodeList(exchange, served, page);
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof StatusError) || error.code !== 404) throw error;
}
