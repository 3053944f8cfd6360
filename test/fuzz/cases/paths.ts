/** Single requests with odd paths, queries and headers; writes are trials. */

import { bodyOf, objectOf } from '../bodies.ts';
import { accepts, headersOf, listParameters, pathOf, queryOf, resources, urlOf } from '../requests.ts';
import { users } from '../target.ts';
import { type Case, send } from './case.ts';

const methods = [
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'get',
  'X',
];

export async function pathCase(run: Case): Promise<void> {
  const { chance } = run;
  const method = chance.pick(methods);
  const isRead = method === 'GET' || method === 'HEAD';
  const path = pathOf(chance) + queryOf(chance, undefined, isRead ? '' : 'dryRun=All');
  const def = chance.pick(resources);
  const sent = isRead ? undefined : bodyOf(chance, objectOf(chance, def, 'x'), def);
  await send(run, method, path, {
    ...(sent ? { type: sent.type, body: sent.bytes } : {}),
    headers: headersOf(chance),
    user: chance.pick(users),
  });
}

/** Lists and watches with every parameter. */
export async function listCase(run: Case): Promise<void> {
  const { chance } = run;
  const def = chance.pick(resources);
  const url = chance.happens(0.3) ? urlOf({ ...def, namespaced: false }) : urlOf(def);
  const user = chance.happens(0.8) ? users[0]! : chance.pick(users);
  const headers = { ...headersOf(chance), ...(chance.happens(0.5) ? { accept: chance.pick(accepts) } : {}) };
  await send(run, 'GET', url + queryOf(chance, listParameters), { headers, user });
}
