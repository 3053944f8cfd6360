import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, isProgram } from './compile.ts';
import { Composition } from './composition.ts';
import type { CelProgram } from './contract.ts';
import { admissionEnvironment, requestResource } from './environments/admission.ts';
import { claimsEnvironment, userEnvironment } from './environments/authentication.ts';
import { authorizationEnvironment } from './environments/authorization.ts';
import { type AccessQuestion, AuthorizerValue, resourceCheckOf } from './library/authorizer.ts';

const policy = admissionEnvironment({ hasParams: true, hasAuthorizer: true });

function programOf(expression: string, environment = policy): CelProgram {
  const compilation = compile(expression, environment);
  assert.ok(isProgram(compilation), isProgram(compilation) ? '' : compilation.text);
  return compilation;
}

const bindings = {
  object: { metadata: { name: 'web', labels: { team: 'a' } }, spec: { replicas: 6 } },
  oldObject: null,
  params: { maxReplicas: 5 },
  request: { operation: 'CREATE', userInfo: { username: 'jane', groups: ['dev'] }, dryRun: false },
  namespaceObject: { metadata: { name: 'prod', labels: { env: 'prod' } } },
};

test('an expression of a policy – over object, params, request and namespace – sees them as JSON', () => {
  const holds = programOf(
    "object.spec.replicas > params.maxReplicas && request.operation == 'CREATE' && oldObject == null && " +
      "'dev' in request.userInfo.groups && namespaceObject.metadata.labels['env'] == 'prod'",
  ).evaluate(bindings);
  assert.deepEqual(holds, { ok: true, value: true, cost: 20 });
});

test('an expression of a policy – a field that the object does not have – is an error with its name', () => {
  const result = programOf('object.spec.missing == 1').evaluate(bindings);
  assert.equal(result.ok ? '' : result.error, 'no such key: missing');
});

test('an expression of a policy – a field that requests do not have – is rejected by the checker', () => {
  const compilation = compile('request.verb', policy);
  assert.equal(
    isProgram(compilation) ? '' : compilation.text,
    "ERROR: <input>:1:8: undefined field 'verb'\n | request.verb\n | .......^",
  );
});

test('variables of a policy – read twice – are evaluated once, and their cost is counted separately', () => {
  const composition = new Composition(policy);
  composition.declare('limit', 'params.maxReplicas + 0');
  composition.declare('isOver', 'object.spec.replicas > variables.limit');
  const program = programOf('variables.isOver && variables.isOver', composition.environment);
  const variables = composition.begin(bindings);
  const result = program.evaluate({ ...bindings, variables });
  assert.deepEqual(result, { ok: true, value: true, cost: 4 });
  assert.equal(variables.takeCost(), 9);
  assert.equal(variables.takeCost(), 0);
});

test('a variable of a policy – that fails – is named in the error of the expression that reads it', () => {
  const composition = new Composition(policy);
  composition.declare('broken', 'object.nothing.here');
  const program = programOf('variables.broken == 1', composition.environment);
  const result = program.evaluate({ ...bindings, variables: composition.begin(bindings) });
  assert.equal(
    result.ok ? '' : result.error,
    'composited variable "broken" fails to evaluate: no such key: nothing',
  );
});

test('the authorizer – called for resources and paths – gets the attributes of the expression', () => {
  const questions: AccessQuestion[] = [];
  const authorizer = new AuthorizerValue({ name: 'jane', groups: [] }, (question) => {
    questions.push(question);
    return { isAllowed: question.verb === 'get', reason: 'because', error: '' };
  });
  const answers = programOf(
    "[authorizer.group('apps').resource('deployments').namespace('prod').name('web').check('get').allowed(), " +
      "authorizer.path('/healthz').check('post').allowed(), " +
      "authorizer.serviceAccount('default', 'sa').group('').resource('pods').check('get').allowed()]",
  ).evaluate({ ...bindings, authorizer }, 2_000_000);
  assert.ok(answers.ok);
  assert.deepEqual(
    questions.map((question) => [
      question.user.name,
      question.verb,
      'path' in question ? question.path : question.resource,
    ]),
    [
      ['jane', 'get', 'deployments'],
      ['jane', 'post', '/healthz'],
      ['system:serviceaccount:default:sa', 'get', 'pods'],
    ],
  );
});

test('authorizer.requestResource – two checks – cost most of the budget of one expression', () => {
  const authorizer = new AuthorizerValue({ name: 'jane', groups: [] }, () => {
    return { isAllowed: true, reason: '', error: '' };
  });
  const resource = resourceCheckOf(authorizer, 'apps', { resource: 'deployments', namespace: 'prod' });
  const check = "authorizer.requestResource.check('delete').allowed()";
  const evaluate = (count: number) =>
    programOf(Array(count).fill(check).join(' && ')).evaluate({ ...bindings, [requestResource]: resource });
  assert.equal(evaluate(2).ok, true);
  const third = evaluate(3);
  assert.equal(third.ok ? '' : third.error, 'operation cancelled: actual cost limit exceeded');
});

test('expressions of authentication and authorization – over claims, user and request – see their variables', () => {
  const claims = programOf("claims.sub == 'jane' && 'dev' in claims.roles", claimsEnvironment());
  assert.deepEqual(claims.evaluate({ claims: { sub: 'jane', roles: ['dev'] } }).ok, true);
  const user = programOf("!user.username.startsWith('system:')", userEnvironment());
  assert.deepEqual(user.evaluate({ user: { username: 'jane' } }), { ok: true, value: true, cost: 4 });
  const request = programOf(
    "has(request.resourceAttributes) && request.resourceAttributes.namespace == 'prod'",
    authorizationEnvironment(),
  );
  const reviewed = request.evaluate({ request: { resourceAttributes: { namespace: 'prod' } } });
  assert.deepEqual(reviewed, { ok: true, value: true, cost: 5 });
});
