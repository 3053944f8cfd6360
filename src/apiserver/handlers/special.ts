/** Gives a special handler what it needs: registry, reader, admission, warnings. */

import { apiVersionOf } from '#api/resource.ts';
import type { ApiResponse } from '#client/transport.ts';
import type { HandlerContext, SpecialHandler } from '../contract.ts';
import { readObject } from '../decode/read-object.ts';
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
    readBody: (kind) => {
      const family = kind.group === '' ? 'core' : kind.group.split('.')[0];
      const type = `io.k8s.api.${family}.${kind.version}.${kind.kind}`;
      return readObject(exchange, { ...kind, apiVersion: apiVersionOf(kind), type });
    },
    async admit(partial) {
      const attributes = { ...partial, user, warn: warning };
      await runMutating(core.admission, attributes);
      await runValidating(core.admission, attributes);
    },
    warn: warning,
  };
}
