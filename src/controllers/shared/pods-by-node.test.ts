import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import { StaticInformers } from '#testing/controllers/static-informers.ts';
import { storedPod } from '#testing/objects.ts';
import { podsByNode } from './pods-by-node.ts';

test('the pods of a node – some bound to it, elsewhere or nowhere – are those bound to it', () => {
  const informers = new StaticInformers();
  const find = podsByNode(informers);
  const here = storedPod('here', { node: 'n1' });
  const elsewhere = [storedPod('there', { node: 'n2' }), storedPod('waiting')];
  for (const pod of [here, ...elsewhere]) informers.put(pods, pod);
  assert.deepEqual(find('n1'), [here]);
  assert.deepEqual(find(''), []);
  informers.remove(pods, here);
  assert.deepEqual(find('n1'), []);
});
