import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';
import { readAuthenticationConfiguration } from './configuration.ts';
import { compileConfiguration } from './validate.ts';

const issuer = { url: 'https://issuer', audiences: ['a'] };
const username = { claim: 'sub', prefix: '' };
const jwt = (changes: object = {}) => ({ issuer, claimMappings: { username }, ...changes });
const mapped = (mappings: object) => jwt({ claimMappings: { username, ...mappings } });
const configurationOf = (...issuers: object[]) => ({ jwt: issuers });

// biome-ignore format: a table
const rows: [what: string, document: object, problem: string | undefined][] = [
  ['no issuer', {}, undefined],
  ['one issuer', configurationOf(jwt()), undefined],
  ['a field of no meaning', configurationOf(jwt({ isuer: {} })), 'strict decoding error: unknown field "jwt[0].isuer"'],
  ['another type', configurationOf(jwt({ issuer: { ...issuer, audiences: 'a' } })), 'jwt[0].issuer.audiences has the wrong type'],
  ['two of one issuer', configurationOf(jwt(), jwt()), 'jwt[1].issuer.url: Duplicate value: "https://issuer"'],
  ['no URL', configurationOf(jwt({ issuer: { audiences: ['a'] } })), 'jwt[0].issuer.url: Required value'],
  ['a plain URL', configurationOf(jwt({ issuer: { ...issuer, url: 'http://issuer' } })), 'jwt[0].issuer.url: Invalid value: "http://issuer": URL scheme must be https'],
  ['a URL with more', configurationOf(jwt({ issuer: { ...issuer, url: 'https://u:p@issuer?q#f' } })), '[jwt[0].issuer.url: Invalid value: "https://u:p@issuer?q#f": URL must not contain a username or password, jwt[0].issuer.url: Invalid value: "https://u:p@issuer?q#f": URL must not contain a query, jwt[0].issuer.url: Invalid value: "https://u:p@issuer?q#f": URL must not contain a fragment]'],
  ['the own issuer', configurationOf(jwt({ issuer: { ...issuer, url: 'https://own' } })), 'jwt[0].issuer.url: Invalid value: "https://own": URL must not overlap with disallowed issuers: [https://own]'],
  ['a discovery URL that is the same', configurationOf(jwt({ issuer: { ...issuer, discoveryURL: 'https://issuer/' } })), 'jwt[0].issuer.discoveryURL: Invalid value: "https://issuer/": discoveryURL must be different from URL'],
  ['no audience', configurationOf(jwt({ issuer: { url: 'https://issuer' } })), 'jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required'],
  ['two audiences without a policy', configurationOf(jwt({ issuer: { ...issuer, audiences: ['a', 'b'] } })), 'jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences'],
  ['two audiences with one', configurationOf(jwt({ issuer: { ...issuer, audiences: ['a', 'b'], audienceMatchPolicy: 'MatchAny' } })), undefined],
  ['no certificate', configurationOf(jwt({ issuer: { ...issuer, certificateAuthority: 'x' } })), 'jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates'],
  ['no username', configurationOf(jwt({ claimMappings: {} })), 'jwt[0].claimMappings.username: Required value: claim or expression is required'],
  ['a claim without its prefix', configurationOf(jwt({ claimMappings: { username: { claim: 'sub' } } })), 'jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing'],
  ['claim and expression', configurationOf(mapped({ groups: { claim: 'g', prefix: '', expression: 'claims.g' } })), 'jwt[0].claimMappings.groups: Invalid value: "": claim and expression can\'t both be set'],
  ['an expression with a prefix', configurationOf(mapped({ groups: { prefix: 'p', expression: 'claims.g' } })), 'jwt[0].claimMappings.groups.prefix: Invalid value: "p": may not be specified when expression is set'],
  ['an expression that does not compile', configurationOf(mapped({ uid: { expression: 'claim.g' } })), 'jwt[0].claimMappings.uid.expression: Invalid value: "claim.g": compilation failed: ERROR: <input>:1:1: undeclared reference to \'claim\' (in container \'\')\n | claim.g\n | ^'],
  ['e-mail that need not be verified', configurationOf(jwt({ claimMappings: { username: { expression: 'claims.email' } } })), 'jwt[0].claimMappings.username.expression: Invalid value: "claims.email": claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression'],
  ['e-mail that is verified', configurationOf(jwt({ claimMappings: { username: { expression: 'claims.email' } }, claimValidationRules: [{ expression: 'claims.?email_verified.orValue(true) == true' }] })), undefined],
  ['a rule of no kind', configurationOf(jwt({ claimValidationRules: [{}] })), 'jwt[0].claimValidationRules[0]: Required value: claim or expression is required'],
  ['a claim with a message', configurationOf(jwt({ claimValidationRules: [{ claim: 'hd', requiredValue: 'x', message: 'm' }] })), 'jwt[0].claimValidationRules[0].message: Invalid value: "m": may not be specified when claim is set'],
  ['a rule twice', configurationOf(jwt({ userValidationRules: [{ expression: 'true' }, { expression: 'true' }] })), 'jwt[0].userValidationRules[1].expression: Duplicate value: "true"'],
  ['a rule that is no condition', configurationOf(jwt({ userValidationRules: [{ expression: 'user.username' }] })), 'jwt[0].userValidationRules[0].expression: Invalid value: "user.username": must evaluate to bool'],
  ['extra of Kubernetes', configurationOf(mapped({ extra: [{ key: 'x.k8s.io/a', valueExpression: '"a"' }] })), 'jwt[0].claimMappings.extra[0].key: Invalid value: "x.k8s.io/a": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use'],
  ['extra without a domain', configurationOf(mapped({ extra: [{ key: 'a', valueExpression: '"a"' }] })), 'jwt[0].claimMappings.extra[0].key: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")'],
  ['conditions of none', { anonymous: { enabled: false, conditions: [{ path: '/livez' }] } }, 'anonymous.conditions: Invalid value: [{"path":"/livez"}]: enabled should be set to true when conditions are defined'],
];

for (const [what, document, problem] of rows) {
  test(`an authentication configuration – with ${what} – ${problem === undefined ? 'is valid' : 'is refused'}`, () => {
    const text = toYaml({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      ...document,
    });
    const load = () => compileConfiguration(readAuthenticationConfiguration(text), ['https://own']);
    if (problem === undefined) return void load();
    assert.throws(load, (error: Error) => {
      assert.equal(error.message.replace('invalid authentication configuration: ', ''), problem);
      return true;
    });
  });
}

test('an authentication configuration – of another version – is refused', () => {
  const text = 'apiVersion: apiserver.config.k8s.io/v2\nkind: AuthenticationConfiguration';
  assert.throws(() => readAuthenticationConfiguration(text), {
    message:
      'no kind "AuthenticationConfiguration" is registered for version "apiserver.config.k8s.io/v2" in scheme',
  });
});
