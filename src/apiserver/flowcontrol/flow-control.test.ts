import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowSchema, PriorityLevelConfiguration } from '#api/generated/types.gen.ts';
import {
  mandatoryLevels,
  mandatorySchemas,
  suggestedLevels,
  suggestedSchemas,
} from '#api/kinds/flowcontrol/default-objects.ts';
import { groupAuthenticated, groupMasters, serviceAccountUser, type UserInfo } from '#api/meta/user.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { RequestSelectors } from '../contract/request-selectors.ts';
import { FlowControl, type Ticket } from './flow-control.ts';

const levels = [...mandatoryLevels, ...suggestedLevels];
const schemas = [...mandatorySchemas, ...suggestedSchemas];

function start(moreLevels: PriorityLevelConfiguration[] = [], moreSchemas: FlowSchema[] = []) {
  const clock = new VirtualClock();
  const control = new FlowControl(clock, 600, () => ({ objects: 1000, objectBytes: 3000 }));
  control.digest([...levels, ...moreLevels], [...schemas, ...moreSchemas]);
  const begin = (user: UserInfo, info: Partial<RequestInfo>, signal?: AbortSignal): Ticket =>
    control.begin({
      user,
      info: { ...pods, ...info },
      request: signal ? { signal } : {},
      startedMs: clock.monotonicMs(),
      timeoutMs: 60_000,
    });
  return { clock, control, begin };
}

const pods: RequestInfo = {
  isResource: true,
  path: '/api/v1/namespaces/a/pods',
  query: new URLSearchParams(),
  selectors: new RequestSelectors('', ''),
  verb: 'get',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'a',
  name: '',
  trailing: '',
  problem: undefined,
};
const user = (name: string, ...groups: string[]): UserInfo => ({
  name,
  groups: [...groups, groupAuthenticated],
});
const jane = user('jane');

const classified: readonly (readonly [string, UserInfo, Partial<RequestInfo>, string, string])[] = [
  ['an administrator', user('admin', groupMasters), {}, 'exempt', 'exempt'],
  ['a probe', jane, { isResource: false, path: '/readyz', namespace: '' }, 'probes', 'exempt'],
  ['a check by name', jane, { isResource: false, path: '/livez/ping', namespace: '' }, 'probes', 'exempt'],
  [
    'another path',
    jane,
    { isResource: false, path: '/version', namespace: '' },
    'global-default',
    'global-default',
  ],
  ['a user', jane, {}, 'global-default', 'global-default'],
  ['a service account', serviceAccountUser('a', 'b'), {}, 'service-accounts', 'workload-low'],
  [
    'one of the system',
    serviceAccountUser('kube-system', 'b'),
    {},
    'kube-system-service-accounts',
    'workload-high',
  ],
  [
    'its lease',
    serviceAccountUser('kube-system', 'b'),
    { verb: 'update', group: 'coordination.k8s.io', resource: 'leases' },
    'system-leader-election',
    'leader-election',
  ],
  ['a node', user('system:node:n', 'system:nodes'), {}, 'system-nodes', 'system'],
  [
    "a node's status",
    user('system:node:n', 'system:nodes'),
    { verb: 'patch', resource: 'nodes', subresource: 'status', namespace: '' },
    'system-node-high',
    'node-high',
  ],
  ['a user of no group', { name: 'x', groups: [] }, {}, 'catch-all', 'catch-all'],
];
for (const [name, by, info, schema, level] of classified) {
  test(`a request – of ${name} – belongs to ${schema} and ${level}`, () => {
    const ticket = start().begin(by, info);
    assert.deepEqual([ticket.schema.name, ticket.schema.level.name], [schema, level]);
  });
}

test('600 seats – the levels of a new cluster – have the nominal limits of upstream', () => {
  const { control } = start();
  const limits = [...control.configuration.levels.values()].map(
    ({ name, nominalSeats, minSeats, seatsPerRequestMax }) => [
      name,
      nominalSeats,
      minSeats,
      seatsPerRequestMax,
    ],
  );
  assert.deepEqual(Object.fromEntries(limits.map(([name, ...rest]) => [name, rest])), {
    'catch-all': [13, 13, 0],
    exempt: [0, 0, 0],
    system: [74, 50, 12],
    'node-high': [98, 73, 15],
    'leader-election': [25, 25, 4],
    'workload-high': [98, 49, 15],
    'workload-low': [245, 24, 37],
    'global-default': [49, 24, 8],
  });
});

