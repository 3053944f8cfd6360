/** Gives a special handler what it needs: registry, reader, admission, warnings. */

import type { ApiResponse } from '#client/transport.ts';
import type { HandlerContext, SpecialHandler } from '../contract.ts';
import { type Exchange, warn } from '../exchange.ts';
import { runMutating, runValidating } from '../stages/admit.ts';

export function specialHandler(exchange: Exchange, handler: SpecialHandler): Promise<ApiResponse> {
  return handler.handle(handlerContext(exchange));
}

export function handlerContext(exchange: Exchange): HandlerContext {
  const { core, request, info, user } = exchange;
  const warning = (text: string) => warn(exchange, text);
  return {
    env: core.env,
    request,
    info,
    user,
    registry: core.registry,
    reader: core.reader,
    async admit(partial) {
      const attributes = { ...partial, user, warn: warning };
      await runMutating(core.admission, attributes);
      await runValidating(core.admission, attributes);
    },
    warn: warning,
  };
}
