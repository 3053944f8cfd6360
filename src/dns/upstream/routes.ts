/** Which servers a name is forwarded to: those of the most specific zone, each zone with a cache of its own. */

import type { AnswerCache } from './answer-cache.ts';
import type { Forwarder } from './forwarder.ts';

export interface Route {
  /** `.` is the zone of all names. */
  readonly zone: string;
  readonly forwarder: Forwarder;
  readonly cache: AnswerCache | undefined;
  /** Zones below it that are not forwarded: they are refused. */
  readonly except: readonly string[];
}

export class Routes {
  readonly routes: readonly Route[];
  readonly #byZone: ReadonlyMap<string, Route>;

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    this.#byZone = new Map(routes.map((route) => [route.zone, route]));
  }

  /** `labels` in lower case. Undefined: no server is responsible. */
  of(labels: readonly string[]): Route | undefined {
    for (let i = 0; i < labels.length; i++) {
      const route = this.#byZone.get(labels.slice(i).join('.'));
      if (route) return isExcepted(route, labels) ? undefined : route;
    }
    const all = this.#byZone.get('.');
    return all && !isExcepted(all, labels) ? all : undefined;
  }
}

function isExcepted({ except }: Route, labels: readonly string[]): boolean {
  if (except.length === 0) return false;
  const name = labels.join('.');
  return except.some((zone) => name === zone || name.endsWith(`.${zone}`));
}
