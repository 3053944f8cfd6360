import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemOf } from '../../shared/problem.ts';
import { newNode } from './new-node.ts';

const link = { bridge: 'kyl0', range: '10.201.0.0/24' };
const second = { name: 'node-2', number: 2, address: '10.201.0.2' };

test('a new node – the first besides the machine’s – is node-2 with the link’s second address', () => {
  assert.deepEqual(newNode({ link }, {}, 'host'), second);
});

test('a new node – one was removed from between – takes its number and address', () => {
  const third = { name: 'node-3', number: 3, address: '10.201.0.3' };
  assert.deepEqual(newNode({ link, nodes: [third] }, {}, 'host'), second);
  assert.deepEqual(newNode({ link, nodes: [second] }, {}, 'host'), third);
});

test('a new node – the machine itself has the name – takes the next one', () => {
  assert.equal(newNode({ link }, {}, 'node-2').name, 'node-3');
});

test('a new node – with a name, labels and taints – has them', () => {
  const request = { name: 'gpu', labels: { a: 'b' }, taints: [{ key: 'k', effect: 'NoSchedule' }] };
  assert.deepEqual(newNode({ link }, request, 'host'), { ...second, ...request });
});

for (const [name, message] of [
  ['node-2', 'there is a node node-2'],
  ['host', 'there is a node host'],
  ['Upper', '"Upper" is no name of a node'],
  ['../x', '"../x" is no name of a node'],
  ['', '"" is no name of a node'],
] as const) {
  test(`a new node – with the name "${name}" – is refused`, () => {
    assert.throws(
      () => newNode({ link, nodes: [second] }, { name }, 'host'),
      (error) => problemOf(error).message === message,
    );
  });
}
