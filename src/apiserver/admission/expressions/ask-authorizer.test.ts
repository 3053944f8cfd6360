import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { AuthorizationDecision, Authorizer } from '../../contract/authorization.ts';
import { someone } from '../../testing/admission.ts';
import { askAuthorizer, whenAnswered } from './ask-authorizer.ts';

const attributes = (): AdmissionAttributes => ({
  operation: 'CREATE',
  type: configMaps,
  subresource: '',
  namespace: 'default',
  name: 'c',
  user: someone,
  dryRun: false,
  warn: assert.fail,
});

const question = (resource: string) => ({
  ...{ user: someone, verb: 'get', group: '', subresource: '', namespace: '', name: '' },
  ...{ fieldSelector: '', labelSelector: '' },
  resource,
});

/** Counts what it is asked. */
function authorizerOf(answer: (resource: string) => ReturnType<Authorizer['authorize']>) {
  const asked: string[] = [];
  const authorizer: Authorizer = {
    name: 'test',
    authorize({ resource }) {
      asked.push(resource);
      return answer(resource);
    },
  };
  return { authorizer, asked };
}

const allow: AuthorizationDecision = { decision: 'allow', reason: 'by rule' };

test('questions – of an authorizer that answers at once – are answered without a promise, each once for a request', () => {
  const { authorizer, asked } = authorizerOf(() => allow);
  const request = attributes();
  const ask = () => askAuthorizer(authorizer, request, question('pods'));
  assert.deepEqual(whenAnswered(ask), { isAllowed: true, reason: 'by rule', error: '' });
  assert.deepEqual(whenAnswered(ask), ask());
  askAuthorizer(authorizer, attributes(), question('pods'));
  assert.deepEqual(asked, ['pods', 'pods']);
});

test('questions – of an authorizer that has to wait – are answered when it has, each once for a request', async () => {
  const { authorizer, asked } = authorizerOf(async (resource) =>
    resource === 'pods' ? allow : { decision: 'noOpinion', reason: '', error: 'odd' },
  );
  const request = attributes();
  let evaluations = 0;
  const answers = await whenAnswered(() => {
    evaluations++;
    return ['pods', 'secrets', 'pods'].map((resource) =>
      askAuthorizer(authorizer, request, question(resource)),
    );
  });
  assert.deepEqual(
    answers.map(({ isAllowed, error }) => [isAllowed, error]),
    [
      [true, ''],
      [false, 'odd'],
      [true, ''],
    ],
  );
  assert.deepEqual([asked, evaluations], [['pods', 'secrets'], 3]);
});

test('a question – that the authorizer fails to answer – is not allowed, with the error', async () => {
  const { authorizer } = authorizerOf(() => Promise.reject(new Error('gone')));
  const request = attributes();
  const answer = await whenAnswered(() => askAuthorizer(authorizer, request, question('pods')));
  assert.deepEqual(answer, { isAllowed: false, reason: '', error: 'gone' });
});

test('an evaluation – with an error of its own – throws it', () => {
  assert.throws(
    () =>
      whenAnswered(() => {
        throw new TypeError('broken');
      }),
    TypeError,
  );
});