const small: PriorityLevelConfiguration = {
  metadata: { name: 'small', uid: 'small-uid' },
  spec: {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 1,
      lendablePercent: 0,
      borrowingLimitPercent: 0,
      limitResponse: { type: 'Queue', queuing: { queues: 4, handSize: 1, queueLengthLimit: 2 } },
    },
  },
};
const forUsers: FlowSchema = {
  metadata: { name: 'for-users', uid: 'schema-uid' },
  spec: {
    priorityLevelConfiguration: { name: 'small' },
    matchingPrecedence: 10,
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [{ kind: 'Group', group: { name: 'few' } }],
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] }],
      },
    ],
  },
};
const few = user('few', 'few');

/** Three seats, of which all are taken. */
function full() {
  const started = start([small], [forUsers]);
  const { seatsLimit } = started.control.configuration.levels.get('small')!.queues;
  const executing = Array.from({ length: seatsLimit }, () => started.begin(few, {}));
  return { ...started, executing };
}

test('a level without free seats – a request ends – the next begins in turn; a full queue rejects', async () => {
  const { clock, begin, executing, control } = full();
  const waiting = [begin(few, {}), begin(few, {})];
  const refused = begin(few, {});
  assert.deepEqual([refused.isRefused, control.refuse(refused)], [true, 1]);
  const began: number[] = [];
  for (const [i, { begins }] of waiting.entries()) void begins!.then((may) => may && began.push(i));
  executing[0]!.end();
  await clock.advance(1);
  assert.deepEqual(began, [0]);
  executing[1]!.end();
  await clock.advance(1);
  assert.deepEqual(began, [0, 1]);
});

test('a request that waits – a quarter of its time is over, or its client disconnects – is rejected', async () => {
  const { clock, begin, control } = full();
  const caller = new AbortController();
  const late = begin(few, {});
  const gone = begin(few, {}, caller.signal);
  caller.abort();
  assert.equal(await gone.begins, false);
  await clock.advance(14_999);
  assert.equal(control.configuration.levels.get('small')!.queues.requestsWaiting, 1);
  await clock.advance(1);
  assert.equal(await late.begins, false);
  const { queues } = control.configuration.levels.get('small')!;
  assert.deepEqual([queues.requestsWaiting, queues.cancelledTotal], [0, 2]);
});

test('the seats of a request – whose answer is still being sent – stay taken until it has been', () => {
  const { control, begin } = start();
  const ticket = begin(jane, { verb: 'list' });
  const { queues } = ticket.schema.level;
  assert.equal(queues.seatsInUse, 8);
  const release = ticket.keep();
  ticket.end();
  assert.equal(queues.seatsInUse, 8);
  release();
  release();
  assert.equal(queues.seatsInUse, 0);
  assert.equal(control.readWrite.counts.executing.readOnly, 0);
});

test('a write with 25 watches – after its answer – keeps three seats for their events', async () => {
  const { clock, control, begin } = start();
  for (let i = 0; i < 25; i++) control.watches.register({ ...pods, verb: 'watch', namespace: '' });
  const ticket = begin(jane, { verb: 'create' });
  ticket.end();
  const { queues } = ticket.schema.level;
  assert.deepEqual([queues.requestsExecuting, queues.seatsInUse], [0, 3]);
  await clock.advance(5);
  assert.equal(queues.seatsInUse, 0);
});

test('a level that is deleted – busy – stays until it is idle, and its schema no longer matches', () => {
  const { control, executing, begin } = full();
  control.digest(levels, [...schemas, forUsers]);
  assert.equal(control.configuration.levels.get('small')!.isQuiescing, true);
  assert.equal(begin(few, {}).schema.name, 'global-default');
  let idle = 0;
  control.onIdle(() => idle++);
  for (const ticket of executing) ticket.end();
  assert.equal(idle, 1);
  control.digest(levels, [...schemas, forUsers]);
  assert.equal(control.configuration.levels.has('small'), false);
});

test('a level that needs more seats than it has – ten seconds later – borrows what others lend', async () => {
  const { clock, control, begin } = start();
  for (let i = 0; i < 200; i++) begin(user(`user-${i}`), {});
  await clock.advance(10_000);
  control.configuration.adjust();
  const { currentSeats } = control.configuration.levels.get('global-default')!;
  assert.ok(currentSeats >= 200, `${currentSeats}`);
});
