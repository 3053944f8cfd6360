import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addedFields } from './added-fields.ts';
import { untypedDeduced } from './field-schema.ts';
import { KnownShapes } from './known-shapes.ts';

const mapOf = (keys: number, value: string) => ({
  data: Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, value])),
});

test('the fields of an object – of usual size – are known of the next one that looks alike', () => {
  const shapes = new KnownShapes();
  const set = shapes.add(untypedDeduced, mapOf(3, 'a'), addedFields(untypedDeduced, mapOf(3, 'a')));
  assert.equal(shapes.find(mapOf(3, 'b')), set);
  assert.equal(shapes.find(mapOf(4, 'b')), undefined);
  assert.equal(shapes.find(mapOf(3, '')), undefined);
});

test('the fields of an object – with null, an empty list, an empty map or no text – are not those of another', () => {
  const shapes = new KnownShapes();
  const values = [null, [], {}, '', 'x'];
  const sets = values.map((data) => shapes.add(untypedDeduced, { data }, { 'f:data': {} }));
  assert.deepEqual(
    values.map((data) => sets.indexOf(shapes.find({ data })!)),
    [0, 1, 2, 3, 4],
  );
});

test('the fields of an object – of thousands of values – are not remembered, and push out no others', () => {
  const shapes = new KnownShapes();
  const small = shapes.add(untypedDeduced, mapOf(3, 'a'), addedFields(untypedDeduced, mapOf(3, 'a')));
  for (let i = 0; i < 10; i++) {
    const large = mapOf(3000 + i, 'a');
    const set = addedFields(untypedDeduced, large);
    assert.equal(shapes.add(untypedDeduced, large, set), set);
    assert.equal(shapes.find(large), undefined);
  }
  assert.equal(shapes.find(mapOf(3, 'b')), small);
});
