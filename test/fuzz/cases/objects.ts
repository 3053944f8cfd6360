/** The life of an object of a built-in kind: created, read back, put back unchanged, patched and deleted. */

import type { ResourceDef } from '#api/schema/schema.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import { bodyOf, type Fields, isFields, objectOf } from '../bodies.ts';
import { differenceOf, short } from '../oracles.ts';
import { patchOf } from '../patches.ts';
import { accepts, headersOf, queryOf, resources, urlOf } from '../requests.ts';
import { users } from '../target.ts';
import { type Case, send } from './case.ts';

/** What these say changes how the server treats every other request: they are written as a trial only. */
const triedOnly = new Set([
  'APIService',
  'CustomResourceDefinition',
  'FlowSchema',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
  'PriorityLevelConfiguration',
  'ServiceCIDR',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'LimitRange',
  'ResourceQuota',
]);

/** Nothing is behind them here, and no traffic leaves the machine. */
const connecting = new Set(['proxy', 'log', 'exec', 'attach', 'portforward']);

const creatable = resources.filter(({ verbs }) => verbs.includes('create'));
const writeParameters = ['pretty', 'fieldManager', 'fieldValidation', 'dryRun', 'timeout', 'force'];

export async function objectCase(run: Case): Promise<void> {
  const { chance } = run;
  const def = chance.pick(creatable);
  const object = objectOf(chance, def, run.name);
  if (triedOnly.has(def.kind)) return tryObject(run, def, object);
  const body = bodyOf(chance, object, def);
  const query = chance.happens(0.3) ? queryOf(chance, writeParameters) : '';
  const user = chance.happens(0.9) ? users[0]! : chance.pick(users);
  const posted = await send(run, 'POST', `${urlOf(def)}${query}`, {
    ...sentOf(body),
    headers: headersOf(chance),
    user,
  });
  if (posted.status >= 300 || !def.verbs.includes('get')) return;
  await live(run, def, `${urlOf(def)}/${run.name}`);
}

const sentOf = ({ type, bytes }: { type: string; bytes: Uint8Array }) => ({ type, body: bytes });

async function tryObject(run: Case, def: ResourceDef, object: Fields): Promise<void> {
  const { chance } = run;
  await send(run, 'POST', `${urlOf(def)}?dryRun=All`, sentOf(bodyOf(chance, object, def)));
  const patch = patchOf(chance, object, def);
  await send(run, 'PATCH', `${urlOf(def)}/${run.name}?dryRun=All&fieldManager=m`, sentOf(patch));
}

async function read(run: Case, path: string): Promise<Fields | undefined> {
  const { status, text } = await send(run, 'GET', path);
  return status === 200 ? (parseExactly(text) as Fields) : undefined;
}

async function live(run: Case, def: ResourceDef, path: string): Promise<void> {
  const { chance } = run;
  const held = await read(run, path);
  if (!held) return;
  await putBack(run, def, path, held);
  for (let i = chance.below(5); i > 0; i--) await changeOnce(run, def, path, held);
  const now = await read(run, path);
  if (now && chance.happens(0.5)) await putBack(run, def, path, now);
  if (chance.happens(0.5)) await send(run, 'GET', path, { headers: { accept: chance.pick(accepts) } });
  await remove(run, def, path);
}

/** Fields that upstream too validates when an object is updated, and not when it is created or its status is. */
const checkedInUpdates = /is invalid: \[?(?:spec\.configSource|status\.config|metadata\.generateName)/;

/** Go shows a pointer to a zero time as null, and reads no pointer from that. */
const nullTime = /[tT]ime(?:stamp|Added)?":null/;
const isTime = /[tT]ime(?:stamp|Added)?$/;
const isVersion = /^\.metadata\.(?:resourceVersion|managedFields): /;

function withoutNullTimes(value: unknown): unknown {
  return parseExactly(
    JSON.stringify(value, (key, inner: unknown) => (inner === null && isTime.test(key) ? undefined : inner)),
  );
}

/** What is stored is valid, and putting it back changes nothing. */
async function putBack(run: Case, def: ResourceDef, path: string, held: Fields): Promise<void> {
  if (!def.verbs.includes('update')) return;
  const answer = await send(run, 'PUT', path, { body: held });
  const { target, number } = run;
  if (answer.status !== 200) {
    if (checkedInUpdates.test(answer.text)) return;
    target.fault(number, `PUT ${path} ${JSON.stringify(held)}`, `not put back: ${short(answer.text)}`);
    return;
  }
  const differences = differenceOf(withoutNullTimes(held), withoutNullTimes(parseExactly(answer.text)));
  const isOfTimes = nullTime.test(JSON.stringify(held)) && differences.every((text) => isVersion.test(text));
  if (differences.length === 0 || isOfTimes) return;
  target.fault(
    number,
    `PUT ${path} ${JSON.stringify(held)}`,
    `changed by being put back: ${differences.join('; ')}`,
  );
}

async function changeOnce(run: Case, def: ResourceDef, path: string, held: Fields): Promise<void> {
  const { chance } = run;
  const subresources = def.subresources.filter(({ name }) => !connecting.has(name));
  const subresource = subresources.length > 0 && chance.happens(0.3) ? chance.pick(subresources) : undefined;
  const at = subresource ? `${path}/${subresource.name}` : path;
  const query = queryOf(chance, writeParameters);
  const isPatch = !subresource || subresource.verbs.includes('patch');
  const method =
    isPatch && chance.happens(0.7) ? 'PATCH' : subresource?.verbs.includes('create') ? 'POST' : 'PUT';
  const fresh = objectOf(chance, def, run.name);
  const sent = method === 'PATCH' ? patchOf(chance, held, def) : bodyOf(chance, fresh, def);
  const answer = await send(run, method, `${at}${query}`, { ...sentOf(sent), headers: headersOf(chance) });
  const isWritten = answer.status === 200 && !subresource && !query.includes('dryRun');
  if (!isWritten || !answer.type.startsWith('application/json')) return;
  const said = parseExactly(answer.text);
  if (!isFields(said) || said['kind'] !== def.kind) return;
  const stored = await read(run, path);
  const differences = stored ? differenceOf(said, stored) : [];
  if (differences.length === 0) return;
  const what = `${method} ${at}${query} ${Buffer.from(sent.bytes).toString('latin1')}`;
  run.target.fault(run.number, what, `stored otherwise than answered: ${differences.join('; ')}`);
}

async function remove(run: Case, def: ResourceDef, path: string): Promise<void> {
  const query = run.chance.happens(0.2)
    ? queryOf(run.chance, ['propagationPolicy', 'gracePeriodSeconds'])
    : '';
  await send(run, 'DELETE', `${path}${query}`);
  let left = await read(run, path);
  if (!left) return;
  await send(run, 'DELETE', `${path}?gracePeriodSeconds=0`);
  const finalizers = { metadata: { finalizers: null } };
  await send(run, 'PATCH', path, { type: 'application/merge-patch+json', body: finalizers });
  if (def.kind === 'Namespace') {
    await send(run, 'PUT', `${path}/finalize`, { body: { ...left, metadata: { name: run.name }, spec: {} } });
  }
  left = await read(run, path);
  if (left) await send(run, 'DELETE', `${path}?gracePeriodSeconds=0`);
}
