import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as rules from './validators.ts';

describe('names and labels – valid – have no message', () => {
  const right: [(value: string) => string[], string[]][] = [
    [rules.dns1123Label, ['a', 'a-1']],
    [rules.dns1123Subdomain, ['a.b-c.d']],
    [rules.dns1035Label, ['a1']],
    [rules.qualifiedName, ['a', 'A_b.c', 'example.com/Name']],
    [rules.labelValue, ['', 'a.b_C-d']],
    [rules.portName, ['http', 'a-1']],
    [rules.envVarName, ['A', 'a b', 'x.y-z']],
    [rules.configMapKey, ['.bashrc', 'a_b-c']],
    [rules.percent, ['0%', '250%']],
  ];
  for (const [rule, values] of right) {
    for (const value of values) {
      test(`${rule.name} ${JSON.stringify(value)}`, () => assert.deepEqual(rule(value), []));
    }
  }
});

describe('names and labels – invalid – have a message', () => {
  const wrong: [(value: string) => string[], string[]][] = [
    [rules.dns1123Label, ['', 'A', '-a', 'a.b', 'a'.repeat(64)]],
    [rules.dns1035Label, ['1a']],
    [rules.qualifiedName, ['', '/a', 'a/', 'a/b/c', '-a']],
    [rules.labelValue, ['a b', '-']],
    [rules.portName, ['80', 'a--b', 'abcdefghijklmnop']],
    [rules.envVarName, ['', 'a=b', 'ä']],
    [rules.configMapKey, ['..', '..a', 'a/b']],
    [rules.percent, ['5', '-1%']],
  ];
  for (const [rule, values] of wrong) {
    for (const value of values) {
      test(`${rule.name} ${JSON.stringify(value)}`, () => assert.notDeepEqual(rule(value), []));
    }
  }
});

test('names and labels – invalid – have upstream’s messages', () => {
  assert.deepEqual(rules.qualifiedName('/a'), ['prefix part must be non-empty']);
  assert.deepEqual(rules.qualifiedName(`${'a'.repeat(254)}/x`), [
    'prefix part must be no more than 253 bytes',
  ]);
  assert.match(rules.qualifiedName('a/b/c')[0]!, /^a valid label key must consist of /);
  assert.deepEqual(rules.dns1123Label('a'.repeat(64)), ['must be no more than 63 characters']);
});
